"""Incidents: told, updated, resolved; refused with the field's name when something cannot be taken."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.notices.incidents import Impact, Status
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.store.ground.base import new_id
from portal.usecases.status import incidents
from portal.usecases.status.incidents import BODY_BYTES_MAX, Draft
from tests import customers
from tests.customers import House, utc

NOW = utc("2026-11-22 12:00")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


@pytest.fixture
def draft(house: House) -> Draft:
    return Draft("API requests fail", "major", [str(house.api)], "investigating", "We are looking into it.")


def test_an_incident_is_told_with_its_first_update(session: Session, house: House, draft: Draft) -> None:
    told = incidents.incident(session, incidents.post(session, house.responder, draft, NOW))
    assert (told.title, told.impact, told.status, told.created_at) == (
        "API requests fail",
        Impact.MAJOR,
        Status.INVESTIGATING,
        NOW,
    )
    assert [one.name for one in told.services] == ["API"]
    assert [(one.body, one.published_at) for one in told.updates] == [("We are looking into it.", NOW)]


def test_the_latest_update_stands_first_and_gives_the_status(session: Session, house: House, draft: Draft) -> None:
    key = incidents.post(session, house.responder, draft, NOW)
    incidents.update(session, house.manager, key, "identified", "Found.", LATER)
    told = incidents.incident(session, key)
    assert [one.body for one in told.updates] == ["Found.", "We are looking into it."]
    assert told.status is Status.IDENTIFIED
    assert told.is_open


def test_updates_of_the_same_instant_stand_in_the_order_they_were_told(
    session: Session, house: House, draft: Draft
) -> None:
    key = incidents.post(session, house.responder, draft, NOW)
    incidents.update(session, house.responder, key, "identified", "second", NOW)
    assert [one.body for one in incidents.incident(session, key).updates] == ["second", "We are looking into it."]


def test_resolving_ends_it_and_nothing_follows(session: Session, house: House, draft: Draft) -> None:
    key = incidents.post(session, house.responder, draft, NOW)
    incidents.update(session, house.responder, key, "resolved", "Over.", LATER)
    session.expire_all()
    assert incidents.incident(session, key).resolved_at == LATER
    with pytest.raises(Conflict, match="tell a new one"):
        incidents.update(session, house.responder, key, "monitoring", "Again?", LATER)


def test_an_incident_may_be_told_when_it_is_over_already(session: Session, house: House, draft: Draft) -> None:
    key = incidents.post(session, house.responder, replace(draft, status="resolved"), NOW)
    session.expire_all()
    assert not incidents.incident(session, key).is_open


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""),
        ("title", "x" * 201),
        ("title", "two\nlines"),
        ("title", "nul\x00"),
        ("impact", "enormous"),
        ("status", "done"),
        ("body", " "),
        ("body", "nul\x00"),
        ("body", "x" * (BODY_BYTES_MAX + 1)),
        ("body", "ü" * (BODY_BYTES_MAX // 2 + 1)),
        ("services", ["00000000-0000-0000-0000-000000000000"]),
        ("services", ["api"]),
    ],
)
def test_what_cannot_be_taken_is_refused_by_its_field(
    session: Session, house: House, draft: Draft, field: str, value: object
) -> None:
    with pytest.raises(Invalid) as refused:
        incidents.post(session, house.responder, replace(draft, **{field: value}), NOW)
    assert refused.value.field == field
    assert incidents.told(session, 50) == ()


def test_the_longest_body_is_taken(session: Session, house: House, draft: Draft) -> None:
    key = incidents.post(session, house.responder, replace(draft, body="ü" * (BODY_BYTES_MAX // 2)), NOW)
    assert len(incidents.incident(session, key).updates[0].body) == BODY_BYTES_MAX // 2


def test_an_unknown_incident_is_not_found(session: Session, house: House) -> None:
    with pytest.raises(NotFound):
        incidents.update(session, house.responder, new_id(), "resolved", "Over.", NOW)


def test_what_was_told_comes_newest_first_and_no_more_than_asked(session: Session, house: House, draft: Draft) -> None:
    first = incidents.post(session, house.responder, draft, NOW)
    incidents.post(session, house.responder, replace(draft, title="Another", services=[]), LATER)
    incidents.update(session, house.responder, first, "identified", "Found.", LATER + timedelta(minutes=1))
    found = [(one.incident.title, one.update.status.value) for one in incidents.told(session, 2)]
    assert found == [("API requests fail", "identified"), ("Another", "investigating")]
    assert [one.name for one in incidents.told(session, 1)[0].incident.services] == ["API"]


def test_history_is_cut_by_local_months(session: Session, house: House, draft: Draft) -> None:
    incidents.post(session, house.responder, draft, utc("2026-10-31 23:30"))  # 00:30 of 1 November in Berlin
    november, october, september = incidents.history(session, "", "Europe/Berlin", NOW).months
    assert (november.first_day, len(november.incidents)) == (date(2026, 11, 1), 1)
    assert (october.incidents, september.incidents) == ((), ())
    in_utc = incidents.history(session, "2026-10", "UTC", NOW)
    assert [len(month.incidents) for month in in_utc.months] == [1, 0, 0]


def test_history_goes_on_with_the_next_month_in_which_something_was_told(
    session: Session, house: House, draft: Draft
) -> None:
    incidents.post(session, house.responder, draft, utc("2026-02-10 12:00"))
    assert incidents.history(session, "", "UTC", NOW).older == date(2026, 2, 1)
    assert incidents.history(session, "2026-02", "UTC", NOW).older is None


@pytest.mark.parametrize("month", ["2026-13", "2027-01", "1999-12", "x", "2026-11-01", "0000-00", "2026-1", "\x00"])
def test_a_month_that_is_none_is_not_found(session: Session, house: House, month: str) -> None:
    with pytest.raises(NotFound):
        incidents.history(session, month, "UTC", NOW)
