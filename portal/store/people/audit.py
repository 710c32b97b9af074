"""What staff did and what access was granted: rows that are written once and never change (trust.md P3).

A row holds ids, never names or addresses (decision D17): erasing a person leaves their deeds and forgets who they are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground import row_security
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserRow

JSON_OR_NULL = JSON(none_as_null=True)


class AuditRow(Identified, Base):
    """One deed: when, by whom (none: the operator's command line), what, to which object, of which customer if any.

    `before` and `after` are what the deed changed, as JSON objects; None where there was nothing or nothing is told.
    """

    __tablename__ = "audit_entry"
    __table_args__ = {"sqlite_with_rowid": False, "info": {row_security.MARK: row_security.NOTED}}  # noqa: RUF012 - SQLAlchemy's own form

    at: Mapped[datetime]
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    what: Mapped[str]
    object_kind: Mapped[str]
    object_id: Mapped[str]
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customer.id"))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON_OR_NULL)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON_OR_NULL)


only_grows(cast(Table, AuditRow.__table__))


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """A row with the names its ids have now; None for somebody who has left, nobody, or no customer."""

    row: AuditRow
    by: str | None
    customer: str | None


def rows_of(session: Session, what: str) -> Sequence[AuditRow]:
    """Return every row about one kind of deed, oldest first; for the provider's own work."""
    return session.scalars(select(AuditRow).where(AuditRow.what == what).order_by(AuditRow.id)).all()


def staff_entries_about(session: Session, customer_id: UUID, before: UUID | None, most: int) -> Sequence[StoredEntry]:
    """Return up to `most` entries about a customer by people who are staff now, latest first, before that id."""
    question = (
        select(AuditRow, UserRow.name, CustomerRow.name)
        .join(UserRow, UserRow.id == AuditRow.user_id)
        .join(CustomerRow, CustomerRow.id == AuditRow.customer_id)
        .where(AuditRow.customer_id == customer_id, UserRow.staff_role.is_not(None))
    )
    if before is not None:
        question = question.where(AuditRow.id < before)
    rows = session.execute(question.order_by(AuditRow.id.desc()).limit(most))
    return [StoredEntry(row[0], row[1], row[2]) for row in rows]


def entries(session: Session, before: UUID | None, most: int) -> Sequence[StoredEntry]:
    """Return up to `most` entries, latest first, those older than the one of this id; for the provider's own work."""
    question = (
        select(AuditRow, UserRow.name, CustomerRow.name)
        .join(UserRow, UserRow.id == AuditRow.user_id, isouter=True)
        .join(CustomerRow, CustomerRow.id == AuditRow.customer_id, isouter=True)
    )
    if before is not None:
        question = question.where(AuditRow.id < before)
    rows = session.execute(question.order_by(AuditRow.id.desc()).limit(most))
    return [StoredEntry(row[0], row[1], row[2]) for row in rows]
