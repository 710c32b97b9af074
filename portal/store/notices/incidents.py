"""Incidents told to people, and their updates."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, bindparam, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.notices.incidents import Affected, Impact, Incident, Status, Update
from portal.store.ground.base import Base, Identified
from portal.store.measuring.services import ServiceRow


class IncidentRow(Identified, Base):
    """Something the provider told people about. Its status is that of its latest update."""

    __tablename__ = "incident"

    title: Mapped[str]
    impact: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)
    resolved_at: Mapped[datetime | None] = mapped_column(index=True)


class IncidentServiceRow(Base):
    """A service an incident affects."""

    __tablename__ = "incident_service"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), primary_key=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), primary_key=True)


class IncidentUpdateRow(Identified, Base):
    """One message about an incident; never changed after it is published. `body` is Markdown."""

    __tablename__ = "incident_update"

    incident_id: Mapped[UUID] = mapped_column(ForeignKey("incident.id"), index=True)
    status: Mapped[str]
    body: Mapped[str]
    published_at: Mapped[datetime] = mapped_column(index=True)
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


NEWEST_FIRST = (IncidentRow.created_at.desc(), IncidentRow.id.desc())
LATEST_FIRST = (IncidentUpdateRow.published_at.desc(), IncidentUpdateRow.id.desc())
_OPEN = select(IncidentRow).where(IncidentRow.resolved_at.is_(None)).order_by(*NEWEST_FIRST)
_RESOLVED = (
    select(IncidentRow)
    .where(IncidentRow.resolved_at >= bindparam("instant"))
    .order_by(*NEWEST_FIRST)
    .limit(bindparam("most"))
)
"""Made once: making a question costs more than asking it."""


@dataclass(frozen=True, slots=True)
class Told:
    """One published update and the incident it is about, without the incident's other updates."""

    incident: Incident
    update: Update


def incident_by_id(session: Session, incident_id: UUID) -> Incident | None:
    """Return one incident with all its updates, if there is one."""
    row = session.get(IncidentRow, incident_id)
    return _incidents(session, [row])[0] if row is not None else None


def open_incidents(session: Session) -> tuple[Incident, ...]:
    """Return the incidents not resolved yet, newest first."""
    return _incidents(session, session.scalars(_OPEN).all())


def newest_incidents(session: Session, most: int) -> tuple[Incident, ...]:
    """Return at most so many incidents, newest first."""
    return _incidents(session, session.scalars(select(IncidentRow).order_by(*NEWEST_FIRST).limit(most)).all())


def resolved_since(session: Session, instant: datetime, most: int) -> tuple[Incident, ...]:
    """Return at most so many incidents resolved at or after an instant, newest first."""
    return _incidents(session, session.scalars(_RESOLVED, {"instant": instant, "most": most}).all())


def incidents_between(session: Session, start: datetime, end: datetime) -> tuple[Incident, ...]:
    """Return the incidents told from `start` up to, but not including, `end`, newest first."""
    question = select(IncidentRow).where(IncidentRow.created_at >= start, IncidentRow.created_at < end)
    return _incidents(session, session.scalars(question.order_by(*NEWEST_FIRST)).all())


def incidents_during(session: Session, start: datetime, end: datetime) -> tuple[Incident, ...]:
    """Return the incidents that were open at some time in [start, end), newest first."""
    question = select(IncidentRow).where(
        IncidentRow.created_at < end, IncidentRow.resolved_at.is_(None) | (IncidentRow.resolved_at >= start)
    )
    return _incidents(session, session.scalars(question.order_by(*NEWEST_FIRST)).all())


def told_before(session: Session, instant: datetime) -> datetime | None:
    """Return when the last incident before an instant was told, if there is one."""
    return session.scalar(select(func.max(IncidentRow.created_at)).where(IncidentRow.created_at < instant))


def latest_updates(session: Session, most: int) -> tuple[Told, ...]:
    """Return at most so many published updates of all incidents, newest first."""
    rows = session.scalars(select(IncidentUpdateRow).order_by(*LATEST_FIRST).limit(most)).all()
    ids = {row.incident_id for row in rows}
    headers = session.scalars(select(IncidentRow).where(IncidentRow.id.in_(ids))).all()
    services = _services(session, ids)
    incidents = {row.id: _incident(row, services.get(row.id, ()), ()) for row in headers}
    return tuple(Told(incidents[row.incident_id], _update(row)) for row in rows)


def add_incident(session: Session, title: str, impact: Impact, services: Iterable[UUID], created_at: datetime) -> UUID:
    """Store an incident without an update yet; return its id."""
    row = IncidentRow(title=title, impact=impact.value, created_at=created_at, resolved_at=None)
    session.add(row)
    session.flush()
    session.add_all(IncidentServiceRow(incident_id=row.id, service_id=service) for service in services)
    return row.id


def add_update(
    session: Session, incident_id: UUID, status: Status, body: str, author_id: UUID, published_at: datetime
) -> None:
    """Store one update; a resolving one also ends its incident."""
    row = IncidentUpdateRow(
        incident_id=incident_id, status=status.value, body=body, author_id=author_id, published_at=published_at
    )
    session.add(row)
    if status is Status.RESOLVED:
        session.execute(update(IncidentRow).where(IncidentRow.id == incident_id).values(resolved_at=published_at))
    session.flush()


def _incidents(session: Session, rows: Sequence[IncidentRow]) -> tuple[Incident, ...]:
    if not rows:
        return ()
    ids = {row.id for row in rows}
    services, updates = _services(session, ids), _updates(session, ids)
    return tuple(_incident(row, services.get(row.id, ()), updates.get(row.id, ())) for row in rows)


def _services(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Affected]]:
    question = (
        select(IncidentServiceRow.incident_id, ServiceRow.id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == IncidentServiceRow.service_id)
        .where(IncidentServiceRow.incident_id.in_(ids))
        .order_by(ServiceRow.position, ServiceRow.name)
    )
    found: dict[UUID, list[Affected]] = defaultdict(list)
    for incident_id, service_id, name in session.execute(question):
        found[incident_id].append(Affected(service_id, name))
    return found


def _updates(session: Session, ids: Collection[UUID]) -> dict[UUID, list[Update]]:
    question = select(IncidentUpdateRow).where(IncidentUpdateRow.incident_id.in_(ids)).order_by(*LATEST_FIRST)
    found: dict[UUID, list[Update]] = defaultdict(list)
    for row in session.scalars(question):
        found[row.incident_id].append(_update(row))
    return found


def _update(row: IncidentUpdateRow) -> Update:
    return Update(row.id, Status(row.status), row.body, row.published_at)


def _incident(row: IncidentRow, services: Iterable[Affected], updates: Iterable[Update]) -> Incident:
    return Incident(
        id=row.id,
        title=row.title,
        impact=Impact(row.impact),
        created_at=row.created_at,
        resolved_at=row.resolved_at,
        services=tuple(services),
        updates=tuple(updates),
    )
