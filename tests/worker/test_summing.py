"""The worker that leads sums up days for a few seconds a tick while any are due, and then rests."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.store.evidence.summaries import ServiceDayRow
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.people.providers import ProviderRow
from portal.usecases.keeping.summaries import AT_ONCE
from portal.worker.summing import LONGEST_US, REST_MS, Summing
from probes.clock import Clock
from tests import customers
from tests.customers import at
from tests.databases import opened

NOW_MS = at("2026-11-02 12:00") * 1000


class SlowClock(Clock):
    """A clock on which a look at the time of day takes as long as it was told."""

    def __init__(self) -> None:
        self.look_us = self.elapsed_us = 0

    def wall_ms(self) -> int:
        self.elapsed_us += self.look_us
        return NOW_MS

    def monotonic_us(self) -> int:
        return self.elapsed_us


@pytest.fixture
def session(sqlite_url: str) -> Iterator[Session]:
    with opened(sqlite_url) as session, provider_scope():
        with transaction(session):
            session.add(ProviderRow(id=new_id(), name="Northwind", timezone="UTC", contact="mail@northwind.example"))
        yield session


def furnish(session: Session) -> None:
    """Add two services, none of whose days was summed up."""
    with transaction(session):
        customers.build(session)


def summing(session: Session, clock: Clock, *, leads: bool = True) -> Summing:
    @contextmanager
    def sessions() -> Iterator[Session]:
        yield session

    return Summing(sessions, lambda: leads, clock)


def days(session: Session) -> int:
    with reading(session):
        return session.scalars(select(func.count()).select_from(ServiceDayRow)).one()


@pytest.mark.slow
def test_a_leader_goes_on_while_days_are_due_but_not_for_longer_than_an_end_may_wait(session: Session) -> None:
    furnish(session)
    clock = SlowClock()
    ours = summing(session, clock)
    clock.look_us = LONGEST_US
    ours.tick()
    assert days(session) == AT_ONCE
    clock.look_us = LONGEST_US // 2
    ours.tick()
    assert days(session) == 3 * AT_ONCE


@pytest.mark.slow
def test_a_leader_that_found_no_day_to_make_leaves_the_database_alone_for_a_while(session: Session) -> None:
    clock = SlowClock()
    ours = summing(session, clock)
    ours.tick()
    furnish(session)
    ours.tick()
    assert days(session) == 0
    clock.look_us, clock.elapsed_us = LONGEST_US, REST_MS * 1000
    ours.tick()
    assert days(session) == AT_ONCE


def test_who_does_not_lead_sums_nothing_up(session: Session) -> None:
    furnish(session)
    summing(session, SlowClock(), leads=False).tick()
    assert days(session) == 0
