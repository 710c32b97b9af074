"""Credits of the past: claimed where the terms ask for it, decided, and approved; none of them can be issued (D13)."""

from collections.abc import Iterator
from functools import partial

from demo.history import DAY_S, HOUR_S, MONTHS, Past
from demo.told.closing import closes_at
from demo.told.moments import Moment, Stage
from portal.usecases.settling import claims, crediting, ledger
from portal.usecases.settling.claims import Outcome
from portal.usecases.settling.ledger import CreditView, State

GLOBEX = "globex-gold"
# month, days after the close, whether it was decided, what Globex wrote
_CLAIMS = (
    (2, 6, True, "Uploads failed for more than an hour on the 9th. We claim the credit of the Gold agreement."),
    (5, 5, True, "The API was down at our busiest hour of the month."),
    (7, 14, True, "As accepted in our dispute."),
    (12, 9, False, "Our nightly export could not be stored on the 10th."),
)


def moments(past: Past) -> Iterator[Moment]:
    """Yield claims with their decisions, and the approvals of everything but the last month."""
    for number, days, is_decided, words in _CLAIMS:
        period, made_at = past.month(number).isoformat(), closes_at(past, number) + days * DAY_S
        yield Moment(made_at, partial(_claim, period=period, words=words), by="greta")
        if is_decided:
            yield Moment(made_at + DAY_S, partial(_accept, period=period))
            yield Moment(made_at + DAY_S + HOUR_S, partial(_approve, period=period, needs_claim=True))
    for number in range(1, MONTHS):
        period = past.month(number).isoformat()
        yield Moment(closes_at(past, number) + 20 * DAY_S, partial(_approve, period=period, needs_claim=False))


def _claim(stage: Stage, period: str, words: str) -> None:
    for one in _accrued(stage, period):
        claims.claim(stage.session, stage.people["greta"], one.id, words, stage.now)


def _accept(stage: Stage, period: str) -> None:
    for one in claims.claims(stage.session):
        if (one.contract, one.period, one.outcome) == (GLOBEX, period, Outcome.WAITING):
            claims.decide(stage.session, stage.people["max"], one.id, Outcome.ACCEPTED, "", stage.now)


def _approve(stage: Stage, period: str, needs_claim: bool) -> None:
    for one in _accrued(stage, period):
        if one.claim_required is needs_claim:
            is_claimed = claims.is_accepted(stage.session, one.contract_id, one.period)
            crediting.approve(stage.session, stage.people["fay"], one.id, stage.now, is_claimed=is_claimed)


def _accrued(stage: Stage, period: str) -> list[CreditView]:
    return [one for one in ledger.credits_of(stage.session, State.ACCRUED) if one.period == period]
