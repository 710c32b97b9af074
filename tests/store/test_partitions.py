"""Samples on PostgreSQL lie in partitions by UTC day, made before they are needed, and none is lost for lack of one."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, create_engine, delete, func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.store.evidence.evidence import SampleRow, insert_samples
from portal.store.ground import partitions
from portal.store.ground.dialects import COPY_FROM
from portal.usecases.measuring import sample_days
from portal.worker.sample_days import SampleDays
from tests.databases import OWNER, as_role, prepared_engine, sessions
from tests.measuring import sample

DAY_S = 86_400
DAY = 20_500
SLOT = DAY * DAY_S


@pytest.fixture
def pg(postgresql_url: str) -> Iterator[Engine]:
    """The application's engine on a fresh PostgreSQL database."""
    engine = prepared_engine(postgresql_url)
    yield engine
    engine.dispose()


@pytest.fixture
def on_pg(pg: Engine) -> Iterator[Session]:
    with sessions(pg)() as session:
        yield session


def many(count: int, first: int = SLOT, step: int = 60) -> list[Sample]:
    return [sample(first + number * step) for number in range(count)]


def stored(session: Session) -> list[int]:
    with reading(session):
        return list(session.scalars(select(SampleRow.slot).order_by(SampleRow.slot)))


def rows_of(session: Session, table: str) -> int:
    return int(session.execute(text(f"SELECT count(*) FROM sample WHERE tableoid = '{table}'::regclass")).scalar_one())


@pytest.mark.parametrize("count", [3, COPY_FROM + 3], ids=["inserted", "copied"])
def test_the_day_of_a_sample_is_made_before_it_is_stored(on_pg: Session, count: int) -> None:
    with transaction(on_pg):
        insert_samples(on_pg, [*many(count), *many(2, SLOT + 40 * DAY_S), *many(1, SLOT - 1)])
    with reading(on_pg):
        assert partitions.days(on_pg) == [DAY - 1, DAY, DAY + 40]
        assert partitions.waiting_days(on_pg) == []
    assert len(stored(on_pg)) == count + 3


def test_samples_wait_for_nobody_and_move_when_their_day_is_made(on_pg: Session, pg: Engine) -> None:
    with transaction(on_pg):
        insert_samples(on_pg, many(3, SLOT - DAY_S))
    with pg.connect() as somebody:
        somebody.exec_driver_sql("LOCK TABLE sample IN ACCESS SHARE MODE")
        somebody.exec_driver_sql("SELECT count(*) FROM sample_rest")  # a long question: no day is made while it lasts
        with transaction(on_pg):
            insert_samples(on_pg, many(COPY_FROM))
        with reading(on_pg):
            assert partitions.waiting_days(on_pg) == [DAY]
            assert rows_of(on_pg, partitions.REST) == COPY_FROM
        assert len(stored(on_pg)) == COPY_FROM + 3
    with transaction(on_pg):
        sample_days.keep(on_pg, SLOT)
    with reading(on_pg):
        assert partitions.waiting_days(on_pg) == []
        assert {DAY - 1, DAY, DAY + 1} <= set(partitions.days(on_pg))
        assert rows_of(on_pg, partitions.REST) == 0
    assert len(stored(on_pg)) == COPY_FROM + 3


def test_the_coming_days_are_made_ahead_and_emptied_ones_go(on_pg: Session) -> None:
    with transaction(on_pg):
        insert_samples(on_pg, [*many(3, SLOT - 9 * DAY_S), *many(3, SLOT - 8 * DAY_S)])
    with transaction(on_pg):
        on_pg.execute(delete(SampleRow).where(SampleRow.slot < SLOT - 8 * DAY_S))
    with transaction(on_pg):
        sample_days.keep(on_pg, SLOT)
    with reading(on_pg):
        assert partitions.days(on_pg) == [DAY - 8, DAY, DAY + 1, DAY + 2]
    with transaction(on_pg):
        insert_samples(on_pg, many(1, SLOT - 9 * DAY_S))
    assert len(stored(on_pg)) == 4


def test_the_worker_that_leads_keeps_the_days(on_pg: Session) -> None:
    sessions_of_worker = partial(nullcontext, on_pg)
    SampleDays(sessions_of_worker, lambda: False).tick()
    with reading(on_pg):
        assert partitions.days(on_pg) == []
    SampleDays(sessions_of_worker, lambda: True).tick()
    with reading(on_pg):
        assert len(partitions.days(on_pg)) == 3


def test_a_day_that_holds_something_is_never_dropped(on_pg: Session) -> None:
    with transaction(on_pg):
        insert_samples(on_pg, many(1))
        assert not partitions.drop_day(on_pg, DAY)
        assert partitions.drop_day(on_pg, DAY + 5)
    assert stored(on_pg) == [SLOT]


def test_the_application_makes_days_and_nothing_else(on_pg: Session) -> None:
    for statement in ("CREATE TABLE mine ()", "DROP TABLE sample_rest", "INSERT INTO sample_rest SELECT * FROM sample"):
        with pytest.raises(DBAPIError, match=r"permission denied|must be owner"), transaction(on_pg):
            on_pg.execute(text(statement))


def test_nobody_elses_functions_answer_in_place_of_ours(on_pg: Session, postgresql_url: str) -> None:
    with transaction(on_pg):
        on_pg.execute(text("CREATE TEMPORARY TABLE sample_rest (slot bigint)"))
        on_pg.execute(text("CREATE TEMPORARY TABLE sample (slot bigint)"))
        assert partitions.make_day(on_pg, DAY)
    owner = create_engine(as_role(postgresql_url, OWNER))
    with owner.connect() as connection:
        schemas = connection.exec_driver_sql(
            "SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'sample_20260216'"
        )
        assert schemas.scalars().all() == ["public"]
    owner.dispose()


def test_on_sqlite_there_are_no_days_to_keep(sqlite_url: str) -> None:
    engine = prepared_engine(sqlite_url)
    with sessions(engine)() as session:
        with transaction(session):
            insert_samples(session, many(3))
            sample_days.keep(session, SLOT)
        assert len(stored(session)) == 3
    engine.dispose()


SAMPLES = st.builds(
    lambda number, state, total_ms, error: replace(sample(SLOT + number * 60, state), total_ms=total_ms, error=error),
    st.integers(0, 400),
    st.sampled_from(list(State)),
    st.none() | st.integers(0, 60_000),
    st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20),
)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(SAMPLES, max_size=30), st.lists(SAMPLES, max_size=30))
def test_copied_batches_mean_what_inserted_ones_mean(
    pg: Engine, sqlite_url: str, first: list[Sample], second: list[Sample]
) -> None:
    """One sample a slot, the first one given, whatever comes twice; words of any kind come back as they went in."""
    found = []
    lite = prepared_engine(sqlite_url)
    for engine in (pg, lite):
        with sessions(engine)() as session:
            with transaction(session):
                session.execute(delete(SampleRow))
            for batch in (first, second):
                with transaction(session):
                    insert_samples(session, [*many(COPY_FROM, SLOT + 300 * 60), *batch])
            with reading(session):
                found.append(list(session.execute(select(*SampleRow.__table__.c).order_by(SampleRow.slot))))
    lite.dispose()
    assert found[0] == found[1]
    assert len(found[0]) >= COPY_FROM


def test_what_a_copy_refuses_leaves_nothing_and_the_transaction_fails(on_pg: Session) -> None:
    broken = [*many(COPY_FROM), replace(sample(SLOT), slot=SLOT + 7, error="a\0b")]
    with pytest.raises(DBAPIError), transaction(on_pg):
        insert_samples(on_pg, broken)
    assert stored(on_pg) == []
    with pytest.raises(IntegrityError), transaction(on_pg):
        insert_samples(on_pg, [*many(COPY_FROM), replace(sample(SLOT), slot=SLOT + 7, boot=None)])  # type: ignore[arg-type]  # what no sample is
    assert stored(on_pg) == []


def test_a_copy_on_a_connection_that_died_is_the_database_being_away(on_pg: Session, postgresql_url: str) -> None:
    with pytest.raises(DBAPIError) as caught, transaction(on_pg):
        pid = on_pg.execute(text("SELECT pg_backend_pid()")).scalar_one()
        partitions.make_day(on_pg, DAY)
        killer = create_engine(as_role(postgresql_url, "postgres"))
        with killer.connect() as connection:
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
        killer.dispose()
        insert_samples(on_pg, many(COPY_FROM))
    assert caught.value.connection_invalidated
    with transaction(on_pg):
        insert_samples(on_pg, many(COPY_FROM))
    with reading(on_pg):
        assert on_pg.execute(select(func.count()).select_from(SampleRow)).scalar_one() == COPY_FROM
