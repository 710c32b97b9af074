"""`sla-portal close` and `statements`: what ended is closed, what is not as it was stored is named."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine

from portal import clock
from portal.cli.entry import verbs
from tests.databases import SUPERUSER, as_role, opened
from tests.many_contracts import build, month_before_last

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Rules of the trade that no database has a say in."""
NOW = clock.now()
MONTH = month_before_last(NOW)
MONTH_TEXT = f"{MONTH:%Y-%m}"


@pytest.fixture
def home(tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A portal of three contracts whose month before last can be closed; the address of its database."""
    with opened(database_url) as session:
        build(session, 3, MONTH)
    monkeypatch.setenv("SLA_PORTAL_ENVIRONMENT", "development")
    monkeypatch.setenv("SLA_PORTAL_HOME", str(tmp_path))
    monkeypatch.setenv("SLA_PORTAL_DATABASE_URL", database_url)
    return database_url


def said(*arguments: str) -> Result:
    return CliRunner().invoke(verbs, list(arguments))


def test_a_month_is_closed_once_and_proved(home: str) -> None:
    assert said("close", MONTH_TEXT).stdout == "3 periods were closed, 0 were closed before.\n"
    assert said("close", MONTH_TEXT).stdout == "0 periods were closed, 3 were closed before.\n"
    proved = said("statements", "verify")
    assert (proved.exit_code, proved.stdout) == (0, "3 statements and 3 workings were looked at.\n")
    assert said("statements", "check", MONTH_TEXT).stdout == (
        "0 statements would be other now; they are proposed for revision.\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("close", "2999-01"), "Nothing of 2999-01 can be closed yet"),
        (("close", "January"), "Write it like 2026-10"),
        (("close", MONTH_TEXT, "--customer", "nobody"), "There is no customer nobody."),
    ],
)
@ON_SQLITE
def test_what_cannot_be_closed_is_a_sentence_and_exit_code_1(home: str, arguments: tuple[str, ...], words: str) -> None:
    refused = said(*arguments)
    assert refused.exit_code == 1
    assert words in refused.stderr


@pytest.mark.parametrize(
    ("change", "table", "words"),
    [
        ("UPDATE statement SET body = replace(body, 'EUR', 'USD')", "statement", "its body does not have its digest"),
        (
            "UPDATE working SET content = (SELECT content FROM working ORDER BY digest LIMIT 1)",
            "working",
            "is not what it was stored as",
        ),
        ("DELETE FROM working", "working", "is not stored"),
    ],
)
def test_what_was_changed_past_every_guard_is_named(home: str, change: str, table: str, words: str) -> None:
    said("close", MONTH_TEXT)
    engine = create_engine(as_role(home, SUPERUSER))
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for guard in ("update", "delete"):
                connection.exec_driver_sql(f"DROP TRIGGER {table}_no_{guard}")
        else:
            connection.exec_driver_sql(f"ALTER TABLE {table} DISABLE TRIGGER {table}_only_grows")
        connection.exec_driver_sql(change)
    engine.dispose()
    proved = said("statements", "verify")
    assert proved.exit_code == 1
    assert words in proved.stderr
