"""A customer's month in one page: what was promised and attained, what happened, what is owed, what did not count.

Closed periods are told from their statements, open ones from the figures stored last; nothing is counted here but money
of statements in one currency.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evaluation.result import Status
from portal.domain.notices.incidents import Incident
from portal.domain.notices.phrases import amount
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import decimal_text
from portal.domain.quantities.zones import local_date
from portal.store.notices import incidents as incident_store
from portal.store.promises import contracts
from portal.store.settling import figures
from portal.usecases.customer import closed_periods
from portal.usecases.customer.cards import Card, Standing, card
from portal.usecases.customer.closed_periods import ClosedStatement, Excluded, Line
from portal.usecases.groundwork.local_months import month_span, months_before, read_month
from portal.usecases.judging.promises import promises
from portal.usecases.people import customers
from portal.usecases.settling import statements
from portal.usecases.settling.statements import Heading

FEW = 12


ClosedLine = tuple[UUID, Line]
"""The id of a statement and one line of it."""


@dataclass(frozen=True, slots=True)
class Month:
    """One month of a customer; `timezone` cuts it, `edition` changes when a statement of it is made.

    `open` are the commitments whose period has no statement yet, `owed` the credits of all statements by currency, None
    for those who may not see money.
    """

    first_day: date
    before: date
    after: date | None
    customer: customers.Customer
    is_over: bool
    statements: Sequence[ClosedStatement]
    open: Sequence[Card]
    incidents: Sequence[Incident]
    excluded: Sequence[Excluded]
    owed: Sequence[str] | None
    edition: str | None
    is_generated: bool

    @property
    def look(self) -> Sequence[ClosedLine]:
        """The lines that need a look, each with its statement's id: of many only what was not simply kept."""
        return [one for one in self._lines if not self._is_calm(one)]

    @property
    def calm(self) -> Sequence[ClosedLine]:
        """All other lines: those that were kept, when there are many."""
        return [one for one in self._lines if self._is_calm(one)]

    @property
    def _lines(self) -> Sequence[ClosedLine]:
        return [(one.statement.heading.id, line) for one in self.statements for line in one.lines]

    def _is_calm(self, one: ClosedLine) -> bool:
        return len(self._lines) > FEW and one[1].status == Status.MET

    @property
    def kept(self) -> bool | None:
        """Whether every closed promise was kept; None where none has a verdict."""
        verdicts = {one.statement.heading.met for one in self.statements} - {None}
        return all(verdicts) if verdicts else None


def month(session: Session, customer_id: UUID, key: str, now: datetime, *, sees_money: bool) -> Month:
    """Return a month of the scope's customer, its key such as "2026-10"; raise NotFound when it is none."""
    first = read_month(key)
    customer = customers.customer(session, customer_id)
    start, end = month_span(first, customer.timezone)
    headings = _of_month(session, key)
    shown = [
        closed_periods.statement_shown(session, statements.statement(session, one.id), sees_money=sees_money)
        for one in headings
    ]
    return Month(
        first_day=first,
        before=months_before(first, 1),
        after=months_before(first, -1) if end <= clock.seconds(now) else None,
        customer=customer,
        is_over=end <= clock.seconds(now),
        statements=shown,
        open=list(_open(session, key, headings, now, sees_money=sees_money)),
        incidents=_incidents(session, start, end),
        excluded=list({one.id: one for statement in shown for one in statement.excluded}.values()),
        owed=_owed(headings) if sees_money else None,
        edition=_edition(headings),
        is_generated=any(one.is_generated for one in headings),
    )


def edition(session: Session, key: str) -> str | None:
    """Return the digest of what the statements of a month say, None while it has none; raise NotFound."""
    read_month(key)
    return _edition(_of_month(session, key))


def present(session: Session, customer_id: UUID, now: datetime) -> str:
    """Return the key of the month it is for the scope's customer."""
    customer = customers.customer(session, customer_id)
    return f"{local_date(clock.seconds(now), customer.timezone):%Y-%m}"


def _of_month(session: Session, key: str) -> Sequence[Heading]:
    """The latest revision of each period that began in the month, by contract."""
    found = [one for one in statements.headings(session) if one.period[:7] == key]
    return sorted(found, key=lambda one: (one.contract, one.period))


def _edition(headings: Sequence[Heading]) -> str | None:
    if not headings:
        return None
    told = "\n".join(sorted(f"{one.id} {one.digest}" for one in headings))
    return f"sha256:{hashlib.sha256(told.encode()).hexdigest()}"


def _open(session: Session, key: str, closed: Sequence[Heading], now: datetime, *, sees_money: bool) -> Iterator[Card]:
    """The cards of periods that began in the month, or are custom and run in it, and have no statement."""
    known = figures.figures(session)
    done = {(one.contract_id, one.period) for one in closed}
    for one in promises(session, clock.seconds(now)):
        shown = card(one, known.get(one.key), with_money=sees_money)
        is_open = shown.standing not in (Standing.NOT_BEGUN, Standing.ENDED)
        if is_open and one.period_key[:7] == key and (one.stored.id, one.period_key) not in done:
            yield shown


def _incidents(session: Session, start: int, end: int) -> Sequence[Incident]:
    """The incidents told in the month about services the customer has, the first one first."""
    bought = {service.id for one in contracts.contracts(session) for service in one.services}
    told = incident_store.incidents_between(session, clock.instant(start), clock.instant(end))
    return [one for one in reversed(told) if bought & {service.id for service in one.services}]


def _owed(headings: Sequence[Heading]) -> Sequence[str]:
    sums: dict[str, int] = {}
    for one in headings:
        sums[one.currency] = sums.get(one.currency, 0) + one.credit_minor
    return [amount(decimal_text(minor, minor_digits(currency)), currency) for currency, minor in sorted(sums.items())]
