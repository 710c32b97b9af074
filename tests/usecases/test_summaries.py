"""Days of services are kept ready: made when they are over, made anew when their evidence changes, and only then."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.database import begin, reading, transaction
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, State
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_of
from portal.store.evidence import summaries
from portal.store.evidence.runs import save_runs
from portal.store.evidence.summaries import ServiceDayRow
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.measuring.services import ServiceRow
from portal.store.people.providers import ProviderRow
from portal.usecases.keeping.summaries import Bar, bars_of, rebuild_day, refresh_summaries
from portal.usecases.measuring import measurement
from portal.usecases.status import public_status
from tests import customers
from tests.customers import House, at, utc
from tests.measuring import add_probes

BERLIN = "Europe/Berlin"
NOW = utc("2026-11-02 12:00:00")
"""A Monday a week after the clocks went back in Berlin."""
FIRST = at("2026-10-20 08:00")
LEASE_MS = 15_000
KEPT = 14


@pytest.fixture
def house(session: Session) -> Iterator[House]:
    begin(session, write=True)
    with provider_scope():
        house = customers.build(session)
        session.add(ProviderRow(id=new_id(), name="Northwind", timezone=BERLIN, contact="mail@northwind.example"))
        session.commit()
        yield house


def refresh_all(session: Session, now: datetime = NOW) -> int:
    made = 0
    while found := refresh_summaries(session, now, KEPT):
        made += found
    return made


def span(day: date) -> Interval:
    return Interval(instant_of(day, BERLIN), instant_of(day + timedelta(days=1), BERLIN))


def stored(session: Session, service: UUID, day: date) -> Bar | None:
    with reading(session):
        return bars_of(session, [service], [span(day)]).get(service, {}).get(span(day).start)


def slots(first: str, last: str) -> range:
    return range(at(first), at(last) + 1, 60)


def record(session: Session, samples: list[Sample], now: datetime = NOW) -> None:
    leadership = measurement.lead(session, "a", int(now.timestamp()) * 1000, LEASE_MS)
    assert leadership is not None
    measurement.record(session, leadership, samples)
    measurement.resign(session, leadership)


def sample(slot: int, state: State = State.UP, total_ms: int = 120) -> Sample:
    return Sample(1, 1, slot, 60, state, start_offset_ms=3, total_ms=total_ms, monotonic_ms=3, boot=1)


def test_every_day_that_is_over_is_made_once(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:59"))])
    assert refresh_all(session) == 2 * KEPT
    assert refresh_summaries(session, NOW, KEPT) == 0
    whole, long, first, before = (
        stored(session, house.api, day)
        for day in (date(2026, 10, 30), date(2026, 10, 25), date(2026, 10, 20), date(2026, 10, 19))
    )
    assert whole is not None
    assert long is not None
    assert first is not None
    assert before is not None
    assert (whole.up_s, whole.unknown_s) == (86_400, 0)
    assert long.up_s == 25 * 3_600
    assert (first.unmeasured_s, first.unknown_s, first.up_s) == (36_000, 36_000, 50_400)
    assert before.unmeasured_s == before.unknown_s == 86_400
    assert stored(session, house.api, date(2026, 11, 2)) is None
    with reading(session):
        rows = session.scalars(select(ServiceDayRow)).all()
        assert all(
            row.up_s + row.degraded_s + row.down_s + row.unknown_s + row.excluded_s == row.end - row.start
            for row in rows
        )


def test_a_day_is_what_the_public_page_says_of_it(session: Session, house: House) -> None:
    story = [
        ("up", FIRST, at("2026-10-28 10:00")),
        ("down", at("2026-10-28 10:01"), at("2026-10-28 10:31")),
        ("degraded", at("2026-10-28 10:32"), at("2026-10-28 12:00")),
        ("up", at("2026-10-28 14:00"), at("2026-10-29 22:58")),
        ("down", at("2026-10-29 22:59"), at("2026-10-29 23:05")),
        ("up", at("2026-10-29 23:06"), at("2026-11-02 11:59")),
    ]
    with transaction(session):
        customers.runs_at(session, 1, story)
    refresh_all(session)
    with reading(session):
        services = public_status.services_now(session, BERLIN, NOW)
    (api,) = [one for one in services if one.service.key == "api"]
    for shown in api.days[-KEPT:-1]:
        bar = stored(session, house.api, shown.day)
        assert bar is not None
        found = (bar.up_s, bar.degraded_s, bar.down_s, bar.unknown_s - bar.unmeasured_s)
        told = (shown.seconds.up, shown.seconds.degraded, shown.seconds.down, shown.seconds.unknown)
        assert found == told, shown.day
        assert not rebuild_day(session, house.api, shown.day, NOW), "alone it is what it was among its neighbours"


def test_late_samples_make_their_days_anew_and_leave_the_others(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(
            session, 1, [("up", FIRST, at("2026-10-25 23:59")), ("up", at("2026-10-27 00:00"), at("2026-11-02 11:59"))]
        )
    refresh_all(session)
    gap = stored(session, house.api, date(2026, 10, 26))
    record(session, [sample(slot) for slot in slots("2026-10-26 00:00", "2026-10-26 23:59")])
    made = refresh_all(session)
    filled = stored(session, house.api, date(2026, 10, 26))
    assert gap is not None
    assert filled is not None
    assert 1 <= made <= 4
    assert gap.unknown_s > 70_000
    assert (filled.up_s, filled.unknown_s) == (86_400, 0)


def test_samples_of_now_make_nothing_anew(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:58"))])
    refresh_all(session)
    record(session, [sample(at("2026-11-02 11:59"))])
    assert refresh_all(session) == 0


def test_an_earlier_first_sample_makes_every_day_since_anew(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:59"))])
    refresh_all(session)
    record(session, [sample(at("2026-10-19 08:00"))])
    refresh_all(session)
    between = stored(session, house.api, date(2026, 10, 19))
    assert between is not None
    assert (between.unmeasured_s, between.up_s) == (10 * 3_600, 120)


def test_a_day_keeps_how_long_answers_took(session: Session, house: House) -> None:
    day = date(2026, 10, 30)
    answers = [sample(slot, total_ms=100 + slot % 7) for slot in slots("2026-10-29 23:00", "2026-10-30 22:59")]
    late = [sample(at("2026-10-30 23:00"), State.DOWN, 9_000)]
    record(session, answers + late)
    refresh_all(session)
    with reading(session):
        kept = summaries.stored_day(session, house.api, span(day).start)
    assert kept is not None
    assert kept.latencies.total == 1_440


def test_a_sample_that_comes_while_its_day_is_summed_up_is_in_what_is_stored(
    session: Session, rival: Session, house: House
) -> None:
    told = customers.runs_at
    with transaction(session):
        told(
            session, 1, [("up", FIRST, at("2026-10-25 23:59")), ("up", at("2026-10-27 00:00"), at("2026-11-02 11:59"))]
        )
    late = iter([[sample(slot) for slot in slots("2026-10-26 00:00", "2026-10-26 23:59")]])

    def somebody_else_records() -> None:
        for samples in late:
            record(rival, samples)

    day = date(2026, 10, 26)
    made = 0
    while found := refresh_summaries(session, NOW, KEPT, somebody_else_records):
        made += found
        bar = stored(session, house.api, day)
        assert bar is None or bar.up_s == 86_400
    assert made == 2 * KEPT
    bar = stored(session, house.api, day)
    assert bar is not None
    assert (bar.up_s, bar.unknown_s) == (86_400, 0)


def test_days_are_summed_up_while_somebody_else_writes_and_stored_ten_at_a_time(
    session: Session, rival: Session, house: House
) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:59"))])
    begin(rival, write=True)
    writes = []

    def let_it_write() -> None:
        rival.rollback()
        writes.append(1)

    assert refresh_summaries(session, NOW, KEPT, let_it_write) == 2 * KEPT
    assert len(writes) == 3


def test_rebuilding_a_day_changes_nothing_and_says_so(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:59"))])
    refresh_all(session)
    day = date(2026, 10, 25)
    before = stored(session, house.api, day)
    assert not rebuild_day(session, house.api, day, NOW)
    assert stored(session, house.api, day) == before
    with transaction(session):
        session.execute(summaries.DAYS.update().where(summaries.DAYS.c.start == span(day).start).values(up_s=1))
    assert rebuild_day(session, house.api, day, NOW)
    assert stored(session, house.api, day) == before
    assert not rebuild_day(session, house.api, date(2026, 11, 2), NOW), "the day is not over"


def test_a_day_waits_until_a_slow_probe_can_have_confirmed_its_last_failure(session: Session, house: House) -> None:
    hour = 3_600
    with reading(session):
        storage = session.get_one(ServiceRow, house.storage)
    add_probes(session, storage, [("tcp", {"address": "localhost:1"})], interval_s=hour, first=9)
    yesterday = date(2026, 11, 1)
    midnight = span(yesterday).end
    last = midnight - hour // 2
    known = [
        Run(State.UP, None, last - 40 * hour, last - hour, 40, hour),
        Run(State.DOWN, "timeout", last, last, 1, hour),
    ]
    with transaction(session):
        save_runs(session, (((9, 1), run) for run in known))
    refresh_all(session, clock.instant(midnight + 1_200))
    assert stored(session, house.api, yesterday) is not None
    assert stored(session, house.storage, yesterday) is None
    with transaction(session):
        save_runs(session, [((9, 1), Run(State.DOWN, "timeout", last, last + hour, 2, hour))])
    refresh_all(session, clock.instant(midnight + 2 * hour))
    bar = stored(session, house.storage, yesterday)
    assert bar is not None
    assert bar.down_s == hour // 2
    assert not rebuild_day(session, house.storage, yesterday, clock.instant(midnight + 3 * hour))


def test_a_day_whose_evidence_cannot_be_read_holds_up_no_other(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:59"))])
        wrong = at("2026-11-01 12:00")
        save_runs(session, [((2, 1), Run(State.UP, None, wrong, wrong - 60, 1, 60))])
    made = refresh_all(session)
    assert KEPT <= made < 2 * KEPT
    assert all(stored(session, house.api, date(2026, 10, day)) for day in range(20, 32))
    assert stored(session, house.storage, date(2026, 11, 1)) is None
    assert stored(session, house.storage, date(2026, 10, 25)) is not None
    assert refresh_summaries(session, NOW, KEPT) == 0


def test_another_time_zone_of_the_provider_makes_all_days_anew(session: Session, house: House) -> None:
    with transaction(session):
        customers.runs_at(session, 1, [("up", FIRST, at("2026-11-02 11:59"))])
    refresh_all(session)
    with transaction(session):
        provider = session.scalars(select(ProviderRow)).one()
        provider.timezone = "UTC"
    day = Interval(at("2026-10-25 00:00"), at("2026-10-26 00:00"))
    with reading(session):
        assert bars_of(session, [house.api], [day]).get(house.api, {}) == {}
    refresh_all(session)
    with reading(session):
        assert bars_of(session, [house.api], [day])[house.api][day.start].up_s == 86_400
        assert session.scalar(select(func.count()).select_from(ServiceDayRow)) == 2 * KEPT
