"""Members of a customer: who belongs to it as what, and who was invited (decision D14)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, TenantOwned
from portal.store.people.people import MembershipRow, UserRow


class MemberInvitationRow(TenantOwned, Base):
    """That somebody may join a customer by a link, once; only the SHA-256 of its secret is kept."""

    __tablename__ = "member_invitation"

    email: Mapped[str]
    role: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    invited_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    invited_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]


def members(
    session: Session, customer_id: UUID, *, for_change: bool = False
) -> Sequence[tuple[MembershipRow, UserRow]]:
    """Return who belongs to a customer, by name; `for_change` lets nobody else change it in this transaction."""
    question = select(MembershipRow, UserRow).join(UserRow, UserRow.id == MembershipRow.user_id)
    ordered = question.where(MembershipRow.customer_id == customer_id).order_by(UserRow.name, UserRow.id)
    rows = session.execute(ordered.with_for_update(of=MembershipRow) if for_change else ordered)
    return [(row[0], row[1]) for row in rows]


def add_member(session: Session, customer_id: UUID, user_id: UUID, role: str) -> bool:
    """Let a user belong to a customer; return False when they do already."""
    if session.get(MembershipRow, (user_id, customer_id)) is not None:
        return False
    session.add(MembershipRow(user_id=user_id, customer_id=customer_id, role=role))
    session.flush()
    return True


def set_role(session: Session, customer_id: UUID, user_id: UUID, role: str) -> None:
    """Give a member another role."""
    mine = (MembershipRow.customer_id == customer_id, MembershipRow.user_id == user_id)
    session.execute(update(MembershipRow).where(*mine).values(role=role))


def remove_member(session: Session, customer_id: UUID, user_id: UUID) -> None:
    """Let a user not belong to a customer any more."""
    mine = (MembershipRow.customer_id == customer_id, MembershipRow.user_id == user_id)
    session.execute(delete(MembershipRow).where(*mine))


def open_invitations(session: Session, now: datetime) -> Sequence[MemberInvitationRow]:
    """Return the invitations of the scope that still open something, latest first."""
    question = select(MemberInvitationRow).where(*_is_open(now))
    return session.scalars(question.order_by(MemberInvitationRow.id.desc())).all()


def invitation_behind(session: Session, token_hash: str, now: datetime) -> MemberInvitationRow | None:
    """Return the invitation of the scope with this secret, if it still opens something."""
    known = MemberInvitationRow.token_hash == token_hash
    return session.scalars(select(MemberInvitationRow).where(known, *_is_open(now))).one_or_none()


def use_invitation(session: Session, invitation_id: UUID, now: datetime) -> bool:
    """Mark an invitation as used; return False when somebody was quicker."""
    return _end(session, invitation_id, now, used_at=now)


def withdraw_invitation(session: Session, invitation_id: UUID, now: datetime) -> bool:
    """Withdraw an invitation of the scope; return False when it opens nothing any more."""
    return _end(session, invitation_id, now, withdrawn_at=now)


def _end(session: Session, invitation_id: UUID, now: datetime, **values: datetime) -> bool:
    ended = update(MemberInvitationRow).where(MemberInvitationRow.id == invitation_id, *_is_open(now)).values(**values)
    return cast(CursorResult[Any], session.execute(ended)).rowcount == 1


def _is_open(now: datetime) -> tuple[Any, ...]:
    row = MemberInvitationRow
    return (row.used_at.is_(None), row.withdrawn_at.is_(None), row.ends_at > now)
