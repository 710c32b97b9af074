"""Methods that read error rates by slot (semantics.md R17b, R17c, R12)."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from portal.domain.evaluation.count import Count, Ratio
from portal.domain.evaluation.downtime import countable, joined_over_exclusions
from portal.domain.evaluation.ground import Ground
from portal.domain.evaluation.methods.grid import Grid
from portal.domain.evaluation.methods.tally import Tally, tally
from portal.domain.evaluation.reports import Reasoned
from portal.domain.evaluation.result import Kind, Step, Stretch
from portal.domain.evidence.records import Evidence
from portal.domain.promises.methodology import ErrorRateSlots, MeanErrorRate
from portal.domain.quantities.intervals import Interval, Intervals, intersect, subtract, total_seconds, union


@dataclass(frozen=True, slots=True)
class _Slots:
    """The slots of a period by what is known of them; every list holds slot numbers as [first, after)."""

    grid: Grid
    tally: Tally
    judged: Intervals
    dropped: Intervals
    remaining: Intervals
    unserved: Intervals
    unknown: Intervals
    default: Intervals

    def recorded(self) -> Iterator[tuple[int, int, int]]:
        """Number, total and errors of every judged slot that is counted one by one, in order."""
        rows = iter(self.judged)
        row = next(rows, None)
        for index, (total, errors) in sorted(self.tally.counted.items()):
            while row is not None and row.end <= index:
                row = next(rows, None)
            if row is not None and row.start <= index:
                yield index, total, errors

    def spans(self, rows: Intervals) -> Intervals:
        """The time of rows of slots."""
        return union(self.grid.span(row.start, row.end) for row in rows)


def count_mean_error_rate(evidence: Evidence, method: MeanErrorRate, ground: Ground) -> Count:
    """Attained is one minus the mean of the slots' error rates; a mean of ratios, not a ratio of sums (R17b)."""
    slots = _slots(evidence, method.slot_seconds, ground)
    rates = tuple(_rates(slots, method.empty))
    counted = sum(times for times, _, _ in rates) + total_seconds(slots.unserved)
    errors = sum((rate * times for times, rate, _ in rates), Fraction(0))
    unknown = total_seconds(slots.unknown)
    if ground.unknown_as != "exclude":
        counted += unknown
        errors += unknown if ground.unknown_as == "down" else 0
    if ground.exclusion_mode == "count_as_up":
        counted += total_seconds(slots.dropped)
    remaining = total_seconds(slots.remaining)
    details = (
        Step("slots_counted", counted + remaining, "slots", "R17b"),
        Step("slots_remaining", remaining, "slots", "R17b"),
        Step("slots_unknown", unknown, "slots", "R9"),
        Step("slots_dropped", total_seconds(slots.dropped), "slots", "R12"),
        Step("error_rate_sum", errors, "slots", "R17b"),
        *(_slot_step(times, rate, source) for times, rate, source in rates if rate),
    )
    return Count(
        unknown=_unknown(evidence, slots, ground),
        ratio=Ratio(_faultless_share(errors, counted + remaining), _faultless_share(errors, counted)),
        details=details,
    )


def count_error_rate_slots(evidence: Evidence, method: ErrorRateSlots, ground: Ground) -> Count:
    """Downtime is the time of slots whose error rate passes the threshold, in long enough rows (R17c)."""
    slots = _slots(evidence, method.slot_seconds, ground)
    bad = union(_bad(slots, method))
    rows = [row for row in bad if row.seconds >= method.min_consecutive_slots]
    seen = slots.spans(bad)
    down = slots.spans(tuple(rows))
    counted = tuple(
        Stretch(piece.start, piece.end, Kind.DOWN, "error_rate", Fraction(1))
        for piece in subtract(countable(down, ground), ground.excluded)
    )
    return Count(
        counted=counted,
        spans=joined_over_exclusions(down, _whole_outages(evidence, method, ground), ground),
        seen=seen,
        unknown=_unknown(evidence, slots, ground),
        details=(Step("slots_down", sum(row.seconds for row in rows), "slots", "R17c"),),
    )


def _whole_outages(evidence: Evidence, method: ErrorRateSlots, ground: Ground) -> Intervals:
    """The time of all slots that are down, inside exclusions too: one outage cut by them stays one (R19)."""
    if not ground.excluded:
        return ()
    slots = _slots(evidence, method.slot_seconds, replace(ground, excluded=()))
    return slots.spans(union(_bad(slots, method), slots.unknown if ground.unknown_as == "down" else ()))


def failing_time(evidence: Evidence, method: ErrorRateSlots, ground: Ground) -> Intervals:
    """The time of all slots past the threshold, for caps that count downtime only (R15)."""
    slots = _slots(evidence, method.slot_seconds, ground)
    return slots.spans(union(_bad(slots, method)))


def _slots(evidence: Evidence, slot_seconds: int, ground: Ground) -> _Slots:
    grid = Grid(ground.period.start, ground.period.end, slot_seconds)
    open_until = ground.elapsed_until if ground.elapsed_until < ground.period.end else None
    counts = tally(evidence, grid, open_until)
    judged = _touched(grid, ground.measured)
    unserved = subtract(judged, _touched(grid, _overlap(ground.measured, ground.served)))
    dropped = intersect(judged, union(_whole(grid, one) for one in union(ground.excluded, _outside(ground))))
    unserved = subtract(unserved, dropped)
    unrecorded = subtract(intersect(counts.unrecorded(grid.slots), judged), union(dropped, unserved))
    future = _touched(grid, Interval(ground.elapsed_until, ground.period.end))
    remaining = intersect(unrecorded, future)
    past = subtract(unrecorded, remaining)
    no_record = intersect(past, union(_whole(grid, one) for one in union(evidence.unknown)))
    unknown = past if counts.default is None else no_record
    judged = subtract(judged, union(dropped, unserved))
    return _Slots(grid, counts, judged, dropped, remaining, unserved, unknown, subtract(past, unknown))


def _touched(grid: Grid, span: Interval) -> Intervals:
    """The slots that hold at least one second of an interval inside the period."""
    if span.start >= span.end:
        return ()
    return (Interval(grid.index(span.start), grid.index(span.end - 1) + 1),)


def _whole(grid: Grid, span: Interval) -> Interval:
    """The slots that lie entirely inside an interval (R12); empty when there is none."""
    start, end = max(span.start, grid.start), min(span.end, grid.end)
    first = grid.index(start) if start >= grid.end or grid.starts(grid.index(start)) == start else grid.index(start) + 1
    after = grid.slots if end >= grid.end else grid.index(end)
    return Interval(first, max(first, after))


def _overlap(one: Interval, other: Interval) -> Interval:
    return Interval(max(one.start, other.start), min(one.end, other.end))


def _outside(ground: Ground) -> Intervals:
    """The period outside the measured interval."""
    return subtract((ground.period,), (ground.measured,) if ground.measured.seconds else ())


def _rates(slots: _Slots, empty: str) -> Iterator[tuple[int, Fraction, tuple[int, int, int] | None]]:
    """How many slots have which error rate, and for a single slot its start, total and errors."""
    for index, total, errors in slots.recorded():
        if total:
            yield 1, Fraction(errors, total), (slots.grid.starts(index), total, errors)
        elif empty == "zero_error":
            yield 1, Fraction(0), None
    quiet = total_seconds(intersect(slots.tally.quiet(), slots.judged))
    yield quiet, Fraction(0), None
    default = slots.tally.default
    if default is not None and (default.total or empty == "zero_error"):
        rate = Fraction(default.errors, default.total) if default.total else Fraction(0)
        yield total_seconds(slots.default), rate, None


def _bad(slots: _Slots, method: ErrorRateSlots) -> Iterator[Interval]:
    """The judged slots past the threshold."""
    for index, total, errors in slots.recorded():
        if _passes(total, errors, method):
            yield Interval(index, index + 1)
    default = slots.tally.default
    if default is not None and _passes(default.total, default.errors, method):
        yield from slots.default


def _passes(total: int, errors: int, method: ErrorRateSlots) -> bool:
    if total == 0 or total < method.min_requests:
        return False
    rate = Fraction(errors, total)
    return rate > method.threshold if method.op == ">" else rate >= method.threshold


def _unknown(evidence: Evidence, slots: _Slots, ground: Ground) -> tuple[Reasoned, ...]:
    reported = [(one.start, one.end, "reported") for one in union(evidence.unknown)]
    unrecorded = slots.spans(slots.unknown) if slots.tally.default is None else ()
    missing = [(one.start, min(one.end, ground.elapsed_until), "no_record") for one in unrecorded]
    return tuple(sorted([*reported, *missing]))


def _slot_step(times: int, rate: Fraction, source: tuple[int, int, int] | None) -> Step:
    if source is None:
        return Step("slots_by_default", rate, "errors per request", "R17b", (("slots", times),))
    start, total, errors = source
    return Step("slot", rate, "errors per request", "R17b", (("start", start), ("total", total), ("errors", errors)))


def _faultless_share(errors: Fraction, counted: int) -> Fraction | None:
    return None if counted == 0 else 1 - errors / counted
