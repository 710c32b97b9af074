"""Periods are cut from local dates in the contract's zone (R2, R3)."""

from datetime import date, datetime
from zoneinfo import available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantities.periods import Period, following, period_from, period_of, preceding
from portal.domain.quantities.zones import (
    instant_of,
    instant_text,
    local_dates,
    local_text,
    local_time,
    parse_instant,
    read_zone,
    zone,
)

ZONES = sorted(name for name in available_timezones() if "/" in name)
RULES: list[dict[str, object]] = [
    {"kind": "calendar_month"},
    {"kind": "calendar_quarter"},
    {"kind": "calendar_year"},
    {"kind": "fiscal_quarter", "fiscal_year_start_month": 2},
    {"kind": "billing_month", "anchor_day": 31},
    {"kind": "billing_month", "anchor_day": 15},
]
instants = st.integers(parse_instant("1990-01-01T00:00:00Z"), parse_instant("2090-01-01T00:00:00Z"))


@pytest.mark.parametrize(
    ("local", "place", "instant"),
    [
        ("2023-10-01", "America/Asuncion", "2023-10-01T04:00:00Z"),
        ("2026-11-01", "America/Havana", "2026-11-01T04:00:00Z"),
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00:00Z"),
        ("2026-06-01", "Asia/Kathmandu", "2026-05-31T18:15:00Z"),
    ],
)
def test_a_skipped_midnight_is_the_end_of_the_gap_and_a_repeated_one_its_first(
    local: str, place: str, instant: str
) -> None:
    assert instant_text(instant_of(date.fromisoformat(local), place)) == instant


def test_a_time_inside_a_gap_is_the_first_second_after_it() -> None:
    skipped = datetime.fromisoformat("2026-03-29T02:30:00")
    assert instant_text(instant_of(skipped, "Europe/Paris")) == "2026-03-29T01:00:00Z"


@given(st.sampled_from(ZONES), instants)
def test_no_wall_clock_before_a_local_midnight_shows_that_date(place: str, instant: int) -> None:
    day = local_time(instant, place).date()
    midnight = instant_of(day, place)
    assert local_time(midnight, place).date() >= day
    assert local_time(midnight - 1, place).date() < day


@pytest.mark.parametrize(
    ("start", "end", "place", "hours"),
    [
        ("2026-03-01", "2026-04-01", "Europe/Paris", 743),
        ("2026-10-01", "2026-11-01", "Europe/Paris", 745),
        ("2011-12-01", "2012-01-01", "Pacific/Apia", 720),
        ("2016-12-01", "2017-01-01", "UTC", 744),
    ],
)
def test_a_month_has_the_real_hours_between_its_midnights(start: str, end: str, place: str, hours: int) -> None:
    period = period_from({"kind": "calendar_month", "start": start, "end": end}, place)
    assert period.seconds == hours * 3600


def test_a_date_that_the_zone_skipped_is_no_date_of_the_period() -> None:
    december = period_of({"kind": "calendar_month"}, "Pacific/Apia", parse_instant("2011-12-10T00:00:00Z"))
    assert local_dates(december.start, december.end, december.timezone) == 30


@pytest.mark.parametrize(
    ("instant", "start", "end"),
    [
        ("2026-02-15T00:00:00Z", "2026-01-31", "2026-02-28"),
        ("2026-02-28T00:00:00Z", "2026-02-28", "2026-03-31"),
        ("2026-03-31T00:00:00Z", "2026-03-31", "2026-04-30"),
    ],
)
def test_a_billing_month_is_clamped_and_its_anchor_stays(instant: str, start: str, end: str) -> None:
    period = period_of({"kind": "billing_month", "anchor_day": 31}, "UTC", parse_instant(instant))
    assert (period.start_local, period.end_local) == (start, end)


@given(st.sampled_from(RULES), st.sampled_from(ZONES), instants)
def test_a_period_holds_its_instant_and_its_neighbours_touch_it(
    rule: dict[str, object], place: str, instant: int
) -> None:
    period = period_of(rule, place, instant)
    assert period.start <= instant < period.end
    assert following(period, rule).start == period.end
    assert preceding(period, rule).end == period.start
    assert period_of(rule, place, period.end - 1) == period


def test_a_fiscal_quarter_starts_with_the_fiscal_year() -> None:
    rule = {"kind": "fiscal_quarter", "fiscal_year_start_month": 2}
    period = period_of(rule, "UTC", parse_instant("2026-01-15T00:00:00Z"))
    assert (period.start_local, period.end_local, period.months) == ("2025-11-01", "2026-02-01", 3)


def test_a_rolling_window_is_real_seconds_and_moves_by_itself() -> None:
    rule: dict[str, object] = {"kind": "rolling", "seconds": 2592000, "as_of": "2026-04-01T12:00:00Z"}
    period = period_from(rule, "Europe/Paris")
    assert (instant_text(period.start), period.seconds) == ("2026-03-02T12:00:00Z", 2592000)
    assert following(period, rule).start == period.end
    assert preceding(period, rule).end == period.start


def test_a_custom_period_takes_local_dates_local_times_and_instants() -> None:
    dates = period_from({"kind": "custom", "start": "2026-06-01", "end": "2026-06-02"}, "Asia/Tokyo")
    times = period_from({"kind": "custom", "start": "2026-06-01T00:00:00", "end": "2026-06-01T15:00:00Z"}, "Asia/Tokyo")
    assert dates == times
    assert period_of({"kind": "custom", "start": "2026-06-01", "end": "2026-06-02"}, "Asia/Tokyo", dates.start) == dates


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ({"kind": "moon"}, "'moon' is not a kind of period"),
        ({"kind": "custom", "start": "2026-06-01"}, "needs 'end'"),
        ({"kind": "custom", "start": "June", "end": "July"}, "'June' is not a local date"),
        ({"kind": "custom", "start": "2026-06-02", "end": "2026-06-01"}, "ends before it starts"),
    ],
)
def test_a_wrong_period_is_refused_with_a_sentence(rule: dict[str, object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        period_from(rule, "UTC")


@pytest.mark.parametrize(
    "rule",
    [
        {"kind": "fiscal_quarter"},
        {"kind": "fiscal_quarter", "fiscal_year_start_month": 13},
        {"kind": "billing_month", "anchor_day": 0},
        {"kind": "billing_month", "anchor_day": True},
        {"kind": "rolling"},
        {"kind": "fortnight"},
        {"kind": "custom", "start": "2026-01-01", "end": "2026-01-02"},
    ],
)
def test_a_rule_without_its_keys_or_off_its_instant_is_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"period|month|day"):
        period_of(rule, "UTC", parse_instant("2026-06-15T00:00:00Z"))


def test_a_custom_period_has_no_neighbours() -> None:
    rule: dict[str, object] = {"kind": "custom", "start": "2026-06-01", "end": "2026-07-01"}
    period = period_from(rule, "UTC")
    for step in (following, preceding):
        with pytest.raises(ValueError, match="custom period has no"):
            step(period, rule)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "../UTC", "America", "a\0b", "x" * 200])
def test_a_zone_that_does_not_exist_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="is not the name of a time zone"):
        zone(name)
    with pytest.raises(ValueError, match="must be the name of a time zone"):
        read_zone(name)


@pytest.mark.parametrize("text", ["2026-06-10", "2026-06-10T10:00:00", "2026-06-10T10:00:00.5Z", "soon", ""])
def test_an_instant_needs_a_zone_and_whole_seconds(text: str) -> None:
    with pytest.raises(ValueError, match=r"2026-06-10|soon|''"):
        parse_instant(text)


def test_a_period_end_inside_a_day_is_told_with_its_time() -> None:
    assert local_text(parse_instant("2026-06-10T10:00:00Z"), "UTC") == "2026-06-10T10:00:00"
    assert isinstance(period_of({"kind": "calendar_month"}, "UTC", 0), Period)
