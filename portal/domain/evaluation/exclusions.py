"""Which announced or excused time does not count: acceptance, notice and caps (semantics.md R10–R15)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from portal.domain.promises.commitment import ExclusionsPolicy, ExclusionType
from portal.domain.quantities.intervals import (
    Interval,
    Intervals,
    Measure,
    Span,
    clip,
    covered,
    intersect,
    subtract,
    total_seconds,
    union,
)
from portal.domain.quantities.zones import instant_of, local_date


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An entry of the exclusion register, [start, end) in UTC seconds; ValueError when it ends before it starts."""

    id: str
    type: str
    start: int
    end: int
    announced_at: int | None = None
    status: str = "approved"
    reason: str | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"the exclusion '{self.id}' ends before it starts")


@dataclass(frozen=True, slots=True)
class CapUse:
    """Seconds of a type's yearly cap that are used up in a local calendar year."""

    type: str
    year: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Carried:
    """What earlier periods of the same year used of yearly caps (decision D20)."""

    used: tuple[CapUse, ...] = ()

    def seconds(self, type_name: str, year: int) -> int:
        """Seconds of this type's cap used in this year so far."""
        return sum(one.seconds for one in self.used if (one.type, one.year) == (type_name, year))


class Outcome(NamedTuple):
    """What became of one exclusion: whether it counts, why not or not in full, and how many of its seconds do.

    Reasons: not_approved, type_not_listed, no_exclusions, announcement_missing, notice_short, notice_short_in_part,
    outside_period, cap_used_up, cap_reached.
    """

    exclusion: Exclusion
    accepted: bool
    reason: str | None
    counted_seconds: int


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The excluded seconds X, the outcome of every exclusion in its given order, and the yearly caps used here."""

    intervals: Intervals
    outcomes: tuple[Outcome, ...]
    used: tuple[CapUse, ...]


_Window = tuple[Span | None, str | None]
"""What notice leaves of an exclusion, and why it leaves nothing or not all."""


def accept(
    exclusions: Sequence[Exclusion],
    policy: ExclusionsPolicy,
    measured: Interval,
    down: Intervals,
    carried: Carried,
    timezone: str,
) -> Acceptance:
    """The excluded seconds inside `measured`, with a reason for everything that does not count.

    `down` is what caps on downtime look at. Input order is irrelevant: uncapped types come first (R11), then capped
    types by name, each in chronological order (R15).
    """
    kinds = {kind.name: kind for kind in policy.types}
    windows = [_window(one, policy.mode, kinds.get(one.type)) for one in exclusions]
    by_type: dict[str, list[Span]] = {}
    for exclusion, (span, _) in zip(exclusions, windows, strict=True):
        if span is not None:
            by_type.setdefault(exclusion.type, []).append(span)
    cuts = {name: clip(covered(spans), measured.start, measured.end) for name, spans in by_type.items()}
    counted, used = _apply_caps(cuts, kinds, measured, down, carried, timezone)
    measures = {name: Measure(counted[name]) for name in counted if kinds[name].cap_seconds is not None}
    outcomes = tuple(_outcome(one, window, measured, measures) for one, window in zip(exclusions, windows, strict=True))
    return Acceptance(union(*counted.values()), outcomes, used)


def _window(exclusion: Exclusion, mode: str, kind: ExclusionType | None) -> _Window:
    if mode == "none":
        return None, "no_exclusions"
    if exclusion.status != "approved":
        return None, "not_approved"
    if kind is None:
        return None, "type_not_listed"
    return _after_notice(exclusion, kind)


def _after_notice(exclusion: Exclusion, kind: ExclusionType) -> _Window:
    """R14: announced_at + notice must not lie after the start; short notice is refused or counts in part."""
    if kind.notice_seconds is None:
        return exclusion, None
    if exclusion.announced_at is None:
        return None, "announcement_missing"
    earliest = exclusion.announced_at + kind.notice_seconds
    if earliest <= exclusion.start:
        return exclusion, None
    if kind.notice_shortfall == "partial" and earliest < exclusion.end:
        return Interval(earliest, exclusion.end), "notice_short_in_part"
    return None, "notice_short"


def _apply_caps(
    cuts: dict[str, Intervals],
    kinds: dict[str, ExclusionType],
    measured: Interval,
    down: Intervals,
    carried: Carried,
    timezone: str,
) -> tuple[dict[str, Intervals], tuple[CapUse, ...]]:
    counted = {name: spans for name, spans in cuts.items() if kinds[name].cap_seconds is None}
    taken = union(*counted.values())
    used: list[CapUse] = []
    for name in sorted(cuts.keys() - counted.keys()):
        free = subtract(cuts[name], taken)
        accepted: Intervals = ()
        for year, span, cap in _allowances(kinds[name], measured, carried, timezone):
            pieces, seconds = _consume(clip(free, span.start, span.end), cap, kinds[name].cap_counts, down)
            accepted = union(accepted, pieces)
            if year is not None and seconds:
                used.append(CapUse(name, year, seconds))
        counted[name] = union(accepted, intersect(cuts[name], taken))
        taken = union(taken, accepted)
    return counted, tuple(used)


def _allowances(
    kind: ExclusionType, measured: Interval, carried: Carried, timezone: str
) -> list[tuple[int | None, Interval, int]]:
    """The stretches of the period that have a cap of their own, with the seconds left of it; the year if yearly."""
    cap = kind.cap_seconds or 0
    if kind.cap_per != "year" or measured.seconds == 0:
        return [(None, measured, cap)]
    first, last = (local_date(at, timezone).year for at in (measured.start, measured.end - 1))
    return [
        (year, _local_year(year, timezone), max(cap - carried.seconds(kind.name, year), 0))
        for year in range(first, last + 1)
    ]


def _local_year(year: int, timezone: str) -> Interval:
    return Interval(instant_of(date(year, 1, 1), timezone), instant_of(date(year + 1, 1, 1), timezone))


def _consume(windows: Intervals, cap: int, counts: str, down: Intervals) -> tuple[Intervals, int]:
    """The part of the windows within the cap, and the seconds of the cap it took."""
    if counts == "window":
        pieces = _first_seconds(windows, cap)
        return pieces, total_seconds(pieces)
    paid = _first_seconds(intersect(windows, down), cap)
    return union(subtract(windows, down), paid), total_seconds(paid)


def _first_seconds(spans: Intervals, seconds: int) -> Intervals:
    pieces = []
    for span in spans:
        if seconds <= 0:
            break
        piece = span if span.seconds <= seconds else Interval(span.start, span.start + seconds)
        pieces.append(piece)
        seconds -= piece.seconds
    return tuple(pieces)


def _outcome(exclusion: Exclusion, window: _Window, measured: Interval, measures: dict[str, Measure]) -> Outcome:
    span, reason = window
    if span is None:
        return Outcome(exclusion, False, reason, 0)
    start = span.start if span.start > measured.start else measured.start
    end = span.end if span.end < measured.end else measured.end
    if start >= end:
        return Outcome(exclusion, False, "outside_period", 0)
    measure = measures.get(exclusion.type)
    seconds = end - start if measure is None else measure.within(start, end)
    if seconds == 0:
        return Outcome(exclusion, False, "cap_used_up", 0)
    return Outcome(exclusion, True, "cap_reached" if seconds < end - start else reason, seconds)
