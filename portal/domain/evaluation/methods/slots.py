"""Whole slots that are down (semantics.md R17, R12, R18, R19)."""

from collections.abc import Iterable, Iterator
from fractions import Fraction

from portal.domain.evaluation.count import Count
from portal.domain.evaluation.downtime import countable, joined_over_exclusions, long_enough, reaches, with_gaps
from portal.domain.evaluation.ground import FAR, Ground
from portal.domain.evaluation.methods.continuous import weightless
from portal.domain.evaluation.methods.grid import Grid, joined_runs
from portal.domain.evaluation.reports import Reports
from portal.domain.evaluation.result import Kind, Stretch
from portal.domain.promises.methodology import Slots
from portal.domain.quantities.intervals import Interval, Intervals, Measure, clip, covered, intersect, subtract, union


def count_slots(reports: Reports, method: Slots, ground: Ground) -> Count:
    """Downtime is the time of every down slot: its known seconds outside exclusions."""
    long = long_enough(reports.down, method.outage, ground)
    seen = union(reports.seen, with_gaps((), long, method.outage))
    unknown = subtract(union(Interval(start, end) for start, end, _ in reports.unknown), seen)
    judge = _Judge(method, ground, unknown)
    levels = [(weight, judge.down_slots(down)) for weight, down in _levels(reports, method, long)]
    rows = judge.counted(levels[-1][1]) if levels else ()
    countable_rows = _countable(rows, unknown, ground)
    counted: list[Stretch] = []
    for weight, slots in levels:
        pieces = subtract(intersect(judge.time_of(slots), countable_rows), covered(counted))
        kind = Kind.DOWN if weight == method.outage.weight("down") else Kind.DEGRADED
        counted.extend(Stretch(piece.start, piece.end, kind, "slot", weight) for piece in pieces)
    return Count(
        counted=tuple(sorted(counted, key=lambda one: one.start)),
        degraded=weightless(reports.severities, ground),
        spans=joined_over_exclusions(rows, reports.down, ground),
        merge_gap_seconds=method.outage.merge_gap_seconds,
        records=reports.records,
        seen=seen,
        unknown=reports.unknown,
        timeline=reports.timeline,
    )


def _levels(reports: Reports, method: Slots, long: Intervals) -> Iterator[tuple[Fraction, Intervals]]:
    """For each weight, heaviest first, the time of long enough outages that weighs at least so much.

    The weight of down comes even unreported: unknown time alone may make a slot down (R9), and so may a gap
    between outages, which weighs what down weighs (R20).
    """
    down_weight = method.outage.weight("down")
    gaps = subtract(long, reports.down)
    weights = {down_weight, *(one.weight for one in reports.severities)}
    for weight in sorted(weights - {Fraction(0)}, reverse=True):
        heavy = union(*(one.intervals for one in reports.severities if one.weight >= weight))
        yield weight, union(intersect(heavy, long), gaps if weight <= down_weight else ())


def _countable(down: Intervals, unknown: Intervals, ground: Ground) -> Intervals:
    """A down slot weighs its known seconds that are not excluded (R17)."""
    return subtract(subtract(countable(down, ground), ground.excluded), unknown)


class _Judge:
    """Says which slots are down, at the cost of the intervals and not of the slots."""

    def __init__(self, method: Slots, ground: Ground, unknown: Intervals) -> None:
        self.method, self.ground, self.unknown = method, ground, unknown
        self.grid = Grid(ground.period.start, ground.period.end, method.slot_seconds)
        ignored = union(
            unknown if ground.unknown_as == "exclude" else (),
            ground.excluded if method.outage.basis == "counted" else (),
            _not_served(ground, self.grid),
        )
        self.ignored, self.ignored_seconds = ignored, Measure(ignored)

    def down_slots(self, down: Intervals) -> list[tuple[int, int]]:
        """The rows [first, after) of all slots that are down, beyond the period where the basis is raw."""
        if self.ground.unknown_as == "down":
            down = union(down, self._unknown_as_down())
        return joined_runs(self._judged(subtract(down, self.ignored)))

    def counted(self, rows: list[tuple[int, int]]) -> Intervals:
        """The time of the rows that are long enough to count, or of what is past the minimum (R18)."""
        return self.time_of(self._counted(rows))

    def time_of(self, rows: Iterable[tuple[int, int]]) -> Intervals:
        """The time of rows of slots."""
        return tuple(self.grid.span(first, after) for first, after in rows)

    def _unknown_as_down(self) -> Intervals:
        if self.method.outage.basis == "counted":
            return countable(self.unknown, self.ground)
        ground = self.ground
        until = ground.elapsed_until if ground.elapsed_until < ground.period.end else FAR
        return clip(self.unknown, -FAR, until)

    def _judged(self, down: Intervals) -> list[tuple[int, int]]:
        rows: list[tuple[int, int]] = []
        touched: dict[int, int] = {}
        for piece in down:
            first, last = self.grid.index(piece.start), self.grid.index(piece.end - 1)
            if last - first > 1:
                rows.append((first + 1, last))
            for index in {first, last}:
                slot = self.grid.span(index, index + 1)
                seconds = min(slot.end, piece.end) - max(slot.start, piece.start)
                touched[index] = touched.get(index, 0) + seconds
        rows.extend((index, index + 1) for index, seconds in touched.items() if self._is_down(index, seconds))
        return rows

    def _is_down(self, index: int, down_seconds: int) -> bool:
        if self.method.down_when == "any":
            return True
        slot = self.grid.span(index, index + 1)
        considered = slot.seconds - self.ignored_seconds.within(slot.start, slot.end)
        if self.method.down_when == "majority":
            return 2 * down_seconds > considered
        return down_seconds == considered

    def _counted(self, rows: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        minimum, rules = self.method.min_consecutive_slots, self.method.outage
        for first, after in rows:
            if not reaches(after - first, minimum, rules.min_outage_op if minimum > 1 else ">="):
                continue
            if rules.count_from == "threshold" and minimum > 1:
                first += minimum
            yield first, after


def _not_served(ground: Ground, grid: Grid) -> Intervals:
    """What of the slots at both ends of the service lies outside it: they are judged on their own seconds (R5, R17)."""
    if ground.assume_up:
        return ()
    start, end = ground.served.start, ground.served.end
    first = grid.span(grid.index(start), grid.index(start) + 1)
    last = grid.span(grid.index(end - 1), grid.index(end - 1) + 1)
    return union((Interval(first.start, start), Interval(end, last.end)))
