"""Days of services in seconds, for bars and charts: derived from runs and samples, and made anew at any time."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    CursorResult,
    ForeignKey,
    Index,
    PrimaryKeyConstraint,
    RowMapping,
    Table,
    case,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.latency_sketch import LatencySketch, read_sketch
from portal.domain.evidence.records import State
from portal.domain.evidence.service_day import ServiceDay
from portal.store.ground.base import Base, Seconds
from portal.store.measuring.services import ProbeRow, ScheduleRow


class ServiceDayRow(Base):
    """One local day [start, end) of a service; `latencies` is the text of a sketch, `computed_at` a UTC second.

    A day that was stored before its end was told has neither `last_state` nor `last_since`.
    """

    __tablename__ = "service_day"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    start: Mapped[Seconds]
    end: Mapped[Seconds]
    up_s: Mapped[int]
    degraded_s: Mapped[int]
    down_s: Mapped[int]
    unknown_s: Mapped[int]
    excluded_s: Mapped[int]
    unmeasured_s: Mapped[int]
    last_state: Mapped[str | None]
    last_since: Mapped[Seconds | None]
    is_generated: Mapped[bool]
    latencies: Mapped[str]
    computed_at: Mapped[Seconds]

    __table_args__ = (PrimaryKeyConstraint("service_id", "start"), {"sqlite_with_rowid": False})


@dataclass(frozen=True, slots=True)
class Sums:
    """Days of all services together: how many local days, and their seconds since each service was first measured."""

    days: int
    measured_s: int
    unknown_s: int
    excluded_s: int


DAYS = cast(Table, ServiceDayRow.__table__)
_NUMBERS = ("up_s", "degraded_s", "down_s", "unknown_s", "excluded_s", "unmeasured_s")
IS_UNUSUAL = DAYS.c.up_s < DAYS.c.end - DAYS.c.start
UNUSUAL = tuple(DAYS.c[name] for name in ("service_id", "start", "end", *_NUMBERS, "last_state", "last_since"))
Index("ix_service_day_unusual", *UNUSUAL, sqlite_where=IS_UNUSUAL, postgresql_where=IS_UNUSUAL)
"""Days that were not up throughout are one in many: bars are drawn from their index alone."""
_COLUMNS = tuple(DAYS.c[name] for name in ("service_id", "start", "end", *_NUMBERS, "is_generated"))


def save_days(session: Session, service_id: UUID, days: Sequence[ServiceDay], computed_at: int) -> None:
    """Store neighbouring days, in order, in the place of what was there of their time, from whatever time zone."""
    of_their_time = (DAYS.c.start < days[-1].end) & (DAYS.c.end > days[0].start)
    session.execute(delete(DAYS).where(DAYS.c.service_id == service_id, of_their_time))
    names = ("start", "end", *_NUMBERS, "last_since", "is_generated")
    rows = [
        {name: getattr(day, name) for name in names}
        | {"service_id": service_id, "last_state": None if day.last_state is None else day.last_state.value}
        | {"latencies": day.latencies.text(), "computed_at": computed_at}
        for day in days
    ]
    session.execute(insert(DAYS), rows)


def stored_day(session: Session, service_id: UUID, start: int) -> ServiceDay | None:
    """Return the day that begins at a UTC second, with its latencies."""
    row = session.get(ServiceDayRow, (service_id, start), populate_existing=True)
    if row is None:
        return None
    numbers = {name: getattr(row, name) for name in _NUMBERS}
    return ServiceDay(
        start=row.start,
        end=row.end,
        **numbers,
        last_state=None if row.last_state is None else State(row.last_state),
        last_since=row.last_since,
        is_generated=row.is_generated,
        latencies=read_sketch(row.latencies),
    )


def days_between(
    session: Session, service_ids: Collection[UUID], start: int, end: int
) -> Mapping[UUID, Sequence[RowMapping]]:
    """Return the days of each service that lie in [start, end), in order, as their columns without the latencies."""
    question = select(*_COLUMNS).where(DAYS.c.service_id.in_(service_ids), DAYS.c.start >= start, DAYS.c.end <= end)
    found: dict[UUID, list[RowMapping]] = defaultdict(list)
    for row in session.execute(question.order_by(DAYS.c.service_id, DAYS.c.start)).mappings():
        found[row["service_id"]].append(row)
    return found


def sums_by_span(session: Session, spans: Sequence[tuple[int, int]]) -> Mapping[tuple[int, int], Sums]:
    """Return the sums over all services of the days that begin in each of these spans [start, end); one question."""
    if not spans:
        return {}
    place = case(
        *((DAYS.c.start.between(start, end - 1), number) for number, (start, end) in enumerate(spans)), else_=-1
    )
    first, after = min(start for start, _ in spans), max(end for _, end in spans)
    columns = [
        func.count(DAYS.c.start.distinct()),
        func.sum(DAYS.c.end - DAYS.c.start - DAYS.c.unmeasured_s),
        func.sum(DAYS.c.unknown_s - DAYS.c.unmeasured_s),
        func.sum(DAYS.c.excluded_s),
    ]
    question = select(place.label("place"), *columns).where(DAYS.c.start >= first, DAYS.c.start < after)
    rows = session.execute(question.group_by("place"))
    return {spans[number]: Sums(*map(int, sums)) for number, *sums in rows if number >= 0}


def sketches_between(
    session: Session, service_id: UUID, start: int, end: int
) -> Sequence[tuple[int, int, LatencySketch]]:
    """Return the latencies of each kept day of a service that lies in [start, end): its beginning, end and sketch."""
    question = select(DAYS.c.start, DAYS.c.end, DAYS.c.latencies).where(DAYS.c.service_id == service_id)
    rows = session.execute(question.where(DAYS.c.start >= start, DAYS.c.end <= end).order_by(DAYS.c.start))
    return [(first, until, read_sketch(text)) for first, until, text in rows]


def day_counts(session: Session, start: int) -> Mapping[UUID, int]:
    """Return how many days of each service are stored that begin at `start` or later."""
    question = select(DAYS.c.service_id, func.count()).where(DAYS.c.start >= start).group_by(DAYS.c.service_id)
    return dict(session.execute(question).all())


def longest_intervals(session: Session) -> Mapping[UUID, int]:
    """Return the longest interval in seconds at which any probe of each service was ever scheduled."""
    question = select(ProbeRow.service_id, func.max(ScheduleRow.interval_s)).join(ProbeRow)
    return dict(session.execute(question.group_by(ProbeRow.service_id)).all())


def stored_starts(session: Session, service_id: UUID, start: int) -> set[tuple[int, int]]:
    """Return beginning and end of every stored day of a service from `start` on."""
    question = select(DAYS.c.start, DAYS.c.end).where(DAYS.c.service_id == service_id, DAYS.c.start >= start)
    return {(first, until) for first, until in session.execute(question)}


def forget_days(
    session: Session, service_ids: Collection[UUID], start: int, end: int, before: int | None = None
) -> int:
    """Remove the days that touch [start, end), all or those computed before a UTC second; return how many."""
    question = delete(DAYS).where(DAYS.c.service_id.in_(service_ids), DAYS.c.start < end, DAYS.c.end > start)
    if before is not None:
        question = question.where(DAYS.c.computed_at < before)
    return cast(CursorResult[Any], session.execute(question)).rowcount


def forget_days_of_probes(session: Session, probes: Collection[int] | None, start: int, end: int) -> None:
    """Remove the days that evidence of these probes (None: of any) in [start, end) may have changed.

    Days that were not measured yet in part change with any earlier sample.
    """
    touched = ((DAYS.c.start < end) | (DAYS.c.unmeasured_s > 0)) & (DAYS.c.end > start)
    question = delete(DAYS).where(touched)
    if probes is not None:
        services = select(ProbeRow.service_id).where(ProbeRow.number.in_(probes))
        question = question.where(DAYS.c.service_id.in_(services))
    session.execute(question)
