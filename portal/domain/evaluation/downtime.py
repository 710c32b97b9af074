"""Which outages count, and from when: minimum length, basis and flapping (semantics.md R18–R20)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.evaluation.ground import FAR, Ground
from portal.domain.evaluation.result import CountedOutage, Stretch
from portal.domain.evidence.records import OutageRecord
from portal.domain.promises.methodology import OutageRules
from portal.domain.quantities.intervals import Interval, Intervals, Measure, clip, intersect, subtract, union


@dataclass(frozen=True, slots=True)
class Group:
    """Outages that flapping makes one: from the first one's start to the last one's end, and its pieces (R20)."""

    start: int
    end: int
    pieces: Intervals


def flapping_groups(intervals: Intervals, merge_gap_seconds: int) -> Iterator[Group]:
    """Sorted disjoint outages, those separated by strictly less than the gap taken together (R20)."""
    pieces: list[Interval] = []
    for one in intervals:
        if pieces and one.start - pieces[-1].end >= merge_gap_seconds:
            yield Group(pieces[0].start, pieces[-1].end, tuple(pieces))
            pieces = []
        pieces.append(one)
    if pieces:
        yield Group(pieces[0].start, pieces[-1].end, tuple(pieces))


def long_enough(intervals: Intervals, rules: OutageRules, ground: Ground) -> Intervals:
    """The outages that pass the length test, gaps and threshold as the rules say (R18–R20).

    With basis `raw` they are whole, beyond the period and inside exclusions; with basis `counted` only what remains in
    the period and outside exclusions was looked at, so an exclusion cuts an outage in two.
    """
    if rules.basis == "counted":
        intervals = subtract(countable(intervals, ground), ground.excluded)
    if rules.min_outage_seconds == 0 and rules.merge_gap_seconds == 0:
        return intervals
    skipped = ground.excluded if rules.basis == "counted" else ()
    excluded = Measure(skipped)
    counted: list[Interval] = []
    for group in flapping_groups(intervals, rules.merge_gap_seconds):
        length = group.end - group.start - excluded.within(group.start, group.end)
        if reaches(length, rules.min_outage_seconds, rules.min_outage_op):
            counted.extend(_from_threshold(group, rules, skipped))
    return tuple(counted)


def reaches(length: int, minimum: int, op: str) -> bool:
    """Whether a length is at least (">=") or strictly more than (">") the minimum (R18)."""
    return length > minimum if op == ">" else length >= minimum


def countable(intervals: Intervals, ground: Ground) -> Intervals:
    """What of the intervals lies in the elapsed measured time while the service existed (R4, R5)."""
    start = max(ground.measured.start, ground.served.start)
    return clip(intervals, start, min(ground.measured.end, ground.served.end, ground.elapsed_until))


def outages_of(
    spans: Iterable[Interval], stretches: Sequence[Stretch], records: Sequence[OutageRecord]
) -> tuple[CountedOutage, ...]:
    """The counted stretches by outage: one cut by an exclusion stays one (R19).

    `spans` are the whole outages, sorted and disjoint; `records`, sorted by start, say which incident each belongs to.
    """
    outages = []
    starts = [one.start for one in stretches]
    events = _Events(records)
    after, count = 0, len(starts)
    for span in spans:
        while after < count and starts[after] < span.start:
            after += 1
        first = after
        while after < count and starts[after] < span.end:
            after += 1
        if after > first:
            seconds, weighted = weigh_up(stretches[first:after])
            event = events.within(span) if events.linked else None
            outages.append(CountedOutage(*_known_edges(span, stretches[first:after]), seconds, weighted, event))
    return tuple(outages)


def _known_edges(span: Interval, counted: Sequence[Stretch]) -> tuple[int, int]:
    """Start and end of an outage; time nobody ever measured has none of its own, so there what counts of it has."""
    return counted[0].start if span.start <= -FAR else span.start, counted[-1].end if span.end >= FAR else span.end


def weigh_up(stretches: Sequence[Stretch]) -> tuple[int, Fraction]:
    """Seconds of the stretches, and Σ weight × seconds; whole seconds are added by weight before any fraction is."""
    if len(stretches) == 1:
        alone = stretches[0].end - stretches[0].start
        return alone, _weighted(alone, stretches[0].weight)
    seconds: dict[int, int] = {}
    weights: dict[int, Fraction] = {}
    for one in stretches:
        key = id(one.weight)
        weights[key] = one.weight
        seconds[key] = seconds.get(key, 0) + one.end - one.start
    if len(weights) == 1:
        return seconds[key], _weighted(seconds[key], weights[key])
    whole = sum((_weighted(seconds[key], weight) for key, weight in weights.items()), Fraction(0))
    return sum(seconds.values()), whole


def _weighted(seconds: int, weight: Fraction) -> Fraction:
    """Seconds at a weight; at a whole one there is nothing to reduce."""
    numerator, denominator = weight.as_integer_ratio()
    return Fraction(seconds * numerator) if denominator == 1 else Fraction(seconds * numerator, denominator)


def outage_spans(down: Intervals, merge_gap_seconds: int) -> Intervals:
    """The whole outages, flapping ones joined (R20)."""
    if merge_gap_seconds == 0:
        return down
    return tuple(Interval(one.start, one.end) for one in flapping_groups(down, merge_gap_seconds))


def with_gaps(down: Intervals, judged: Intervals, rules: OutageRules) -> Intervals:
    """The outages, with the gaps between them where those count as down (R20)."""
    return union(down, judged) if rules.merge_gap_seconds and rules.gap_counts == "down" else down


def joined_over_exclusions(spans: Intervals, down: Intervals, ground: Ground) -> Intervals:
    """The spans, joined where only excluded time during the same outage lies between them (R19)."""
    if not ground.excluded:
        return spans
    return union(spans, intersect(ground.excluded, down))


def _from_threshold(group: Group, rules: OutageRules, skipped: Intervals) -> Intervals:
    """The seconds of a group that count: all, or those after the minimum; `skipped` ones were not tested."""
    whole = (Interval(group.start, group.end),)
    pieces = whole if rules.gap_counts == "down" else group.pieces
    if rules.count_from == "start":
        return pieces
    first = bisect_right(skipped, group.start, key=lambda one: one.end)
    after = bisect_left(skipped, group.end, key=lambda one: one.start)
    tested = subtract(whole, skipped[first:after])
    return clip(pieces, _after(tested, rules.min_outage_seconds), group.end)


def _after(spans: Intervals, seconds: int) -> int:
    """The instant by which so many seconds of the spans have passed."""
    for span in spans:
        if seconds <= span.seconds:
            return span.start + seconds
        seconds -= span.seconds
    return spans[-1].end


class _Events:
    """Finds the first incident linked to a report that overlaps an outage; outages are asked for in order."""

    def __init__(self, records: Sequence[OutageRecord]) -> None:
        self.linked = [one for one in records if one.event is not None]
        self.position = 0

    def within(self, span: Interval) -> str | None:
        while self.position < len(self.linked) and self.linked[self.position].end <= span.start:
            self.position += 1
        if self.position < len(self.linked) and self.linked[self.position].start < span.end:
            return self.linked[self.position].event
        return None
