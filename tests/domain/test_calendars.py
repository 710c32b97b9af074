"""Business calendars in real seconds."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.calendars import open_intervals
from portal.domain.promises.business_hours import BusinessHours, Site
from portal.domain.quantities.intervals import total_seconds
from portal.domain.quantities.zones import instant_text, parse_instant

Week = tuple[tuple[tuple[int, int], ...], ...]
HOUR = 3600
NINE_TO_FIVE: Week = (((540, 1020),),) * 5 + ((), ())
ROUND_THE_WEEK = (((0, 1440),),) * 7


def site(timezone: str = "Europe/Paris", hours: Week = NINE_TO_FIVE, *holidays: str) -> Site:
    days = tuple(datetime.fromisoformat(day).date() for day in holidays)
    return Site(timezone, hours, days)


def told(hours: BusinessHours | None, start: str, end: str) -> list[str]:
    found = open_intervals(hours, parse_instant(start), parse_instant(end))
    return [f"{instant_text(one.start)[5:16]} {instant_text(one.end)[5:16]}" for one in found]


def test_a_week_is_open_on_its_five_days() -> None:
    hours = BusinessHours((site(),))
    open_days = open_intervals(hours, parse_instant("2026-06-08T00:00:00Z"), parse_instant("2026-06-15T00:00:00Z"))
    assert len(open_days) == 5
    assert total_seconds(open_days) == 40 * HOUR


def test_open_time_is_clipped_to_what_is_asked() -> None:
    hours = BusinessHours((site(),))
    assert told(hours, "2026-06-10T08:00:00Z", "2026-06-10T09:30:00Z") == ["06-10T08:00 06-10T09:30"]
    assert told(hours, "2026-06-10T16:00:00Z", "2026-06-11T06:00:00Z") == []
    assert told(hours, "2026-06-10T09:00:00Z", "2026-06-10T09:00:00Z") == []


def test_without_hours_it_is_open_around_the_clock() -> None:
    assert told(None, "2026-06-13T00:00:00Z", "2026-06-14T00:00:00Z") == ["06-13T00:00 06-14T00:00"]


@pytest.mark.parametrize(
    ("day", "hours_open"),
    [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-10", 24)],
)
def test_a_whole_day_on_a_clock_change_has_its_real_hours(day: str, hours_open: int) -> None:
    hours = BusinessHours((site("Europe/Paris", ROUND_THE_WEEK),))
    start = datetime.fromisoformat(day).replace(tzinfo=ZoneInfo("Europe/Paris"))
    midday = int((start + timedelta(hours=12)).timestamp())
    around = open_intervals(hours, midday - 40 * HOUR, midday + 40 * HOUR)
    assert len(around) == 1
    ends = [int((start + timedelta(days=n)).astimezone(UTC).timestamp()) for n in (0, 1)]
    assert total_seconds(open_intervals(hours, ends[0], ends[1])) == hours_open * HOUR


def test_a_night_shift_over_a_skipped_hour_is_an_hour_shorter() -> None:
    nights = (((60, 300),),) * 7
    hours = BusinessHours((site("Europe/Paris", nights),))
    assert told(hours, "2026-03-28T20:00:00Z", "2026-03-29T10:00:00Z") == ["03-29T00:00 03-29T03:00"]


def test_a_date_that_a_zone_skipped_has_no_open_time() -> None:
    hours = BusinessHours((site("Pacific/Apia", ROUND_THE_WEEK, "2011-12-29", "2011-12-31"),))
    assert told(hours, "2011-12-29T11:00:00Z", "2011-12-31T09:00:00Z") == []


def test_a_holiday_closes_one_site() -> None:
    hours = BusinessHours((site("UTC", NINE_TO_FIVE, "2026-06-10"),))
    assert told(hours, "2026-06-10T00:00:00Z", "2026-06-11T00:00:00Z") == []


def test_several_sites_add_up_and_close_only_on_a_holiday_of_all() -> None:
    early = (((0, 600),),) * 7
    late = (((540, 1200),),) * 7
    one_on_holiday = BusinessHours((site("UTC", early, "2026-06-10"), site("UTC", late)))
    all_on_holiday = BusinessHours((site("UTC", early, "2026-06-10"), site("UTC", late, "2026-06-10", "2026-06-11")))
    day = ("2026-06-10T00:00:00Z", "2026-06-11T00:00:00Z")
    assert told(one_on_holiday, *day) == ["06-10T00:00 06-10T20:00"]
    assert told(all_on_holiday, *day) == []


zones = st.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "America/Havana"])
starts = st.integers(1_700_000_000, 1_830_000_000)


@given(zones, starts, st.integers(0, 20 * 86400), st.integers(0, 20 * 86400))
def test_open_time_of_two_spans_adds_up_to_that_of_both(zone: str, start: int, first: int, second: int) -> None:
    hours = BusinessHours((site(zone),))
    parts = total_seconds(open_intervals(hours, start, start + first)) + total_seconds(
        open_intervals(hours, start + first, start + first + second)
    )
    assert total_seconds(open_intervals(hours, start, start + first + second)) == parts


@given(zones, starts)
def test_every_minute_is_open_exactly_when_the_wall_clock_is_inside_a_shift(zone: str, start: int) -> None:
    hours = BusinessHours((site(zone),))
    start -= start % 60
    found = open_intervals(hours, start, start + 3 * 86400)
    for minute in range(start, start + 3 * 86400, 1860):
        wall = datetime.fromtimestamp(minute, ZoneInfo(zone))
        inside = wall.weekday() < 5 and 540 <= wall.hour * 60 + wall.minute < 1020
        assert any(one.start <= minute < one.end for one in found) == inside
