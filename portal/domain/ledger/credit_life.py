"""The life of a credit: accrued, approved, issued, taken back by reversal; its state is its latest event (D16, E4)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from portal.domain.ledger.accounts import CREDIT_EXPENSE, Stage, Transfer, of_contract
from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed


class Deed(StrEnum):
    """What may happen to a credit."""

    ACCRUE = "accrue"
    APPROVE = "approve"
    ISSUE = "issue"
    VOID = "void"
    WITHDRAW = "withdraw"


class State(StrEnum):
    """Where a credit stands: `withdrawn` before it was issued, `voided` after."""

    ACCRUED = "accrued"
    APPROVED = "approved"
    ISSUED = "issued"
    VOIDED = "voided"
    WITHDRAWN = "withdrawn"


_AFTER = {
    Deed.ACCRUE: State.ACCRUED,
    Deed.APPROVE: State.APPROVED,
    Deed.ISSUE: State.ISSUED,
    Deed.VOID: State.VOIDED,
    Deed.WITHDRAW: State.WITHDRAWN,
}
OPEN = frozenset({State.ACCRUED, State.APPROVED})
"""States of a credit that was not issued yet and still may be."""


@dataclass(frozen=True, slots=True)
class Credit:
    """What one statement owes, in minor units; below zero it is a clawback: money the customer owes back (R46).

    `is_generated` says that generated evidence is behind it (decision D13); `claim_required` that it must be claimed.
    """

    contract_id: UUID
    amount_minor: int
    currency: str
    is_generated: bool = False
    claim_required: bool = False


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a credit and who did it; None for the timetable."""

    deed: Deed
    by: UUID | None


@dataclass(frozen=True, slots=True)
class CreditNote:
    """The provider's own document that gives the credit: its reference, and the amount that stands on it."""

    reference: str
    amount_minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Booking:
    """The next event of a credit with its transfer; `alone` when one person did what two should do."""

    deed: Deed
    transfer: Transfer
    alone: bool = False


def state(events: Sequence[Happened]) -> State:
    """The state after these events, in their order; raises ValueError when there is none."""
    if not events:
        raise ValueError("a credit begins with its accrual")
    return _AFTER[events[-1].deed]


def accrue(credit: Credit) -> Booking:
    """The first event: what is owed becomes an expense."""
    return Booking(Deed.ACCRUE, _move(credit, CREDIT_EXPENSE, _account(credit, Stage.ACCRUED)))


def approve(credit: Credit, events: Sequence[Happened], is_claimed: bool) -> Booking:
    """Take an accrued credit as right; raises Conflict when it may not be approved now."""
    now = state(events)
    if now is not State.ACCRUED:
        raise Conflict(f"This credit is {now} already. Only an accrued one can be approved.")
    if credit.claim_required and not is_claimed:
        raise Conflict("The terms ask the customer to claim this credit. There is no accepted claim for it.")
    return Booking(Deed.APPROVE, _move(credit, _account(credit, Stage.ACCRUED), _account(credit, Stage.APPROVED)))


def issue(credit: Credit, events: Sequence[Happened], by: UUID, note: CreditNote, *, single_operator: bool) -> Booking:
    """Give an approved credit by a document of its exact amount; by another person than approved it (D16).

    Raises Conflict when it is not approved or was issued before, Invalid for another amount or currency, NotAllowed
    for the person who approved it unless the installation has a single operator.
    """
    _require_measured(credit)
    now = state(events)
    if now is State.ISSUED:
        raise Conflict("This credit was issued already. It is not issued twice.")
    if now is not State.APPROVED:
        raise Conflict(f"This credit is {now}. Only an approved one can be issued.")
    _require_same_money(credit, note)
    is_same = any(one.deed is Deed.APPROVE and one.by == by for one in events)
    if is_same and not single_operator:
        raise NotAllowed("You approved this credit yourself. Somebody else has to issue it.")
    transfer = _move(credit, _account(credit, Stage.APPROVED), _account(credit, Stage.ISSUED))
    return Booking(Deed.ISSUE, transfer, alone=is_same)


def void(credit: Credit, events: Sequence[Happened]) -> Booking:
    """Take an issued credit back by the reverse of everything booked; raises Conflict when it never was issued."""
    now = state(events)
    if now is State.VOIDED:
        raise Conflict("This credit was taken back already.")
    if now is not State.ISSUED:
        raise Conflict("This credit was never issued, so there is nothing to take back. Revise the statement instead.")
    return Booking(Deed.VOID, _move(credit, _account(credit, Stage.ISSUED), CREDIT_EXPENSE))


def withdraw(credit: Credit, events: Sequence[Happened]) -> Booking:
    """Take a credit back that a new revision replaces before it was issued; raises Conflict otherwise."""
    now = state(events)
    if now not in OPEN:
        raise Conflict(f"This credit is {now}. A revision replaces only one that was not issued yet.")
    return Booking(Deed.WITHDRAW, _move(credit, _account(credit, Stage(now.value)), CREDIT_EXPENSE))


def _move(credit: Credit, from_: str, to: str) -> Transfer:
    """A debit on the first account and a credit on the second; a clawback goes the other way round."""
    debit, credited = (from_, to) if credit.amount_minor > 0 else (to, from_)
    return Transfer(debit, credited, abs(credit.amount_minor), credit.currency)


def _account(credit: Credit, stage: Stage) -> str:
    return of_contract(stage, credit.contract_id)


def _require_measured(credit: Credit) -> None:
    if credit.is_generated:
        raise Conflict("This credit comes from generated evidence. It can never be issued.")


def _require_same_money(credit: Credit, note: CreditNote) -> None:
    if not note.reference:
        raise Invalid("reference", "Give the number of the invoice or credit note.")
    if note.currency != credit.currency:
        raise Invalid("currency", f"This credit is in {credit.currency}. It cannot be issued in {note.currency}.")
    if note.amount_minor != credit.amount_minor:
        raise Invalid("amount", "The amount is not the amount of this credit. It is issued in full or not at all.")
