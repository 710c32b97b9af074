"""Claims: a customer asks for a credit that the terms give on request, and what was decided about it (R37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, cast
from uuid import UUID

from sqlalchemy import ForeignKey, Select, Table, UniqueConstraint, bindparam, exists, func, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, TenantOwned, same_customer
from portal.store.people.customers import ContractRow, CustomerRow
from portal.store.people.people import UserRow
from portal.store.settling.ledger import ENDING, CreditRow, TransferRow


class ClaimRow(TenantOwned, Base):
    """A claim for the credit of one period of a contract; it stands for every revision of that period's statement."""

    __tablename__ = "claim"

    contract_id: Mapped[UUID]
    period: Mapped[str]
    words: Mapped[str]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    made_at: Mapped[datetime]

    __table_args__ = (
        same_customer("contract_id", "contract"),
        UniqueConstraint("customer_id", "contract_id", "period"),
        {"sqlite_with_rowid": False},
    )


class ClaimDecisionRow(TenantOwned, Base):
    """What somebody of staff decided about a claim: `accepted` or `rejected`, and why."""

    __tablename__ = "claim_decision"

    claim_id: Mapped[UUID]
    outcome: Mapped[str]
    words: Mapped[str]
    decided_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime]

    __table_args__ = (
        same_customer("claim_id", "claim"),
        UniqueConstraint("customer_id", "claim_id"),
        {"sqlite_with_rowid": False},
    )


Claimed = Select[ClaimRow, str, str, str | None, ClaimDecisionRow, str | None]

for _rows in (ClaimRow, ClaimDecisionRow):
    only_grows(cast(Table, _rows.__table__))


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """One claim with the names around it; the decision is None while it waits, names None once people are erased."""

    row: ClaimRow
    customer: str
    contract: str
    made_by: str | None
    decision: ClaimDecisionRow | None
    decided_by: str | None


class Unclaimed(NamedTuple):
    """How many credits wait for a claim, and the first second that is too late for one of them, if any ends so."""

    number: int
    until: int | None


_IS_CLAIMED = exists().where(
    ClaimRow.customer_id == CreditRow.customer_id,
    ClaimRow.contract_id == CreditRow.contract_id,
    ClaimRow.period == CreditRow.period,
)
_HAS_ENDED = exists().where(
    TransferRow.customer_id == CreditRow.customer_id,
    TransferRow.credit_id == CreditRow.id,
    TransferRow.deed.in_(ENDING),
)
_UNCLAIMED = select(func.count(), func.min(CreditRow.claim_until)).where(
    CreditRow.claim_required,
    CreditRow.amount_minor > 0,
    CreditRow.claim_until.is_(None) | (CreditRow.claim_until > bindparam("now")),
    ~_IS_CLAIMED,
    ~_HAS_ENDED,
)
"""Made once: making a question costs more than asking it."""


def unclaimed(session: Session, now: int) -> Unclaimed:
    """Return what of the scope may still be claimed at a UTC second, and was not."""
    return Unclaimed._make(session.execute(_UNCLAIMED, {"now": now}).one())


def claims(session: Session) -> Sequence[StoredClaim]:
    """Return the claims of the scope, latest first."""
    return _asked(session, _claims())


def claims_before(session: Session, before: UUID | None, most: int, *, waiting_only: bool) -> Sequence[StoredClaim]:
    """Return up to `most` claims of the scope, latest first, made before the one of this id."""
    question = _claims().limit(most)
    if before is not None:
        question = question.where(ClaimRow.id < before)
    return _asked(session, question.where(ClaimDecisionRow.id.is_(None)) if waiting_only else question)


def claim_by_id(session: Session, claim_id: UUID) -> StoredClaim | None:
    """Return one claim of the scope, if there is one of this id."""
    return next(iter(_asked(session, _claims().where(ClaimRow.id == claim_id))), None)


def claim_of_period(session: Session, contract_id: UUID, period: str) -> StoredClaim | None:
    """Return the claim for one period of a contract of the scope, if there is one."""
    question = _claims().where(ClaimRow.contract_id == contract_id, ClaimRow.period == period)
    return next(iter(_asked(session, question)), None)


def _claims() -> Claimed:
    maker, decider = aliased(UserRow), aliased(UserRow)
    return (
        select(ClaimRow, CustomerRow.name, ContractRow.key, maker.name, ClaimDecisionRow, decider.name)
        .join(CustomerRow, CustomerRow.id == ClaimRow.customer_id)
        .join(ContractRow, ContractRow.id == ClaimRow.contract_id)
        .join(maker, maker.id == ClaimRow.made_by)
        .join(ClaimDecisionRow, ClaimDecisionRow.claim_id == ClaimRow.id, isouter=True)
        .join(decider, decider.id == ClaimDecisionRow.decided_by, isouter=True)
        .order_by(ClaimRow.id.desc())
    )


def _asked(session: Session, question: Claimed) -> Sequence[StoredClaim]:
    return tuple(StoredClaim(*row) for row in session.execute(question))
