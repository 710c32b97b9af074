"""Transparency: months add up what was measured, what is not known, and what was asked not to count."""

from datetime import date

from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.evidence.latency_sketch import sketch
from portal.domain.evidence.service_day import ServiceDay
from portal.store.evidence.summaries import save_days
from portal.store.ground.tenancy import provider_scope
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Asked
from portal.usecases.status.transparency import MonthOfExclusions, MonthOfTime, transparency
from tests import customers
from tests.customers import House, at, utc

NOW = utc("2026-11-22 12:00:30")
DAY_S = 86_400


def keep(
    session: Session, service: object, day: str, unknown_s: int, unmeasured_s: int = 0, excluded_s: int = 0
) -> None:
    start = at(day)
    seconds = (DAY_S - unknown_s - excluded_s, 0, 0, unknown_s, excluded_s, unmeasured_s)
    made = ServiceDay(start, start + DAY_S, *seconds, None, None, is_generated=False, latencies=sketch([]))
    save_days(session, service, [made], start + 2 * DAY_S)


def ask(session: Session, house: House, start: str, end: str, word: str, *, is_public: bool = True) -> None:
    with provider_scope():
        window = (at(start), at(end), at("2026-10-01 00:00"))
        asked = Asked("maintenance", *window, "A switch", "", is_public, (house.api,), None, ())
        key = exclusion_decisions.request(session, house.responder, asked, utc("2026-10-01 00:00"))
        decided = utc("2026-10-02 00:00")
        if word == "approve":
            exclusion_decisions.approve(
                session, house.manager, key, "It was planned.", utc("2026-10-02 00:00"), one_may=False
            )
        elif word == "reject":
            exclusion_decisions.reject(session, house.manager, key, "It was not planned.", decided)


def test_months_add_up_the_time_of_all_services_that_is_known(session: Session) -> None:
    begin(session, write=True)
    house = customers.build(session)
    keep(session, house.api, "2026-10-31 00:00", 0)
    keep(session, house.api, "2026-11-01 00:00", 100, excluded_s=50)
    keep(session, house.storage, "2026-11-01 00:00", 1_000, unmeasured_s=900)
    assert transparency(session, "UTC", NOW).time == (
        MonthOfTime(date(2026, 11, 1), 1, 2 * DAY_S - 900, 200, 50, "99.883"),
        MonthOfTime(date(2026, 10, 1), 1, DAY_S, 0, 0, "100.000"),
    )


def test_what_was_asked_not_to_count_is_counted_by_what_became_of_it(session: Session) -> None:
    begin(session, write=True)
    house = customers.build(session)
    ask(session, house, "2026-11-02 00:00", "2026-11-02 02:00", "approve")
    ask(session, house, "2026-11-02 01:00", "2026-11-02 03:00", "approve")
    ask(session, house, "2026-11-05 00:00", "2026-11-05 01:00", "reject")
    ask(session, house, "2026-11-06 00:00", "2026-11-06 01:00", "wait")
    ask(session, house, "2026-11-07 00:00", "2026-11-07 01:00", "wait", is_public=False)
    assert transparency(session, "UTC", NOW).exclusions == (
        MonthOfExclusions(date(2026, 11, 1), 4, 2, 1, 0, 1, 3 * 3600),
    )


def test_places_say_how_many_services_they_ask_and_nothing_is_made_up(session: Session) -> None:
    begin(session, write=True)
    empty = transparency(session, "UTC", NOW)
    assert (empty.locations, empty.time, empty.exclusions, empty.days_sealed) == ((), (), (), 0)
    customers.build(session)
    assert [(one.name, one.services) for one in transparency(session, "UTC", NOW).locations] == [("This machine", 2)]
