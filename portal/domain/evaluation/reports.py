"""What is known to be down, worse than up, or unknown, before any contract's rules of length (R7–R9, R21–R24)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import attrgetter

from portal.domain.evaluation.ground import FAR
from portal.domain.evidence.detection import Timeline, detect
from portal.domain.evidence.records import Evidence, OutageRecord, State
from portal.domain.promises.methodology import Detection, OutageRules
from portal.domain.quantities.intervals import Interval, Intervals, covered, union

Reasoned = tuple[int, int, str]
"""An interval [start, end) with the reason why it is unknown."""


@dataclass(frozen=True, slots=True)
class Severity:
    """All reports of one severity as one list of intervals, and what a second of it weighs (R7, R8)."""

    name: str
    weight: Fraction
    intervals: Intervals


@dataclass(frozen=True, slots=True)
class Reports:
    """The reports about one service, heaviest severity first.

    `records` are the single reports after the clock rule; `down` the seconds of any severity that weighs something;
    `seen` all time anything was seen wrong, whatever the clock rule says of it; `unknown` is sorted and may overlap
    `seen`.
    """

    severities: tuple[Severity, ...]
    records: tuple[OutageRecord, ...]
    down: Intervals
    seen: Intervals
    unknown: tuple[Reasoned, ...]
    timeline: Timeline | None


def read_reports(evidence: Evidence, rules: OutageRules, detection: Detection, until: int | None) -> Reports:
    """The reports and detected outages of the evidence; with `until`, nothing later is known (an open period)."""
    timeline = _timeline(evidence, detection, until)
    given = [*_known_until(evidence.outages, until), *_detected(timeline)]
    counted = tuple(sorted(_on_the_clock(given, rules.clock_start), key=attrgetter("start", "end")))
    severities = _severities(counted, rules)
    down = union(*(one.intervals for one in severities if one.weight > 0))
    seen = union(*(one.intervals for one in severities)) if rules.clock_start == "measured" else covered(given)
    return Reports(severities, counted, down, seen, tuple(_unknown(evidence, timeline)), timeline)


def _severities(records: Iterable[OutageRecord], rules: OutageRules) -> tuple[Severity, ...]:
    """The reports by severity, heaviest first."""
    by_name: dict[str, list[OutageRecord]] = {}
    for record in records:
        by_name.setdefault(record.severity, []).append(record)
    severities = [Severity(name, rules.weight(name), covered(same)) for name, same in by_name.items()]
    return tuple(sorted(severities, key=lambda one: (-one.weight, one.name)))


def _timeline(evidence: Evidence, detection: Detection, until: int | None) -> Timeline | None:
    """The states over all the samples there are, so that outages are whole beyond the period's edges (R19)."""
    if not evidence.series:
        return None
    runs = [run for one in evidence.series for run in one.runs]
    if not runs:
        return Timeline((), 0)
    start = min(run.first for run in runs)
    end = max(run.last + (detection.max_gap_seconds or 2 * run.interval_s) for run in runs)
    return detect(evidence.series, detection, Interval(start, end if until is None else min(end, until)))


def _known_until(records: Iterable[OutageRecord], until: int | None) -> Iterable[OutageRecord]:
    for record in records:
        if until is None or record.end <= until:
            yield record
        elif record.start < until:
            yield replace(record, end=until)


def _detected(timeline: Timeline | None) -> Iterable[OutageRecord]:
    if timeline is None:
        return
    for state in (State.DOWN, State.DEGRADED):
        severity = state.value
        for span in timeline.intervals(state):
            yield OutageRecord(span.start, span.end, severity)


def _on_the_clock(records: Iterable[OutageRecord], clock_start: str) -> Iterable[OutageRecord]:
    """R21: with the clock `reported` an outage counts from its report on, and not at all without one."""
    for record in records:
        if clock_start == "measured":
            if record.start < record.end:
                yield record
        elif record.reported_at is not None and max(record.start, record.reported_at) < record.end:
            yield replace(record, start=max(record.start, record.reported_at))


def _unknown(evidence: Evidence, timeline: Timeline | None) -> Sequence[Reasoned]:
    found = [(one.start, one.end, "reported") for one in union(evidence.unknown)]
    if timeline is None:
        return found
    found.extend(
        (one.start, one.end, one.reason or "no_data") for one in timeline.segments if one.state is State.UNKNOWN
    )
    found.extend(_outside(timeline))
    return sorted(found)


def _outside(timeline: Timeline) -> Iterable[Reasoned]:
    """Before the first and after the last sample's hold nothing is known."""
    if not timeline.segments:
        return [(-FAR, FAR, "no_data")]
    return [(-FAR, timeline.segments[0].start, "no_data"), (timeline.segments[-1].end, FAR, "probe_gap")]
