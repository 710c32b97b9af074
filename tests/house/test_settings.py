"""Settings: a bad value, an unknown name or a weak secret means no start, and one sentence says why."""

import stat
from pathlib import Path

import pytest
from itsdangerous import BadSignature

from portal.app import create_app
from portal.config import FROM_FILES, PREFIX, BadSettings, Settings, load

STRONG = "k9Jf3mQ7xZ2vB8nW5tR1yL6pD4sG0hCa"
OLDER = "Zt5Rw8Qe1Yu4Io7Pa0Sd3Fg6Hj9Kl2Mn"
TABLE = Path(__file__).resolve().parents[2] / "docs" / "settings.md"


@pytest.fixture(autouse=True)
def _only_our_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SLA_PORTAL_ENVIRONMENT", "SLA_PORTAL_HOME", "SLA_PORTAL_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize("secret", ["", "short", "a" * 64, "abcabcabcabcabcabcabcabcabcabcabcabc"])
def test_outside_development_a_weak_secret_does_not_start(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", secret)
    with pytest.raises(BadSettings, match=r"SLA_PORTAL_SECRET_KEY needs 32 random characters") as caught:
        load()
    assert secret == "" or secret not in str(caught.value)


def test_a_strong_secret_starts_in_production(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", STRONG)
    assert load().secret_key == STRONG


def test_an_unknown_setting_with_our_prefix_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", STRONG)
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEYS", "x")
    with pytest.raises(BadSettings, match="SLA_PORTAL_SECRET_KEYS is not known"):
        load()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "http"), ("PORT", "70000"), ("EXTERNAL_URL", "status.example"), ("EXTERNAL_URL", "javascript:alert(1)"),
     ("TRUSTED_PROXIES", "-1"), ("STAFF_SECOND_FACTOR", "maybe"), ("CUSTOMER_SECOND_FACTOR", "all"),
     ("LEASE_SECONDS", "0"), ("ENVIRONMENT", "test")],
)  # fmt: skip
def test_a_bad_value_does_not_start_and_its_setting_is_named(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", STRONG)
    monkeypatch.setenv(f"SLA_PORTAL_{name}", value)
    with pytest.raises(BadSettings, match=f"^SLA_PORTAL_{name}: "):
        load()


def test_development_listens_on_loopback_only(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="loopback only"):
        load(environment="development", home=tmp_path, host="0.0.0.0")


def test_development_writes_one_secret_down_for_its_owner_alone(tmp_path: Path) -> None:
    first = load(environment="development", home=tmp_path)
    again = load(environment="development", home=tmp_path)
    assert len(first.secret_key) >= 32
    assert first.secret_key == again.secret_key
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_secrets_may_come_from_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in (
        ("SECRET_KEY", STRONG),
        ("SECRET_KEY_FALLBACKS", f"{OLDER}\n{STRONG}"),
        ("DATABASE_URL", "sqlite://"),
    ):
        (tmp_path / name).write_text(f"{text}\n")
        monkeypatch.setenv(f"SLA_PORTAL_{name}_FILE", str(tmp_path / name))
    settings = load()
    assert settings.secret_key == STRONG
    assert settings.replaced_keys == [OLDER, STRONG]
    assert settings.database_address == "sqlite://"


def test_a_secret_from_both_places_an_empty_and_a_missing_file_do_not_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "secret"
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY_FILE", str(file))
    with pytest.raises(BadSettings, match="SECRET_KEY_FILE: the file cannot be read"):
        load()
    file.write_text("\n")
    with pytest.raises(BadSettings, match="SECRET_KEY_FILE: the file is empty"):
        load()
    file.write_bytes(b"\xff" * 40)
    with pytest.raises(BadSettings, match="SECRET_KEY_FILE: the file is not UTF-8"):
        load()
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", STRONG)
    with pytest.raises(BadSettings, match="Both SLA_PORTAL_SECRET_KEY and SLA_PORTAL_SECRET_KEY_FILE are set"):
        load()


def test_a_weak_replaced_key_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY", STRONG)
    monkeypatch.setenv("SLA_PORTAL_SECRET_KEY_FALLBACKS", f"{OLDER},weak")
    with pytest.raises(BadSettings, match="Each of SLA_PORTAL_SECRET_KEY_FALLBACKS needs 32") as caught:
        load()
    assert OLDER not in str(caught.value)


def test_what_the_replaced_key_signed_still_opens_and_the_new_one_signs(tmp_path: Path) -> None:
    before = create_app(load(environment="development", home=tmp_path, secret_key=OLDER))
    after = create_app(load(environment="development", home=tmp_path, secret_key=STRONG, secret_key_fallbacks=OLDER))
    strange = create_app(load(environment="development", home=tmp_path, secret_key=STRONG))
    cookies = {app: app.session_interface.get_signing_serializer(app) for app in (before, after, strange)}  # type: ignore[attr-defined]
    old = cookies[before].dumps({"csrf_token": "seed"})
    assert cookies[after].loads(old) == {"csrf_token": "seed"}
    assert cookies[strange].loads(cookies[after].dumps({"csrf_token": "new"})) == {"csrf_token": "new"}
    with pytest.raises(BadSignature):
        cookies[strange].loads(old)


def test_the_table_for_people_says_what_the_code_does() -> None:
    rows = {line for line in TABLE.read_text().splitlines() if line.startswith(f"| `{PREFIX}")}
    expected = set()
    for name, field in Settings.model_fields.items():
        file = " May come from a file." if name in FROM_FILES else ""
        default = f"`{field.default}`" if str(field.default) else "–"
        expected.add(f"| `{PREFIX}{name.upper()}` | {field.description}.{file} | {default} |")
    assert rows == expected
