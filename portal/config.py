"""Settings, read once from the environment (prefix SLA_PORTAL_); a bad value means the portal does not start.

What is secret may come from a file instead: NAME_FILE names it, as container platforms hand secrets out. The table for
people is docs/settings.md.
"""

import os
import secrets
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from portal.domain.people.second_factor import CustomerPolicy, StaffPolicy

PREFIX = "SLA_PORTAL_"
SECRET_BYTES = 32
SECRET_LENGTH = 32
DISTINCT_CHARACTERS = 10
FROM_FILES = ("secret_key", "secret_key_fallbacks", "database_url", "owner_database_url")
FILE_BYTES_MAX = 64 * 1024


class Environment(StrEnum):
    """Where the portal runs: development is for loopback only."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class BadSettings(Exception):
    """The settings cannot be used; the message is one sentence that says what to do."""


class Settings(BaseSettings):
    """All settings of one installation (decision D2)."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid")

    environment: Environment = Field(
        default=Environment.PRODUCTION, description="production, or development on one's own machine"
    )
    home: Path = Field(default=Path("var"), description="the data folder")
    database_url: str = Field(default="", description="a SQLAlchemy address; empty means SQLite in the data folder")
    owner_database_url: str = Field(
        default="", description="the same PostgreSQL database as the owner of its tables, for migrate and restore"
    )
    secret_key: str = Field(default="", description="signs forms and flashes; at least 32 characters")
    secret_key_fallbacks: str = Field(
        default="", description="secret keys it replaced, separated by commas or lines; they still open, none signs"
    )
    external_url: str = Field(default="http://127.0.0.1:8000", description="how readers reach the portal")
    host: str = Field(default="127.0.0.1", description="the address the web server listens on")
    port: int = Field(default=8000, ge=1, le=65535, description="the port the web server listens on")
    web_workers: int = Field(default=1, ge=1, le=64, description="processes of the web server")
    trusted_hosts: str = Field(default="", description="host names requests may name, separated by commas")
    trusted_proxies: int = Field(default=0, ge=0, le=10, description="proxies in front that name the reader's address")
    staff_second_factor: StaffPolicy = Field(default=StaffPolicy.REQUIRED, description="for the provider's people")
    customer_second_factor: CustomerPolicy = Field(
        default=CustomerPolicy.OFF, description="money: whoever sees money needs a second factor"
    )
    single_operator: bool = Field(
        default=False,
        description="one person may approve what they asked for and issue what they approved; it is noted",
    )
    maintenance_indicator: bool = Field(
        default=True, description="/api/v2 may say maintenance where nothing is worse; off for readers that refuse it"
    )
    nameservers: str = Field(default="", description="resolvers of probes, separated by commas; empty: the system's")
    probe_ca_file: str = Field(default="", description="a CA bundle probes trust besides the system's")
    lease_seconds: int = Field(default=15, ge=2, le=300, description="how long a worker leads without renewing")
    evidence_months: int = Field(
        default=13, ge=1, le=1200, description="months samples are kept after the month in which their period ended"
    )

    @field_validator("external_url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must be an address such as https://status.example.com")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_safe_outside_development(self) -> "Settings":
        if self.environment is Environment.DEVELOPMENT:
            if self.host not in ("127.0.0.1", "::1", "localhost"):
                raise ValueError(f"development listens on loopback only, so {PREFIX}HOST must be 127.0.0.1")
            return self
        if _is_weak(self.secret_key):
            raise ValueError(f"{PREFIX}SECRET_KEY needs {SECRET_LENGTH} random characters outside development")
        if any(map(_is_weak, self.replaced_keys)):
            raise ValueError(f"Each of {PREFIX}SECRET_KEY_FALLBACKS needs {SECRET_LENGTH} random characters")
        return self

    @property
    def is_development(self) -> bool:
        """Whether this is a developer's own machine, where plain http and a written-down secret are fine."""
        return self.environment is Environment.DEVELOPMENT

    @property
    def replaced_keys(self) -> list[str]:
        """The secret keys that were replaced and still open what they signed or sealed, the latest first."""
        return self.secret_key_fallbacks.replace(",", " ").split()

    @property
    def secrets(self) -> list[str]:
        """What must never stand in a log: the keys, and the password of the database."""
        passwords = [urlsplit(url).password or "" for url in (self.database_url, self.owner_database_url)]
        known = (self.secret_key, *self.replaced_keys, *passwords, *map(unquote, passwords))
        return [one for one in known if one]

    @property
    def database_address(self) -> str:
        """The SQLAlchemy address of the database."""
        return self.database_url or f"sqlite:///{(self.home / 'portal.sqlite').resolve()}"

    @property
    def owner_address(self) -> str:
        """The SQLAlchemy address by which the tables are made and changed."""
        return self.owner_database_url or self.database_address

    @property
    def application_role(self) -> str | None:
        """The role that pages and worker sign in with, where the tables belong to another one."""
        name = urlsplit(self.database_url).username
        return unquote(name) if name and self.owner_database_url else None

    @property
    def host_names(self) -> list[str]:
        """The host names a request may carry."""
        named = [name.strip() for name in self.trusted_hosts.split(",") if name.strip()]
        own = urlsplit(self.external_url).hostname or ""
        return [*named, own, "127.0.0.1", "localhost"] if self.is_development else [*named, own]


def load(**overrides: object) -> Settings:
    """Read the settings from the environment, `overrides` first; raise BadSettings with one sentence."""
    known = {PREFIX + field.upper() for field in Settings.model_fields} | {_file_of(field) for field in FROM_FILES}
    unknown = sorted(name for name in os.environ if name.startswith(PREFIX) and name not in known)
    if unknown:
        raise BadSettings(f"The setting {unknown[0]} is not known. Remove it or correct its name.")
    try:
        settings = Settings(**_read_files(), **overrides)  # type: ignore[arg-type]  # pydantic checks them
    except ValidationError as error:
        raise BadSettings(_sentence(error)) from None
    return _with_development_secret(settings)


def _read_files() -> dict[str, str]:
    return {field: _content(field) for field in FROM_FILES if _file_of(field) in os.environ}


def _content(field: str) -> str:
    variable, name = _file_of(field), PREFIX + field.upper()
    if name in os.environ:
        raise BadSettings(f"Both {name} and {variable} are set. Set one of them.")
    try:
        with Path(os.environ[variable]).open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        text = content.decode().strip()
    except OSError as error:
        raise BadSettings(f"{variable}: the file cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadSettings(f"{variable}: the file is not UTF-8 text.") from None
    if not text or len(content) > FILE_BYTES_MAX:
        raise BadSettings(f"{variable}: the file is empty or larger than {FILE_BYTES_MAX} bytes.")
    return text


def _file_of(field: str) -> str:
    return f"{PREFIX}{field.upper()}_FILE"


def _is_weak(secret: str) -> bool:
    return len(secret) < SECRET_LENGTH or len(set(secret)) < DISTINCT_CHARACTERS


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    message = str(first["msg"]).removeprefix("Value error, ")
    name = PREFIX + "_".join(str(part) for part in first["loc"]).upper() if first["loc"] else "The settings"
    return f"{name}: {message}." if first["loc"] else f"{message[0].upper()}{message[1:]}."


def _with_development_secret(settings: Settings) -> Settings:
    if settings.secret_key or not settings.is_development:
        return settings
    settings.home.mkdir(parents=True, exist_ok=True)
    path = settings.home / "secret"
    if not path.exists():
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(SECRET_BYTES))
    return settings.model_copy(update={"secret_key": path.read_text().strip()})
