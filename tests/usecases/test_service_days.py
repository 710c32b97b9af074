"""The working of one day of a service: every second is accounted for, every interval has its reason."""

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.evidence.records import State
from portal.domain.notices.refusals import NotFound
from portal.store.ground.tenancy import provider_scope
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Asked
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from portal.usecases.status.service_days import DayWorking, day_working, group_now, service_now
from tests import customers
from tests.customers import House, at, runs, utc

NOW = utc("2026-11-22 12:00:30")
DAY, BEFORE = date(2026, 11, 22), date(2026, 11, 21)
STORY = [
    ("up", "2026-11-20 23:00", "2026-11-21 09:59"),
    ("down", "2026-11-21 10:00", "2026-11-21 10:09"),
    ("up", "2026-11-21 10:10", "2026-11-21 20:00"),
    ("up", "2026-11-21 21:00", "2026-11-22 12:00"),
]


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    found = customers.build(session)
    runs(session, 1, STORY)
    return found


def working(session: Session, day: date, service: str = "api") -> DayWorking:
    return day_working(session, service, day, "UTC", NOW)


def leave_out(session: Session, house: House, service: UUID, *, is_public: bool) -> None:
    with provider_scope():
        asked = Asked(
            "maintenance",
            at("2026-11-21 10:05"),
            at("2026-11-21 11:00"),
            at("2026-11-01 00:00"),
            "A new switch",
            "",
            is_public,
            (service,),
            None,
            (),
        )
        key = exclusion_decisions.request(session, house.responder, asked, utc("2026-11-21 09:00"))
        exclusion_decisions.approve(session, house.manager, key, "Agreed.", utc("2026-11-21 09:01"), one_may=False)


def test_a_day_that_is_over_adds_up_and_says_what_was_not_up_and_why(session: Session, house: House) -> None:
    page = working(session, BEFORE)
    seconds = page.seconds
    assert seconds.up + seconds.down + seconds.degraded + seconds.unknown == page.measured_s == 86_400
    assert page.is_over
    assert [(one.start, one.end, one.state, one.why) for one in page.pieces] == [
        (at("2026-11-21 10:00"), at("2026-11-21 10:10"), State.DOWN, "the service failed"),
        (at("2026-11-21 20:02"), at("2026-11-21 21:00"), State.UNKNOWN, "no measurement arrived"),
    ]
    assert page.pieces[0].locations == ("This machine",)
    assert sum(one.seconds for one in page.pieces) == seconds.down + seconds.degraded + seconds.unknown


def test_a_day_under_way_is_cut_now_and_the_first_day_begins_with_the_first_sample(
    session: Session, house: House
) -> None:
    today = working(session, DAY)
    assert (today.end, today.is_over, today.later) == (at("2026-11-22 12:00:30"), False, None)
    assert today.measured_s == 12 * 3600 + 30
    first = working(session, date(2026, 11, 20))
    assert (first.unmeasured_s, first.measured_s, first.earlier) == (23 * 3600, 3600, None)
    assert working(session, date(2026, 11, 19)).measured_s == 0
    assert working(session, DAY, "storage").measured_s == 0


@pytest.mark.parametrize("is_public", [True, False])
def test_what_is_left_out_for_everybody_is_told_with_its_reason_where_that_is_public(
    session: Session, house: House, is_public: bool
) -> None:
    leave_out(session, house, house.api, is_public=is_public)
    page = working(session, BEFORE)
    assert page.seconds.down == 600, "it is shown as it was measured"
    assert page.left_out_s == 55 * 60
    assert [one.reason for one in page.left_out] == ["A new switch" if is_public else ""]


def test_what_is_left_out_of_another_service_is_not_told(session: Session, house: House) -> None:
    leave_out(session, house, house.storage, is_public=True)
    assert working(session, BEFORE).left_out == ()


def test_a_day_leads_to_what_was_told_about_it(session: Session, house: House) -> None:
    draft = Draft("Down", "major", [str(house.api)], "investigating", "We are looking.")
    incidents.post(session, house.responder, draft, utc("2026-11-21 10:03"))
    assert [one.title for one in working(session, BEFORE).incidents] == ["Down"]
    assert working(session, date(2026, 11, 20)).incidents == ()
    assert working(session, BEFORE, "storage").incidents == ()


def test_there_is_no_working_of_what_cannot_be(session: Session, house: House) -> None:
    for service, day in (("nothing", DAY), ("api", date(2026, 11, 23)), ("api", date(1999, 12, 31))):
        with pytest.raises(NotFound):
            working(session, day, service)


def test_the_days_of_a_service_and_their_workings_say_the_same(session: Session, house: House) -> None:
    for day in service_now(session, "api", "UTC", NOW).days[-4:]:
        assert working(session, day.day).seconds == day.seconds


def test_a_group_is_shown_in_pieces(session: Session, house: House) -> None:
    found, further = group_now(session, "Platform", "", 1, "UTC", NOW)
    assert ([one.service.key for one in found], further) == (["api"], "api")
    found, further = group_now(session, "Platform", further, 1, "UTC", NOW)
    assert ([one.service.key for one in found], further) == (["storage"], "")
    for name, after in (("Nothing", ""), ("Platform", "nothing")):
        with pytest.raises(NotFound):
            group_now(session, name, after, 1, "UTC", NOW)
