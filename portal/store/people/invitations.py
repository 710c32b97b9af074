"""One-time links: an invitation or a reset lets its reader choose a password, once (trust.md A4)."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, ForeignKey, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Identified
from portal.store.people.people import UserRow


class OneTimeLinkRow(Identified, Base):
    """A link that was handed out. Its token is 256 random bits, of which only the SHA-256 is kept.

    `password_digest` names the password in force when the link was made: another password ends the link.
    """

    __tablename__ = "one_time_link"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    purpose: Mapped[str]
    password_digest: Mapped[str]
    created_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


def open_link(session: Session, token_hash: str, now: datetime) -> tuple[OneTimeLinkRow, UserRow] | None:
    """Return an unused link that has not ended, with its user unless disabled, if there is one."""
    found = session.execute(
        select(OneTimeLinkRow, UserRow)
        .join(UserRow, UserRow.id == OneTimeLinkRow.user_id)
        .where(
            OneTimeLinkRow.token_hash == token_hash,
            OneTimeLinkRow.used_at.is_(None),
            OneTimeLinkRow.ends_at > now,
            UserRow.disabled_at.is_(None),
        )
    ).one_or_none()
    return (found[0], found[1]) if found is not None else None


def use_link(session: Session, token_hash: str, now: datetime) -> bool:
    """Mark a link as used; return False when somebody else was quicker or it has ended."""
    used = session.execute(
        update(OneTimeLinkRow)
        .where(OneTimeLinkRow.token_hash == token_hash, OneTimeLinkRow.used_at.is_(None), OneTimeLinkRow.ends_at > now)
        .values(used_at=now)
    )
    return cast(CursorResult[Any], used).rowcount == 1


def forget_links_of(session: Session, user_id: UUID) -> None:
    """Delete the unused links of a user: a new one takes their place."""
    session.execute(delete(OneTimeLinkRow).where(OneTimeLinkRow.user_id == user_id, OneTimeLinkRow.used_at.is_(None)))
