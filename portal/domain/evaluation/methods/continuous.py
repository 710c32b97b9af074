"""The outage intervals themselves, weighted by severity (semantics.md R7, R8, R18–R21)."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from operator import attrgetter

from portal.domain.evaluation.count import Count
from portal.domain.evaluation.downtime import countable, long_enough, with_gaps
from portal.domain.evaluation.ground import Ground
from portal.domain.evaluation.reports import Reports, Severity
from portal.domain.evaluation.result import Kind, Stretch
from portal.domain.promises.methodology import Continuous
from portal.domain.quantities.intervals import Intervals, intersect, lies_within, subtract, union


def count_continuous(reports: Reports, method: Continuous, ground: Ground) -> Count:
    """Downtime is the time of every outage that is long enough, each second at its heaviest severity."""
    rules = method.outage
    judged = subtract(countable(long_enough(reports.down, rules, ground), ground), ground.excluded)
    return Count(
        counted=weigh(judged, reports.severities, rules.weight("down")),
        degraded=weightless(reports.severities, ground),
        spans=with_gaps(reports.down, judged, rules),
        merge_gap_seconds=rules.merge_gap_seconds,
        records=reports.records,
        seen=reports.seen,
        unknown=reports.unknown,
        timeline=reports.timeline,
    )


def weigh(judged: Intervals, severities: Iterable[Severity], gap_weight: Fraction) -> tuple[Stretch, ...]:
    """The judged seconds at the weight of the heaviest severity that covers each (R8).

    What no severity covers is a gap that counts as down (R20).
    """
    stretches: list[Stretch] = []
    left = judged
    for severity in severities:
        if severity.weight == 0 or not left:
            break
        pieces = left if lies_within(left, severity.intervals) else intersect(left, severity.intervals)
        left = () if pieces is left else subtract(left, pieces)
        stretches.extend(_stretches(pieces, severity.name, severity.weight))
    stretches.extend(_stretches(left, "down", gap_weight))
    stretches.sort(key=attrgetter("start"))
    return tuple(stretches)


def weightless(severities: Sequence[Severity], ground: Ground) -> tuple[Stretch, ...]:
    """Time of severities that weigh nothing, outside exclusions: shown as degraded, never counted (D23)."""
    taken: Intervals = ()
    stretches: list[Stretch] = []
    for severity in severities:
        if severity.weight > 0 or severity.name == "down":
            continue
        pieces = subtract(subtract(countable(severity.intervals, ground), ground.excluded), taken)
        stretches.extend(Stretch(piece.start, piece.end, Kind.DEGRADED, severity.name) for piece in pieces)
        taken = union(taken, pieces)
    stretches.sort(key=attrgetter("start"))
    return tuple(stretches)


def _stretches(pieces: Intervals, reason: str, weight: Fraction) -> list[Stretch]:
    kind = Kind.DOWN if reason == "down" or weight == 1 else Kind.DEGRADED
    return [Stretch(piece.start, piece.end, kind, reason, weight) for piece in pieces]
