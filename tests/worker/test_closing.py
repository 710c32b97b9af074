"""The worker that leads closes what has come due by itself, and looks for it only now and then."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.evidence.records import OutageRecord
from portal.store.evidence.records import Origin, Revision, save_outages
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing import revisions
from portal.usecases.settling import statements
from portal.worker.closing import REST_US, Closing
from probes.clock import Clock
from tests import customers
from tests.customers import House, at, utc

BEFORE, UNTIL = "2026-09-30 00:00", "2026-11-02 12:00"


class StoodClock(Clock):
    """A clock that shows what it is set to."""

    def __init__(self, text: str) -> None:
        self.at, self.passed_us = utc(text), 0

    def wall_ms(self) -> int:
        return int(self.at.timestamp()) * 1000

    def monotonic_us(self) -> int:
        return self.passed_us


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    house = customers.build(session)
    for probe in (1, 2):
        customers.runs(session, probe, [("up", BEFORE, UNTIL)])
    commit(session)
    return house


def closed(session: Session) -> list[str]:
    with provider_scope(), reading(session):
        return sorted(one.contract for one in statements.headings(session) if one.period == "2026-10-01")


@pytest.mark.parametrize(("leads", "found"), [(False, []), (True, ["globex-gold", "initech-platinum"])])
def test_only_the_worker_that_leads_closes(session: Session, house: House, leads: bool, found: list[str]) -> None:
    Closing(lambda: lent(session), lambda: leads, StoodClock("2026-11-03 12:00:00")).tick()
    assert closed(session) == found


def test_it_looks_again_only_after_some_hours(session: Session, house: House) -> None:
    clock = StoodClock("2026-11-02 12:00:00")
    closing = Closing(lambda: lent(session), lambda: True, clock)
    closing.tick()
    clock.at = utc("2026-11-03 12:00:00")
    closing.tick()
    assert closed(session) == []
    clock.passed_us = REST_US
    closing.tick()
    assert closed(session) == ["globex-gold", "initech-platinum"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_quarter_is_looked_at_again_after_its_end(session: Session, house: House) -> None:
    """It began four months before anybody looks, and ended last month."""
    with provider_scope(), transaction(session):
        agreement = customers.agreement(session, "quarterly")
        period = {"kind": "calendar_quarter"}
        customers.version(session, agreement, customers.terms_document("quarterly", period=period))
        services, dates = {"api": house.api}, {"from": "2026-10-31"}
        customers.contract(session, house.globex, agreement, "quarterly-1", services, timezone="UTC", **dates)
        customers.runs(session, 1, [("up", "2026-11-02 12:01", "2027-01-02 12:00")])
    clock = StoodClock("2027-01-03 12:00:00")
    closing = Closing(lambda: lent(session), lambda: True, clock)
    closing.tick()
    with provider_scope(), transaction(session):
        down = OutageRecord(at("2026-12-10 08:00"), at("2026-12-10 09:00"), "down")
        save_outages(session, house.api, [Revision(down, 1)], Origin("imported", "", at("2027-01-05 00:00")))
    clock.at, clock.passed_us = utc("2027-02-05 12:00:00"), REST_US
    closing.tick()
    with provider_scope(), reading(session):
        assert "quarterly-1" in [one.heading.contract for one in revisions.proposals(session)]


@contextmanager
def lent(session: Session) -> Iterator[Session]:
    """The session as the worker's process lends it: for the provider's own work."""
    with provider_scope():
        yield session
