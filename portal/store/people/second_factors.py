"""Second factors: the sealed secret of a user's authenticator, and the codes that stand in for it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, ForeignKey, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Seconds


class SecondFactorRow(Base):
    """A user's authenticator: its sealed secret once proven, one being set up, and the last 30-second step used."""

    __tablename__ = "second_factor"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), primary_key=True)
    secret: Mapped[str | None]
    pending: Mapped[str | None]
    last_step: Mapped[Seconds]


class RecoveryCodeRow(Base):
    """A code that stands in for the authenticator once; only the SHA-256 of its 80 random bits is kept."""

    __tablename__ = "recovery_code"

    code_hash: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"), index=True)
    used_at: Mapped[datetime | None]


def factor_of(session: Session, user_id: UUID) -> SecondFactorRow | None:
    """Return a user's authenticator, proven or not, if there is one."""
    return session.get(SecondFactorRow, user_id, populate_existing=True)


def use_step(session: Session, user_id: UUID, step: int) -> bool:
    """Mark a 30-second step as used; return False when it, or a later one, was used before."""
    used = session.execute(
        update(SecondFactorRow)
        .where(SecondFactorRow.user_id == user_id, SecondFactorRow.last_step < step)
        .values(last_step=step)
    )
    return cast(CursorResult[Any], used).rowcount == 1


def use_recovery_code(session: Session, user_id: UUID, code_hash: str, now: datetime) -> bool:
    """Mark a recovery code as used; return False when it is none of this user's or was used before."""
    used = session.execute(
        update(RecoveryCodeRow)
        .where(
            RecoveryCodeRow.user_id == user_id,
            RecoveryCodeRow.code_hash == code_hash,
            RecoveryCodeRow.used_at.is_(None),
        )
        .values(used_at=now)
    )
    return cast(CursorResult[Any], used).rowcount == 1


def replace_recovery_codes(session: Session, user_id: UUID, hashes: Iterable[str]) -> None:
    """Forget a user's recovery codes, used or not, and keep these."""
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
    session.add_all(RecoveryCodeRow(code_hash=one, user_id=user_id) for one in hashes)
    session.flush()


def recovery_codes_left(session: Session, user_id: UUID) -> int:
    """Return how many recovery codes of a user are unused."""
    statement = select(func.count()).where(RecoveryCodeRow.user_id == user_id, RecoveryCodeRow.used_at.is_(None))
    return session.execute(statement).scalar_one()


def forget_factor(session: Session, user_id: UUID) -> None:
    """Delete a user's authenticator and recovery codes."""
    session.execute(delete(SecondFactorRow).where(SecondFactorRow.user_id == user_id))
    session.execute(delete(RecoveryCodeRow).where(RecoveryCodeRow.user_id == user_id))
