"""Samples of all locations to one timeline of states (semantics.md R22–R24, decisions D6 and D23)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from portal.domain.evidence.records import Series, State
from portal.domain.evidence.samples import Span, Spans, spans_of
from portal.domain.promises.methodology import Detection, Quorum
from portal.domain.quantities.intervals import Interval, Intervals, covered

_KNOWN, _FRESH, _DOWN, _DEGRADED = range(4)


_Found = tuple[State, str | None, bool, tuple[str, ...]]
"""State, reason, held and failing locations of an instant."""

_UP: _Found = (State.UP, None, False, ())
_UP_HELD: _Found = (State.UP, None, True, ())


@dataclass(frozen=True, slots=True)
class Segment:
    """One state over [start, end); `held` when no fresh sample supports it, `failing` the locations not up."""

    start: int
    end: int
    state: State
    reason: str | None
    held: bool
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timeline:
    """Segments that partition a window of UTC seconds; `interval_s` is the longest probe interval in it."""

    segments: tuple[Segment, ...]
    interval_s: int

    def intervals(self, state: State) -> Intervals:
        """The seconds in this state, sorted and disjoint."""
        return covered(one for one in self.segments if one.state is state)


@dataclass(frozen=True, slots=True)
class StateNow:
    """A service's state, since when without a break, why if unknown, and the locations that are not up."""

    state: State
    since: int
    reason: str | None
    failing: tuple[str, ...]


class SecondsByState(NamedTuple):
    """Seconds of one stretch of time by state."""

    up: int
    down: int
    degraded: int
    unknown: int

    @property
    def known(self) -> int:
        """The seconds of which the state is known."""
        return self.up + self.down + self.degraded


def detect(series: Sequence[Series], rules: Detection, window: Interval) -> Timeline:
    """The states of a service over the window, by confirmation per location and quorum per instant.

    Several probes at one location speak as one: down if any is confirmed down, else degraded if any is, known if any
    is known. Costs by the number of runs. Raises ValueError for samples out of order.
    """
    locations = sorted({one.location for one in series})
    changes: list[tuple[int, int, int, int]] = []
    reasons: list[list[tuple[int, str]]] = [[] for _ in locations]
    for one in series:
        place = locations.index(one.location)
        spans = spans_of(one, rules)
        _add_changes(changes, place, spans)
        reasons[place] = sorted(reasons[place] + spans.reasons) if reasons[place] else spans.reasons
        changes.extend((at, place, _KNOWN, 0) for at in spans.unknown)
    changes.sort()
    sweep = _Sweep(locations, reasons, rules.quorum, window)
    sweep.run(changes)
    interval_s = max((run.interval_s for one in series for run in one.runs), default=0)
    return Timeline(tuple(sweep.segments), interval_s)


def state_now(series: Sequence[Series], rules: Detection, as_of: int) -> StateNow:
    """The state at the second `as_of` and since when, from the samples up to it."""
    first = min((one.runs[0].first for one in series if one.runs), default=as_of)
    return state_at_end(detect(series, rules, Interval(min(first, as_of), as_of + 1)))


def state_at_end(timeline: Timeline) -> StateNow:
    """The state at the last second of a timeline and since when, as far back as it reaches."""
    return state_before(timeline, Interval(timeline.segments[0].start, timeline.segments[-1].end))


def state_before(timeline: Timeline, span: Interval) -> StateNow:
    """The state at the last second of a span that a timeline covers and since when, as far back as the span reaches."""
    place = bisect_left(timeline.segments, span.end, key=lambda one: one.start) - 1
    last = timeline.segments[place]
    since = last.start
    while since > span.start and place > 0 and timeline.segments[place - 1].state is last.state:
        place -= 1
        since = timeline.segments[place].start
    return StateNow(last.state, max(since, span.start), last.reason, last.failing)


def seconds_by_state(timeline: Timeline, boundaries: Sequence[int]) -> tuple[SecondsByState, ...]:
    """Seconds of each state between neighbouring boundaries, for bars; time outside the timeline is unknown."""
    bars = []
    position = 0
    segments = timeline.segments
    for start, end in pairwise(boundaries):
        while position < len(segments) and segments[position].end <= start:
            position += 1
        bars.append(_seconds_between(_until(segments, position, end), start, end))
    return tuple(bars)


def _seconds_between(segments: Iterable[Segment], start: int, end: int) -> SecondsByState:
    up = down = degraded = 0
    for segment in segments:
        seconds = min(segment.end, end) - max(segment.start, start)
        if segment.state is State.UP:
            up += seconds
        elif segment.state is State.DOWN:
            down += seconds
        elif segment.state is State.DEGRADED:
            degraded += seconds
    return SecondsByState(up, down, degraded, end - start - up - down - degraded)


def _until(segments: Sequence[Segment], position: int, end: int) -> Iterable[Segment]:
    while position < len(segments) and segments[position].start < end:
        yield segments[position]
        position += 1


def _add_changes(changes: list[tuple[int, int, int, int]], place: int, spans: Spans) -> None:
    fields: tuple[tuple[int, list[Span]], ...] = (
        (_KNOWN, spans.known),
        (_FRESH, spans.fresh),
        (_DOWN, spans.down),
        (_DEGRADED, spans.degraded),
    )
    for field, pieces in fields:
        for start, end in pieces:
            changes.append((start, place, field, 1))
            changes.append((end, place, field, -1))


class _Sweep:
    """Walks the changes of all locations in time and keeps the counts that the quorum looks at.

    `open` are the open spans by location and field, `having` the locations that have one open, by field.
    """

    def __init__(
        self, locations: Sequence[str], reasons: list[list[tuple[int, str]]], quorum: Quorum, window: Interval
    ) -> None:
        self.locations, self.reasons, self.quorum, self.window = locations, reasons, quorum, window
        self.open = [[0, 0, 0, 0] for _ in locations]
        self.having = [0, 0, 0, 0]
        self.since = window.start
        self.found: _Found | None = None
        self.segments: list[Segment] = []

    def run(self, changes: Sequence[tuple[int, int, int, int]]) -> None:
        at, end = self.window.start, self.window.end
        open_spans, having = self.open, self.having
        for change_at, place, field, step in changes:
            if change_at > at:
                if change_at >= end:
                    break
                self._note(at)
                at = change_at
            counts = open_spans[place]
            counts[field] = after = counts[field] + step
            if after == 0 or after == step:
                having[field] += step
        if at < end:
            self._note(at)
            self._emit(end)

    def _note(self, at: int) -> None:
        """Take down what holds from this second on, if it is anything new."""
        known, fresh, down, degraded = self.having
        if down or degraded:
            state, held, failing = self._decide()
            found = (state, self._reason(at) if state is State.UNKNOWN else None, held, failing)
        elif known < self.quorum.known_at_least:
            found = (State.UNKNOWN, self._reason(at), False, ())
        else:
            found = _UP if fresh >= self.quorum.known_at_least else _UP_HELD
        if found is not self.found and found != self.found:
            self._emit(at)
            self.since, self.found = at, found

    def _emit(self, end: int) -> None:
        if self.found is not None:
            self.segments.append(Segment(self.since, end, *self.found))

    def _decide(self) -> tuple[State, bool, tuple[str, ...]]:
        """The state by quorum, whether it would be another without held samples, and the failing locations."""
        known = fresh = down = fresh_down = worse = fresh_worse = 0
        failing: tuple[str, ...] = ()
        for place, (is_known, is_fresh, is_down, is_degraded) in enumerate(self.open):
            if not is_known:
                continue
            known += 1
            if is_fresh:
                fresh += 1
            if is_down or is_degraded:
                failing = (*failing, self.locations[place])
                worse += 1
                down += is_down > 0
                if is_fresh:
                    fresh_worse += 1
                    fresh_down += is_down > 0
        state = _state(self.quorum, down, worse, known)
        held = known != fresh and state is not _state(self.quorum, fresh_down, fresh_worse, fresh)
        return state, held, failing

    def _reason(self, at: int) -> str:
        found = set()
        for one, reasons in zip(self.open, self.reasons, strict=True):
            if not one[_KNOWN]:
                position = bisect_right(reasons, at, key=lambda mark: mark[0])
                found.add(reasons[position - 1][1] if position else "no_data")
        if found:
            return ", ".join(sorted(found))
        return "too_few_locations" if self.open else "no_data"


def _state(quorum: Quorum, down: int, worse: int, known: int) -> State:
    """The quorum's word: down, else unknown, else up; degraded is the same count with slow locations (R24, D23)."""
    if down and _enough(quorum, down, known):
        return State.DOWN
    if known < quorum.known_at_least:
        return State.UNKNOWN
    return State.DEGRADED if worse and _enough(quorum, worse, known) else State.UP


def _enough(quorum: Quorum, failing: int, known: int) -> bool:
    if quorum.mode == "majority_of_known":
        return failing * 2 > known
    return failing >= quorum.down_at_least
