"""Statements, workings and the ledger stay as they were written: both databases refuse every change (E4, P3)."""

import sqlite3
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, create_engine
from sqlalchemy.exc import DBAPIError

from portal.usecases.closing import closing
from tests.customers import utc
from tests.databases import APPLICATION, OWNER, as_role, opened
from tests.many_contracts import CLEARED, build, month_before_last

NOW = utc("2026-11-10 00:00:00")
MONTH = month_before_last(NOW)
NEW = {
    "statement": ("id", "body = 'other'"),
    "credit": ("id", "amount_minor = 1"),
    "ledger_transfer": ("id", "amount_minor = 1"),
    "working": ("digest", "size_bytes = 1"),
}
FRESH = "x'00000000000000000000000000000001'"


def closed(url: str) -> None:
    with opened(url) as session:
        build(session, 2, MONTH)
        closing.close(session, f"{MONTH:%Y-%m}", NOW)


def refused(connection: sqlite3.Connection, statement: str) -> bool:
    try:
        connection.execute(statement)
    except sqlite3.IntegrityError as error:
        return "never change" in str(error)
    return False


@pytest.fixture
def bare(sqlite_url: str) -> Iterator[sqlite3.Connection]:
    """A plain connection with no pragma set and nothing of the portal."""
    closed(sqlite_url)
    connection = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))
    for pragma in ("recursive_triggers", "foreign_keys"):
        connection.execute(f"PRAGMA {pragma}=OFF")
    yield connection
    connection.close()


def test_a_bare_connection_to_sqlite_cannot_change_replace_or_remove_a_row(bare: sqlite3.Connection) -> None:
    for table, (key, change) in NEW.items():
        before = bare.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall()
        assert before, table
        columns = [row[1] for row in bare.execute(f"PRAGMA table_info({table})")]
        fresh = ", ".join(FRESH if name == "id" else name for name in columns)
        for statement in (
            f"UPDATE {table} SET {change}",
            f"DELETE FROM {table}",
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            f"INSERT OR REPLACE INTO {table} SELECT {fresh} FROM {table}",
            f"INSERT INTO {table} SELECT * FROM {table} WHERE true ON CONFLICT DO UPDATE SET {change}",
        ):
            assert refused(bare, statement), statement
        assert bare.execute(f"SELECT * FROM {table} ORDER BY {key}").fetchall() == before


@pytest.mark.parametrize("role", [APPLICATION, OWNER])
def test_neither_the_application_nor_the_owner_of_postgresql_can_change_or_remove_a_row(
    postgresql_url: str, role: str
) -> None:
    closed(postgresql_url)
    engine = create_engine(as_role(postgresql_url, role))
    with engine.connect() as connection:
        for table, (_, change) in NEW.items():
            for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
                assert refused_by(connection, statement), statement
    engine.dispose()


def refused_by(connection: Connection, statement: str) -> bool:
    connection.exec_driver_sql("SET portal.scope = 'provider'")
    try:
        connection.exec_driver_sql(statement)
    except DBAPIError as error:
        return "never change" in str(error) or "permission denied" in str(error)
    finally:
        connection.rollback()
    return False


def test_every_table_a_close_writes_is_looked_at_here() -> None:
    assert set(NEW) | {"found_change"} == set(CLEARED)
