"""Requests counted by slot: given counts, or each sample as one request (decision D8)."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from portal.domain.evaluation.methods.grid import Grid
from portal.domain.evidence.records import DefaultCount, Evidence, Run, Series, SlotCount, State
from portal.domain.quantities.intervals import Interval, Intervals, subtract, union


@dataclass(slots=True)
class Tally:
    """What is known of the slots of a period, at the cost of what was recorded and not of all slots.

    `counted` holds [total, errors] by slot number; `faultless` rows [first, after) of slots with requests and no error
    beside those; `default` stands for every slot in neither, None meaning that nothing is known of it.
    """

    counted: dict[int, list[int]] = field(default_factory=dict)
    faultless: list[Interval] = field(default_factory=list)
    default: DefaultCount | None = None

    def unrecorded(self, slots: int) -> Intervals:
        """The slots of a period of so many that stand neither in `counted` nor in `faultless`, as [first, after)."""
        return subtract((Interval(0, slots),), union(self.faultless, self._single()))

    def quiet(self) -> Intervals:
        """The faultless slots that are not counted one by one, as [first, after)."""
        return subtract(union(self.faultless), self._single())

    def _single(self) -> Intervals:
        return union(Interval(index, index + 1) for index in self.counted)


def tally(evidence: Evidence, grid: Grid, until: int | None) -> Tally:
    """The counts of the period's slots; without counts and default, each up or down sample is one request.

    With `until`, nothing later is known (an open period).
    """
    if evidence.counts or evidence.default_count is not None or not evidence.series:
        return _from_counts(evidence.counts, evidence.default_count, grid, until)
    return _from_series(evidence.series, grid, until)


def requests_outside(series: Iterable[Series], spans: Intervals) -> tuple[int, int]:
    """How many samples lie in the given spans, and how many of them failed."""
    total = errors = 0
    for run in _requests(series):
        inside = sum(_samples(run, span) for span in spans)
        total += inside
        errors += inside if run.state is State.DOWN else 0
    return total, errors


def _from_counts(counts: Iterable[SlotCount], default: DefaultCount | None, grid: Grid, until: int | None) -> Tally:
    result = Tally(default=default)
    for one in counts:
        if grid.start <= one.start < grid.end and (until is None or one.start < until):
            _add(result, grid.index(one.start), one.total, one.errors)
    return result


def _from_series(series: Sequence[Series], grid: Grid, until: int | None) -> Tally:
    """Slots that a failure or the edge of a run touches are counted one by one, the rest of a run as a row."""
    result = Tally()
    end = grid.end if until is None else min(grid.end, until)
    runs = list(_requests(series))
    for run in runs:
        result.faultless.extend(_rows(run, grid, end))
    failing = _failing_slots(runs, grid, end)
    for run in runs:
        for row in _rows(run, grid, end):
            for index in _members(failing, row):
                slot = grid.span(index, index + 1)
                total = _samples(run, Interval(slot.start, min(slot.end, end)))
                _add(result, index, total, total if run.state is State.DOWN else 0)
    return result


def _members(failing: Sequence[int], row: Interval) -> Sequence[int]:
    return failing[bisect_left(failing, row.start) : bisect_left(failing, row.end)]


def _failing_slots(runs: Iterable[Run], grid: Grid, end: int) -> list[int]:
    found: set[int] = set()
    for run in runs:
        if run.state is State.DOWN:
            for row in _rows(run, grid, end):
                found.update(range(row.start, row.end))
    return sorted(found)


def _rows(run: Run, grid: Grid, end: int) -> Iterator[Interval]:
    """The rows of slots that hold at least one sample of the run."""
    first, last = max(run.first, grid.start), min(run.last, end - 1)
    first += (run.first - first) % run.interval_s
    last -= (last - run.first) % run.interval_s
    if first > last:
        return
    if run.interval_s <= grid.slot_seconds:
        yield Interval(grid.index(first), grid.index(last) + 1)
    else:
        for at in range(first, last + 1, run.interval_s):
            yield Interval(grid.index(at), grid.index(at) + 1)


def _requests(series: Iterable[Series]) -> Iterator[Run]:
    return (run for one in series for run in one.runs if run.state is not State.UNKNOWN)


def _samples(run: Run, span: Interval) -> int:
    """How many samples of a run lie in [start, end)."""
    first = max(0, -(-(span.start - run.first) // run.interval_s))
    after = min(run.count, -(-(span.end - run.first) // run.interval_s))
    return max(after - first, 0)


def _add(result: Tally, index: int, total: int, errors: int) -> None:
    slot = result.counted.setdefault(index, [0, 0])
    slot[0] += total
    slot[1] += errors
