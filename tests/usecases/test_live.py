"""Live: how a service is now is kept under the mark of the public pages, and seen anew when that changes."""

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.records import State
from portal.store.evidence.runs import STATE_NUMBER, RunRow
from portal.store.ground import public_changes
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.promises import contracts
from portal.usecases.status.live import live
from tests import customers
from tests.customers import House, utc

NOW = utc("2026-10-20 12:00:30")


@pytest.fixture
def house(session: Session) -> House:
    with provider_scope(), transaction(session):
        house = customers.build(session)
        customers.runs(session, 1, [("up", "2026-10-19 00:00", "2026-10-20 12:00")])
        public_changes.tell(session)
    return house


def state(session: Session, house: House) -> State | None:
    with customer_scope(house.initech), reading(session):
        bought = [one for stored in contracts.contracts(session) for one in stored.services]
        (group,) = live(session, bought, NOW)
    return {one.key: one.state for one in group.services}["api"]


def test_what_measuring_tells_is_seen_at_once(session: Session, house: House) -> None:
    assert state(session, house) is State.UP
    with reading(session):
        assert public_changes.mark(session), "nothing is kept without a mark"
    with provider_scope(), transaction(session):
        session.execute(update(RunRow).values(state=STATE_NUMBER[State.DOWN]))
        public_changes.tell(session)
    assert state(session, house) is State.DOWN


def test_what_a_transaction_changes_is_not_kept_under_the_mark_before_it(session: Session, house: House) -> None:
    with provider_scope(), transaction(session):
        assert public_changes.mark(session) != ""
        public_changes.tell(session)
        assert public_changes.mark(session) == ""
