"""Runs derived anew from samples change nothing, and what was otherwise is put right."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S
from portal.domain.evidence.records import Run, State
from portal.domain.evidence.runs import derive_runs, first_difference
from portal.domain.notices.refusals import Conflict, NotFound
from portal.store.ground.tenancy import provider_scope
from portal.store.people.audit import AuditRow
from portal.store.people.providers import ProviderRow
from portal.usecases.keeping import evidence_faults, rebuilding
from portal.usecases.keeping.rebuilding import Order, Rebuilt
from portal.usecases.keeping.summaries import refresh_summaries
from tests.measuring import sample, stored_runs
from tests.sealing import DAY, FIRST, SEALED_MS, as_owner, furnish, seal_all

ALL = Order(0, 10**6)
NOW = clock.instant(SEALED_MS // 1000)


def rebuild(session: Session, order: Order = ALL, most: int = 99) -> list[Rebuilt]:
    begun = rebuilding.begin(session, order, "test", SEALED_MS)
    done = [rebuilding.rebuild(session, begun, pair, NOW) for pair in begun.left[:most]]
    if len(done) == len(begun.left):
        rebuilding.end(session, begun)
    return done


def runs(session: Session, probe: int = 1) -> list[Run]:
    with reading(session):
        return stored_runs(session, probe)


def test_a_rebuild_of_what_arrived_and_was_sealed_changes_nothing(session: Session) -> None:
    furnish(session, probes=2, days=4)
    seal_all(session)
    before = runs(session)
    assert [(one.pair, one.days, one.differing) for one in rebuild(session)] == [((1, 1), 4, []), ((2, 1), 4, [])]
    assert runs(session) == before
    with provider_scope(), reading(session):
        assert session.scalars(select(func.count()).select_from(AuditRow)).one() == 0


@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM run",
        "UPDATE run SET state = 2 WHERE state = 0",
        "UPDATE run SET last = last + interval_s, count = count + 1 WHERE state = 1",
        "UPDATE run SET reason = 'no_data' WHERE state = 3",
        "UPDATE run SET count = count + 1",
        "DELETE FROM run WHERE state = 1",
    ],
)
def test_damaged_runs_are_named_put_right_and_noted(session: Session, damage: str) -> None:
    given = furnish(session, days=3)
    seal_all(session)
    as_owner(session, damage)
    (rebuilt,) = rebuild(session)
    assert [key.day for key in rebuilt.differing][:3] == [DAY, DAY + 1, DAY + 2]
    assert runs(session) == list(derive_runs(given))
    assert rebuild(session)[0].differing == []
    with provider_scope(), reading(session):
        (note,) = session.scalars(select(AuditRow))
        assert note.after is not None
        assert note.after["days"][:3] == ["2026-11-22", "2026-11-23", "2026-11-24"]


def test_only_the_days_and_the_service_asked_for_are_touched(session: Session) -> None:
    given = furnish(session, days=3)
    as_owner(session, "DELETE FROM run")
    (rebuilt,) = rebuild(session, Order(DAY + 1, DAY + 2, "api"))
    assert [key.day for key in rebuilt.differing] == [DAY + 1]
    with pytest.raises(NotFound, match="There is no service shop with probes"):
        rebuild(session, Order(0, 10**6, "shop"))
    (whole,) = rebuild(session)
    assert [key.day for key in whole.differing] == [DAY, DAY + 2]
    assert runs(session) == list(derive_runs(given))


def test_an_interrupted_rebuild_goes_on_behind_what_it_did_and_the_next_one_begins_afresh(session: Session) -> None:
    furnish(session, probes=3)
    assert [one.pair for one in rebuild(session, most=2)] == [(1, 1), (2, 1)]
    with pytest.raises(Conflict, match="Somebody else derives"):
        rebuild(session)
    begun = rebuilding.begin(session, ALL, "next", SEALED_MS + rebuilding.LEASE_MS)
    assert (begun.left, begun.all) == ([(3, 1)], 3)
    rebuilding.rebuild(session, begun, (3, 1), NOW)
    rebuilding.end(session, begun)
    assert [one.pair for one in rebuild(session)] == [(1, 1), (2, 1), (3, 1)]


def test_a_summary_that_is_not_what_the_runs_say_is_named_and_put_right(session: Session) -> None:
    furnish(session, days=2)
    with provider_scope():
        refresh_summaries(session, NOW)
        seal_all(session)
        begun = rebuilding.begin(session, ALL, "test", SEALED_MS)
        days = rebuilding.summed_days(session, ALL)
        changed = [rebuilding.rebuild_summary(session, begun, *one, NOW) for one in days]
        assert (len(days) > 1, any(changed), evidence_faults.unbalanced_days(session)) == (True, False, [])
        as_owner(session, f"UPDATE service_day SET up_s = up_s + 1 WHERE start = {FIRST}")
        assert evidence_faults.unbalanced_days(session) == [
            f"Service api: the day from second {FIRST} to {FIRST + DAY_S} adds up to {DAY_S + 1} seconds."
        ]
        again = [rebuilding.rebuild_summary(session, begun, *one, NOW) for one in days]
        assert [one[1] for one, is_so in zip(days, again, strict=True) if is_so] == [date(2026, 11, 22)]
        assert evidence_faults.unbalanced_days(session) == []


def test_the_local_days_a_utc_day_bears_on_are_summed_up_anew(session: Session) -> None:
    with provider_scope(), transaction(session):
        session.add(ProviderRow(name="Northwind", timezone="Europe/Berlin", contact="mail@northwind.example"))
    furnish(session, days=5)
    with provider_scope():
        refresh_summaries(session, NOW)
        days = rebuilding.summed_days(session, Order(DAY + 2, DAY + 3))
    assert [day.isoformat() for _, day in days] == ["2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26"]


slots = st.lists(st.tuples(st.integers(0, 40), st.sampled_from(State)), unique_by=lambda one: one[0], max_size=20)


@settings(max_examples=60)
@given(slots, slots)
def test_the_first_difference_is_the_first_slot_that_two_stories_tell_differently(
    ours: list[tuple[int, State]], theirs: list[tuple[int, State]]
) -> None:
    samples = [sample(60 * slot, state) for slot, state in ours]
    others = [sample(60 * slot, state) for slot, state in theirs]
    told, found = dict(ours), dict(theirs)
    expected = next((60 * slot for slot in range(41) if told.get(slot) is not found.get(slot)), None)
    assert first_difference(derive_runs(samples), 0, 86_400, others) == expected
