"""Disputes of a simulated year: a few statements of each month, answered, and most of them ended."""

from uuid import UUID

from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S, drawing
from demo.generated.year.cast import Cast
from demo.generated.year.size import Size
from portal import clock
from portal.database import reading, transaction
from portal.usecases.groundwork import scopes
from portal.usecases.settling import disputes, statements
from portal.usecases.settling.disputes import Outcome

ONE_IN = 50
ENDS = (Outcome.ACCEPTED, Outcome.REJECTED, Outcome.WITHDRAWN, Outcome.OPEN)


def dispute_month(session: Session, cast: Cast, size: Size, month: int) -> int:
    """Open, answer and end the disputes of a month; return how many there are."""
    period = size.month(month).isoformat()
    with reading(session):
        all_of_month = [one for one in statements.headings(session, latest_only=False) if one.period == period]
        about = disputes.about(session, [one.id for one in all_of_month])
    known = {one.statement.contract_id for one in about if one.statement}
    found = [one for one in all_of_month if one.is_latest]
    draw = drawing(size.seed, "disputes", month)
    chosen = draw.sample(sorted(found, key=lambda one: one.contract), min(len(found), 1 + len(found) // ONE_IN))
    for number, one in enumerate(chosen):
        if one.contract_id not in known:
            _dispute(session, cast, one.id, one.customer_id, ENDS[(month + number) % len(ENDS)], size.closes_at(month))
    return len(chosen)


def _dispute(session: Session, cast: Cast, statement_id: UUID, customer_id: UUID, end: Outcome, closed_at: int) -> None:
    owner, manager = cast.owners[customer_id], cast.staff["max"]
    opened, answered, ended = (clock.instant(closed_at + days * DAY_S) for days in (6, 7, 8))
    with scopes.customer(customer_id), transaction(session):
        dispute = disputes.open_dispute(session, owner, statement_id, "We saw a longer outage than you.", opened)
    with transaction(session):
        disputes.write(session, manager, dispute, "We look at it.", answered, is_staff=True)
        if end in (Outcome.ACCEPTED, Outcome.REJECTED):
            disputes.decide(session, manager, dispute, end, "We compared it with our measurements.", ended)
    if end is Outcome.WITHDRAWN:
        with scopes.customer(customer_id), transaction(session):
            disputes.withdraw(session, owner, dispute, "", ended)
