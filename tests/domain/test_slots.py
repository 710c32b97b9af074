"""When probes are due (decision D5, trust.md E1)."""

from collections import Counter
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantities.slots import Schedule, interval_at, latest_slot, next_slot, offset, slots_between

intervals = st.sampled_from([0, 1, 5, 7, 30, 60, 300])
locations = st.sets(st.integers(1, 3))


def schedule(
    effective_from: int, interval_s: int, places: set[int] | tuple[int, ...] = (1,), probe: int = 7
) -> Schedule:
    return Schedule(7, effective_from, interval_s, tuple(sorted(places)), "tcp", {"address": "host:1"}, 1000)


@st.composite
def histories(draw: st.DrawFn) -> tuple[Schedule, ...]:
    starts = sorted(draw(st.sets(st.integers(0, 2_000), min_size=1, max_size=4)))
    return tuple(schedule(start, draw(intervals), draw(locations)) for start in starts)


def brute_force(schedules: tuple[Schedule, ...], location: int, start: int, end: int) -> list[int]:
    found = []
    for second in range(start, end):
        governing = [version for version in schedules if version.effective_from <= second]
        if governing and governing[-1].interval_s and location in governing[-1].locations:
            interval_s = governing[-1].interval_s
            if second % interval_s == offset(7, location, interval_s):
                found.append(second)
    return found


@given(histories(), st.integers(1, 3), st.integers(0, 2_500), st.integers(0, 700))
def test_slots_are_those_of_the_schedule_that_governs_each_second(
    schedules: tuple[Schedule, ...], location: int, start: int, length: int
) -> None:
    slots = list(chain.from_iterable(slots_between(schedules, location, start, start + length)))
    assert slots == brute_force(schedules, location, start, start + length)


@given(histories(), st.integers(1, 3), st.integers(0, 2_500))
def test_the_next_slot_is_the_first_one_after(schedules: tuple[Schedule, ...], location: int, after: int) -> None:
    found = next_slot(schedules, location, after)
    expected = brute_force(schedules, location, after + 1, 3_500)
    assert (found[0] if found else None) == (expected[0] if expected else None)
    assert found is None or found[1].interval_s == interval_at(schedules, found[0])


@given(histories(), st.integers(1, 3), st.integers(0, 2_500))
def test_the_latest_slot_is_the_last_one_up_to_now(schedules: tuple[Schedule, ...], location: int, now: int) -> None:
    found = latest_slot(schedules, location, now)
    expected = brute_force(schedules, location, 0, now + 1)
    assert (found[0] if found else None) == (expected[-1] if expected else None)


def test_an_interval_of_zero_ends_the_probe() -> None:
    schedules = (schedule(0, 60), schedule(600, 0))
    assert next_slot(schedules, 1, 599) is None
    assert sum(len(slots) for slots in slots_between(schedules, 1, 0, 6_000)) == 10


@pytest.mark.parametrize("interval_s", [1, 2, 60, 3600])
def test_the_offset_lies_within_the_interval_and_never_changes(interval_s: int) -> None:
    assert 0 <= offset(1, 1, interval_s) < interval_s
    assert offset(1, 1, interval_s) == offset(1, 1, interval_s)


def test_the_offsets_written_here_hold_for_every_release() -> None:
    assert [offset(probe, 1, 60) for probe in range(1, 6)] == [22, 22, 8, 9, 39]


def test_probes_of_one_interval_are_spread_over_it() -> None:
    each_second = Counter(offset(probe, 1, 60) for probe in range(1, 10_001))
    assert len(each_second) == 60
    assert max(each_second.values()) < 250


def test_a_century_of_slots_costs_no_more_than_a_minute_of_them() -> None:
    (slots,) = slots_between((schedule(0, 1),), 1, 0, 3_155_760_000)
    assert len(slots) == 3_155_760_000
