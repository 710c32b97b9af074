"""The measured interval cut into stretches of one class each, with reasons and held seconds (the pipeline)."""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import chain
from operator import attrgetter

from portal.domain.evaluation.reports import Reasoned
from portal.domain.evaluation.result import Kind, Stretch
from portal.domain.evidence.detection import Segment, Timeline
from portal.domain.quantities.intervals import Interval, Measure, Span

_UP, _UNKNOWN = Kind.UP, Kind.UNKNOWN
_NOT_SEEN = (Kind.EXCLUDED, Kind.REMAINING, Kind.UNKNOWN)
"""Kinds by a name of their own: looked up in their class they cost more than all else in a loop (until Python 3.12)."""


def without(stretches: Sequence[Stretch], removed: Sequence[Span]) -> Sequence[Stretch]:
    """What is left of sorted disjoint stretches outside sorted disjoint spans."""
    if not removed or not stretches:
        return stretches
    left: list[Stretch] = []
    position = 0
    for one in stretches:
        start = one.start
        while position < len(removed) and removed[position].end <= start:
            position += 1
        at = position
        while at < len(removed) and removed[at].start < one.end:
            if removed[at].start > start:
                left.append(one._replace(start=start, end=removed[at].start))
            start = removed[at].end
            at += 1
        if start == one.start:
            left.append(one)
        elif start < one.end:
            left.append(one._replace(start=start))
    return left


def unknown_stretches(unknown: Iterable[Reasoned], within: Interval, weight: Fraction) -> list[Stretch]:
    """Disjoint stretches of unknown time inside an interval; where two reasons overlap the earlier one stands."""
    stretches: list[Stretch] = []
    reached = within.start
    for start, end, reason in unknown:
        start, end = max(start, reached), min(end, within.end)
        if start >= end:
            continue
        reached = end
        if stretches and stretches[-1].end == start and stretches[-1].reason == reason:
            start = stretches.pop().start
        stretches.append(Stretch(start, end, _UNKNOWN, reason, weight))
    return stretches


def in_order(*layers: Sequence[Stretch]) -> list[Stretch]:
    """The stretches of disjoint layers by their start."""
    given = [layer for layer in layers if layer]
    if len(given) == 1:
        return list(given[0])
    return sorted(chain.from_iterable(given), key=attrgetter("start"))


def partition(measured: Interval, pieces: Iterable[Stretch], timeline: Timeline | None) -> tuple[Stretch, ...]:
    """The measured interval cut by sorted disjoint pieces; what none of them covers is up.

    With a timeline every stretch gets its held seconds, and those that saw a failure the failing locations.
    """
    whole = _filled(pieces, measured)
    if timeline is None or not timeline.segments:
        return tuple(whole)
    return tuple(_held(whole, timeline.segments))


def _filled(pieces: Iterable[Stretch], measured: Interval) -> list[Stretch]:
    whole: list[Stretch] = []
    at = measured.start
    for one in pieces:
        if one.start > at:
            whole.append(Stretch(at, one.start, _UP))
        whole.append(one)
        at = one.end
    if at < measured.end:
        whole.append(Stretch(at, measured.end, _UP))
    return whole


def _held(stretches: Iterable[Stretch], segments: Sequence[Segment]) -> Iterator[Stretch]:
    held = Measure([one for one in segments if one.held])
    position = 0
    for one in stretches:
        if one.kind in _NOT_SEEN:
            yield one
            continue
        while position < len(segments) and segments[position].end <= one.start:
            position += 1
        locations = () if one.kind is _UP and one.reason is None else _failing(segments, position, one.end)
        seconds = held.within(one.start, one.end)
        if seconds or locations:
            yield one._replace(held_seconds=seconds, locations=locations)
        else:
            yield one


def _failing(segments: Sequence[Segment], position: int, end: int) -> tuple[str, ...]:
    names: set[str] = set()
    while position < len(segments) and segments[position].start < end:
        names.update(segments[position].failing)
        position += 1
    return tuple(sorted(names))
