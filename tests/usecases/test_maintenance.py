"""Planned work: one transaction for the word and what it asks for, notice kept or lost, and who would not count it."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.notices.maintenance import Course, Word
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.store.ground.tenancy import provider_scope
from portal.store.notices.exclusions import ExclusionEventRow, ExclusionRow
from portal.store.notices.maintenance import MaintenanceRow, MaintenanceWordRow
from portal.usecases.excluding import exclusion_decisions, maintenance
from portal.usecases.excluding.maintenance import Draft
from tests import customers
from tests.customers import BERLIN, House, at, utc

NOW = utc("2026-11-22 12:00")
POLICY = {"mode": "remove", "types": {"maintenance": {"notice_seconds": 259_200}}}
QUICK = {"mode": "remove", "types": {"maintenance": {"notice_seconds": 86_400}}}


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    house = customers.build(session)
    with provider_scope():
        for slug, customer, policy in (("slow", house.globex, POLICY), ("quick", house.initech, QUICK)):
            agreement = customers.agreement(session, slug)
            terms = customers.terms_document(slug, commitment={"exclusions_policy": policy})
            customers.version(session, agreement, terms)
            customers.contract(session, customer, agreement, f"{slug}-one", {"api": house.api}, timezone=BERLIN)
    return house


def draft(house: House, **changes: Any) -> Draft:
    """A window of two hours on 24 November, 5:00 in Berlin: 40 hours after NOW."""
    made = {
        "title": "A new database",
        "type": "maintenance",
        "start": "2026-11-24T05:00",
        "end": "2026-11-24T07:00",
        "services": [str(house.api)],
        "body": "We exchange the database.",
    }
    return Draft(**(made | changes))


def announce(session: Session, house: House, now: Any = NOW, **changes: Any) -> UUID:
    with provider_scope():
        plan = maintenance.read_plan(session, draft(house, **changes), BERLIN, now)
        return maintenance.announce(session, house.responder, plan, now)


def asked(session: Session, work: UUID) -> list[tuple[str, int, int, int | None]]:
    with provider_scope():
        found = maintenance.entries_of(session, work)
        return [(one.standing.value, one.start, one.end, one.announced_at) for one in found]


def rows(session: Session) -> list[int]:
    tables = (MaintenanceRow, MaintenanceWordRow, ExclusionRow, ExclusionEventRow)
    return [session.execute(select(func.count()).select_from(one)).scalar_one() for one in tables]


def test_before_publishing_it_says_for_whom_the_window_will_not_count_and_why(session: Session, house: House) -> None:
    with provider_scope():
        plan = maintenance.read_plan(session, draft(house), BERLIN, NOW)
        found = {one.contract: one for one in maintenance.foreseen(session, plan, NOW)}
    assert found["slow-one"].words == "Globex needs 72 h, 40 h given."
    assert not found["slow-one"].counts
    assert found["quick-one"].words == "All of it in this period is left out."
    assert found["quick-one"].left_out_s == 7200
    assert rows(session) == [0, 0, 0, 0]


def test_announcing_writes_the_work_and_what_it_asks_for_together(session: Session, house: House) -> None:
    work = announce(session, house)
    start, end = at("2026-11-24 04:00"), at("2026-11-24 06:00")
    assert asked(session, work) == [("pending", start, end, at("2026-11-22 12:00"))]
    with provider_scope():
        (coming,) = maintenance.coming(session, NOW)
        assert (coming.id, coming.course, coming.start, coming.end) == (work, Course.PLANNED, start, end)
        assert maintenance.maintenance(session, work, utc("2026-11-24 05:00")).course is Course.UNDER_WAY
        assert maintenance.maintenance(session, work, utc("2026-11-24 06:00")).course is Course.OVER


def test_moving_later_keeps_the_notice_and_moving_earlier_announces_what_is_added(
    session: Session, house: House
) -> None:
    work, told = announce(session, house), at("2026-11-22 12:00")
    tomorrow = utc("2026-11-23 12:00")
    with provider_scope():
        maintenance.move(
            session, house.responder, work, "2026-11-25T05:00", "2026-11-25T07:00", "A day later.", BERLIN, tomorrow
        )
    later = ("pending", at("2026-11-25 04:00"), at("2026-11-25 06:00"), told)
    assert asked(session, work)[1:] == [later]
    assert asked(session, work)[0][0] == "withdrawn"
    with provider_scope():
        maintenance.move(
            session, house.responder, work, "2026-11-25T04:00", "2026-11-25T07:00", "An hour more.", BERLIN, tomorrow
        )
    assert asked(session, work)[1:] == [
        later,
        ("pending", at("2026-11-25 03:00"), at("2026-11-25 04:00"), at("2026-11-23 12:00")),
    ]


@pytest.mark.parametrize(
    ("ended", "parts"),
    [
        ("2026-11-24 05:00", [("04:00", "05:00", "2026-11-22 12:00")]),
        ("2026-11-24 07:00", [("04:00", "06:00", "2026-11-22 12:00"), ("06:00", "07:00", "2026-11-24 07:00")]),
    ],
    ids=["early", "late"],
)
def test_ending_early_asks_for_less_and_ending_late_announces_the_rest_when_it_is_told(
    session: Session, house: House, ended: str, parts: list[tuple[str, str, str]]
) -> None:
    work = announce(session, house)
    with provider_scope():
        maintenance.end(session, house.responder, work, "Done.", utc(ended))
        found = maintenance.maintenance(session, work, utc(ended))
        assert (found.course, found.words[0].kind) == (Course.OVER, Word.ENDED)
    living = [one[1:] for one in asked(session, work) if one[0] == "pending"]
    assert living == [(at(f"2026-11-24 {a}"), at(f"2026-11-24 {b}"), at(told)) for a, b, told in parts]


def test_cancelling_takes_back_what_it_asked_for(session: Session, house: House) -> None:
    work = announce(session, house)
    with provider_scope():
        maintenance.cancel(session, house.responder, work, "We need it no more.", NOW)
        assert maintenance.coming(session, NOW) == ()
    assert [one[0] for one in asked(session, work)] == ["withdrawn"]


def test_a_part_somebody_rejected_is_not_asked_for_again_by_an_end_but_by_a_move(
    session: Session, house: House
) -> None:
    work = announce(session, house)
    with provider_scope():
        (one,) = maintenance.entries_of(session, work)
        exclusion_decisions.reject(session, house.manager, one.id, "The notice is too short.", NOW)
        maintenance.move(session, house.responder, work, "2026-11-28T05:00", "2026-11-28T07:00", "Later.", BERLIN, NOW)
    assert [one[0] for one in asked(session, work)] == ["rejected", "pending"]


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("title", {"title": " "}),
        ("type", {"type": "holiday"}),
        ("services", {"services": []}),
        ("services", {"services": ["x"]}),
        ("start", {"start": "soon"}),
        ("end", {"end": "2026-11-24T05:00"}),
        ("end", {"start": "2026-11-20T05:00", "end": "2026-11-20T06:00"}),
        ("body", {"body": ""}),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_told(
    session: Session, house: House, field: str, changes: dict[str, Any]
) -> None:
    with pytest.raises(Invalid) as refused:
        announce(session, house, **changes)
    assert refused.value.field == field
    assert rows(session) == [0, 0, 0, 0]


def test_what_is_over_is_neither_moved_nor_cancelled_nor_ended_twice(session: Session, house: House) -> None:
    work, over = announce(session, house), utc("2026-11-24 08:00")
    before = rows(session)
    window = ("2026-11-28T05:00", "2026-11-28T07:00")
    with provider_scope():
        with pytest.raises(Conflict):
            maintenance.move(session, house.responder, work, *window, "Later.", BERLIN, over)
        with pytest.raises(Conflict):
            maintenance.cancel(session, house.responder, work, "No.", over)
        with pytest.raises(Conflict):
            maintenance.end(session, house.responder, work, "Not begun.", NOW)
        with pytest.raises(NotFound):
            maintenance.end(session, house.responder, UUID(int=1), "No.", over)
        assert rows(session) == before
        maintenance.end(session, house.responder, work, "Over.", over)
        with pytest.raises(Conflict):
            maintenance.end(session, house.responder, work, "Over again.", over)
