"""Days of services, kept ready for bars and charts: derived, made anew when evidence of a day changes (decision D15).

A day is stored once it is over and has settled; one that is not stored is due. What changes the evidence of a day that
is over removes it, so that the worker makes it anew. A day is summed up while others write, and stored only if what it
was summed up from is still what is known. No contractual number is read from here.
"""

from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from operator import itemgetter
from uuid import UUID

import structlog
from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.quantities import zones
from portal.domain.quantities.intervals import Interval
from portal.store.evidence import summaries
from portal.store.ground import leases
from portal.store.measuring import measured
from portal.store.notices import exclusions
from portal.usecases.configuration.provider import site
from portal.usecases.keeping.day_sums import SummedDays, still_holds, sum_up
from portal.usecases.measuring.measurement import LEASE

__all__ = ["Bar", "bars_of", "rebuild_day", "refresh_summaries"]

DAYS_KEPT = 400
SETTLED_S = 600
"""A sample is stored some seconds after its slot; a day waits at least this long after its end."""
AT_ONCE = 50
TOGETHER = 10
"""Days that are summed up from one reading, and about as many as are stored in one write."""
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


def refresh_summaries(
    session: Session, now: datetime, days_kept: int = DAYS_KEPT, between: Callable[[], object] = lambda: None
) -> int:
    """Make the days of the last `days_kept` that are due, about 50 at most, ten of them in a write; return how many.

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
    made = 0
    for summed in _together(_summed_up(session, due)):
        between()
        with transaction(session):
            made += _save(session, summed, clock.seconds(now))
        if made >= AT_ONCE:
            break
    return made


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
        summed = sum_up(session, service_id, [span]) if is_over else None
    with transaction(session):
        fence()
        before = summaries.stored_day(session, service_id, span.start)
        if summed is None or before in (None, *summed.days):
            return False
        return bool(_save(session, [summed], clock.seconds(now)))


def _summed_up(session: Session, due: Sequence[tuple[UUID, Interval]]) -> Iterator[SummedDays]:
    for service_id, days in _neighbours(due):
        yield from _readable(session, service_id, days)


def _neighbours(due: Sequence[tuple[UUID, Interval]]) -> Iterator[tuple[UUID, Sequence[Interval]]]:
    """Yield up to ten days of a service that follow each other, in order; `due` has the latest of each first."""
    for service_id, days in groupby(due, itemgetter(0)):
        some: list[Interval] = []
        for _, day in days:
            if some and (len(some) == TOGETHER or day.end != some[-1].start):
                yield service_id, some[::-1]
                some = []
            some.append(day)
        yield service_id, some[::-1]


def _readable(session: Session, service_id: UUID, days: Sequence[Interval]) -> Iterator[SummedDays]:
    """Yield the days together, or each by itself where evidence cannot be read: then only what needs it is left out."""
    try:
        with reading(session):
            summed = sum_up(session, service_id, days)
    except ValueError as problem:
        if len(days) == 1:
            log.error("a day was not summed up", service=str(service_id), start=days[0].start, problem=str(problem))
            return
        for day in days:
            yield from _readable(session, service_id, [day])
        return
    yield summed


def _together(summed: Iterator[SummedDays]) -> Iterator[Sequence[SummedDays]]:
    """Yield what is stored in one write: ten days or a little more."""
    some: list[SummedDays] = []
    for one in summed:
        some.append(one)
        if sum(len(those.days) for those in some) >= TOGETHER:
            yield some
            some = []
    if some:
        yield some


def _save(session: Session, summed: Sequence[SummedDays], now: int) -> int:
    """Store those of the days whose samples are what they were summed up from, and return how many.

    Nothing is recorded meanwhile; a sample that comes after this removes its day again.
    """
    leases.hold(session, LEASE)
    still = [one for one in summed if still_holds(session, one)]
    for one in still:
        summaries.save_days(session, one.service_id, one.days, now)
    return sum(len(one.days) for one in still)


def _outdated(session: Session, days: Sequence[Interval]) -> Iterator[tuple[Collection[UUID], int, int, int]]:
    """Which services' days in which time were computed before the last word about an exclusion: (…, before when)."""
    if not days:
        return
    for one in exclusions.exclusions_touching(session, days[0].start, days[-1].end):
        if one.row.for_all and one.decisions:
            decided = clock.seconds(one.decisions[-1].at) + 1
            yield [service.id for service in one.services], one.row.start, one.row.end, decided


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
