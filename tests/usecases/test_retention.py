"""Samples go when their time is over, never under a legal hold, never without a record (trust.md P3)."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, BadChunk, DayKey
from portal.domain.notices.refusals import Conflict, NotFound
from portal.store.evidence.chunks import delete_chunks
from portal.store.evidence.deletions import DayDeletion, deletions_between, record_deletion
from portal.store.evidence.evidence_days import day_digests
from portal.store.ground.tenancy import provider_scope
from portal.store.measuring.services import ProbeRow
from portal.store.people.audit import AuditRow
from portal.store.people.customers import CustomerRow
from portal.usecases.closing import closing, deletion_faults, retention
from portal.usecases.closing.retention import Plan
from portal.usecases.keeping import evidence_faults, rebuilding
from portal.usecases.keeping.rebuilding import Order
from tests.customers import agreement, contract, terms_document, version
from tests.measuring import count_samples, stored_runs
from tests.sealing import DAY, FIRST, KEY, SEALED_MS, as_owner, furnish, record, seal_all, told

OVER = datetime(2027, 12, 31, 23, 59, 59, tzinfo=UTC)
"""The samples are of 2026-11-22 and -23: 13 months after November 2026 are over a second later."""
LATER = datetime(2028, 1, 1, tzinfo=UTC)
NO_FLOOR = {"unknown_policy": {"treat_as": "exclude"}}
EARLY, FAR = datetime(2026, 12, 1, tzinfo=UTC), datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _provider() -> Iterator[None]:
    with provider_scope():
        yield


@pytest.fixture
def sealed(session: Session) -> Session:
    furnish(session, probes=2, days=2)
    seal_all(session)
    return session


def delete_all(session: Session, plan: Plan, now: datetime = LATER) -> None:
    for lot in plan.lots:
        retention.delete(session, lot, plan.rule, now)


def samples(plan: Plan) -> int:
    return sum(lot.samples for lot in plan.lots)


def digests(session: Session) -> dict[DayKey, bytes]:
    with reading(session):
        return dict(day_digests(session, [1, 2], FIRST, FIRST + 2 * DAY_S))


def sell(session: Session, period: dict[str, object]) -> None:
    """Put the measured service into a contract of a customer acme, with terms of this period."""
    with transaction(session):
        customer = CustomerRow(key="acme", name="Acme", timezone="Europe/Berlin")
        session.add(customer)
        session.flush()
        plan = agreement(session, "steady")
        version(session, plan, terms_document("steady", period=period, commitment=NO_FLOOR))
        service = session.scalars(select(ProbeRow.service_id).distinct()).one()
        contract(session, customer.id, plan, "acme", {"api": service})


def close(session: Session, month: str) -> None:
    """Close the period of the measured service's contract that begins in a month."""
    assert closing.close(session, month, LATER).closed == 1


def test_samples_of_a_period_that_is_not_closed_stay(sealed: Session) -> None:
    sell(sealed, {"kind": "calendar_month"})
    waiting = retention.plan(sealed, 13, LATER)
    assert (waiting.lots, waiting.days_unclosed) == ([], 4)
    close(sealed, "2026-11")
    plan = retention.plan(sealed, 13, LATER)
    assert (samples(plan), plan.days_unclosed) == (192, 0)


def test_nothing_goes_before_its_month_is_over_for_thirteen_months(sealed: Session) -> None:
    assert retention.plan(sealed, 13, OVER).lots == []
    plan = retention.plan(sealed, 13, LATER)
    assert [(lot.probe, lot.month, [key.day for key in lot.days]) for lot in plan.lots] == [
        (1, "2026-11", [DAY, DAY + 1]),
        (2, "2026-11", [DAY, DAY + 1]),
    ]
    assert samples(plan) == 192
    assert retention.plan(sealed, 14, LATER).lots == []


def test_a_deletion_takes_the_samples_leaves_runs_and_says_what_when_and_why(sealed: Session) -> None:
    before = digests(sealed)
    with reading(sealed):
        runs = stored_runs(sealed)
    delete_all(sealed, retention.plan(sealed, 13, LATER))
    with reading(sealed):
        assert stored_runs(sealed) == runs
        recorded = deletions_between(sealed, [1, 2], DAY, DAY + 2)
        notes = [row.after for row in sealed.scalars(select(AuditRow))]
    assert len(recorded) == 4
    assert {(one.samples, one.at, one.rule) for one in recorded.values()} == {
        (48, LATER, "13 months after the month in which the period ended")
    }
    assert {key: one.digest for key, one in recorded.items()} == before
    assert [one.chunks for one in recorded.values()] == [(one.digest.hex(),) for one in recorded.values()]
    assert [note and (note["month"], note["days"], note["samples"]) for note in notes] == [("2026-11", 2, 96)] * 2
    assert retention.plan(sealed, 13, LATER).lots == []


def test_after_a_deletion_digests_stay_and_verify_and_rebuild_find_nothing(sealed: Session) -> None:
    before = digests(sealed)
    delete_all(sealed, retention.plan(sealed, 13, LATER))
    assert digests(sealed) == before
    assert [evidence_faults.check(sealed, pair).faults for pair in evidence_faults.pairs(sealed)] == [[], []]
    begun = rebuilding.begin(sealed, Order(0, 10**6), "test", SEALED_MS)
    assert [rebuilding.rebuild(sealed, begun, pair, LATER).differing for pair in begun.left] == [[], []]


def test_deletions_by_the_rule_prove_themselves(sealed: Session) -> None:
    delete_all(sealed, retention.plan(sealed, 13, LATER))
    assert deletion_faults.check(sealed, LATER) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"at": EARLY}, "was deleted on 2026-12-01, and by its rule"),
        ({"at": FAR}, "was deleted on 2031-01-01, and by its rule"),
        ({"rule": "because"}, "was deleted by no rule of this portal: because."),
        ({"rule": "0 months after the month in which the period ended"}, "was deleted by no rule of this portal"),
        ({"samples": 7}, "was deleted with 7 samples, and its runs count 48."),
    ],
)
def test_a_deletion_that_nobody_ordered_is_named(sealed: Session, changes: dict[str, Any], words: str) -> None:
    forged = DayDeletion(KEY, 48, b"0", (), LATER, "13 months after the month in which the period ended")
    with transaction(sealed):
        record_deletion(sealed, replace(forged, **changes))
        delete_chunks(sealed, KEY)
    *named, unnoted = deletion_faults.check(sealed, LATER)
    assert len(named) == 1
    assert f"probe 1 at location 1 on 2026-11-22 {words}" in named[0]
    assert unnoted.startswith("Of probe/location 1/1 1 days of 2026-11 were deleted on")


def test_a_sample_for_a_day_that_was_deleted_is_refused(sealed: Session) -> None:
    delete_all(sealed, retention.plan(sealed, 13, LATER))
    record(sealed, [told(1, FIRST + 7)])
    with reading(sealed):
        assert count_samples(sealed) == 0


def test_a_legal_hold_keeps_what_a_customer_buys_until_it_is_lifted(sealed: Session) -> None:
    sell(sealed, {"kind": "calendar_month"})
    close(sealed, "2026-11")
    retention.place_hold(sealed, "acme", "a lawsuit", LATER)
    held = retention.plan(sealed, 13, LATER)
    assert (held.lots, held.days_held) == ([], 4)
    with pytest.raises(Conflict, match="acme has a legal hold already"):
        retention.place_hold(sealed, "acme", "a lawsuit", LATER)
    retention.lift_hold(sealed, "acme", "it is settled", LATER)
    assert samples(retention.plan(sealed, 13, LATER)) == 192
    with pytest.raises(Conflict, match="acme has no legal hold"):
        retention.lift_hold(sealed, "acme", "again", LATER)
    with pytest.raises(NotFound, match="There is no customer nobody"):
        retention.place_hold(sealed, "nobody", "a lawsuit", LATER)


def test_a_hold_placed_while_samples_are_deleted_keeps_what_is_left(sealed: Session) -> None:
    sell(sealed, {"kind": "calendar_month"})
    close(sealed, "2026-11")
    plan = retention.plan(sealed, 13, LATER)
    retention.delete(sealed, plan.lots[0], plan.rule, LATER)
    retention.place_hold(sealed, "acme", "a lawsuit", LATER)
    with pytest.raises(Conflict, match="A legal hold was placed meanwhile"):
        retention.delete(sealed, plan.lots[1], plan.rule, LATER)
    with reading(sealed):
        assert {key.probe for key in deletions_between(sealed, [1, 2], DAY, DAY + 2)} == {1}


def test_a_day_with_a_late_sample_is_sealed_before_it_may_go(sealed: Session) -> None:
    before = digests(sealed)
    record(sealed, [told(1, FIRST + 7)])
    plan = retention.plan(sealed, 13, LATER)
    with pytest.raises(Conflict, match="wait to be sealed"):
        retention.delete(sealed, plan.lots[0], plan.rule, LATER)
    assert digests(sealed).keys() == before.keys()
    seal_all(sealed)
    delete_all(sealed, retention.plan(sealed, 13, LATER))
    assert [evidence_faults.check(sealed, pair).faults for pair in evidence_faults.pairs(sealed)] == [[], []]


def test_a_day_whose_chunk_was_altered_is_not_deleted_by_a_digest_nobody_looked_at(sealed: Session) -> None:
    as_owner(sealed, f"UPDATE chunk SET samples = samples + 1 WHERE day = {DAY}")
    plan = retention.plan(sealed, 13, LATER)
    with pytest.raises(BadChunk):
        retention.delete(sealed, plan.lots[0], plan.rule, LATER)
    with reading(sealed):
        assert not deletions_between(sealed, [1, 2], DAY, DAY + 2)


def test_samples_of_a_yearly_period_are_kept_until_its_year_is_over_for_thirteen_months(sealed: Session) -> None:
    sell(sealed, {"kind": "calendar_year"})
    close(sealed, "2026-01")
    assert retention.plan(sealed, 13, datetime(2028, 1, 31, 23, tzinfo=UTC)).lots == []
    assert samples(retention.plan(sealed, 13, datetime(2028, 2, 1, tzinfo=UTC))) == 192
