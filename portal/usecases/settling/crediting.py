"""What is done in the ledger: a credit accrues, is approved, issued, void or withdrawn (decision D16, E4).

Every deed is one transfer more; nothing is changed. Of two people at the same moment the second is refused by the key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.ledger import credit_life
from portal.domain.ledger.credit_life import Booking, Credit, CreditNote, Happened
from portal.domain.notices.refusals import Conflict
from portal.domain.people.person import Person
from portal.domain.quantities.currencies import minor_digits
from portal.store.ground.base import new_id
from portal.store.settling.ledger import CreditFacts, CreditRow, StoredCredit, TransferRow
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line
from portal.usecases.settling.ledger import happened, stored_credit

__all__ = ["CreditNote", "Owed", "accrue", "approve", "issue", "void", "withdraw"]

REFERENCE_LENGTH_MAX = 100
REASON_LENGTH_MAX = 500
CREDIT, CLAWBACK = "credit", "clawback"
MEANWHILE = "Somebody else changed this credit at the same time. Look at it again."


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


def approve(session: Session, person: Person, credit_id: UUID, now: datetime, *, is_claimed: bool = False) -> None:
    """Take an accrued credit as right; `is_claimed` says that the customer claimed it in time. Raises Conflict."""
    stored = stored_credit(session, credit_id)
    booking = credit_life.approve(_credit(stored.facts), happened(stored), is_claimed)
    _next(session, stored, booking, now, person, Deed.APPROVED_CREDIT)


def issue(
    session: Session, person: Person, credit_id: UUID, note: CreditNote, now: datetime, *, single_operator: bool
) -> None:
    """Give an approved credit by a document of its exact amount, by another person than approved it.

    Raises Conflict, Invalid or NotAllowed with a sentence, and nothing is changed then.
    """
    stored = stored_credit(session, credit_id)
    reference = clean_line("reference", note.reference, REFERENCE_LENGTH_MAX)
    note = CreditNote(reference, note.amount_minor, note.currency)
    credit_, events = _credit(stored.facts), happened(stored)
    booking = credit_life.issue(credit_, events, person.id, note, single_operator=single_operator)
    _next(session, stored, booking, now, person, Deed.ISSUED_CREDIT, reference=reference)


def void(session: Session, person: Person, credit_id: UUID, reason: str, now: datetime) -> None:
    """Take an issued credit back by reversal; raise Conflict when it never was issued."""
    stored = stored_credit(session, credit_id)
    reason = clean_line("reason", reason, REASON_LENGTH_MAX)
    booking = credit_life.void(_credit(stored.facts), happened(stored))
    _next(session, stored, booking, now, person, Deed.VOIDED_CREDIT, reason=reason)


def withdraw(session: Session, credit_id: UUID, reason: str, now: datetime, by: UUID | None) -> None:
    """Take back a credit that a new revision replaces before it was issued; raise Conflict otherwise."""
    stored = stored_credit(session, credit_id)
    booking = credit_life.withdraw(_credit(stored.facts), happened(stored))
    _book(session, stored.facts, len(stored.events) + 1, booking, now, by, reason=reason)


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
    row, before = stored.facts, credit_life.state(happened(stored))
    _book(session, row, len(stored.events) + 1, booking, now, person.id, reference=reference, reason=reason)
    after = credit_life.state([*happened(stored), Happened(booking.deed, person.id)])
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
    row: CreditRow | CreditFacts,
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
    row: CreditRow | CreditFacts,
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


def _credit(row: CreditRow | CreditFacts) -> Credit:
    return Credit(row.contract_id, row.amount_minor, row.currency, row.is_generated, row.claim_required)
