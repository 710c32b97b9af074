"""Runs of equal samples: begun and extended as samples arrive, derived anew where samples arrive late."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise, zip_longest

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, State

DAY_SECONDS = 86_400


def begin(sample: Sample) -> Run:
    """Return the run that holds this sample alone."""
    return Run(sample.state, sample.reason, sample.slot, sample.slot, 1, sample.interval_s, sample.provenance)


def _says_the_same(run: Run, sample: Sample) -> bool:
    return (
        sample.state is run.state
        and sample.interval_s == run.interval_s
        and sample.reason == run.reason
        and sample.provenance == run.provenance
    )


def _longer(run: Run, last: int, more: int) -> Run:
    """Return the run with so many samples that continue it, up to its new last slot."""
    return Run(run.state, run.reason, run.first, last, run.count + more, run.interval_s, run.provenance)


def grow(last: Run | None, samples: Iterable[Sample]) -> tuple[list[Run], list[Sample]]:
    """Return the runs that samples in the order of their slots extend or begin, and the samples that come late.

    `last` is the latest run so far. The first run returned may be `last` grown longer; late samples stand at or before
    what is there and change nothing here.
    """
    grown: list[Run] = []
    late: list[Sample] = []
    run, reach, more, is_new = last, 0 if last is None else last.last, 0, False
    for sample in samples:
        if run is not None and sample.slot <= reach:
            late.append(sample)
        elif run is not None and sample.slot == reach + run.interval_s and _says_the_same(run, sample):
            reach, more = sample.slot, more + 1
        else:
            if run is not None and (is_new or more):
                grown.append(_longer(run, reach, more))
            run, reach, more, is_new = begin(sample), sample.slot, 0, True
    if run is not None and (is_new or more):
        grown.append(_longer(run, reach, more))
    return grown, late


def derive_runs(samples: Iterable[Sample]) -> tuple[Run, ...]:
    """Return the runs of one probe's samples at one location; slots without a sample lie between runs.

    Order does not matter; of two samples at one slot the first one given counts.
    """
    return tuple(grow(None, sorted(samples, key=_slot))[0])


def replace_day(runs: Iterable[Run], start: int, end: int, samples: Iterable[Sample]) -> tuple[Run, ...]:
    """Return the runs with those of [start, end) derived anew from all samples of that time.

    What lies outside is kept as it is, cut out of longer runs by arithmetic: its samples may be long sealed.
    """
    kept = list(runs)
    before = [piece for run in kept if (piece := cut(run, None, start)) is not None]
    after = [piece for run in kept if (piece := cut(run, end, None)) is not None]
    return join([*before, *derive_runs(samples), *after])


def cut(run: Run, start: int | None, end: int | None) -> Run | None:
    """Return the part of a run whose samples lie in [start, end); None when there is none."""
    first, last = run.first, run.last
    if start is not None and first < start:
        first += -(-(start - first) // run.interval_s) * run.interval_s
    if end is not None and last >= end:
        last -= ((last - end) // run.interval_s + 1) * run.interval_s
    if first > last:
        return None
    return replace(run, first=first, last=last, count=(last - first) // run.interval_s + 1)


def join(runs: Sequence[Run]) -> tuple[Run, ...]:
    """Return sorted runs with neighbours that continue each other made one."""
    joined: list[Run] = []
    for run in runs:
        if joined and _follows(joined[-1], run):
            joined[-1] = replace(joined[-1], last=run.last, count=joined[-1].count + run.count)
        else:
            joined.append(run)
    return tuple(joined)


def mark_gap(runs: Sequence[Run], slots: Iterable[range], reason: str) -> tuple[Run, ...]:
    """Return sorted runs with unknown ones of this reason wherever `slots` have no sample; `slots` rise."""
    missing = [
        Run(State.UNKNOWN, reason, hole[0], hole[-1], len(hole), piece.step)
        for piece in slots
        for hole in _holes(runs, piece)
        if hole
    ]
    return join(sorted([*runs, *missing], key=lambda run: run.first))


def _holes(runs: Sequence[Run], slots: range) -> Iterator[range]:
    start = slots.start
    for run in runs:
        if start <= run.last and run.first < slots.stop:
            yield _part(slots, start, run.first)
            start = run.last + 1
    yield _part(slots, start, slots.stop)


def _part(slots: range, start: int, stop: int) -> range:
    return range(start + (slots.start - start) % slots.step, min(stop, slots.stop), slots.step)


def _follows(run: Run, later: Run) -> bool:
    return (
        later.first == run.last + run.interval_s
        and (later.state, later.reason) == (run.state, run.reason)
        and (later.interval_s, later.provenance) == (run.interval_s, run.provenance)
    )


def _slot(sample: Sample) -> int:
    return sample.slot


def first_difference(runs: Sequence[Run], start: int, end: int, samples: Iterable[Sample]) -> int | None:
    """Return the first slot of [start, end) of which sorted runs say something else than the samples; None if none.

    Runs that could be one, that overlap, or that count wrongly differ where they begin.
    """
    told = [piece for run in runs if (piece := cut(run, start, end)) is not None]
    found = derive_runs(samples)
    if told == list(found):
        wrong = [run.first for run in runs if cut(run, None, None) != run]
        wrong += [later.first for run, later in pairwise(runs) if _follows(run, later) or later.first <= run.last]
        return min((first for first in wrong if start <= first < end), default=None)
    ours, theirs = next(pair for pair in zip_longest(told, found) if pair[0] != pair[1])
    if ours is None or theirs is None:
        return (ours or theirs).first
    if ours.first != theirs.first:
        return min(ours.first, theirs.first)
    if replace(ours, last=theirs.last, count=theirs.count) != theirs:
        return ours.first
    return min(ours.last, theirs.last) + ours.interval_s
