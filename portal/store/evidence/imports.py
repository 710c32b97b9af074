"""Files that were taken: what was in them, and for which time a file is the whole story (decision D9)."""

from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.quantities.intervals import Interval, Intervals, clip, subtract, union
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified, Seconds
from portal.store.measuring.services import ServiceRow

UNCOVERED = "uncovered"
"""The kind of a row that says of a time that no file is the whole story of it any more."""


class ImportRow(Identified, Base):
    """One file of a kind about a service, taken at a UTC second; `source` is the SHA-256 of its bytes.

    Of outages a file may say that it is complete for [covers_from, covers_until): beside them the service was up then.
    A row of the kind UNCOVERED takes that back for its time.
    """

    __tablename__ = "evidence_import"

    kind: Mapped[str]
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    source: Mapped[str]
    recorded_at: Mapped[Seconds]
    added: Mapped[int]
    corrected: Mapped[int]
    known: Mapped[int]
    refused: Mapped[int]
    covers_from: Mapped[Seconds | None]
    covers_until: Mapped[Seconds | None]

    __table_args__ = (Index(None, "service_id", "covers_until"), {"sqlite_with_rowid": False})


only_grows(cast(Table, ImportRow.__table__))


def save_import(session: Session, row: ImportRow) -> None:
    """Keep that a file was taken."""
    session.add(row)
    session.flush()


def covered(session: Session, service_id: UUID, start: int, end: int) -> Intervals:
    """Return the time within [start, end) for which files are the whole story of a service's outages.

    What was said last of a second stands.
    """
    question = select(ImportRow.kind, ImportRow.covers_from, ImportRow.covers_until).where(
        ImportRow.service_id == service_id, ImportRow.covers_until > start, ImportRow.covers_from < end
    )
    found: Intervals = ()
    for kind, first, until in session.execute(question.order_by(ImportRow.id)):
        told = (Interval(first or 0, until or 0),)
        found = subtract(found, told) if kind == UNCOVERED else union(found, told)
    return clip(found, start, end)


def service_ids(session: Session) -> dict[str, UUID]:
    """Return the id of every service by its key."""
    return dict(session.execute(select(ServiceRow.key, ServiceRow.id)).all())


def lock_service(session: Session, service_id: UUID) -> None:
    """Keep others from taking files about this service until the transaction ends."""
    session.execute(select(ServiceRow.id).where(ServiceRow.id == service_id).with_for_update())
