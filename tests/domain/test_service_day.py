"""The seconds of a day always add up to its length, on days of 23 and 25 hours too."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evidence.detection import detect, seconds_by_state
from portal.domain.evidence.latency_sketch import LatencySketch
from portal.domain.evidence.records import Run, Series, State
from portal.domain.evidence.service_day import ServiceDay, service_day
from portal.domain.promises.methodology import Detection, Quorum
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_of

RULES = Detection(confirm_failures=2, quorum=Quorum(mode="majority_of_known"))
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "America/Havana")
ODD_DAYS = (date(2026, 3, 29), date(2026, 10, 25), date(2026, 11, 1), date(2026, 4, 5), date(2011, 12, 30))


def span(day: date, zone: str) -> Interval:
    return Interval(instant_of(day, zone), instant_of(day + timedelta(days=1), zone))


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [(ODD_DAYS[0], "Europe/Berlin", 23), (ODD_DAYS[1], "Europe/Berlin", 25), (ODD_DAYS[4], "Pacific/Apia", 0)],
)
def test_a_day_is_as_long_as_its_clock_says(day: date, zone: str, hours: int) -> None:
    assert span(day, zone).seconds == hours * 3600


@st.composite
def series_around(draw: st.DrawFn, day: Interval) -> Series:
    """Samples every 600 s with states and holes as they come, from hours before the day to hours after it."""
    runs: list[Run] = []
    at = day.start - 7_200 + draw(st.integers(0, 599))
    for _ in range(draw(st.integers(0, 25))):
        at += 600 * draw(st.integers(1, 4))
        count = draw(st.integers(1, 40))
        state = draw(st.sampled_from(State))
        reason = draw(st.sampled_from(["overrun", "clock_step", "probe_gap"])) if state is State.UNKNOWN else None
        runs.append(Run(state, reason, at, at + (count - 1) * 600, count, 600))
        at = runs[-1].last
    return Series(draw(st.sampled_from(["here", "there"])), f"probe-{draw(st.integers(1, 2))}", 600, tuple(runs))


@st.composite
def days(draw: st.DrawFn) -> tuple[Interval, list[Series], list[Interval], int | None]:
    zone = draw(st.sampled_from(ZONES))
    day = span(draw(st.sampled_from(ODD_DAYS) | st.dates(date(2024, 1, 1), date(2028, 12, 30))), zone)
    instants = st.integers(day.start - 4_000, day.end + 4_000)
    excluded = [Interval(*sorted(pair)) for pair in draw(st.lists(st.tuples(instants, instants), max_size=3))]
    series = draw(st.lists(series_around(day), max_size=3))
    first = min((one.runs[0].first for one in series if one.runs), default=None)
    return day, series, excluded, first


@given(days())
def test_the_seconds_of_a_day_add_up_to_its_length(
    drawn: tuple[Interval, list[Series], list[Interval], int | None],
) -> None:
    day, series, excluded, first = drawn
    timeline = detect(series, RULES, day)
    made = service_day(day, timeline, tuple(excluded), first, is_generated=False, latencies=LatencySketch())
    assert made.seconds == day.seconds
    numbers = (made.up_s, made.degraded_s, made.down_s, made.unknown_s, made.excluded_s, made.unmeasured_s)
    assert min(numbers) >= 0
    assert made.unmeasured_s <= made.unknown_s


@given(days())
def test_without_exclusions_a_day_is_what_its_states_say(
    drawn: tuple[Interval, list[Series], list[Interval], int | None],
) -> None:
    day, series, _, first = drawn
    timeline = detect(series, RULES, day)
    made = service_day(day, timeline, (), first, is_generated=False, latencies=LatencySketch())
    (expected,) = seconds_by_state(timeline, (day.start, day.end))
    found = (made.up_s, made.degraded_s, made.down_s, made.unknown_s)
    assert found == (expected.up, expected.degraded, expected.down, expected.unknown)


def test_an_exclusion_goes_before_everything() -> None:
    day = span(date(2026, 11, 5), "UTC")
    runs = (
        Run(State.UP, None, day.start, day.start + 1_800, 4, 600),
        Run(State.DOWN, None, day.start + 2_400, day.end - 600, 140, 600),
    )
    timeline = detect([Series("here", "probe", 600, runs)], RULES, day)
    made = service_day(
        day,
        timeline,
        (Interval(day.start, day.start + 43_200),),
        day.start,
        is_generated=True,
        latencies=LatencySketch(),
    )
    last = (State.DOWN, day.start + 2_400)
    assert made == ServiceDay(day.start, day.end, 0, 0, 43_200, 0, 43_200, 0, *last, True, LatencySketch())


@given(days())
def test_a_day_says_as_what_it_ended_and_since_when(
    drawn: tuple[Interval, list[Series], list[Interval], int | None],
) -> None:
    day, series, excluded, first = drawn
    timeline = detect(series, RULES, day)
    made = service_day(day, timeline, tuple(excluded), first, is_generated=False, latencies=LatencySketch())
    is_before = first is None or max(first, day.start) >= day.end
    assert (made.last_state is None) == is_before == (made.last_since is None)
    if first is not None and made.last_since is not None:
        assert max(first, day.start) <= made.last_since < day.end
        its_end = detect(series, RULES, Interval(made.last_since, day.end)).segments
        assert {one.state for one in its_end} == {made.last_state}
        if made.last_since > max(first, day.start):
            before = detect(series, RULES, Interval(made.last_since - 1, day.end)).segments
            assert before[0].state is not made.last_state
