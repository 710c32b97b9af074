"""The public status: days are local, unknown is not up, silence is told, and an incident says its part."""

from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.evidence.records import Run, State
from portal.store.evidence.runs import save_runs
from portal.store.ground.leases import LeaseRow
from portal.store.measuring.services import LocationRow, ScheduleRow
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from portal.usecases.status.public_status import Failure, ServiceStatus, Status, measuring, status
from tests import customers
from tests.customers import House, at, runs, utc

NOW = utc("2026-11-22 12:00:30")
LAST = "2026-11-22 12:00"
ZONE = "Europe/Berlin"


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


def worker_at(session: Session, moment: datetime) -> None:
    seconds = int(moment.timestamp())
    session.add(LeaseRow(name="measurement", holder="w", epoch=1, until_ms=seconds * 1000, claimed_until=seconds))
    session.flush()


def show(session: Session, now: datetime = NOW) -> Status:
    return status(session, ZONE, now)


def api(page: Status) -> ServiceStatus:
    return page.groups[0][1][0]


def test_before_the_first_sample_nothing_is_claimed(session: Session, house: House) -> None:
    page = show(session)
    assert page.headline == "Nothing has been measured yet."
    assert page.stale_since is None
    assert (api(page).state, api(page).percent) == (None, None)
    assert all(day.seconds.known == day.seconds.unknown == 0 for day in api(page).days)


def test_a_service_is_down_since_the_first_of_two_failures(session: Session, house: House) -> None:
    worker_at(session, NOW)
    runs(session, 1, [("up", "2026-11-22 08:00", "2026-11-22 11:36"), ("down", "2026-11-22 11:37", LAST)])
    runs(session, 2, [("up", "2026-11-22 08:00", LAST)])
    page = show(session)
    assert page.headline == "API has been down for 23 minutes. Everything else works."
    assert (api(page).state, api(page).since) == (State.DOWN, at("2026-11-22 11:37"))
    assert page.failure == Failure(at("2026-11-22 11:37"), ("This machine",), is_told=False)


def test_a_single_failure_is_not_called_down(session: Session, house: House) -> None:
    worker_at(session, NOW)
    runs(session, 1, [("up", "2026-11-22 08:00", "2026-11-22 11:59"), ("down", LAST, LAST)])
    runs(session, 2, [("up", "2026-11-22 08:00", LAST)])
    assert show(session).headline == "Everything works."


def test_the_percentage_is_the_share_of_the_known_time_cut_off(session: Session, house: House) -> None:
    story = [("up", "2026-11-22 08:00", "2026-11-22 08:59"), ("down", "2026-11-22 09:00", "2026-11-22 09:01")]
    runs(session, 1, [*story, ("up", "2026-11-22 09:02", "2026-11-22 09:59")])
    page = show(session, utc("2026-11-22 10:00"))
    assert api(page).percent == "98.333"  # 118 of 120 minutes are 98.3333…
    today = api(page).days[-1]
    assert (today.seconds.up, today.seconds.down, today.seconds.unknown) == (118 * 60, 120, 0)


def test_time_without_samples_is_unknown_and_never_up(session: Session, house: House) -> None:
    worker_at(session, NOW)
    runs(session, 1, [("up", "2026-11-22 00:00", "2026-11-22 01:00"), ("up", "2026-11-22 11:00", LAST)])
    today = api(show(session)).days[-1]
    assert today.day == date(2026, 11, 22)
    hold = 2 * 60  # an answer holds for twice the interval
    assert today.seconds.unknown == at("2026-11-22 11:00") - at("2026-11-22 01:00") - hold
    assert api(show(session)).percent == "100.000"


def test_days_are_those_of_the_providers_zone(session: Session, house: House) -> None:
    worker_at(session, NOW)
    runs(session, 1, [("up", "2026-10-20 00:00", LAST)])
    days = {day.day: day for day in api(show(session)).days}
    assert len(days) == 90
    assert days[date(2026, 10, 25)].seconds.up == 25 * 3600  # the clock was set back that night
    assert days[date(2026, 10, 24)].seconds.up == 24 * 3600
    assert days[date(2026, 11, 22)].seconds.up == 13 * 3600 + 30  # since 23:00 UTC of the day before


def test_when_the_worker_is_silent_the_page_says_since_when(session: Session, house: House) -> None:
    runs(session, 1, [("up", "2026-11-22 08:00", "2026-11-22 11:00")])
    worker_at(session, NOW - timedelta(seconds=120))
    assert show(session).stale_since is None
    page = show(session, NOW + timedelta(seconds=1))
    assert page.stale_since == at("2026-11-22 11:58:30")


def test_without_any_worker_the_last_sample_says_since_when(session: Session, house: House) -> None:
    runs(session, 1, [("up", "2026-11-22 08:00", "2026-11-22 11:00")])
    assert show(session).stale_since == at("2026-11-22 11:00")


def test_one_failing_location_of_three_is_an_advisory(session: Session, house: House) -> None:
    worker_at(session, NOW)
    _add_locations(session, house.api)
    runs(session, 2, [("up", "2026-11-22 08:00", LAST)])
    runs(session, 1, [("up", "2026-11-22 08:00", LAST)])
    _copy_to_location(session, 2, [("up", "2026-11-22 08:00", LAST)])
    _copy_to_location(session, 3, [("down", "2026-11-22 08:00", LAST)])
    page = show(session)
    assert (
        page.headline == "API fails or is slow when asked from Tokyo, and works from elsewhere. Everything else works."
    )
    assert [(one.service, one.locations) for one in page.advisories] == [("API", ("Tokyo",))]
    _copy_to_location(session, 2, [("down", "2026-11-22 08:00", LAST)])
    assert api(show(session)).state is State.DOWN


def test_an_open_incident_over_green_probes_is_told(session: Session, house: House) -> None:
    worker_at(session, NOW)
    for probe in (1, 2):
        runs(session, probe, [("up", "2026-11-22 08:00", LAST)])
    draft = Draft("Logins fail", "major", [str(house.api)], "investigating", "We are looking.")
    incidents.post(session, house.responder, draft, NOW)
    page = show(session)
    assert page.headline == "We are working on an incident with API. Our measurements find nothing wrong right now."
    assert [one.title for one in page.open_incidents] == ["Logins fail"]
    assert page.unseen == {one.id for one in page.open_incidents}


def test_a_told_failure_needs_no_note_that_nobody_told(session: Session, house: House) -> None:
    worker_at(session, NOW)
    runs(session, 1, [("down", "2026-11-22 11:37", LAST)])
    assert show(session).failure == Failure(at("2026-11-22 11:37"), ("This machine",), is_told=False)
    draft = Draft("Down", "major", [str(house.api)], "investigating", "We are looking.")
    incidents.post(session, house.responder, draft, NOW)
    page = show(session)
    assert page.failure == Failure(at("2026-11-22 11:37"), ("This machine",), is_told=True)
    assert page.unseen == frozenset()


def test_generated_evidence_says_so(session: Session, house: House) -> None:
    runs(session, 1, [("up", "2026-11-22 08:00", LAST)])
    assert not show(session).is_generated
    runs(session, 2, [("up", "2026-11-22 08:00", LAST)], provenance="generated")
    assert show(session).is_generated


def test_what_is_asked_is_what_is_in_force(session: Session, house: House) -> None:
    probe = session.query(ScheduleRow).order_by(ScheduleRow.id).first()
    assert probe is not None
    for since, interval_s in ((at("2026-11-22 11:00"), 5), (at("2026-11-23 00:00"), 0)):
        session.add(
            ScheduleRow(
                probe_id=probe.probe_id,
                effective_from=since,
                kind="http",
                target={},
                interval_s=interval_s,
                timeout_ms=500,
                latency_limit_ms=200,
                locations=[1],
            )
        )
    session.flush()
    asked = [(one.service, one.interval_s, one.latency_limit_ms) for one in measuring(session, NOW).probes]
    assert asked == [("API", 5, 200), ("Object storage", 60, None)]
    assert [one.service for one in measuring(session, NOW + timedelta(days=1)).probes] == ["Object storage"]


def _add_locations(session: Session, service_id: UUID) -> None:
    session.add(LocationRow(number=2, key="virginia", name="Virginia", allow=[]))
    session.add(LocationRow(number=3, key="tokyo", name="Tokyo", allow=[]))
    schedule = session.query(ScheduleRow).order_by(ScheduleRow.id).first()
    assert schedule is not None
    schedule.locations = [1, 2, 3]
    session.flush()


def _copy_to_location(session: Session, location: int, story: list[tuple[str, str, str]]) -> None:
    for state, first, last in story:
        begun, ended = at(first), at(last)
        run = Run(State(state), None, begun, ended, (ended - begun) // 60 + 1, 60)
        save_runs(session, [((1, location), run)])
