"""The worker that leads seals what is due, and leaves the database alone when nothing is."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import reading
from portal.store.evidence.chunks import ChunkRow
from portal.usecases.measuring import sealed_days
from portal.worker.sealing import REST_MS, Sealing
from probes.clock import Clock
from tests.databases import opened
from tests.sealing import SEALED_MS, furnish


class SetClock(Clock):
    """A clock that says what it was told."""

    def __init__(self) -> None:
        self.ms = SEALED_MS - 3 * 86_400_000
        self.elapsed_ms = 0

    def wall_ms(self) -> int:
        return self.ms

    def monotonic_us(self) -> int:
        return self.elapsed_ms * 1000


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    with opened(sqlite_url) as session:
        yield session


def sealing(session: Session, clock: Clock, *, leads: bool = True) -> Sealing:
    @contextmanager
    def sessions() -> Iterator[Session]:
        yield session

    return Sealing(sessions, lambda: leads, clock)


def chunks(session: Session) -> int:
    with reading(session):
        return session.scalars(select(func.count()).select_from(ChunkRow)).one()


def test_a_leader_seals_once_days_are_due_and_looks_again_after_a_rest(session: Session) -> None:
    furnish(session, probes=2)
    clock = SetClock()
    ours = sealing(session, clock)
    ours.tick()
    assert chunks(session) == 0
    clock.ms = SEALED_MS
    ours.tick()
    assert chunks(session) == 0
    clock.elapsed_ms = REST_MS
    ours.tick()
    assert chunks(session) == 2


def test_who_does_not_lead_or_finds_another_sealing_seals_nothing(session: Session) -> None:
    furnish(session)
    clock = SetClock()
    clock.ms = SEALED_MS
    sealing(session, clock, leads=False).tick()
    assert sealed_days.begin(session, "another", SEALED_MS) is not None
    sealing(session, clock).tick()
    assert chunks(session) == 0
