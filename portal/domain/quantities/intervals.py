"""Half-open intervals of UTC seconds and their algebra, by linear merges of sorted lists (semantics.md R1)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from operator import attrgetter
from typing import Protocol

_FIRST_SECOND = attrgetter("start")
_AFTER_LAST = attrgetter("end")


class Span(Protocol):
    """Anything that lasts from its `start` up to, but not including, its `end`, in UTC seconds."""

    @property
    def start(self) -> int:
        """The first second."""
        ...

    @property
    def end(self) -> int:
        """The first second after it."""
        ...


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The integer UTC seconds from `start` up to, but not including, `end`."""

    start: int
    end: int

    @property
    def seconds(self) -> int:
        """Length in seconds, never negative."""
        return max(self.end - self.start, 0)


Intervals = tuple[Interval, ...]


def union(*lists: Iterable[Interval]) -> Intervals:
    """The seconds covered by any interval of any list, sorted, disjoint, touching ones joined (R7).

    The lists may be unsorted and may overlap; empty intervals vanish.
    """
    given = [one for one in map(tuple, lists) if one]
    if len(given) == 1 and _is_united(given[0]):
        return given[0]
    return covered(one for each in given for one in each)


def covered(spans: Iterable[Span]) -> Intervals:
    """The seconds in any of the spans, sorted, disjoint, touching ones joined; empty spans vanish."""
    merged: list[Interval] = []
    start = end = 0
    for one in sorted(spans, key=_FIRST_SECOND):
        if one.start > end or end <= start:
            if end > start:
                merged.append(Interval(start, end))
            start, end = one.start, one.end
        elif one.end > end:
            end = one.end
    if end > start:
        merged.append(Interval(start, end))
    return tuple(merged)


def _is_united(intervals: Sequence[Interval]) -> bool:
    """Whether a list is sorted, disjoint, without touching or empty intervals already."""
    reached = intervals[0].start - 1
    for one in intervals:
        if one.start <= reached or one.end <= one.start:
            return False
        reached = one.end
    return True


def intersect(first: Sequence[Interval], second: Sequence[Interval]) -> Intervals:
    """The seconds in both of two sorted disjoint lists."""
    common: list[Interval] = []
    i = j = 0
    first_count, second_count = len(first), len(second)
    while i < first_count and j < second_count:
        one, other = first[i], second[j]
        start = one.start if one.start > other.start else other.start
        if one.end < other.end:
            end = one.end
            i += 1
        else:
            end = other.end
            j += 1
        if start < end:
            common.append(Interval(start, end))
    return tuple(common)


def subtract(first: Sequence[Interval], second: Sequence[Span]) -> Intervals:
    """The seconds in the first and not in the second of two sorted disjoint lists."""
    if not first or not second:
        return tuple(first)
    left: list[Interval] = []
    j = bisect_right(second, first[0].start, key=_AFTER_LAST)
    after = bisect_left(second, first[-1].end, key=_FIRST_SECOND)
    for one in first:
        start, end = one.start, one.end
        while j < after:
            cut = second[j]
            if cut.start >= end:
                break
            if cut.start > start:
                left.append(Interval(start, cut.start))
            if cut.end > start:
                start = cut.end
            if start >= end:
                break
            j += 1
        if start < end:
            left.append(one if start == one.start else Interval(start, end))
    return tuple(left)


def lies_within(first: Sequence[Interval], second: Sequence[Interval]) -> bool:
    """Whether each interval of a sorted disjoint list lies in one interval of another."""
    j, count = 0, len(second)
    for one in first:
        while j < count and second[j].end < one.end:
            j += 1
        if j == count or second[j].start > one.start:
            return False
    return True


def clip(intervals: Sequence[Interval], start: int, end: int) -> Intervals:
    """What lies inside [start, end) of a sorted disjoint list (R4)."""
    first = bisect_right(intervals, start, key=_AFTER_LAST)
    after = bisect_left(intervals, end, first, key=_FIRST_SECOND)
    inside = list(intervals[first:after])
    if inside and inside[0].start < start:
        inside[0] = Interval(start, inside[0].end)
    if inside and inside[-1].end > end:
        inside[-1] = Interval(inside[-1].start, end)
    return tuple(inside) if len(inside) != 1 or inside[0].seconds else ()


def total_seconds(intervals: Iterable[Interval]) -> int:
    """Sum of the lengths in seconds; the list must be disjoint for this to be a measure of time."""
    return sum(one.end - one.start for one in intervals if one.start < one.end)


class Measure:
    """How many seconds of a sorted disjoint list lie in any interval, by bisection."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]
        self._before = [0, *accumulate(span.end - span.start for span in spans)]

    def within(self, start: int, end: int) -> int:
        """Seconds of the list in [start, end)."""
        return self._until(end) - self._until(start)

    def _until(self, at: int) -> int:
        place = bisect_right(self._starts, at)
        if place == 0:
            return 0
        return self._before[place] - max(self._ends[place - 1] - at, 0)
