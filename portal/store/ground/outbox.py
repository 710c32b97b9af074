"""The outbox: what is to be sent to people, written in the transaction that caused it (trust.md E6)."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Identified


class OutboxRow(Identified, Base):
    """One thing to send; `body` holds what its kind needs and never a secret."""

    __tablename__ = "outbox"

    kind: Mapped[str] = mapped_column(index=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]


def put(session: Session, kind: str, body: dict[str, Any], now: datetime) -> UUID:
    """Queue one thing to send and return its id."""
    row = OutboxRow(kind=kind, body=body, created_at=now)
    session.add(row)
    session.flush()
    return row.id


def waiting(session: Session, kind: str, since: datetime) -> Sequence[OutboxRow]:
    """Return what of a kind waits to be sent and was queued since an instant, oldest first."""
    statement = select(OutboxRow).where(OutboxRow.kind == kind, OutboxRow.created_at >= since).order_by(OutboxRow.id)
    return session.execute(statement).scalars().all()


def forget_before(session: Session, kind: str, before: datetime) -> None:
    """Delete what of a kind was queued before an instant: it is too late for it."""
    session.execute(delete(OutboxRow).where(OutboxRow.kind == kind, OutboxRow.created_at < before))
