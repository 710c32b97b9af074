"""Neighbouring days of a service summed up from one reading of its evidence: runs for seconds, samples for times."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.detection import detect
from portal.domain.evidence.latency_sketch import LatencySketch, sketch
from portal.domain.evidence.lead_in import lead_in_of
from portal.domain.evidence.records import Run, Series, State
from portal.domain.evidence.service_day import ServiceDay, service_day
from portal.domain.quantities.intervals import Interval, Intervals, union
from portal.store.evidence import evidence, evidence_days
from portal.store.notices import exclusions
from portal.usecases.keeping.evidence import led_in_series
from portal.usecases.measuring.public_rules import PUBLIC_RULES

__all__ = ["SummedDays", "still_holds", "sum_up"]

DAY_S = 86_400
ANSWERED = (State.UP, State.DEGRADED)
_LEAD_IN = lead_in_of([PUBLIC_RULES])


@dataclass(frozen=True, slots=True)
class SummedDays:
    """Neighbouring days of a service as they were summed up, in order, and the runs they were summed up from."""

    service_id: UUID
    days: Sequence[ServiceDay]
    series: Sequence[Series]


def sum_up(session: Session, service_id: UUID, days: Sequence[Interval]) -> SummedDays:
    """Return neighbouring local days of a service, given in order in UTC seconds, as what they were.

    Raises ValueError when the evidence of one of them cannot be read.
    """
    whole = Interval(days[0].start, days[-1].end)
    series = _series(session, service_id, whole.start, whole.end)
    timeline = detect(series, PUBLIC_RULES, whole)
    excluded = _excluded(session, service_id, whole)
    first = min((one.runs[0].first for one in series if one.runs), default=None)
    is_measured = next(_runs_in(series, whole), None) is not None  # every sample is part of a run
    sketches = _latencies(session, service_id, days) if is_measured else [sketch(())] * len(days)
    made = [
        service_day(day, timeline, excluded, first, is_generated=_is_generated(series, day), latencies=latencies)
        for day, latencies in zip(days, sketches, strict=True)
    ]
    return SummedDays(service_id, made, series)


def still_holds(session: Session, summed: SummedDays) -> bool:
    """Whether the runs are what these days were summed up from: every sample that is stored changes one."""
    return _series(session, summed.service_id, summed.days[0].start, summed.days[-1].end) == summed.series


def _series(session: Session, service_id: UUID, start: int, end: int) -> Sequence[Series]:
    """The day after may still confirm a failure in the last one (R23); before the first sample there is nothing."""
    until = end + DAY_S
    if not evidence.has_evidence_before(session, service_id, until):
        return ()
    return led_in_series(session, service_id, start, until, _LEAD_IN)


def _latencies(session: Session, service_id: UUID, days: Sequence[Interval]) -> Sequence[LatencySketch]:
    """The latencies of each of the days; a UTC day that two of them reach into is read once."""
    starts, found = [day.start for day in days], [list[int]() for _ in days]
    for sample in evidence_days.samples_of_service(session, service_id, days[0].start, days[-1].end):
        if sample.state in ANSWERED and sample.total_ms is not None:
            found[bisect_right(starts, sample.slot) - 1].append(sample.total_ms)
    return [sketch(ones) for ones in found]


def _is_generated(series: Iterable[Series], day: Interval) -> bool:
    return any(run.provenance == "generated" for run in _runs_in(series, day))


def _runs_in(series: Iterable[Series], time: Interval) -> Iterator[Run]:
    return (run for one in series for run in one.runs if run.first < time.end and run.last >= time.start)


def _excluded(session: Session, service_id: UUID, time: Interval) -> Intervals:
    """Time that was left out for every customer: what one of them agreed to is not the public's matter."""
    return union(
        Interval(one.row.start, one.row.end)
        for one in exclusions.exclusions_touching(session, time.start, time.end)
        if one.row.for_all and not one.locations and _is_approved(one) and _touches(one, service_id)
    )


def _is_approved(one: exclusions.StoredExclusion) -> bool:
    return bool(one.decisions) and one.decisions[-1].kind == "approved"


def _touches(one: exclusions.StoredExclusion, service_id: UUID) -> bool:
    return service_id in [service.id for service in one.services]
