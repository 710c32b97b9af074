"""People: users, what they may see of which customer, and their sessions (decision D14)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, ForeignKey, bindparam, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.people.languages import Language
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.store.ground import row_security
from portal.store.ground.base import Base, Identified
from portal.store.people.second_factors import SecondFactorRow


class UserRow(Identified, Base):
    """A person who may sign in; erasing them empties name, address and hash, the id stays (decision D17)."""

    __tablename__ = "user_account"

    email: Mapped[str | None] = mapped_column(unique=True)
    name: Mapped[str | None]
    password_hash: Mapped[str | None]
    staff_role: Mapped[str | None]
    disabled_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(default=Language.ENGLISH.value, server_default=Language.ENGLISH.value)
    timezone: Mapped[str | None]


class MembershipRow(Base):
    """A user's role within one customer; read before a scope exists, to learn whose pages a person may see."""

    __tablename__ = "membership"
    __table_args__ = {"info": {row_security.MARK: row_security.FOUND_FIRST}}  # noqa: RUF012 - SQLAlchemy's own form

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customer.id"), primary_key=True)
    role: Mapped[str]


class UserSessionRow(Identified, Base):
    """One signed-in browser. The cookie holds 256 random bits; only their SHA-256 is kept.

    `confirmed_at` is when its user last gave their password, `factor_at` when they passed their second factor.
    """

    __tablename__ = "user_session"

    token_hash: Mapped[str] = mapped_column(unique=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    created_at: Mapped[datetime]
    last_seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    factor_at: Mapped[datetime | None]
    address: Mapped[str]
    agent: Mapped[str]


_MEMBERSHIPS = select(MembershipRow).where(MembershipRow.user_id == bindparam("user"))


def person_of(session: Session, user: UserRow) -> Person:
    """Return a user's row as the person the portal knows."""
    memberships = session.execute(_MEMBERSHIPS, {"user": user.id}).scalars()
    return Person(
        id=user.id,
        name=user.name or "",
        email=user.email or "",
        staff_role=StaffRole(user.staff_role) if user.staff_role else None,
        memberships={row.customer_id: CustomerRole(row.role) for row in memberships},
        language=Language(user.language),
        timezone=user.timezone,
    )


def user_by_email(session: Session, email: str) -> UserRow | None:
    """Return the user who signs in with this address, if any and not disabled."""
    return session.execute(
        select(UserRow)
        .where(UserRow.email == email, UserRow.disabled_at.is_(None))
        .execution_options(populate_existing=True)
    ).scalar_one_or_none()


def user_by_id(session: Session, user_id: UUID) -> UserRow | None:
    """Return a user who is not disabled, as the database has them now, if there is one of this id."""
    row = session.get(UserRow, user_id, populate_existing=True)
    return row if row is not None and row.disabled_at is None else None


def is_disabled(session: Session, email: str) -> bool:
    """Whether there is somebody of this address who is kept out."""
    question = select(UserRow.id).where(UserRow.email == email, UserRow.disabled_at.is_not(None))
    return session.execute(question).first() is not None


def set_timezone(session: Session, user_id: UUID, timezone: str | None) -> None:
    """Set the IANA time zone a user reads times in; None for that of each customer."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(timezone=timezone))


def name_of(session: Session, user_id: UUID) -> str | None:
    """Return what a person is called; None for somebody who was erased."""
    return session.scalar(select(UserRow.name).where(UserRow.id == user_id))


def has_factor(session: Session, user_id: UUID) -> bool:
    """Whether a user has a second factor in force."""
    found = select(SecondFactorRow.user_id).where(
        SecondFactorRow.user_id == user_id, SecondFactorRow.secret.is_not(None)
    )
    return session.execute(found).first() is not None


def replace_password(session: Session, user_id: UUID, old: str | None, new: str) -> bool:
    """Set a user's password hash if it is still the old one and they are not disabled; return whether it was."""
    changed = session.execute(
        update(UserRow)
        .where(UserRow.id == user_id, UserRow.password_hash.is_not_distinct_from(old), UserRow.disabled_at.is_(None))
        .values(password_hash=new)
    )
    return cast(CursorResult[Any], changed).rowcount == 1


def set_language(session: Session, user_id: UUID, language: Language) -> None:
    """Set the language a user reads the portal in."""
    session.execute(update(UserRow).where(UserRow.id == user_id).values(language=language.value))


_OPEN_SESSION = (
    select(UserSessionRow, UserRow, SecondFactorRow.secret.is_not(None))
    .join(UserRow, UserSessionRow.user_id == UserRow.id)
    .join(SecondFactorRow, SecondFactorRow.user_id == UserRow.id, isouter=True)
    .where(
        UserSessionRow.token_hash == bindparam("hash"),
        UserSessionRow.ends_at > bindparam("now"),
        UserRow.disabled_at.is_(None),
    )
)
"""Made once, for every request of a signed-in reader asks it."""


def open_session(session: Session, token_hash: str, now: datetime) -> tuple[UserSessionRow, UserRow, bool] | None:
    """Return a session that has not ended, its user unless disabled, and whether they have a second factor."""
    found = session.execute(_OPEN_SESSION, {"hash": token_hash, "now": now}).one_or_none()
    return (found[0], found[1], bool(found[2])) if found is not None else None


def sessions_of(session: Session, user_id: UUID, now: datetime) -> Sequence[UserSessionRow]:
    """Return a user's sessions that have not ended, latest first."""
    return (
        session.execute(
            select(UserSessionRow)
            .where(UserSessionRow.user_id == user_id, UserSessionRow.ends_at > now)
            .order_by(UserSessionRow.id.desc())
        )
        .scalars()
        .all()
    )


def replace_token(session: Session, session_id: UUID, token_hash: str, **changes: datetime) -> None:
    """Give a session a new token, and these other values: the old token opens nothing from now on."""
    session.execute(
        update(UserSessionRow).where(UserSessionRow.id == session_id).values(token_hash=token_hash, **changes)
    )


def set_session(session: Session, session_id: UUID, **changes: datetime) -> None:
    """Set instants of a session."""
    session.execute(update(UserSessionRow).where(UserSessionRow.id == session_id).values(**changes))


def end_session(session: Session, token_hash: str) -> None:
    """Delete a session: its cookie, copied or not, opens nothing from now on."""
    session.execute(delete(UserSessionRow).where(UserSessionRow.token_hash == token_hash))


def end_session_of(session: Session, user_id: UUID, session_id: UUID) -> bool:
    """Delete one session of this user; return whether there was one."""
    ended = session.execute(
        delete(UserSessionRow).where(UserSessionRow.user_id == user_id, UserSessionRow.id == session_id)
    )
    return cast(CursorResult[Any], ended).rowcount == 1


def end_sessions_of(session: Session, user_id: UUID, but: UUID | None = None) -> None:
    """Delete every session of a user, but one if it is named."""
    statement = delete(UserSessionRow).where(UserSessionRow.user_id == user_id)
    session.execute(statement if but is None else statement.where(UserSessionRow.id != but))


def forget_ended_sessions(session: Session, now: datetime) -> None:
    """Delete sessions that have ended."""
    session.execute(delete(UserSessionRow).where(UserSessionRow.ends_at <= now))
