"""The ledger: what is owed for breaches, who approved it, by which document it was given (decision D16, E4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.ledger import credit_life
from portal.domain.ledger.accounts import Transfer
from portal.domain.ledger.credit_life import Booking, Credit, CreditNote, Happened, State
from portal.domain.ledger.credit_life import Deed as Step
from portal.domain.notices.refusals import Conflict, NotFound
from portal.domain.people.person import Person
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import decimal_text
from portal.store import ledger as store
from portal.store.base import new_id
from portal.store.ledger import CreditRow, StoredCredit, TransferRow
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line

__all__ = [
    "CreditNote",
    "CreditView",
    "Credits",
    "Event",
    "State",
    "accrue",
    "approve",
    "credit",
    "credits_of",
    "credits_page",
    "issue",
    "transfer_of",
    "void",
    "withdraw",
]

REFERENCE_LENGTH_MAX = 100
PAGE = 50
REASON_LENGTH_MAX = 500
CREDIT, CLAWBACK = "credit", "clawback"
MEANWHILE = "Somebody else changed this credit at the same time. Look at it again."


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a credit; `alone` says that one person did what two should do."""

    kind: str
    by: UUID | None
    by_name: str | None
    at: datetime
    reference: str | None
    alone: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class CreditView:
    """A credit as people see it: signed minor units, the same as text, its state and everything that happened to it."""

    id: UUID
    customer_id: UUID
    contract_id: UUID
    contract: str
    statement_id: UUID
    period: str
    kind: str
    revision: int
    amount_minor: int
    amount_text: str
    currency: str
    state: State
    is_generated: bool
    claim_required: bool
    claim_until: int | None
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Credits:
    """Up to 50 credits, latest first; `after` is the id to go on from when there are more (decision D17)."""

    credits: Sequence[CreditView]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Owed:
    """What a statement owes: whose, for what, and how much in minor units; below zero it is clawed back."""

    customer_id: UUID
    contract_id: UUID
    statement_id: UUID
    period: str
    revision: int
    amount_minor: int
    currency: str
    is_generated: bool
    claim_required: bool
    claim_until: int | None


def accrue(session: Session, all_owed: Sequence[Owed], now: datetime, by: UUID | None = None) -> None:
    """Book what statements owe, in the transaction that writes them; nothing for an amount of zero."""
    rows = [_credit_row(one) for one in all_owed if one.amount_minor]
    session.add_all(rows)
    session.flush()
    for row in rows:
        _add(session, row, 1, credit_life.accrue(_credit(row)), now, by)
    session.flush()


def _credit_row(owed: Owed) -> CreditRow:
    return CreditRow(
        customer_id=owed.customer_id,
        id=new_id(),
        contract_id=owed.contract_id,
        statement_id=owed.statement_id,
        period=owed.period,
        kind=CREDIT if owed.amount_minor > 0 else CLAWBACK,
        revision=owed.revision,
        amount_minor=owed.amount_minor,
        currency=owed.currency,
        minor_digits=minor_digits(owed.currency),
        is_generated=owed.is_generated,
        claim_required=owed.claim_required and owed.amount_minor > 0,
        claim_until=owed.claim_until,
    )


def credits_of(session: Session, state: State | None = None, contract_id: UUID | None = None) -> Sequence[CreditView]:
    """Return the credits of the scope, or those of one state or contract, the latest period first."""
    found = [_view(one) for one in store.stored_credits(session, contract_id)]
    return [one for one in found if state in (None, one.state)]


def latest_states(session: Session, since: str) -> Mapping[tuple[str, str], State]:
    """Return how far the latest credit of each contract and period has come, from the period of this key on.

    What was withdrawn says nothing.
    """
    found: dict[tuple[str, str], State] = {}
    for one in store.deeds_since(session, since):
        state = credit_life.state([Happened(Step(deed), None) for deed in one.deeds])
        if state is not State.WITHDRAWN:
            found[one.contract, one.period] = state
    return found


def credits_page(session: Session, after: UUID | None = None, *, open_only: bool = False) -> Credits:
    """Return a page of the credits of the scope, or of those that wait to be approved or issued."""
    found = [_view(one) for one in store.credits_before(session, after, PAGE + 1, open_only=open_only)]
    shown = found[:PAGE]
    return Credits(shown, shown[-1].id if len(found) > PAGE else None)


def credit(session: Session, credit_id: UUID) -> CreditView:
    """Return one credit of the scope; raise NotFound when there is none."""
    return _view(_stored(session, credit_id))


def approve(session: Session, person: Person, credit_id: UUID, now: datetime, *, is_claimed: bool = False) -> None:
    """Take an accrued credit as right; `is_claimed` says that the customer claimed it in time. Raises Conflict."""
    stored = _stored(session, credit_id)
    booking = credit_life.approve(_credit(stored.row), _happened(stored), is_claimed)
    _next(session, stored, booking, now, person, Deed.APPROVED_CREDIT)


def issue(
    session: Session, person: Person, credit_id: UUID, note: CreditNote, now: datetime, *, single_operator: bool
) -> None:
    """Give an approved credit by a document of its exact amount, by another person than approved it.

    Raises Conflict, Invalid or NotAllowed with a sentence, and nothing is changed then.
    """
    stored = _stored(session, credit_id)
    reference = clean_line("reference", note.reference, REFERENCE_LENGTH_MAX)
    note = CreditNote(reference, note.amount_minor, note.currency)
    credit_, events = _credit(stored.row), _happened(stored)
    booking = credit_life.issue(credit_, events, person.id, note, single_operator=single_operator)
    _next(session, stored, booking, now, person, Deed.ISSUED_CREDIT, reference=reference)


def void(session: Session, person: Person, credit_id: UUID, reason: str, now: datetime) -> None:
    """Take an issued credit back by reversal; raise Conflict when it never was issued."""
    stored = _stored(session, credit_id)
    reason = clean_line("reason", reason, REASON_LENGTH_MAX)
    booking = credit_life.void(_credit(stored.row), _happened(stored))
    _next(session, stored, booking, now, person, Deed.VOIDED_CREDIT, reason=reason)


def withdraw(session: Session, credit_id: UUID, reason: str, now: datetime, by: UUID | None) -> None:
    """Take back a credit that a new revision replaces before it was issued; raise Conflict otherwise."""
    stored = _stored(session, credit_id)
    booking = credit_life.withdraw(_credit(stored.row), _happened(stored))
    _book(session, stored.row, len(stored.transfers) + 1, booking, now, by, reason=reason)


def _next(
    session: Session,
    stored: StoredCredit,
    booking: Booking,
    now: datetime,
    person: Person,
    deed: Deed,
    *,
    reference: str | None = None,
    reason: str | None = None,
) -> None:
    """Book the next event of a credit and note it; whoever is second at the same moment is refused by the key."""
    row, before = stored.row, credit_life.state(_happened(stored))
    _book(session, row, len(stored.transfers) + 1, booking, now, person.id, reference=reference, reason=reason)
    after = credit_life.state([*_happened(stored), Happened(booking.deed, person.id)])
    facts = {"state": after.value, "reference": reference, "one person": booking.alone or None, "reason": reason}
    audit.note(
        session,
        person.id,
        deed,
        Thing("credit", row.id, row.customer_id),
        now,
        before={"state": before.value},
        after={name: value for name, value in facts.items() if value is not None},
    )


def _book(
    session: Session,
    row: CreditRow,
    number: int,
    booking: Booking,
    now: datetime,
    by: UUID | None,
    *,
    reference: str | None = None,
    reason: str | None = None,
) -> None:
    _add(session, row, number, booking, now, by, reference=reference, reason=reason)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict(MEANWHILE) from None


def _add(
    session: Session,
    row: CreditRow,
    number: int,
    booking: Booking,
    now: datetime,
    by: UUID | None,
    *,
    reference: str | None = None,
    reason: str | None = None,
) -> None:
    transfer = booking.transfer
    session.add(
        TransferRow(
            customer_id=row.customer_id,
            id=new_id(),
            credit_id=row.id,
            number=number,
            deed=booking.deed.value,
            debit=transfer.debit,
            credit=transfer.credit,
            amount_minor=transfer.amount_minor,
            currency=transfer.currency,
            done_at=now,
            done_by=by,
            alone=booking.alone,
            reference=reference,
            reason=reason,
        )
    )


def _stored(session: Session, credit_id: UUID) -> StoredCredit:
    found = store.credit_by_id(session, credit_id)
    if found is None:
        raise NotFound("There is no such credit.")
    return found


def _credit(row: CreditRow) -> Credit:
    return Credit(row.contract_id, row.amount_minor, row.currency, row.is_generated, row.claim_required)


def _happened(stored: StoredCredit) -> Sequence[Happened]:
    return [Happened(Step(one.row.deed), one.row.done_by) for one in stored.transfers]


def _view(stored: StoredCredit) -> CreditView:
    row = stored.row
    return CreditView(
        id=row.id,
        customer_id=row.customer_id,
        contract_id=row.contract_id,
        contract=stored.contract,
        statement_id=row.statement_id,
        period=row.period,
        kind=row.kind,
        revision=row.revision,
        amount_minor=row.amount_minor,
        amount_text=decimal_text(row.amount_minor, row.minor_digits),
        currency=row.currency,
        state=credit_life.state(_happened(stored)),
        is_generated=row.is_generated,
        claim_required=row.claim_required,
        claim_until=row.claim_until,
        events=tuple(
            Event(
                one.row.deed,
                one.row.done_by,
                one.done_by,
                one.row.done_at,
                one.row.reference,
                one.row.alone,
                one.row.reason,
            )
            for one in stored.transfers
        ),
    )


def transfer_of(row: TransferRow) -> Transfer:
    """Return what a stored transfer moves."""
    return Transfer(row.debit, row.credit, row.amount_minor, row.currency)
