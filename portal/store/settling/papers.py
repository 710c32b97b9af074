"""Papers: what was printed as PDF, kept as it was made and known by its SHA-256, and orders of those still to be made.

A paper is written once. What it was made from is named by its kind, its subject (a statement's id, a month) and its
edition, the digest of what it tells; language and money make papers of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, LargeBinary, Table, UniqueConstraint, delete, or_, select, update
from sqlalchemy.orm import Mapped, Session, defer, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, TenantOwned, new_id

KEY = ("customer_id", "kind", "subject", "edition", "language", "with_money")


class PaperRow(TenantOwned, Base):
    """One PDF as it was made; `digest` is the SHA-256 of its content, in hexadecimal."""

    __tablename__ = "paper"

    kind: Mapped[str]
    subject: Mapped[str]
    edition: Mapped[str]
    language: Mapped[str]
    with_money: Mapped[bool]
    made_at: Mapped[datetime]
    digest: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (UniqueConstraint(*KEY), {"sqlite_with_rowid": False})


only_grows(cast(Table, PaperRow.__table__))


class PaperOrderRow(TenantOwned, Base):
    """That a paper is wanted; gone once it is made. `problem` says why it was given up after the last try."""

    __tablename__ = "paper_order"

    kind: Mapped[str]
    subject: Mapped[str]
    edition: Mapped[str]
    language: Mapped[str]
    with_money: Mapped[bool]
    ordered_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    ordered_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    begun_at: Mapped[datetime | None]
    problem: Mapped[str | None]

    __table_args__ = (UniqueConstraint(*KEY),)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which paper: of what, telling which edition of it, in which language, with or without money."""

    kind: str
    subject: str
    edition: str
    language: str
    with_money: bool


def paper(session: Session, customer_id: UUID, wanted: Wanted) -> PaperRow | None:
    """Return the paper that was made, if it was."""
    return session.scalars(select(PaperRow).where(*_is(PaperRow, customer_id, wanted))).one_or_none()


def papers(session: Session) -> Sequence[PaperRow]:
    """Return every paper of the scope, without its content, in the order they were made."""
    question = select(PaperRow).options(defer(PaperRow.content, raiseload=True))
    return session.scalars(question.order_by(PaperRow.made_at, PaperRow.id)).all()


def content_of(session: Session, customer_id: UUID, paper_id: UUID) -> bytes | None:
    """Return the content of one paper."""
    mine = (PaperRow.customer_id == customer_id, PaperRow.id == paper_id)
    return session.scalars(select(PaperRow.content).where(*mine)).one_or_none()


def order_of(session: Session, customer_id: UUID, wanted: Wanted) -> PaperOrderRow | None:
    """Return the order of a paper, if there is one."""
    return session.scalars(select(PaperOrderRow).where(*_is(PaperOrderRow, customer_id, wanted))).one_or_none()


def order(wanted: Wanted, customer_id: UUID, by: UUID, now: datetime) -> PaperOrderRow:
    """Return a new order, to be added to a session."""
    return PaperOrderRow(
        customer_id=customer_id,
        id=new_id(),
        kind=wanted.kind,
        subject=wanted.subject,
        edition=wanted.edition,
        language=wanted.language,
        with_money=wanted.with_money,
        ordered_by=by,
        ordered_at=now,
        tries=0,
    )


def claim_next(session: Session, now: datetime, given_back_after: timedelta, most: int) -> Sequence[PaperOrderRow]:
    """Take the oldest orders; what was begun long ago is begun anew."""
    question = select(PaperOrderRow).where(*_waits(now, given_back_after))
    rows = session.scalars(question.order_by(PaperOrderRow.ordered_at, PaperOrderRow.id).limit(most)).all()
    for row in rows:
        row.begun_at, row.tries = now, row.tries + 1
    session.flush()
    return rows


def is_any_waiting(session: Session, now: datetime, given_back_after: timedelta) -> bool:
    """Whether `claim_next` would find an order."""
    return session.scalars(select(PaperOrderRow.id).where(*_waits(now, given_back_after)).limit(1)).first() is not None


def give_back(session: Session, order_id: UUID, tries: int, problem: str | None = None) -> None:
    """Leave an order to a later try, so many times tried, or give it up for a problem."""
    question = update(PaperOrderRow).where(PaperOrderRow.id == order_id)
    session.execute(question.values(begun_at=None, tries=tries, problem=problem))


def save(session: Session, order: PaperOrderRow, content: bytes, digest: str, now: datetime) -> None:
    """Keep a paper as the answer to its order, which is gone; nothing changes when the paper is there already."""
    wanted = wanted_of(order)
    if paper(session, order.customer_id, wanted) is None:
        values = {"id": new_id(), "customer_id": order.customer_id, "made_at": now, "digest": digest}
        told = {name: getattr(wanted, name) for name in KEY[1:]}
        session.add(PaperRow(**values, **told, content=content))
        session.flush()
    session.execute(delete(PaperOrderRow).where(PaperOrderRow.id == order.id))


def wanted_of(row: PaperOrderRow | PaperRow) -> Wanted:
    """Return which paper a row is about."""
    return Wanted(row.kind, row.subject, row.edition, row.language, row.with_money)


def _waits(now: datetime, given_back_after: timedelta) -> Sequence[ColumnElement[bool]]:
    free = or_(PaperOrderRow.begun_at.is_(None), PaperOrderRow.begun_at < now - given_back_after)
    return (free, PaperOrderRow.problem.is_(None))


def _is(row: type[PaperRow | PaperOrderRow], customer_id: UUID, wanted: Wanted) -> Sequence[ColumnElement[bool]]:
    return (
        row.customer_id == customer_id,
        row.kind == wanted.kind,
        row.subject == wanted.subject,
        row.edition == wanted.edition,
        row.language == wanted.language,
        row.with_money == wanted.with_money,
    )
