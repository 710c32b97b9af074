"""Support access: staff may see one customer's pages, for a reason and a while (decision D16, trust.md T4)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias, cast
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, Select, Table, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, TenantOwned, same_customer
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserRow


class SupportGrantRow(TenantOwned, Base):
    """Who of staff may see this customer's pages, why, and until when; never deleted, only ended."""

    __tablename__ = "support_grant"

    staff_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    reason: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class SupportViewRow(TenantOwned, Base):
    """One page of a customer that staff read by a grant: when, which endpoint, and its path."""

    __tablename__ = "support_view"

    grant_id: Mapped[UUID] = mapped_column(index=True)
    at: Mapped[datetime]
    page: Mapped[str]
    path: Mapped[str]

    __table_args__ = (same_customer("grant_id", "support_grant"), {"sqlite_with_rowid": False})


only_grows(cast(Table, SupportViewRow.__table__))


Stored: TypeAlias = tuple[SupportGrantRow, UserRow, CustomerRow]
"""A grant, who of staff it is for, and whose pages it opens."""


def grant_in_force(session: Session, staff_id: UUID, now: datetime) -> SupportGrantRow | None:
    """Return the grant of the scope's customer that lets this person in now, the one that lasts longest."""
    return session.execute(
        select(SupportGrantRow)
        .where(SupportGrantRow.staff_id == staff_id, *_in_force(now))
        .order_by(SupportGrantRow.ends_at.desc())
        .limit(1)
    ).scalar_one_or_none()


def grants(session: Session, before: UUID | None, most: int) -> Sequence[Stored]:
    """Return up to `most` of the scope's grants, latest first, those older than the one of this id."""
    question = _with_names() if before is None else _with_names().where(SupportGrantRow.id < before)
    return _stored(session, question.limit(most))


def grant_by_id(session: Session, grant_id: UUID) -> Stored | None:
    """Return one grant of the scope, if there is one."""
    found = _stored(session, _with_names().where(SupportGrantRow.id == grant_id))
    return found[0] if found else None


def views(session: Session, grant_id: UUID, before: UUID | None, most: int) -> Sequence[SupportViewRow]:
    """Return up to `most` pages read by a grant of the scope, latest first, those older than the one of this id."""
    question = select(SupportViewRow).where(SupportViewRow.grant_id == grant_id)
    older = question if before is None else question.where(SupportViewRow.id < before)
    return session.scalars(older.order_by(SupportViewRow.id.desc()).limit(most)).all()


def count_views(session: Session, grant_ids: Collection[UUID]) -> Mapping[UUID, int]:
    """Return how many pages were read by each of these grants of the scope."""
    question = select(SupportViewRow.grant_id, func.count()).where(SupportViewRow.grant_id.in_(grant_ids))
    return {row[0]: row[1] for row in session.execute(question.group_by(SupportViewRow.grant_id))}


def grants_in_force(session: Session, now: datetime) -> Sequence[Stored]:
    """Return every grant of the scope that is in force, latest first."""
    return _stored(session, _with_names().where(*_in_force(now)))


def end_grant(session: Session, grant_id: UUID, by: UUID, now: datetime) -> UUID | None:
    """End a grant of the scope and return whose pages it opened; None when there is none in force."""
    return session.execute(
        update(SupportGrantRow)
        .where(SupportGrantRow.id == grant_id, SupportGrantRow.ended_at.is_(None), SupportGrantRow.ends_at > now)
        .values(ended_at=now, ended_by=by)
        .returning(SupportGrantRow.customer_id)
    ).scalar_one_or_none()


def _with_names() -> Select[SupportGrantRow, UserRow, CustomerRow]:
    return (
        select(SupportGrantRow, UserRow, CustomerRow)
        .join(UserRow, UserRow.id == SupportGrantRow.staff_id)
        .join(CustomerRow, CustomerRow.id == SupportGrantRow.customer_id)
        .order_by(SupportGrantRow.id.desc())
    )


def _in_force(now: datetime) -> Sequence[ColumnElement[bool]]:
    return (SupportGrantRow.created_at <= now, SupportGrantRow.ends_at > now, SupportGrantRow.ended_at.is_(None))


def _stored(session: Session, question: Select[SupportGrantRow, UserRow, CustomerRow]) -> Sequence[Stored]:
    return [(row[0], row[1], row[2]) for row in session.execute(question)]
