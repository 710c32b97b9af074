"""Weighted good requests over all requests (semantics.md R17d, R12)."""

from collections.abc import Iterable
from fractions import Fraction

from portal.domain.evaluation.count import Count, Ratio
from portal.domain.evaluation.ground import Ground
from portal.domain.evaluation.methods.tally import requests_outside
from portal.domain.evaluation.reports import Reports
from portal.domain.evaluation.result import Step
from portal.domain.evidence.records import Evidence, RequestClass, SlotCount
from portal.domain.promises.methodology import RequestRatio
from portal.domain.quantities.intervals import Intervals, Measure, clip, subtract


def count_request_ratio(evidence: Evidence, reports: Reports, method: RequestRatio, ground: Ground) -> Count:
    """Attained is Σ count·score ÷ Σ count over the classes, else over the counts, else over the samples (D8).

    Requests inside an exclusion leave both sums. Raises ValueError for a class that has no score.
    """
    if evidence.classes or not (evidence.counts or evidence.series):
        good, total, lines = _classes(evidence.classes, dict(method.scores))
    else:
        good, total = _requests(evidence, _heard(ground), dict(method.scores))
        lines = ()
    share = good / total if total else None
    details = (
        Step("good_weight", good, "requests", "R17d"),
        Step("total_weight", total, "requests", "R17d"),
        *lines,
    )
    return Count(seen=(), unknown=reports.unknown, ratio=Ratio(share, share), details=details)


def _classes(
    classes: Iterable[RequestClass], scores: dict[str, Fraction]
) -> tuple[Fraction, Fraction, tuple[Step, ...]]:
    good, total, lines = Fraction(0), Fraction(0), []
    for one in classes:
        if one.excluded:
            lines.append(Step("class_excluded", one.count, "requests", "R12", (("class", one.name),)))
            continue
        score = scores.get(one.name, one.score)
        if score is None:
            raise ValueError(f"the request class '{one.name}' has no score")
        good += one.count * score
        total += one.count
        lines.append(Step("class", one.count, "requests", "R17d", (("class", one.name), ("score", score))))
    return good, total, tuple(lines)


def _requests(evidence: Evidence, heard: Intervals, scores: dict[str, Fraction]) -> tuple[Fraction, Fraction]:
    """Good weight and total: a counted class is worth what the terms say of it, else its own good ones."""
    if not evidence.counts:
        total, errors = requests_outside(evidence.series, heard)
        return Fraction(total - errors), Fraction(total)
    listened = Measure(heard)
    inside = [one for one in evidence.counts if listened.within(one.start, one.start + 1)]
    good = sum((_worth(one, scores.get(one.request_class)) for one in inside), Fraction(0))
    return good, Fraction(sum(one.total for one in inside))


def _worth(one: SlotCount, score: Fraction | None) -> Fraction:
    return Fraction(one.total - one.errors) if score is None else one.total * score


def _heard(ground: Ground) -> Intervals:
    """The elapsed measured time outside exclusions, while the service existed."""
    start = max(ground.measured.start, ground.served.start)
    end = min(ground.measured.end, ground.served.end, ground.elapsed_until)
    return subtract(clip((ground.measured,), start, end), ground.excluded)
