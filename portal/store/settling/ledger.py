"""The ledger: credits, and the transfers that happen to them; facts that are written once (decision D16, E4).

A credit is unique by contract, period, kind and revision, and an event of it by its number: whoever is second, however
close, is refused by the key itself. An event is one transfer, so what it books sums to zero by its form.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple, cast
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Row,
    Table,
    UniqueConstraint,
    bindparam,
    exists,
    func,
    select,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.ledger.accounts import Transfer
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Seconds, TenantOwned, same_customer
from portal.store.people.customers import ContractRow
from portal.store.people.people import UserRow

WITHOUT_ROWID = {"sqlite_with_rowid": False}
ENDING = ("issue", "void", "withdraw")
"""The deeds after which a credit waits for nobody."""


class CreditRow(TenantOwned, Base):
    """What a statement owes, in minor units; below zero a clawback. `claim_until` is the first second too late."""

    __tablename__ = "credit"

    contract_id: Mapped[UUID] = mapped_column(index=True)
    statement_id: Mapped[UUID]
    period: Mapped[str]
    kind: Mapped[str]
    revision: Mapped[int]
    amount_minor: Mapped[Seconds]
    currency: Mapped[str]
    minor_digits: Mapped[int]
    is_generated: Mapped[bool]
    claim_required: Mapped[bool]
    claim_until: Mapped[Seconds | None]

    __table_args__ = (
        same_customer("contract_id", "contract"),
        same_customer("statement_id", "statement"),
        UniqueConstraint("customer_id", "contract_id", "period", "kind", "revision"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        WITHOUT_ROWID,
    )


class TransferRow(TenantOwned, Base):
    """One event of a credit, numbered from 1, and the amount it moves from one account to another.

    `alone` says that one person did what two should do, as a single operator may; `reference` is the provider's own
    document where the credit was issued.
    """

    __tablename__ = "ledger_transfer"

    credit_id: Mapped[UUID] = mapped_column(index=True)
    number: Mapped[int]
    deed: Mapped[str]
    debit: Mapped[str]
    credit: Mapped[str]
    amount_minor: Mapped[Seconds]
    currency: Mapped[str]
    done_at: Mapped[datetime]
    done_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    alone: Mapped[bool]
    reference: Mapped[str | None]
    reason: Mapped[str | None]

    __table_args__ = (
        same_customer("credit_id", "credit"),
        UniqueConstraint("customer_id", "credit_id", "number"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("debit <> credit", name="accounts"),
        WITHOUT_ROWID,
    )


for _row in (CreditRow, TransferRow):
    only_grows(cast(Table, _row.__table__))


_OF_CREDIT = (CreditRow.customer_id == TransferRow.customer_id) & (CreditRow.id == TransferRow.credit_id)


class Event(NamedTuple):
    """One thing that happened to a credit; `alone` says that one person did what two should do.

    `by_name` is the present name of who did it: None for the timetable and for somebody who has left.
    """

    kind: str
    by: UUID | None
    by_name: str | None
    at: datetime
    reference: str | None
    alone: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class DeedsOfCredit:
    """A credit's contract by key, its period, and the deeds that happened to it, in order."""

    contract: str
    period: str
    deeds: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Moved:
    """What all transfers of a customer from one account to another come to, as one."""

    customer_id: UUID
    transfer: Transfer


class Booked(NamedTuple):
    """A transfer with what its credit is about, and the present name of who did it (None: as in Event)."""

    done_at: datetime
    deed: str
    debit: str
    credit: str
    amount_minor: int
    currency: str
    reference: str | None
    alone: bool
    contract: str
    period: str
    minor_digits: int
    done_by: str | None


class CreditFacts(NamedTuple):
    """A credit as it was written once (see CreditRow), and its contract's key."""

    customer_id: UUID
    id: UUID
    contract_id: UUID
    statement_id: UUID
    period: str
    kind: str
    revision: int
    amount_minor: int
    currency: str
    minor_digits: int
    is_generated: bool
    claim_required: bool
    claim_until: int | None
    contract: str


@dataclass(frozen=True, slots=True)
class StoredCredit:
    """A credit and everything that happened to it, in order."""

    facts: CreditFacts
    events: tuple[Event, ...]


_DEEDS_SINCE = (
    select(CreditRow.id, ContractRow.key, CreditRow.period, TransferRow.deed)
    .join(ContractRow, ContractRow.id == CreditRow.contract_id)
    .join(TransferRow, _OF_CREDIT)
    .where(CreditRow.period >= bindparam("since"))
    .order_by(CreditRow.revision, CreditRow.id, TransferRow.number)
)
_CREDITS = select(
    CreditRow.customer_id,
    CreditRow.id,
    CreditRow.contract_id,
    CreditRow.statement_id,
    CreditRow.period,
    CreditRow.kind,
    CreditRow.revision,
    CreditRow.amount_minor,
    CreditRow.currency,
    CreditRow.minor_digits,
    CreditRow.is_generated,
    CreditRow.claim_required,
    CreditRow.claim_until,
    ContractRow.key,
).join(ContractRow, ContractRow.id == CreditRow.contract_id)
_LATEST = _CREDITS.order_by(CreditRow.id.desc()).limit(bindparam("most"))
_EVENTS = (
    select(
        TransferRow.credit_id,
        TransferRow.deed,
        TransferRow.done_by,
        UserRow.name,
        TransferRow.done_at,
        TransferRow.reference,
        TransferRow.alone,
        TransferRow.reason,
    )
    .join(UserRow, UserRow.id == TransferRow.done_by, isouter=True)
    .order_by(TransferRow.credit_id, TransferRow.number)
)
_EVENTS_OF = _EVENTS.where(TransferRow.credit_id.in_(bindparam("credits", expanding=True)))
_ACCOUNTS = (TransferRow.customer_id, TransferRow.debit, TransferRow.credit, TransferRow.currency)
_MOVED = select(*_ACCOUNTS, func.sum(TransferRow.amount_minor)).group_by(*_ACCOUNTS)
_BOOKED = (
    select(
        TransferRow.done_at,
        TransferRow.deed,
        TransferRow.debit,
        TransferRow.credit,
        TransferRow.amount_minor,
        TransferRow.currency,
        TransferRow.reference,
        TransferRow.alone,
        ContractRow.key,
        CreditRow.period,
        CreditRow.minor_digits,
        UserRow.name,
    )
    .join(CreditRow, _OF_CREDIT)
    .join(ContractRow, ContractRow.id == CreditRow.contract_id)
    .join(UserRow, UserRow.id == TransferRow.done_by, isouter=True)
    .where(TransferRow.customer_id == bindparam("customer"), TransferRow.currency == bindparam("currency"))
    .order_by(TransferRow.done_at.desc(), TransferRow.id.desc())
)
"""Made once: making a question costs more than asking it."""


def stored_credits(
    session: Session, contract_id: UUID | None = None, period: str | None = None, since: str = ""
) -> Sequence[StoredCredit]:
    """Return the credits of the scope, or of one contract or period, the latest period first, from `since` on."""
    asked = [CreditRow.period >= since]
    if contract_id is not None:
        asked.append(CreditRow.contract_id == contract_id)
    if period is not None:
        asked.append(CreditRow.period == period)
    ordered = _CREDITS.order_by(CreditRow.period.desc(), ContractRow.key, CreditRow.revision.desc(), CreditRow.id)
    events = _by_credit(session.execute(_EVENTS.join(CreditRow, _OF_CREDIT).where(*asked)))
    found = (CreditFacts._make(row) for row in session.execute(ordered.where(*asked)))
    return [StoredCredit(one, tuple(events[one.id])) for one in found]


def deeds_since(session: Session, since: str) -> Sequence[DeedsOfCredit]:
    """Return what happened to each credit of the scope from the period of this key on, the latest revision last."""
    rows = session.execute(_DEEDS_SINCE, {"since": since})
    return [
        DeedsOfCredit(contract, period, tuple(row.deed for row in deeds))
        for (_, contract, period), deeds in groupby(rows, key=lambda row: (row.id, row.key, row.period))
    ]


def credits_before(session: Session, before: UUID | None, most: int, *, open_only: bool) -> Sequence[StoredCredit]:
    """Return up to `most` credits of the scope, latest first, older than the one of this id; the open ones or all."""
    question = _LATEST
    if before is not None:
        question = question.where(CreditRow.id < before)
    if open_only:
        ended = (TransferRow.customer_id == CreditRow.customer_id) & (TransferRow.credit_id == CreditRow.id)
        question = question.where(~exists().where(ended, TransferRow.deed.in_(ENDING)))
    found = [CreditFacts._make(row) for row in session.execute(question, {"most": most})]
    events = _events_of(session, [one.id for one in found])
    return [StoredCredit(one, tuple(events[one.id])) for one in found]


def credit_by_id(session: Session, credit_id: UUID) -> StoredCredit | None:
    """Return one credit of the scope, if there is one."""
    found = session.execute(_CREDITS.where(CreditRow.id == credit_id)).one_or_none()
    if found is None:
        return None
    return StoredCredit(CreditFacts._make(found), tuple(_events_of(session, [credit_id])[credit_id]))


def transfers(session: Session) -> Sequence[TransferRow]:
    """Return every transfer of the scope, in the order they were booked."""
    return session.scalars(select(TransferRow).order_by(TransferRow.done_at, TransferRow.id)).all()


def moved(session: Session) -> Sequence[Moved]:
    """Return what all transfers of the scope between the same two accounts come to; costs by the number of accounts."""
    rows = session.execute(_MOVED)
    return [Moved(row[0], Transfer(row[1], row[2], int(row[4]), row[3])) for row in rows]


def booked(session: Session, customer_id: UUID, currency: str, most: int | None) -> Sequence[Booked]:
    """Return up to `most` transfers of a customer in one currency, or all of them, the latest first."""
    question = _BOOKED if most is None else _BOOKED.limit(most)
    return [Booked._make(row) for row in session.execute(question, {"customer": customer_id, "currency": currency})]


def _events_of(session: Session, ids: Sequence[UUID]) -> Mapping[UUID, list[Event]]:
    return _by_credit(session.execute(_EVENTS_OF, {"credits": ids})) if ids else defaultdict(list)


def _by_credit(rows: Iterable[Row[*tuple[Any, ...]]]) -> Mapping[UUID, list[Event]]:
    found: dict[UUID, list[Event]] = defaultdict(list)
    for credit_id, *event in rows:
        found[credit_id].append(Event(*event))
    return found
