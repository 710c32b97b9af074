"""Leading, fenced by an epoch that only grows (trust.md E7)."""

import pytest
from sqlalchemy.orm import Session

from portal.database import transaction
from portal.store.ground import leases
from portal.store.ground.leases import FARTHEST_MS, Fenced, Lease

NOW_MS = 1_800_000_000_000


def take(session: Session, holder: str, now_ms: int = NOW_MS) -> Lease | None:
    with transaction(session):
        return leases.take(session, "measurement", holder, now_ms, now_ms + 15_000)


def fence(session: Session, lease: Lease) -> None:
    with transaction(session):
        leases.fence(session, lease)


def test_the_first_to_ask_leads_and_the_frontier_starts_at_now(session: Session) -> None:
    assert take(session, "a") == Lease("measurement", "a", 1)
    assert leases.frontier(session, "measurement") == NOW_MS // 1000


def test_nobody_leads_beside_a_leader(session: Session, rival: Session) -> None:
    take(session, "a")
    assert take(rival, "b", NOW_MS + 14_999) is None
    assert take(rival, "a", NOW_MS + 14_999) is None


def test_a_lease_that_ran_out_is_taken_under_a_higher_epoch(session: Session, rival: Session) -> None:
    take(session, "a")
    assert take(rival, "b", NOW_MS + 15_000) == Lease("measurement", "b", 2)


def test_the_old_leader_writes_nothing_any_more(session: Session, rival: Session) -> None:
    old = take(session, "a")
    take(rival, "b", NOW_MS + 15_000)
    assert old is not None
    with pytest.raises(Fenced):
        fence(session, old)
    with pytest.raises(Fenced), transaction(session):
        leases.move(session, old, 0, 0)
    with pytest.raises(Fenced), transaction(session):
        leases.claimed_until(session, old)
    with pytest.raises(Fenced), transaction(session):
        leases.release(session, old)
    assert leases.frontier(rival, "measurement") == NOW_MS // 1000


def test_a_leader_whose_lease_ran_out_goes_on_while_nobody_took_it(session: Session) -> None:
    lease = take(session, "a")
    assert lease is not None
    fence(session, lease)
    with transaction(session):
        leases.move(session, lease, NOW_MS // 1000 + 90, NOW_MS + 105_000)
    assert leases.frontier(session, "measurement") == NOW_MS // 1000 + 90


def test_a_released_lease_can_be_taken_at_once(session: Session, rival: Session) -> None:
    lease = take(session, "a")
    assert lease is not None
    with transaction(session):
        leases.release(session, lease)
    assert take(rival, "b", NOW_MS + 1) == Lease("measurement", "b", 2)


def test_a_lease_from_before_the_clock_was_set_back_blocks_nobody(session: Session, rival: Session) -> None:
    take(session, "a", NOW_MS + FARTHEST_MS + 1)
    assert take(rival, "b", NOW_MS) == Lease("measurement", "b", 2)


def test_two_names_are_two_leases(session: Session) -> None:
    take(session, "a")
    with transaction(session):
        assert leases.take(session, "closing", "b", NOW_MS, NOW_MS + 15_000) == Lease("closing", "b", 1)
