"""Real databases for tests: one PostgreSQL server a process, and a fresh database for each test that asks for one.

SQLite databases are copies of one file, PostgreSQL databases copies of one template, so that a test pays for a copy and
never for a schema. The server runs without fsync: only tests may, and nothing about durability is asserted on it,
unless it was told otherwise.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
from sqlalchemy import Engine, create_engine
from sqlalchemy.orm import Session, sessionmaker

from portal.database import engine_options, metadata, prepare_engine
from portal.store import all_rows
from portal.store.ground import public_changes
from portal.store.ground.grants import grant
from portal.store.ground.tenancy import guard_session

TEMPLATE = "portal_template"
OWNER, APPLICATION, SUPERUSER = "portal_owner", "portal", "postgres"
PASSWORD = "canary-password-of-the-database"
"""The server asks for none; it is here to be looked for in every log (tests/canary_secrets.py)."""
SERVER_OPTIONS = {
    "fsync": "off",
    "full_page_writes": "off",
    "listen_addresses": "",
    "max_connections": "60",
    "max_wal_size": "256MB",
    "shared_buffers": "32MB",
    "synchronous_commit": "on",
    "timezone": "Asia/Tokyo",  # a server elsewhere must change nothing
}
START_SECONDS = 60


class GuardedSession(Session):
    """A session behind the wall between customers, as in production."""


guard_session(GuardedSession)


def prepared_engine(url: str) -> Engine:
    """Return an engine whose connections behave as in production; the caller disposes of it."""
    engine = create_engine(url, **engine_options(url))
    prepare_engine(engine)
    public_changes.watch(engine)
    return engine


def sessions(engine: Engine) -> sessionmaker[GuardedSession]:
    """Return a maker of sessions like the portal's own."""
    return sessionmaker(engine, class_=GuardedSession, autoflush=False, expire_on_commit=False)


@contextmanager
def opened(url: str) -> Iterator[GuardedSession]:
    """Open one session on a database and close everything behind it."""
    engine = prepared_engine(url)
    try:
        with sessions(engine)() as session:
            yield session
    finally:
        engine.dispose()


def create_tables(url: str) -> None:
    """Create every table of the portal in an empty database."""
    all_rows.load()
    engine = create_engine(url)
    try:
        with engine.begin() as connection:
            metadata.create_all(connection)
            if connection.dialect.name == "postgresql":
                grant(connection, metadata, APPLICATION)
    finally:
        engine.dispose()


def as_role(url: str, role: str) -> str:
    """Return the address of the same PostgreSQL database for another role; a SQLite file knows none."""
    return url if url.startswith("sqlite") else url.replace(f"//{APPLICATION}:", f"//{role}:")


class PostgresServer:
    """A PostgreSQL server of this test process, reached through a socket in a folder of its own."""

    def __init__(self, changed: Mapping[str, str] | None = None) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._options = {**SERVER_OPTIONS, **(changed or {})}
        self.user = _unprivileged_user()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Create the cluster, start the server and make the template."""
        if self.user:
            shutil.chown(self.folder, self.user)
        options = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        self._run([_program("initdb"), "--pgdata", str(self.folder / "data"), *options]).check_returncode()
        self.launch()
        for role in (OWNER, APPLICATION):
            self._ask(f"CREATE ROLE {role} LOGIN NOSUPERUSER NOBYPASSRLS")
        self._ask(f"CREATE DATABASE {TEMPLATE} OWNER {OWNER}")
        create_tables(self.url(TEMPLATE, OWNER))

    def launch(self) -> None:
        """Start the server process on the existing cluster and wait until it answers."""
        settings = [f"--{name}={value}" for name, value in self._options.items()]
        command = [_program("postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder), *settings]
        if setpriv := shutil.which("setpriv"):
            command = [setpriv, "--pdeathsig", "QUIT", *command]  # a killed test run leaves no server behind
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                command, user=self.user, stdout=log, stderr=log, env=_environment(), cwd=self.folder
            )
        self._wait_until_ready()

    def kill(self) -> None:
        """End the server process at once, as a crash would."""
        if self._process:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait()
            self._process = None

    def crash(self) -> None:
        """Kill the server and every process it started, none of which gets to do anything about it."""
        if self._process:
            family = psutil.Process(self._process.pid)
            for one in (family, *family.children(recursive=True)):
                with suppress(psutil.NoSuchProcess):
                    one.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """End the server and remove its files."""
        self.kill()
        shutil.rmtree(self.folder)

    def url(self, name: str, role: str = APPLICATION) -> str:
        """Return the SQLAlchemy address of a database of this server for a role: the application's unless named."""
        return f"postgresql+psycopg://{role}:{PASSWORD}@/{name}?host={self.folder}"

    @contextmanager
    def database(self, template: str) -> Iterator[str]:
        """Lend the address of a fresh copy of a template: for the application, or the owner where there is no table."""
        role = APPLICATION if template == TEMPLATE else OWNER
        name = f"test_{uuid.uuid4().hex}"
        copied = f"OWNER {OWNER} TEMPLATE {template} STRATEGY FILE_COPY"  # twice as quick as the default
        self._ask(f"CREATE DATABASE {name} {copied}")
        try:
            yield self.url(name, role)
        finally:
            self._ask(f"DROP DATABASE {name} WITH (FORCE)")

    def _ask(self, statement: str) -> None:
        with psycopg.connect(host=str(self.folder), user=SUPERUSER, dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    def _run(self, command: list[str]) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            command, user=self.user, capture_output=True, check=False, env=_environment(), cwd=self.folder
        )

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while self._run([_program("pg_isready"), "-h", str(self.folder)]).returncode != 0:
            if time.monotonic() > deadline or (self._process and self._process.poll() is not None):
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()}")
            time.sleep(0.05)


def _environment() -> dict[str, str]:
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}


def _unprivileged_user() -> str | None:
    if os.getuid() != 0:
        return None
    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _program(name: str) -> str:
    debian = Path("/usr/lib/postgresql/15/bin") / name
    found = str(debian) if debian.exists() else shutil.which(name)
    if found is None:
        raise RuntimeError(f"The tests need PostgreSQL's {name} (Debian: apt-get install postgresql-15).")
    return found
