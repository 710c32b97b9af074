"""The ledger as it is read: credits, how they stand and what happened to them (decision D16, E4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.ledger import credit_life
from portal.domain.ledger.accounts import Transfer
from portal.domain.ledger.credit_life import Deed as Step
from portal.domain.ledger.credit_life import Happened, State
from portal.domain.notices.refusals import NotFound
from portal.domain.quantities.exact import decimal_text
from portal.store.settling import ledger as store
from portal.store.settling.ledger import Booked, Event, StoredCredit, TransferRow

__all__ = [
    "CreditView",
    "Credits",
    "Event",
    "State",
    "credit",
    "credits_of",
    "credits_page",
    "happened",
    "stored_credit",
    "transfer_of",
]

PAGE = 50


class CreditView(NamedTuple):
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

    credits: tuple[CreditView, ...]
    after: UUID | None


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
    found = tuple(_view(one) for one in store.credits_before(session, after, PAGE + 1, open_only=open_only))
    shown = found[:PAGE]
    return Credits(shown, shown[-1].id if len(found) > PAGE else None)


def credit(session: Session, credit_id: UUID) -> CreditView:
    """Return one credit of the scope; raise NotFound when there is none."""
    return _view(stored_credit(session, credit_id))


def stored_credit(session: Session, credit_id: UUID) -> StoredCredit:
    """Return one credit of the scope with what happened to it as it is stored; raise NotFound when there is none."""
    found = store.credit_by_id(session, credit_id)
    if found is None:
        raise NotFound("There is no such credit.")
    return found


def happened(stored: StoredCredit) -> Sequence[Happened]:
    """Return what happened to a credit so far, in order."""
    return [Happened(Step(one.kind), one.by) for one in stored.events]


def _view(stored: StoredCredit) -> CreditView:
    row = stored.facts
    return CreditView(
        id=row.id,
        customer_id=row.customer_id,
        contract_id=row.contract_id,
        contract=row.contract,
        statement_id=row.statement_id,
        period=row.period,
        kind=row.kind,
        revision=row.revision,
        amount_minor=row.amount_minor,
        amount_text=decimal_text(row.amount_minor, row.minor_digits),
        currency=row.currency,
        state=credit_life.state(happened(stored)),
        is_generated=row.is_generated,
        claim_required=row.claim_required,
        claim_until=row.claim_until,
        events=stored.events,
    )


def transfer_of(row: TransferRow | Booked) -> Transfer:
    """Return what a stored transfer moves."""
    return Transfer(row.debit, row.credit, row.amount_minor, row.currency)
