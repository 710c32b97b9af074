"""An acknowledgement comes after the disk has it (trust.md E5)."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import begin, transaction
from portal.store.evidence.evidence import GapRow
from tests.databases import prepared_engine, sessions


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("recursive_triggers", 1)],
)
def test_sqlite_connections_are_durable_and_strict(sqlite_url: str, pragma: str, value: object) -> None:
    engine = prepared_engine(sqlite_url)
    with sessions(engine)() as session:
        assert session.execute(text(f"PRAGMA {pragma}")).scalar_one() == value
    engine.dispose()


def test_postgresql_acknowledges_after_its_log_is_flushed(postgresql_url: str) -> None:
    engine = prepared_engine(postgresql_url)
    with sessions(engine)() as session:
        assert session.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    engine.dispose()


def test_a_reading_transaction_is_refused_every_write_by_the_database(session: Session) -> None:
    begin(session, write=False)
    session.add(GapRow(location=1, first=0, until=60, reason="probe_gap"))
    with pytest.raises(DBAPIError, match=r"(?i)read-?only"):
        session.flush()


def test_what_a_transaction_raises_is_rolled_back(session: Session) -> None:
    with pytest.raises(KeyError):
        _write_and_fail(session)
    assert session.get(GapRow, (1, 0)) is None


def _write_and_fail(session: Session) -> None:
    with transaction(session):
        session.add(GapRow(location=1, first=0, until=60, reason="probe_gap"))
        session.flush()
        raise KeyError
