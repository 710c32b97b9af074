"""Half-open intervals obey the laws of sets of seconds (R1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantities.intervals import (
    Interval,
    Intervals,
    Measure,
    clip,
    intersect,
    lies_within,
    subtract,
    total_seconds,
    union,
)

pairs = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: Interval(min(pair), max(pair)))
reports = st.lists(pairs, max_size=12)


def seconds(intervals: object) -> set[int]:
    assert isinstance(intervals, list | tuple)
    return {second for one in intervals for second in range(one.start, one.end)}


def is_plain(intervals: Intervals) -> bool:
    ends = [edge for one in intervals for edge in (one.start, one.end)]
    return ends == sorted(set(ends))


def test_an_interval_from_a_to_a_is_empty() -> None:
    assert Interval(5, 5).seconds == 0
    assert union([Interval(5, 5)]) == ()


def test_touching_intervals_neither_overlap_nor_leave_a_gap() -> None:
    assert union([Interval(0, 5)], [Interval(5, 9)]) == (Interval(0, 9),)
    assert intersect((Interval(0, 5),), (Interval(5, 9),)) == ()


@given(reports, reports)
def test_a_union_covers_what_either_covers_and_is_plain(first: list[Interval], second: list[Interval]) -> None:
    together = union(first, second)
    assert seconds(together) == seconds(first) | seconds(second)
    assert is_plain(together)


@given(reports)
def test_the_order_of_reports_does_not_matter(given_reports: list[Interval]) -> None:
    assert union(given_reports) == union(given_reports[::-1])


@given(reports, reports)
def test_an_intersection_covers_what_both_cover(first: list[Interval], second: list[Interval]) -> None:
    common = intersect(union(first), union(second))
    assert seconds(common) == seconds(first) & seconds(second)
    assert is_plain(common)


@given(reports, reports)
def test_a_difference_covers_what_only_the_first_covers(first: list[Interval], second: list[Interval]) -> None:
    left = subtract(union(first), union(second))
    assert seconds(left) == seconds(first) - seconds(second)
    assert is_plain(left)


@given(reports, st.integers(0, 60), st.integers(0, 60))
def test_the_parts_before_inside_and_after_a_period_add_up(given_reports: list[Interval], a: int, b: int) -> None:
    whole, (start, end) = union(given_reports), sorted((a, b))
    parts = [clip(whole, 0, start), clip(whole, start, end), clip(whole, end, 61)]
    assert sum(map(total_seconds, parts)) == total_seconds(whole)


@given(reports, st.integers(-5, 65), st.integers(-5, 65))
def test_a_measure_counts_the_seconds_inside_any_interval(given_reports: list[Interval], a: int, b: int) -> None:
    whole, (start, end) = union(given_reports), sorted((a, b))
    assert Measure(whole).within(start, end) == total_seconds(clip(whole, start, end))


@given(reports, reports)
def test_a_list_lies_within_another_when_each_of_its_intervals_does(
    first: list[Interval], second: list[Interval]
) -> None:
    inner, outer = union(first), union(second)
    assert lies_within(inner, outer) == (seconds(inner) <= seconds(outer))


def test_intervals_cannot_be_changed() -> None:
    with pytest.raises(AttributeError):
        Interval(0, 1).start = 3  # type: ignore[misc]
