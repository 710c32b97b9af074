"""How far before a period samples are read, so that it is judged as if all of them were (semantics.md R19–R23)."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from portal.domain.evidence.records import Run, Series, State
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    Detection,
    Methodology,
    Slots,
    UserMinutes,
)
from portal.domain.quantities.intervals import Interval, union

_EVER = -(2**62)
_UP, _UNKNOWN = State.UP, State.UNKNOWN


@dataclass(frozen=True, slots=True)
class LeadIn:
    """What makes an earlier failure matter no more: so many samples up in a row, or a silence of the gap.

    The gap is twice the interval where that is longer. Outages less than `merge_gap_seconds` apart are one (R20).
    """

    confirm_successes: int = 1
    max_gap_seconds: int = 0
    merge_gap_seconds: int = 0


def lead_in_for(methods: Collection[Methodology]) -> LeadIn:
    """The lead-in that is enough for each of these methods; those that count requests need none."""
    timed = [one for one in methods if isinstance(one, Continuous | Slots | UserMinutes | AffectedRatio)]
    merge_gap_s = max((one.outage.merge_gap_seconds for one in timed), default=0)
    return lead_in_of([one.detection for one in timed], merge_gap_s)


def lead_in_of(rules: Collection[Detection], merge_gap_seconds: int = 0) -> LeadIn:
    """The lead-in that is enough for each of these rules."""
    return LeadIn(
        max((one.confirm_successes for one in rules), default=1),
        max((one.max_gap_seconds or 0 for one in rules), default=0),
        merge_gap_seconds,
    )


def certain_from(series: Sequence[Series], at: int, rules: LeadIn, since: int | None = None) -> int | None:
    """The latest second, `at` or before, at which nothing earlier matters any more for what is judged from `at` on.

    That is before the whole outage that `at` lies in, at any location. The runs are complete from `since` on, with some
    earlier ones (None: with all); None when the second asked for lies before them.
    """
    for stretch in reversed(union(*(_unsure(one.runs, at, rules, since) for one in series))):
        if stretch.end <= at - rules.merge_gap_seconds:
            break
        at = min(at, stretch.start)
    return None if at == _EVER else at


def _unsure(runs: Sequence[Run], at: int, rules: LeadIn, since: int | None) -> Iterator[Interval]:
    """The stretches of one series until `at` in which an earlier failure may still speak."""
    begun = None if since is None or not runs or runs[0].first >= since else _EVER
    forgotten, successes = at + 1, 0
    for run in runs:
        if run.first > at:
            break
        if run.state is _UNKNOWN:
            continue
        if begun is not None and run.first >= forgotten:
            yield Interval(begun, forgotten)
            begun = None
        forgotten = run.last + max(2 * run.interval_s, rules.max_gap_seconds)
        if run.state is not _UP:
            begun, successes = run.first if begun is None else begun, 0
        elif begun is not None:
            missing = rules.confirm_successes - successes
            successes += run.count
            if run.count >= missing:
                yield Interval(begun, run.first + (missing - 1) * run.interval_s)
                begun, successes = None, 0
    if begun is not None:
        yield Interval(begun, forgotten)
