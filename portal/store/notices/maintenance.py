"""Planned work told to people: what it touches, and each word about it with the window that word announces (D18)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid5

from sqlalchemy import ForeignKey, Table, bindparam, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified, Seconds
from portal.store.measuring.services import ServiceRow

WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""Else SQLite could replace a row by its hidden number, past the trigger that guards its id."""


class MaintenanceRow(Identified, Base):
    """One planned work; `type` is the kind of exclusion it asks for. Its window is that of its latest word."""

    __tablename__ = "maintenance"
    __table_args__ = WITHOUT_ROWID

    title: Mapped[str]
    type: Mapped[str]


class MaintenanceServiceRow(Identified, Base):
    """A service a maintenance touches."""

    __tablename__ = "maintenance_service"
    __table_args__ = WITHOUT_ROWID

    maintenance_id: Mapped[UUID] = mapped_column(ForeignKey("maintenance.id"), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))


class MaintenanceWordRow(Identified, Base):
    """One word about a maintenance, numbered from 1: announced, moved, ended or cancelled; [start, end) is its window.

    `body` is Markdown. The id is made of maintenance and number, so that no two people tell the same word.
    """

    __tablename__ = "maintenance_word"
    __table_args__ = WITHOUT_ROWID

    maintenance_id: Mapped[UUID] = mapped_column(ForeignKey("maintenance.id"), index=True)
    number: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)
    kind: Mapped[str]
    start: Mapped[Seconds]
    end: Mapped[Seconds]
    body: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))


for _rows in (MaintenanceRow, MaintenanceServiceRow, MaintenanceWordRow):
    only_grows(cast(Table, _rows.__table__))


_latest = (
    select(MaintenanceWordRow.maintenance_id, func.max(MaintenanceWordRow.number).label("number"))
    .group_by(MaintenanceWordRow.maintenance_id)
    .subquery()
)
_ENDING_AFTER = (
    select(MaintenanceRow)
    .join(MaintenanceWordRow, MaintenanceWordRow.maintenance_id == MaintenanceRow.id)
    .join(
        _latest,
        (_latest.c.maintenance_id == MaintenanceWordRow.maintenance_id)
        & (_latest.c.number == MaintenanceWordRow.number),
    )
    .where(MaintenanceWordRow.end > bindparam("second"))
    .order_by(MaintenanceWordRow.start, MaintenanceRow.id)
)
"""Made once: making a question costs more than asking it."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A service a maintenance touches."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class StoredMaintenance:
    """One maintenance, the services it touches and every word about it, the latest last."""

    row: MaintenanceRow
    services: tuple[Touched, ...]
    words: tuple[MaintenanceWordRow, ...]


def word_id(maintenance_id: UUID, number: int) -> UUID:
    """Return the id of the word of this number about a maintenance."""
    return uuid5(maintenance_id, str(number))


def maintenance_by_id(session: Session, maintenance_id: UUID) -> StoredMaintenance | None:
    """Return one maintenance, if there is one of this id."""
    row = session.get(MaintenanceRow, maintenance_id)
    return None if row is None else _loaded(session, [row])[0]


def maintenance_before(session: Session, before: UUID | None, most: int) -> Sequence[StoredMaintenance]:
    """Return up to `most` maintenance works, latest told first, those older than the one of this id."""
    question = select(MaintenanceRow)
    if before is not None:
        question = question.where(MaintenanceRow.id < before)
    return _loaded(session, session.scalars(question.order_by(MaintenanceRow.id.desc()).limit(most)).all())


def maintenance_ending_after(session: Session, second: int) -> Sequence[StoredMaintenance]:
    """Return the works whose latest window ends after a UTC second, cancelled ones too, by start."""
    return _loaded(session, session.scalars(_ENDING_AFTER, {"second": second}).all())


def maintenance_starting(session: Session, start: int, end: int) -> Sequence[StoredMaintenance]:
    """Return the works whose latest window starts in [start, end) UTC seconds, the latest first."""
    newer = aliased(MaintenanceWordRow)
    is_latest = ~(
        select(newer.id)
        .where(newer.maintenance_id == MaintenanceWordRow.maintenance_id, newer.number > MaintenanceWordRow.number)
        .exists()
    )
    question = (
        select(MaintenanceRow)
        .join(MaintenanceWordRow, MaintenanceWordRow.maintenance_id == MaintenanceRow.id)
        .where(MaintenanceWordRow.start >= start, MaintenanceWordRow.start < end, is_latest)
        .order_by(MaintenanceWordRow.start.desc(), MaintenanceRow.id)
    )
    return _loaded(session, session.scalars(question).all())


def latest_words(session: Session, most: int) -> Sequence[tuple[StoredMaintenance, MaintenanceWordRow]]:
    """Return at most so many words about all works, newest first, each with the work it is about."""
    order = (MaintenanceWordRow.at.desc(), MaintenanceWordRow.id.desc())
    words = session.scalars(select(MaintenanceWordRow).order_by(*order).limit(most)).all()
    ids = {one.maintenance_id for one in words}
    works = _loaded(session, session.scalars(select(MaintenanceRow).where(MaintenanceRow.id.in_(ids))).all())
    by_id = {one.row.id: one for one in works}
    return tuple((by_id[one.maintenance_id], one) for one in words)


def _loaded(session: Session, rows: Sequence[MaintenanceRow]) -> Sequence[StoredMaintenance]:
    if not rows:
        return ()
    ids = [row.id for row in rows]
    services, words = _services(session, ids), _words(session, ids)
    return tuple(StoredMaintenance(row, tuple(services[row.id]), tuple(words[row.id])) for row in rows)


def _services(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[Touched]]:
    rows = session.execute(
        select(MaintenanceServiceRow.maintenance_id, ServiceRow.id, ServiceRow.name)
        .join(ServiceRow, ServiceRow.id == MaintenanceServiceRow.service_id)
        .where(MaintenanceServiceRow.maintenance_id.in_(ids))
        .order_by(ServiceRow.position, ServiceRow.name)
    )
    found: dict[UUID, list[Touched]] = defaultdict(list)
    for maintenance_id, service_id, name in rows:
        found[maintenance_id].append(Touched(service_id, name))
    return found


def _words(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[MaintenanceWordRow]]:
    question = select(MaintenanceWordRow).where(MaintenanceWordRow.maintenance_id.in_(ids))
    found: dict[UUID, list[MaintenanceWordRow]] = defaultdict(list)
    for row in session.scalars(question.order_by(MaintenanceWordRow.maintenance_id, MaintenanceWordRow.number)):
        found[row.maintenance_id].append(row)
    return found
