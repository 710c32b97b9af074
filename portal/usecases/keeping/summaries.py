"""Days of services, kept ready for bars and charts: derived, made anew when evidence of a day changes (decision D15).

A day is stored once it is over and has settled; one that is not stored is due. What changes the evidence of a day that
is over removes it, so that the worker makes it anew. A day is summed up while others write, and stored only if what it
was summed up from is still what is known. No contractual number is read from here.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import islice
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.evidence.detection import detect
from portal.domain.evidence.latency_sketch import sketch
from portal.domain.evidence.lead_in import lead_in_of
from portal.domain.evidence.records import Run, Series, State
from portal.domain.evidence.service_day import ServiceDay, service_day
from portal.domain.quantities import zones
from portal.domain.quantities.intervals import Interval, Intervals, union
from portal.store import evidence, evidence_days, exclusions, leases, measured, summaries
from portal.usecases.configuration.provider import site
from portal.usecases.keeping.evidence import led_in_series
from portal.usecases.measuring.measurement import LEASE
from portal.usecases.measuring.public_rules import PUBLIC_RULES

__all__ = ["Bar", "bars_of", "rebuild_day", "refresh_summaries"]

DAYS_KEPT = 400
SETTLED_S = 600
"""A sample is stored some seconds after its slot; a day waits at least this long after its end."""
AT_ONCE = 50
TOGETHER = 10
"""Days stored in one write, each after a look at its runs."""
DAY_S = 86_400
ANSWERED = (State.UP, State.DEGRADED)
_LEAD_IN = lead_in_of([PUBLIC_RULES])
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Bar:
    """One stored day as bars show it: its seconds by what they were (see ServiceDay), without latencies."""

    start: int
    end: int
    up_s: int
    degraded_s: int
    down_s: int
    unknown_s: int
    excluded_s: int
    unmeasured_s: int
    is_generated: bool


def bars_of(
    session: Session, service_ids: Collection[UUID], days: Sequence[Interval]
) -> Mapping[UUID, Mapping[int, Bar]]:
    """Return the stored days of these services by service and first second; one question for all of them.

    `days` are neighbouring local days in UTC seconds, in order. A day that is not stored, or was stored for another
    time zone, is missing: the reader computes it from runs.
    """
    if not days or not service_ids:
        return {}
    wanted = {(day.start, day.end) for day in days}
    stored = summaries.days_between(session, service_ids, days[0].start, days[-1].end)
    return {
        service_id: {row["start"]: _bar(row) for row in rows if (row["start"], row["end"]) in wanted}
        for service_id, rows in stored.items()
    }


@dataclass(frozen=True, slots=True)
class _Summed:
    """A day as it was summed up, of which service, and the samples' runs it was summed up from."""

    service_id: UUID
    day: ServiceDay
    series: Sequence[Series]


def refresh_summaries(
    session: Session, now: datetime, days_kept: int = DAYS_KEPT, between: Callable[[], object] = lambda: None
) -> int:
    """Make the days of the last `days_kept` that are due, at most 50, ten of them in a write; return how many.

    They are summed up while others write. A day whose samples changed meanwhile stays due; one whose evidence cannot be
    read is told to the operator, and neither holds up another.
    `between` is called before each write: where one writer at a time may write, others need a moment to have theirs.
    Costs by the number of services while nothing is due.
    """
    with reading(session):
        timezone = site(session).timezone
        days = _days_over(timezone, clock.seconds(now), days_kept)
        outdated = list(_outdated(session, days))
        due = list(_due(session, days, clock.seconds(now)))
    if outdated:
        with transaction(session):
            gone = sum(summaries.forget_days(session, *one) for one in outdated)
        if gone:
            return refresh_summaries(session, now, days_kept, between)
    summed = islice(_summed_days(session, due), AT_ONCE)
    return sum(_stored(session, some, clock.seconds(now), between) for some in _together(summed))


def rebuild_day(
    session: Session, service_id: UUID, day: date, now: datetime, fence: Callable[[], object] = lambda: None
) -> bool:
    """Make one local day of the provider anew; return whether that changed anything.

    A day that is not over, or that was never stored, is left alone and has not changed. `fence` is called within the
    write, which happens whatever it finds, and what it raises leaves everything as it was.
    """
    with reading(session):
        span = _span(day, site(session).timezone)
        is_over = span.end + _settling_s(summaries.longest_intervals(session), service_id) <= clock.seconds(now)
        summed = _summed(session, service_id, span) if is_over else None
    with transaction(session):
        fence()
        before = summaries.stored_day(session, service_id, span.start)
        if summed is None or before in (None, summed.day):
            return False
        return bool(_save(session, [summed], clock.seconds(now)))


def _summed_days(session: Session, due: Iterable[tuple[UUID, Interval]]) -> Iterator[_Summed]:
    for service_id, day in due:
        try:
            with reading(session):
                summed = _summed(session, service_id, day)
        except ValueError as problem:
            log.error("a day was not summed up", service=str(service_id), start=day.start, problem=str(problem))
            continue
        yield summed


def _together(summed: Iterator[_Summed]) -> Iterator[Sequence[_Summed]]:
    return iter(lambda: list(islice(summed, TOGETHER)), [])


def _stored(session: Session, summed: Sequence[_Summed], now: int, between: Callable[[], object]) -> int:
    between()
    with transaction(session):
        return _save(session, summed, now)


def _save(session: Session, summed: Sequence[_Summed], now: int) -> int:
    """Store those of the days whose samples are what they were summed up from, and return how many.

    Nothing is recorded meanwhile; a sample that comes after this removes its day again.
    """
    leases.hold(session, LEASE)
    still = [one for one in summed if _series(session, one.service_id, one.day) == one.series]
    for one in still:
        summaries.save_day(session, one.service_id, one.day, now)
    return len(still)


def _summed(session: Session, service_id: UUID, span: Interval) -> _Summed:
    series = _series(session, service_id, span)
    day = service_day(
        span,
        detect(series, PUBLIC_RULES, span),
        _excluded(session, service_id, span),
        min((one.runs[0].first for one in series if one.runs), default=None),
        is_generated=_is_generated(series, span),
        latencies=sketch(_latencies(session, service_id, span) if _is_measured(series, span) else ()),
    )
    return _Summed(service_id, day, series)


def _series(session: Session, service_id: UUID, day: Interval | ServiceDay) -> Sequence[Series]:
    """The day after it may still confirm a failure in this one (R23); before the first sample there is nothing."""
    until = day.end + DAY_S
    if not evidence.has_evidence_before(session, service_id, until):
        return ()
    return led_in_series(session, service_id, day.start, until, _LEAD_IN)


def _latencies(session: Session, service_id: UUID, day: Interval) -> Iterator[int]:
    for sample in evidence_days.samples_of_service(session, service_id, day.start, day.end):
        if sample.state in ANSWERED and sample.total_ms is not None:
            yield sample.total_ms


def _is_measured(series: Iterable[Series], day: Interval) -> bool:
    """Whether any sample lies in the day: every sample is part of a run."""
    return next(_runs_in(series, day), None) is not None


def _is_generated(series: Iterable[Series], day: Interval) -> bool:
    return any(run.provenance == "generated" for run in _runs_in(series, day))


def _runs_in(series: Iterable[Series], day: Interval) -> Iterator[Run]:
    return (run for one in series for run in one.runs if run.first < day.end and run.last >= day.start)


def _excluded(session: Session, service_id: UUID, day: Interval) -> Intervals:
    """Time that was left out for every customer: what one of them agreed to is not the public's matter."""
    return union(
        Interval(one.row.start, one.row.end)
        for one in exclusions.exclusions_touching(session, day.start, day.end)
        if one.row.for_all and not one.locations and _is_approved(one) and service_id in _service_ids(one)
    )


def _is_approved(one: exclusions.StoredExclusion) -> bool:
    return bool(one.decisions) and one.decisions[-1].kind == "approved"


def _service_ids(one: exclusions.StoredExclusion) -> list[UUID]:
    return [service.id for service in one.services]


def _outdated(session: Session, days: Sequence[Interval]) -> Iterator[tuple[Collection[UUID], int, int, int]]:
    """Which services' days in which time were computed before the last word about an exclusion: (…, before when)."""
    if not days:
        return
    for one in exclusions.exclusions_touching(session, days[0].start, days[-1].end):
        if one.row.for_all and one.decisions:
            decided = clock.seconds(one.decisions[-1].at) + 1
            yield _service_ids(one), one.row.start, one.row.end, decided


def _settling_s(intervals: Mapping[UUID, int], service_id: UUID) -> int:
    """How long after its end a day waits: until the next sample can have confirmed a failure in it (R23)."""
    return max(SETTLED_S, 2 * intervals.get(service_id, 0))


def _due(session: Session, days: Sequence[Interval], now: int) -> Iterator[tuple[UUID, Interval]]:
    """The days that have settled and are not stored, the latest first."""
    if not days:
        return
    counts, intervals = summaries.day_counts(session, days[0].start), summaries.longest_intervals(session)
    for service in measured.services(session):
        settled = bisect_right(days, now - _settling_s(intervals, service.id), key=lambda day: day.end)
        if counts.get(service.id, 0) < settled:
            stored = summaries.stored_starts(session, service.id, days[0].start)
            for day in reversed(days[:settled]):
                if (day.start, day.end) not in stored:
                    yield service.id, day


def _days_over(timezone: str, now: int, kept: int) -> Sequence[Interval]:
    """The local days kept that are over and have settled, in order."""
    today = zones.local_date(now - SETTLED_S, timezone)
    spans = (_span(today - timedelta(days=count), timezone) for count in range(kept, 0, -1))
    return [span for span in spans if span.seconds]


def _span(day: date, timezone: str) -> Interval:
    return Interval(zones.instant_of(day, timezone), zones.instant_of(day + timedelta(days=1), timezone))


def _bar(row: RowMapping) -> Bar:
    return Bar(**{name: row[name] for name in Bar.__dataclass_fields__})
