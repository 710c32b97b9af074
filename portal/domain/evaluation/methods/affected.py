"""Downtime weighted by the share of users, or of whatever else, that was affected (semantics.md R17e)."""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

from portal.domain.evaluation.count import Count
from portal.domain.evaluation.downtime import countable, long_enough, with_gaps
from portal.domain.evaluation.ground import Ground
from portal.domain.evaluation.methods.continuous import weightless
from portal.domain.evaluation.reports import Reports
from portal.domain.evaluation.result import Kind, Stretch
from portal.domain.evidence.records import OutageRecord
from portal.domain.promises.methodology import AffectedRatio, UserMinutes
from portal.domain.quantities.intervals import Interval, Intervals, subtract

_Load = tuple[int, int, Fraction]
"""Seconds [start, end) with the share affected in them."""


def count_affected(reports: Reports, method: UserMinutes | AffectedRatio, ground: Ground) -> Count:
    """Downtime is the affected share of every second; a report without a share affects all.

    A gap that counts as down is down, with nobody affected (R17e, R20).
    """
    rules = method.outage
    judged = subtract(countable(long_enough(reports.down, rules, ground), ground), ground.excluded)
    loads = [
        (record.start, record.end, _share(record, method) * rules.weight(record.severity)) for record in reports.records
    ]
    combine = _sum_capped if method.overlap == "sum_capped" else _largest
    affected = _weighted(judged, tuple(_levels(loads, combine)))
    gaps = (Stretch(gap.start, gap.end, Kind.DOWN, "affected") for gap in subtract(judged, reports.down))
    return Count(
        counted=tuple(sorted((*affected, *gaps), key=lambda one: one.start)),
        degraded=weightless(reports.severities, ground),
        spans=with_gaps(reports.down, judged, rules),
        merge_gap_seconds=rules.merge_gap_seconds,
        records=reports.records,
        seen=reports.seen,
        unknown=reports.unknown,
        timeline=reports.timeline,
    )


def _share(record: OutageRecord, method: UserMinutes | AffectedRatio) -> Fraction:
    if isinstance(method, UserMinutes) and record.affected_users is not None:
        return min(Fraction(record.affected_users, method.total_users), Fraction(1))
    return Fraction(1) if record.ratio is None else min(record.ratio, Fraction(1))


def _sum_capped(shares: "_Shares") -> Fraction:
    return min(shares.total, Fraction(1))


def _largest(shares: "_Shares") -> Fraction:
    return shares.largest


class _Shares:
    """The shares of the incidents open at one instant."""

    def __init__(self) -> None:
        self.counts: dict[Fraction, int] = {}
        self.total = Fraction(0)

    def add(self, share: Fraction, step: int) -> None:
        self.total += share * step
        self.counts[share] = self.counts.get(share, 0) + step
        if self.counts[share] == 0:
            del self.counts[share]

    @property
    def largest(self) -> Fraction:
        return max(self.counts, default=Fraction(0))


def _levels(loads: Sequence[_Load], combine: Callable[[_Shares], Fraction]) -> Iterator[_Load]:
    """The combined share between each two changes, in order; where nobody is affected there is none."""
    changes = sorted((at, step, share) for start, end, share in loads for at, step in ((start, 1), (end, -1)))
    shares, since, level = _Shares(), 0, Fraction(0)
    for at, step, share in changes:
        if at > since and level:
            yield since, at, level
        shares.add(share, step)
        since = at
        level = combine(shares)


def _weighted(judged: Intervals, levels: Sequence[_Load]) -> Iterator[Stretch]:
    position = 0
    for span in judged:
        while position < len(levels) and levels[position][1] <= span.start:
            position += 1
        at = position
        while at < len(levels) and levels[at][0] < span.end:
            piece = Interval(max(levels[at][0], span.start), min(levels[at][1], span.end))
            yield Stretch(piece.start, piece.end, Kind.DOWN, "affected", levels[at][2])
            at += 1
