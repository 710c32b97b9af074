"""The closing desk: which periods of a month are open, what one of them waits for, and closing a piece by hand.

The lists say what is stored and what the calendar says; only the page of one period judges it.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.notices.phrases import Moment, Style
from portal.domain.notices.refusals import NotFound
from portal.domain.people.person import Person
from portal.usecases.closing import closing
from portal.usecases.groundwork import audit, scopes
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.local_months import period_words
from portal.usecases.judging.closable import Month, earlier_open, month, read_month
from portal.usecases.judging.judgements import Job, Judge, undecided

PAGE = 50
PIECE = 500
"""Periods judged in one request: a few seconds; the timetable does the rest."""


class Stand(StrEnum):
    """Where a contract period stands, as far as that is known without judging it."""

    CLOSED = "closed"
    OPEN = "open"
    RULED = "decided"
    NOT_ENDED = "not ended"


SENTENCES = {
    Stand.CLOSED: "It is closed.",
    Stand.OPEN: "It is over. The timetable closes it, unless a person has to decide.",
    Stand.RULED: "A person decided about it. The next close follows that.",
}


@dataclass(frozen=True, slots=True)
class DeskRow:
    """One contract period on the desk."""

    contract_id: UUID
    contract: str
    period: str
    stand: Stand
    sentence: str
    closable_from: datetime

    @property
    def is_open(self) -> bool:
        """Whether it is over and has no statement."""
        return self.stand in (Stand.OPEN, Stand.RULED)


@dataclass(frozen=True, slots=True)
class Desk:
    """Up to 50 periods of a month without a statement, how many are closed and open in all; `after` to go on from."""

    rows: Sequence[DeskRow]
    closed: int
    open: int
    after: str | None


@dataclass(frozen=True, slots=True)
class Look:
    """One period, judged: a sentence about it, and whether a person has to decide."""

    sentence: str
    is_asked: bool


@dataclass(frozen=True, slots=True)
class Piece:
    """What a close by hand did: how many periods it closed, and how many that are over are open still."""

    closed: int
    left: int


class _Enough(Exception):
    """As many periods were judged as one request may."""


def desk(session: Session, month_text: str, now: datetime, after: str = "") -> Desk:
    """Return a page of the periods of a month that have no statement; raise Invalid for another form of month."""
    found = standing(session, month_text, now)
    without = [one for one in found if one.stand is not Stand.CLOSED]
    rest = [one for one in without if (one.contract, one.period) > tuple(after.split("/", 1))]
    shown = rest[:PAGE]
    more = f"{shown[-1].contract}/{shown[-1].period}" if len(rest) > PAGE else None
    return Desk(shown, len(found) - len(without), sum(one.is_open for one in without), more)


def standing(session: Session, month_text: str, now: datetime) -> Sequence[DeskRow]:
    """Return every contract period of a month by contract, judging none; raise Invalid for another form of month."""
    found = month(session, read_month(month_text))
    rows = (_row(found, job, clock.seconds(now)) for job in found.jobs)
    return sorted(rows, key=lambda one: (one.contract, one.period))


def look(session: Session, contract_id: UUID, period: str, now: datetime) -> Look:
    """Judge one period and return what it waits for; raise NotFound when there is none, Invalid for no month."""
    found = month(session, read_month(period[:7]))
    job = next((one for one in found.jobs if (one.stored.id, one.closing.key) == (contract_id, period)), None)
    if job is None:
        raise NotFound("There is no such period.")
    row = _row(found, job, clock.seconds(now))
    if row.stand is not Stand.OPEN:
        return Look(row.sentence, is_asked=False)
    before = earlier_open(session, job)
    if before is not None:
        return Look(f"Close the period of {period_words(before)} first.", is_asked=False)
    return _judged(session, job)


def close_piece(session: Session, person: Person, month_text: str, now: datetime, most: int = PIECE) -> Piece:
    """Close what can be closed of the first `most` open periods of a month, and note who did.

    Runs transactions of its own. Raises Invalid for another form of month, Conflict when nothing of it has ended yet.
    """
    before = _open(session, month_text, now)

    def told(done: int, of: int) -> None:
        if done < of and done - (of - before[1]) >= most:
            raise _Enough

    with suppress(_Enough):
        closing.close(session, month_text, now, by=person.id, told=told)
    left = _open(session, month_text, now)[0]
    piece = Piece(before[0] - left, left)
    facts = {"closed": piece.closed, "open": piece.left}
    with transaction(session):
        audit.note(session, person.id, Deed.CLOSED_PERIODS, Thing("month", month_text), now, after=facts)
    return piece


def _open(session: Session, month_text: str, now: datetime) -> tuple[int, int]:
    """How many periods of a month are over and have no statement, and how many have none."""
    with scopes.provider(), reading(session):
        found = standing(session, month_text, now)
    return sum(one.is_open for one in found), sum(one.stand is not Stand.CLOSED for one in found)


def _row(found: Month, job: Job, as_of: int) -> DeskRow:
    stand = _stand(found, job, as_of)
    from_ = clock.instant(job.closing.closable_from)
    return DeskRow(
        contract_id=job.stored.id,
        contract=job.stored.contract.id,
        period=job.closing.key,
        stand=stand,
        sentence=SENTENCES.get(stand, f"It can be closed from {Moment.of(from_, Style.MINUTE)} UTC on."),
        closable_from=from_,
    )


def _stand(found: Month, job: Job, as_of: int) -> Stand:
    if found.is_closed(job):
        return Stand.CLOSED
    if job.closing.closable_from > as_of:
        return Stand.NOT_ENDED
    return Stand.OPEN if job.ruled is None else Stand.RULED


def _judged(session: Session, job: Job) -> Look:
    try:
        short = undecided(Judge(session).judgement(job))
    except ValueError as problem:
        return Look(f"It cannot be computed: {problem}.", is_asked=False)
    if not short:
        return Look("Enough is known of this period. The next close closes it.", is_asked=False)
    names = ", ".join(f"{one.commitment.replace('_', ' ')} of {one.service}" for one in short)
    return Look(f"Too little is known of {names} to close this period by itself.", is_asked=True)
