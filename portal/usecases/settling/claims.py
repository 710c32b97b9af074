"""Claims: a customer asks for a credit the terms give on request, before its deadline, and staff decide (R37)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.settling import claims as store
from portal.store.settling.claims import ClaimDecisionRow, ClaimRow, StoredClaim
from portal.store.settling.claims import Unclaimed as Unclaimed
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_text
from portal.usecases.settling import ledger
from portal.usecases.settling.ledger import CreditView, State

WORDS_LENGTH_MAX = 2_000
PAGE = 50
CLAIMABLE = (State.ACCRUED, State.APPROVED)
TAKEN_BACK = (State.WITHDRAWN, State.VOIDED)
KIND = "claim"
NOT_THERE = phrase("There is no such claim.")
MEANWHILE = phrase("Somebody else did this a moment ago. Reload the page.")


class Outcome(StrEnum):
    """How a claim stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim as people read it: for which period of which contract, what was said, and what was decided."""

    id: UUID
    customer_id: UUID
    customer: str
    contract_id: UUID
    contract: str
    period: str
    words: str
    made_by: str | None
    made_at: datetime
    outcome: Outcome
    decided_by: str | None
    decided_at: datetime | None
    decision: str


@dataclass(frozen=True, slots=True)
class Claims:
    """Up to 50 claims, latest first; `after` is the id to go on from when there are more (decision D17)."""

    claims: Sequence[Claim]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Claimable:
    """A credit that must be claimed: until when (None: a person decides), whether it may be now, and the claim."""

    credit: CreditView
    until: int | None
    is_open: bool
    claim: Claim | None


def unclaimed(session: Session, now: datetime) -> Unclaimed:
    """Return how many credits of the scope wait for a claim, and until when the first of them does."""
    return store.unclaimed(session, clock.seconds(now))


def claim(session: Session, person: Person, credit_id: UUID, words: str, now: datetime) -> UUID:
    """Claim a credit of the scope's customer; return the claim's id.

    Raises NotFound for a stranger's credit, Conflict when it needs no claim, has one, or its deadline has passed.
    """
    found = ledger.credit(session, credit_id)
    _require_claimable(session, found, clock.seconds(now))
    row = ClaimRow(
        customer_id=found.customer_id,
        id=new_id(),
        contract_id=found.contract_id,
        period=found.period,
        words=clean_text("words", words, WORDS_LENGTH_MAX, may_be_empty=True),
        made_by=person.id,
        made_at=now,
    )
    _add(session, row)
    return row.id


def decide(session: Session, person: Person, claim_id: UUID, outcome: Outcome, words: str, now: datetime) -> None:
    """Accept a claim or reject it with a reason; raise NotFound, Invalid, or Conflict when it is decided already."""
    found = _stored(session, claim_id)
    if found.decision is not None:
        raise Conflict(phrase("This claim was decided already. Reload the page."))
    reason = clean_text("words", words, WORDS_LENGTH_MAX, may_be_empty=outcome is Outcome.ACCEPTED)
    if outcome is Outcome.WAITING:
        raise Invalid("words", phrase("Accept the claim or reject it."))
    row = ClaimDecisionRow(
        customer_id=found.row.customer_id,
        id=new_id(),
        claim_id=found.row.id,
        outcome=outcome.value,
        words=reason,
        decided_by=person.id,
        decided_at=now,
    )
    _add(session, row)
    was, is_now = {"outcome": Outcome.WAITING.value}, {"outcome": outcome.value}
    thing = Thing(KIND, claim_id, found.row.customer_id)
    audit.note(session, person.id, Deed.DECIDED_CLAIM, thing, now, before=was, after=is_now)


def is_accepted(session: Session, contract_id: UUID, period: str) -> bool:
    """Whether the credit of a period was claimed and the claim accepted."""
    found = store.claim_of_period(session, contract_id, period)
    return found is not None and found.decision is not None and found.decision.outcome == Outcome.ACCEPTED


def claims(session: Session) -> Sequence[Claim]:
    """Return the claims of the scope, latest first."""
    return tuple(map(_shown, store.claims(session)))


def claim_shown(session: Session, claim_id: UUID) -> Claim:
    """Return one claim of the scope; raise NotFound when there is none."""
    return _shown(_stored(session, claim_id))


def claims_page(session: Session, after: UUID | None = None, *, waiting_only: bool = False) -> Claims:
    """Return a page of the claims of the scope, or of those that wait for a decision."""
    found = [_shown(one) for one in store.claims_before(session, after, PAGE + 1, waiting_only=waiting_only)]
    shown = found[:PAGE]
    return Claims(shown, shown[-1].id if len(found) > PAGE else None)


def claimable(session: Session, now: datetime) -> Sequence[Claimable]:
    """Return every credit of the scope that must be claimed, with its deadline and its claim."""
    return claimable_among(session, ledger.credits_of(session), now)


def claimable_among(session: Session, credits_: Sequence[CreditView], now: datetime) -> Sequence[Claimable]:
    """Return those of these credits that must be claimed, with their deadlines and their claims."""
    asked = [one for one in credits_ if one.claim_required and one.amount_minor > 0 and one.state not in TAKEN_BACK]
    by_period = {(one.contract_id, one.period): one for one in claims(session)} if asked else {}
    return tuple(
        Claimable(one, one.claim_until, claim is None and _is_in_time(one, clock.seconds(now)), claim)
        for one in asked
        for claim in [by_period.get((one.contract_id, one.period))]
    )


def _require_claimable(session: Session, found: CreditView, now: int) -> None:
    if not found.claim_required:
        raise Conflict(phrase("This credit comes by itself. It needs no claim."))
    if found.state not in CLAIMABLE or found.amount_minor <= 0:
        raise Conflict(phrase("This credit was taken back or withdrawn. There is nothing to claim."))
    if store.claim_of_period(session, found.contract_id, found.period) is not None:
        raise Conflict(phrase("This credit was claimed already."))
    if not _is_in_time(found, now):
        raise Conflict(
            phrase("The time to claim this credit is over. If you think this is wrong, dispute the statement.")
        )


def _is_in_time(found: CreditView, now: int) -> bool:
    """Accepted before the deadline, a first second that is too late (R37); without one a person decides."""
    return found.state in CLAIMABLE and (found.claim_until is None or now < found.claim_until)


def _add(session: Session, row: ClaimRow | ClaimDecisionRow) -> None:
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(MEANWHILE) from None


def _stored(session: Session, claim_id: UUID) -> StoredClaim:
    found = store.claim_by_id(session, claim_id)
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _shown(one: StoredClaim) -> Claim:
    decision = one.decision
    return Claim(
        id=one.row.id,
        customer_id=one.row.customer_id,
        customer=one.customer,
        contract_id=one.row.contract_id,
        contract=one.contract,
        period=one.row.period,
        words=one.row.words,
        made_by=one.made_by,
        made_at=one.row.made_at,
        outcome=Outcome.WAITING if decision is None else Outcome(decision.outcome),
        decided_by=one.decided_by,
        decided_at=None if decision is None else decision.decided_at,
        decision="" if decision is None else decision.words,
    )
