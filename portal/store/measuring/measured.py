"""What is measured: the services in the order people see them, and where, how and how often each is asked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its key, its name and the group it is shown in."""

    id: UUID
    key: str
    name: str
    group: str


_SERVICES = select(ServiceRow.id, ServiceRow.key, ServiceRow.name, ServiceRow.group_name).order_by(
    ServiceRow.position, ServiceRow.name
)
_LOCATION_NAMES = select(LocationRow.key, LocationRow.name).order_by(LocationRow.number)
"""Made once: making a question costs more than asking it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One probe as it is in force: what kind of question, to which service, how often, from which locations."""

    service: str
    kind: str
    interval_s: int
    timeout_ms: int
    latency_limit_ms: int | None
    locations: tuple[str, ...]


def services(session: Session) -> Sequence[Service]:
    """Return all services, groups kept together in the order of their first service."""
    found = [Service(*row) for row in session.execute(_SERVICES)]
    places = {name: place for place, name in enumerate(dict.fromkeys(one.group for one in found))}
    return tuple(sorted(found, key=lambda one: places[one.group]))


def service_names(session: Session, keys: Collection[str]) -> dict[str, str]:
    """Return the names of the services with these keys, by key."""
    return dict(session.execute(select(ServiceRow.key, ServiceRow.name).where(ServiceRow.key.in_(keys))).all())


def location_names(session: Session) -> dict[str, str]:
    """Return the name of each location by its key."""
    return dict(session.execute(_LOCATION_NAMES).all())


def probe_keys(session: Session, service_id: UUID) -> dict[int, str]:
    """Return the key of every probe of a service by its number."""
    return dict(session.execute(select(ProbeRow.number, ProbeRow.key).where(ProbeRow.service_id == service_id)).all())


def location_keys(session: Session) -> dict[int, str]:
    """Return the key of each location by its number."""
    return dict(session.execute(select(LocationRow.number, LocationRow.key)).all())


def intervals_in_force(session: Session, at: int) -> Mapping[UUID, int]:
    """Return the shortest interval in seconds at which each measured service is asked at a UTC second."""
    latest = _latest_schedules(at)
    question = (
        select(ProbeRow.service_id, func.min(ScheduleRow.interval_s))
        .join(latest, (latest.c.probe_id == ScheduleRow.probe_id) & (latest.c.since == ScheduleRow.effective_from))
        .join(ProbeRow, ProbeRow.id == ScheduleRow.probe_id)
        .where(ScheduleRow.interval_s > 0)
        .group_by(ProbeRow.service_id)
    )
    return dict(session.execute(question).all())


def _latest_schedules(at: int) -> Subquery:
    """The beginning of the schedule each probe follows at a UTC second."""
    return (
        select(ScheduleRow.probe_id, func.max(ScheduleRow.effective_from).label("since"))
        .where(ScheduleRow.effective_from <= at)
        .group_by(ScheduleRow.probe_id)
        .subquery()
    )


def probes_in_force(session: Session, at: int) -> Sequence[Asked]:
    """Return what each probe does at a UTC second, ended ones left out."""
    latest = _latest_schedules(at)
    question = (
        select(ScheduleRow, ServiceRow.name)
        .join(latest, (latest.c.probe_id == ScheduleRow.probe_id) & (latest.c.since == ScheduleRow.effective_from))
        .join(ProbeRow, ProbeRow.id == ScheduleRow.probe_id)
        .join(ServiceRow, ServiceRow.id == ProbeRow.service_id)
        .where(ScheduleRow.interval_s > 0)
        .order_by(ServiceRow.position, ServiceRow.name, ProbeRow.number)
    )
    names = dict(session.execute(select(LocationRow.number, LocationRow.name)).all())
    return tuple(_asked(row, service, names) for row, service in session.execute(question))


def _asked(row: ScheduleRow, service: str, names: dict[int, str]) -> Asked:
    return Asked(
        service=service,
        kind=row.kind,
        interval_s=row.interval_s,
        timeout_ms=row.timeout_ms,
        latency_limit_ms=row.latency_limit_ms,
        locations=tuple(names[number] for number in sorted(row.locations) if number in names),
    )
