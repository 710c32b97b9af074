"""Tickets answered in time: elapsed open time, due instants, and the attained percentage (semantics.md R41-R44)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from math import ceil

from portal.domain.evaluation.calendars import open_intervals
from portal.domain.evidence.records import Ticket
from portal.domain.promises.business_hours import BusinessHours
from portal.domain.promises.methodology import ResponseTime
from portal.domain.quantities.intervals import Interval, Intervals, subtract, total_seconds, union

ALERT_SHARES = (Fraction(80, 100), Fraction(90, 100), Fraction(1))
_FIRST_LOOK_S = 7 * 86400
_LONGEST_LOOK_S = 20 * 366 * 86400


class Answer(StrEnum):
    """What became of one ticket."""

    WITHIN = "within"
    BREACHED = "breached"
    PENDING = "pending"
    NOT_IN_PERIOD = "not_in_period"


@dataclass(frozen=True, slots=True)
class JudgedTicket:
    """One ticket with its elapsed open seconds (None outside the period) and its result."""

    id: str
    elapsed_seconds: int | None
    result: Answer


@dataclass(frozen=True, slots=True)
class ResponseAttainment:
    """The tickets of a period and their sums; `attained` is a percentage, None without judged tickets (R27).

    `forgiven` says that the small-sample clause makes the promise met whatever the percentage (R43).
    """

    tickets: tuple[JudgedTicket, ...]
    within: int
    breached: int
    pending: int
    attained: Fraction | None
    forgiven: bool

    @property
    def total(self) -> int:
        """Tickets in the denominator: within and breached."""
        return self.within + self.breached


def attain(promise: ResponseTime, start: int, end: int, tickets: Iterable[Ticket], as_of: int) -> ResponseAttainment:
    """The tickets opened in [start, end), judged as known at `as_of` (R43)."""
    judged = tuple(judge(ticket, promise, start, end, as_of) for ticket in tickets)
    within = sum(one.result is Answer.WITHIN for one in judged)
    breached = sum(one.result is Answer.BREACHED for one in judged)
    pending = sum(one.result is Answer.PENDING for one in judged)
    total = within + breached
    attained = Fraction(100 * within, total) if total else None
    return ResponseAttainment(judged, within, breached, pending, attained, _forgiven(promise, total, breached))


def judge(ticket: Ticket, promise: ResponseTime, start: int, end: int, as_of: int) -> JudgedTicket:
    """One ticket: within when its elapsed open seconds do not exceed the target (R41)."""
    if not start <= ticket.opened < end:
        return JudgedTicket(ticket.id, None, Answer.NOT_IN_PERIOD)
    answered = ticket.responded is not None and ticket.responded <= as_of
    until = ticket.responded if ticket.responded is not None and answered else as_of
    elapsed = elapsed_seconds(ticket.opened, until, promise.calendar, ticket.pauses)
    if elapsed > promise.target_seconds:
        return JudgedTicket(ticket.id, elapsed, Answer.BREACHED)
    return JudgedTicket(ticket.id, elapsed, Answer.WITHIN if answered else Answer.PENDING)


def elapsed_seconds(opened: int, until: int, hours: BusinessHours | None, pauses: Sequence[Interval]) -> int:
    """Open seconds of [opened, until) that lie in no pause (R41)."""
    return total_seconds(_running(opened, until, hours, pauses))


def due_at(
    opened: int, target_seconds: int, share: Fraction, hours: BusinessHours | None, pauses: Sequence[Interval]
) -> int | None:
    """The earliest instant at which `share` of the target has elapsed (R44); None when no open time is left."""
    needed = ceil(target_seconds * share)
    look_s = max(_FIRST_LOOK_S, 2 * needed)
    while look_s <= 2 * _LONGEST_LOOK_S:
        left = needed
        for running in _running(opened, opened + look_s, hours, pauses):
            if running.seconds >= left:
                return running.start + left
            left -= running.seconds
        look_s *= 2
    return None


def _running(opened: int, until: int, hours: BusinessHours | None, pauses: Sequence[Interval]) -> Intervals:
    return subtract(open_intervals(hours, opened, until), union(pauses))


def _forgiven(promise: ResponseTime, total: int, breached: int) -> bool:
    clause = promise.small_sample
    return clause is not None and 0 < total < clause.below and breached <= clause.allowed_misses
