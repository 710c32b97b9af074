"""Claims and credits of a simulated year: claimed, decided, approved; nobody can issue what was generated (D13)."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S, drawing
from demo.generated.year.cast import Cast
from demo.generated.year.size import Size
from portal import clock
from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict
from portal.usecases.groundwork import scopes
from portal.usecases.settling import claims, crediting, ledger
from portal.usecases.settling.claims import Outcome
from portal.usecases.settling.crediting import CreditNote
from portal.usecases.settling.ledger import CreditView, State

CLAIMED, ACCEPTED = 60, 85
"""Of a hundred credits that must be claimed, and of a hundred claims."""


@dataclass(frozen=True, slots=True)
class Settled:
    """How many claims were made, credits approved, and attempts to issue one refused."""

    claims: int
    approved: int
    issue_refused: int


def settle_month(session: Session, cast: Cast, size: Size, month: int) -> Settled:
    """Claim, decide and approve what a month owes."""
    claimed = _claim(session, cast, size, month)
    _decide(session, cast, size, month)
    approved = _approve(session, cast, size, month)
    return Settled(claimed, len(approved), _try_to_issue(session, cast, size, month, approved[:1]))


def _claim(session: Session, cast: Cast, size: Size, month: int) -> int:
    made = 0
    for one in _accrued(session, size, month):
        draw = drawing(size.seed, "claim", one.contract, one.period, one.revision)
        if one.claim_required and draw.randrange(100) < CLAIMED:
            made += _claimed(session, cast, one, size.closes_at(month) + 5 * DAY_S)
    return made


def _claimed(session: Session, cast: Cast, one: CreditView, at: int) -> int:
    try:
        with scopes.customer(one.customer_id), transaction(session):
            claims.claim(session, cast.owners[one.customer_id], one.id, "We claim this credit.", clock.instant(at))
    except Conflict:
        return 0  # claimed before an interruption
    return 1


def _decide(session: Session, cast: Cast, size: Size, month: int) -> None:
    with reading(session):
        waiting = [one for one in claims.claims(session) if one.outcome is Outcome.WAITING]
    now = clock.instant(size.closes_at(month) + 7 * DAY_S)
    for one in waiting:
        draw = drawing(size.seed, "decision", one.contract, one.period)
        outcome = Outcome.ACCEPTED if draw.randrange(100) < ACCEPTED else Outcome.REJECTED
        words = "" if outcome is Outcome.ACCEPTED else "It was claimed for another service than the one that was down."
        with transaction(session):
            claims.decide(session, cast.staff["max"], one.id, outcome, words, now)


def _approve(session: Session, cast: Cast, size: Size, month: int) -> list[CreditView]:
    now, approved = clock.instant(size.closes_at(month) + 9 * DAY_S), []
    for one in _accrued(session, size, month):
        with transaction(session):
            is_claimed = one.claim_required and claims.is_accepted(session, one.contract_id, one.period)
            if is_claimed or not one.claim_required:
                crediting.approve(session, cast.staff["fay"], one.id, now, is_claimed=is_claimed)
                approved.append(one)
    return approved


def _try_to_issue(session: Session, cast: Cast, size: Size, month: int, some: list[CreditView]) -> int:
    refused = 0
    for one in some:
        note = CreditNote(f"CN-{month}", one.amount_minor, one.currency)
        now = clock.instant(size.closes_at(month) + 10 * DAY_S)
        try:
            with transaction(session):
                crediting.issue(session, cast.staff["ada"], one.id, note, now, single_operator=False)
        except Conflict:
            refused += 1
    return refused


def _accrued(session: Session, size: Size, month: int) -> list[CreditView]:
    """The credits of a month that wait, in an order that does not depend on their ids."""
    period = size.month(month).isoformat()
    with reading(session):
        found = [one for one in ledger.credits_of(session, State.ACCRUED) if one.period == period]
    return sorted((one for one in found if one.amount_minor > 0), key=lambda one: (one.contract, one.revision))
