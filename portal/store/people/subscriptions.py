"""Private addresses for readers and calendars: one for each subscription, of whose secret only the SHA-256 is kept."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, TenantOwned
from portal.store.people.people import UserRow


class SubscriptionRow(TenantOwned, Base):
    """A private address that one person made; it shows what that person may see, until it is revoked."""

    __tablename__ = "subscription"

    kind: Mapped[str]
    name: Mapped[str]
    token_hash: Mapped[str] = mapped_column(unique=True)
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


def subscriptions_of(session: Session, user_id: UUID) -> Sequence[SubscriptionRow]:
    """Return the addresses of the scope that a person made and did not revoke, latest first."""
    mine = (SubscriptionRow.made_by == user_id, SubscriptionRow.revoked_at.is_(None))
    return session.scalars(select(SubscriptionRow).where(*mine).order_by(SubscriptionRow.id.desc())).all()


def subscription_by_id(session: Session, subscription_id: UUID) -> SubscriptionRow | None:
    """Return one address of the scope that was not revoked, if there is one."""
    mine = (SubscriptionRow.id == subscription_id, SubscriptionRow.revoked_at.is_(None))
    return session.scalars(select(SubscriptionRow).where(*mine)).one_or_none()


def subscription_behind(session: Session, token_hash: str, kind: str) -> tuple[SubscriptionRow, UserRow] | None:
    """Return the address of the scope with this secret, and who made it unless disabled."""
    question = select(SubscriptionRow, UserRow).join(UserRow, UserRow.id == SubscriptionRow.made_by)
    known = (SubscriptionRow.token_hash == token_hash, SubscriptionRow.kind == kind)
    in_force = (SubscriptionRow.revoked_at.is_(None), UserRow.disabled_at.is_(None))
    found = session.execute(question.where(*known, *in_force)).one_or_none()
    return None if found is None else (found[0], found[1])
