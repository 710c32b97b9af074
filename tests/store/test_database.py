"""How a connection behaves: what may write says so at its beginning, and the disk has it before anybody is told."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import begin, reading, transaction
from portal.store.ground.base import new_id
from portal.store.notices.incidents import IncidentRow
from portal.store.people.customers import CustomerRow
from tests.databases import prepared_engine, sessions


def customer(key: str) -> CustomerRow:
    return CustomerRow(id=new_id(), key=key, name=key.title(), timezone="UTC")


def test_a_reading_transaction_cannot_write(session: Session) -> None:
    with reading(session), pytest.raises(DBAPIError):
        session.add(customer("globex"))
        session.flush()


def test_a_transaction_that_raises_leaves_nothing(session: Session) -> None:
    with pytest.raises(ZeroDivisionError), transaction(session):
        session.add(customer("globex"))
        session.flush()
        raise ZeroDivisionError
    with reading(session):
        assert session.execute(select(CustomerRow)).all() == []


def test_a_transaction_that_ends_well_is_there_for_everybody(engine: Engine) -> None:
    with sessions(engine)() as one, transaction(one):
        one.add(customer("globex"))
    with sessions(engine)() as other, reading(other):
        assert other.execute(select(CustomerRow.key)).scalar_one() == "globex"


def test_a_session_that_read_can_write_again_afterwards(session: Session) -> None:
    with reading(session):
        session.execute(select(CustomerRow)).all()
    with transaction(session):
        session.add(customer("globex"))


@pytest.mark.slow
def test_eight_who_write_without_a_pause_all_have_their_turns(sqlite_url: str) -> None:
    engine = prepared_engine(sqlite_url)
    together = threading.Barrier(8)

    def write(name: str) -> None:
        with sessions(engine)() as session:
            together.wait()
            for number in range(60):
                with transaction(session):
                    session.add(customer(f"{name}-{number}"))
                    session.flush()
                    time.sleep(0.02)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, "abcdefgh"))
    with sessions(engine)() as session, reading(session):
        assert len(session.execute(select(CustomerRow)).all()) == 480
    engine.dispose()


def test_readers_and_writers_that_read_first_never_find_the_database_locked(engine: Engine) -> None:
    def count_then_add(name: str) -> None:
        for number in range(10):
            with sessions(engine)() as session, transaction(session):
                session.execute(select(CustomerRow)).all()
                session.add(customer(f"{name}-{number}"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(count_then_add, "abcd"))
    with sessions(engine)() as session, reading(session):
        assert len(session.execute(select(CustomerRow)).all()) == 40


def test_sqlite_waits_for_the_disk_and_keeps_its_rules(sqlite_url: str) -> None:
    engine = prepared_engine(sqlite_url)
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "recursive_triggers": 1, "busy_timeout": 5000}
    with engine.connect() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar_one() for name in wanted}
    engine.dispose()
    assert found == wanted


def test_postgresql_acknowledges_after_the_disk_has_it(postgresql_url: str) -> None:
    engine = prepared_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == "on"
    engine.dispose()


def test_an_instant_comes_back_as_it_went_in_aware_and_in_utc(session: Session) -> None:
    told = datetime(2026, 10, 25, 0, 30, 0, 123456, tzinfo=UTC)
    with transaction(session):
        session.add(IncidentRow(id=new_id(), title="t", impact="minor", created_at=told, resolved_at=None))
    session.expunge_all()
    begin(session, write=False)
    found = session.execute(select(IncidentRow)).scalar_one()
    assert found.created_at == told
    assert found.created_at.tzinfo is UTC


def test_a_naive_instant_is_refused(session: Session) -> None:
    naive = datetime(2026, 10, 25, 0, 30)  # noqa: DTZ001 - the point of the test
    with pytest.raises(Exception, match="without a time zone"), transaction(session):
        session.add(IncidentRow(id=new_id(), title="t", impact="minor", created_at=naive, resolved_at=None))
        session.flush()
