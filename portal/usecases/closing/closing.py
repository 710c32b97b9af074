"""Closing a period: the provider commits itself to what was attained and what is owed (decision D11, E2, E4).

Each contract period is judged while reading and written in one transaction with its workings and its credit, so that a
close that ends anywhere goes on where it was, and of several at once each leaves one statement and one credit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.notices.phrases import Moment, Style
from portal.domain.notices.refusals import Conflict, NotFound
from portal.domain.people.person import Person
from portal.domain.statements.body import Judgement
from portal.domain.statements.judging import Ruling
from portal.store.ground.base import new_id
from portal.store.settling import statements as store
from portal.store.settling.statements import RulingRow
from portal.store.settling.workings import save_workings
from portal.usecases.closing.statement_writing import Envelope, Written, add_statement, owed, written
from portal.usecases.groundwork import audit, scopes
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.local_months import period_words
from portal.usecases.groundwork.texts import clean_line
from portal.usecases.judging.closable import Month, earlier_open, key_of, month, read_month
from portal.usecases.judging.judgements import Job, Judge, unruled
from portal.usecases.settling.crediting import accrue

__all__ = [
    "Outcome",
    "Ruling",
    "Standing",
    "State",
    "Waiting",
    "close",
    "close_by_command",
    "close_due",
    "decide",
    "latest_months",
    "standing",
]

BATCH = 20
"""Contract periods written in one transaction: few enough that a worker's results never wait for long."""
TRIES = 5
MONTHS_A_YEAR = 12
MONTHS_A_PERIOD_TAKES = 15
"""A year that has come due began that many months ago at most: twelve, the grace, and a worker that was away."""
REASON_LENGTH_MAX = 500
AUTOMATIC = "The period ended."
log = structlog.get_logger()
Told = Callable[[int, int], None]


class State(StrEnum):
    """Where a contract period stands on the way to its statement."""

    CLOSED = "closed"
    CAN_CLOSE = "can close"
    NOT_ENDED = "not ended"
    BELOW_FLOOR = "below the coverage floor"
    EARLIER_OPEN = "an earlier period is open"
    FAILED = "cannot be computed"


@dataclass(frozen=True, slots=True)
class Standing:
    """One contract period on the closing desk: its state and a sentence about it."""

    contract_id: UUID
    customer_id: UUID
    contract: str
    period: str
    state: State
    sentence: str
    closable_from: datetime


Waiting = Standing


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a close did: how many periods it closed, how many were closed before, and those that wait, with why."""

    closed: int
    already: int
    waiting: tuple[Waiting, ...]


@dataclass(slots=True)
class _Batch:
    """Judged periods that are written together, and those that were found not to be ready."""

    ready: list[tuple[Job, Judgement, Written]] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)


def close(
    session: Session,
    period: str,
    now: datetime,
    customer: str | None = None,
    by: UUID | None = None,
    told: Told | None = None,
) -> Outcome:
    """Close every period that starts in a local month such as "2026-10" and ended 48 hours ago, of one customer or all.

    Runs transactions of its own; `told` hears how many periods of how many are done. Raises Invalid for another form
    of month, NotFound for an unknown customer, Conflict when nothing of the month has ended yet.
    """
    with scopes.provider():
        with reading(session):
            found = month(session, read_month(period), customer)
        outcome = _close(session, found, now, by, told)
    if not outcome.closed and not outcome.already and outcome.waiting:
        _refuse_when_nothing_ended(period, outcome.waiting)
    return outcome


def close_by_command(
    session: Session, period: str, now: datetime, customer: str | None = None, told: Told | None = None
) -> Outcome:
    """Close a month as `close` does, noted before it begins: one that breaks off midway was asked for too."""
    read_month(period)
    facts = {"asked for": "every customer" if customer is None else customer}
    with transaction(session):
        audit.note(session, None, Deed.CLOSED_PERIODS, Thing("month", period), now, after=facts)
    return close(session, period, now, customer, told=told)


def close_due(session: Session, now: datetime) -> Outcome:
    """Close what has come due in the last months: the worker's timetable."""
    outcome = Outcome(0, 0, ())
    for first in latest_months(now, MONTHS_A_PERIOD_TAKES):
        with scopes.provider(), reading(session):
            found = month(session, read_month(first))
        with scopes.provider():
            one = _close(session, found, now, None, None)
        outcome = Outcome(outcome.closed + one.closed, outcome.already + one.already, (*outcome.waiting, *one.waiting))
    return outcome


def latest_months(now: datetime, before: int = 2) -> Sequence[str]:
    """Return the present month and so many before it, the earliest first, such as "2026-10"."""
    present = now.year * MONTHS_A_YEAR + now.month - 1
    months = range(present - before, present + 1)
    return [f"{one // MONTHS_A_YEAR:04d}-{one % MONTHS_A_YEAR + 1:02d}" for one in months]


def standing(session: Session, period: str, now: datetime) -> Sequence[Standing]:
    """Return where every contract period of a month stands, judging those that are not closed yet."""
    found = month(session, read_month(period))
    judge = Judge(session)
    return [_standing(session, judge, found, job, clock.seconds(now)) for job in found.jobs]


def decide(
    session: Session, person: Person, contract_id: UUID, period: str, ruling: Ruling, reason: str, now: datetime
) -> None:
    """Note what a named person decides about a period below the coverage floor; the next close follows it (E2).

    Raises NotFound, Conflict when the period is closed, has not ended or is known well enough, Invalid without reason.
    """
    reason = clean_line("reason", reason, REASON_LENGTH_MAX)
    found = month(session, read_month(period[:7]))
    job = next((one for one in found.jobs if (one.stored.id, one.closing.key) == (contract_id, period)), None)
    if job is None:
        raise NotFound("There is no such period.")
    _require_undecided(session, found, job, clock.seconds(now))
    row = RulingRow(
        customer_id=job.stored.customer_id,
        id=new_id(),
        contract_id=contract_id,
        period=period,
        number=store.rulings_made(session, key_of(job)) + 1,
        ruling=ruling.value,
        reason=reason,
        ruled_by=person.id,
        ruled_at=now,
    )
    session.add(row)
    session.flush()
    facts = {"contract": job.stored.contract.id, "period": period, "ruling": ruling.value, "reason": reason}
    thing = Thing("period", row.id, job.stored.customer_id)
    audit.note(session, person.id, Deed.RULED_PERIOD, thing, now, after=facts)


def _require_undecided(session: Session, found: Month, job: Job, as_of: int) -> None:
    """Refuse a ruling where none is needed; a closed period needs one when it is to be revised on too little."""
    now_standing = _standing(session, Judge(session), found, job, as_of)
    if now_standing.state is State.CLOSED:
        now_standing = _too_little(job, Judge(session).judgement(job)) or now_standing
    if now_standing.state is not State.BELOW_FLOOR:
        raise Conflict(f"Nothing is to be decided about this period. {now_standing.sentence}")


def _close(session: Session, found: Month, now: datetime, by: UUID | None, told: Told | None) -> Outcome:
    open_jobs = [job for job in found.jobs if not found.is_closed(job)]
    closed, done, waiting = 0, len(found.jobs) - len(open_jobs), list[Waiting]()
    judge = Judge(session)
    for first in range(0, len(open_jobs), BATCH):
        some = open_jobs[first : first + BATCH]
        with reading(session):
            batch = _judged(session, judge, some, clock.seconds(now))
        closed += _write(session, judge, batch, now, by)
        waiting.extend(batch.waiting)
        if told is not None:
            told(done + first + len(some), len(found.jobs))
    return Outcome(closed, len(found.jobs) - len(open_jobs), tuple(waiting))


def _judged(session: Session, judge: Judge, jobs: Sequence[Job], as_of: int) -> _Batch:
    batch = _Batch()
    for job in jobs:
        try:
            refused = _not_yet(session, job, as_of)
            judgement = None if refused else judge.judgement(job)
        except ValueError as problem:
            log.error("period not closed", contract=str(job.stored.id), period=job.closing.key, problem=str(problem))
            batch.waiting.append(_at(job, State.FAILED, f"It cannot be computed: {problem}."))
            continue
        short = None if judgement is None else _too_little(job, judgement)
        if judgement is None or short is not None:
            batch.waiting.extend(one for one in (refused, short) if one is not None)
        else:
            batch.ready.append((job, judgement, written(judgement)))
    return batch


def _write(session: Session, judge: Judge, batch: _Batch, now: datetime, by: UUID | None) -> int:
    """Write judged periods; when another close was quicker with one of them, look again and write the rest."""
    workings = judge.take_workings()
    for attempt in range(TRIES):
        try:
            with transaction(session):
                save_workings(session, workings)
                return _write_new(session, batch, now, by)
        except IntegrityError:
            if attempt == TRIES - 1:
                raise
    return 0


def _write_new(session: Session, batch: _Batch, now: datetime, by: UUID | None) -> int:
    """Write the periods of a batch that nobody closed meanwhile; return how many those are."""
    closed = store.closed_of(session, {job.stored.id for job, _, _ in batch.ready})
    new = [one for one in batch.ready if key_of(one[0]) not in closed]
    booked = []
    for job, judgement, one in new:
        statement_id = add_statement(session, job.stored, judgement, one, Envelope(1, now, by, AUTOMATIC))
        booked.append(owed(job.stored, statement_id, job.closing.key, 1, one, one.amount_minor))
    session.flush()
    accrue(session, booked, now, by)
    return len(new)


def _standing(session: Session, judge: Judge, found: Month, job: Job, as_of: int) -> Standing:
    if found.is_closed(job):
        return _at(job, State.CLOSED, "It is closed.")
    refused = _not_yet(session, job, as_of)
    if refused is not None:
        return refused
    try:
        short = _too_little(job, judge.judgement(job))
    except ValueError as problem:
        return _at(job, State.FAILED, f"It cannot be computed: {problem}.")
    return short or _at(job, State.CAN_CLOSE, "It can be closed.")


def _not_yet(session: Session, job: Job, as_of: int) -> Standing | None:
    if job.closing.closable_from > as_of:
        return _at(job, State.NOT_ENDED, f"It can be closed from {_words(job.closing.closable_from)} on.")
    before = earlier_open(session, job)
    if before is None:
        return None
    sentence = f"Close the period of {period_words(before)} first: its exclusions count towards the same yearly cap."
    return _at(job, State.EARLIER_OPEN, sentence)


def _too_little(job: Job, judgement: Judgement) -> Standing | None:
    sentence = unruled(judgement)
    return None if sentence is None else _at(job, State.BELOW_FLOOR, sentence)


def _at(job: Job, state: State, sentence: str) -> Standing:
    return Standing(
        contract_id=job.stored.id,
        customer_id=job.stored.customer_id,
        contract=job.stored.contract.id,
        period=job.closing.key,
        state=state,
        sentence=sentence,
        closable_from=clock.instant(job.closing.closable_from),
    )


def _refuse_when_nothing_ended(period: str, waiting: Sequence[Waiting]) -> None:
    if all(one.state is State.NOT_ENDED for one in waiting):
        first = min(one.closable_from for one in waiting)
        raise Conflict(
            f"Nothing of {period} can be closed yet: periods are closed 48 hours after their end, "
            f"the first of them from {_words(clock.seconds(first))} on."
        )


def _words(instant: int) -> str:
    return f"{Moment.of(clock.instant(instant), Style.MINUTE)} UTC"
