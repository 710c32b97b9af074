"""Which contract periods there are to close in a month, which of them can be closed now, and what was ruled on them."""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.refusals import Invalid, NotFound
from portal.domain.promises.closing_periods import ClosingPeriod, closing_periods, month_of
from portal.domain.quantities.zones import instant_of, local_date
from portal.domain.statements.body import Ruled
from portal.store.people.customers import CustomerRow
from portal.store.promises import contracts as contracts_store
from portal.store.promises.configuration import rows_by_key
from portal.store.settling import statements as store
from portal.store.settling.statements import Latest, PeriodKey
from portal.usecases.judging.carried_caps import has_yearly_cap
from portal.usecases.judging.judgements import Job, terms_of

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class Month:
    """The contract periods of a month, those already closed by key, and the customers' names by id."""

    jobs: Sequence[Job]
    closed: Mapping[PeriodKey, Latest]

    def is_closed(self, job: Job) -> bool:
        """Whether a period has a statement."""
        return key_of(job) in self.closed


def read_month(text: str) -> date:
    """Return the first day of a month; raise Invalid with a sentence."""
    try:
        return month_of(text)
    except ValueError:
        raise Invalid("period", f"{text[:40]} is no month. Write it like 2026-10.") from None


def month(session: Session, first: date, customer: str | None = None) -> Month:
    """Return the contract periods that start in a local month, of one customer by key or of all of the scope.

    Raises NotFound when there is no such customer.
    """
    customer_id = None if customer is None else _customer_id(session, customer)
    jobs = sorted(_jobs(session, first, customer_id), key=_order)
    starts = [job.closing.period.end for job in jobs]
    bounds = (min(starts, default=0) - 1, max(starts, default=0))
    return Month(jobs, store.latest_statements(session, *bounds) if jobs else {})


def key_of(job: Job) -> PeriodKey:
    """Return which period of which contract a job is about."""
    return PeriodKey(job.stored.id, job.closing.key)


def earlier_open(session: Session, job: Job) -> str | None:
    """Return the key of an earlier period of the year that must be closed first; None when nothing stands before.

    It matters only where exclusions have a yearly cap: what earlier periods used of it is read from their statements.
    """
    versions = [one.terms for one in job.closing.versions]
    if not any(has_yearly_cap(one) for terms in versions for one in terms.commitments):
        return None
    closed = store.closed_of(session, [job.stored.id])
    return next((key for key in _earlier_in_year(job) if PeriodKey(job.stored.id, key) not in closed), None)


def _earlier_in_year(job: Job) -> Iterator[str]:
    """The keys of the contract's periods that ended before this one and reach into its year, in order."""
    period = job.closing.period
    year = local_date(period.start, period.timezone).year
    new_year = instant_of(date(year, 1, 1), period.timezone)
    for months in range((year - 1) * MONTHS_A_YEAR, (year + 1) * MONTHS_A_YEAR):
        first = date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)
        for one in closing_periods(terms_of(job.published), job.stored.contract, first):
            if new_year < one.period.end <= period.start:
                yield one.key


def _jobs(session: Session, first: date, customer_id: UUID | None) -> Iterator[Job]:
    versions, rulings = contracts_store.published_terms(session), store.rulings(session)
    cut: dict[Hashable, Sequence[ClosingPeriod]] = {}
    for stored in contracts_store.contracts(session):
        if customer_id not in (None, stored.customer_id) or not stored.services:
            continue
        published = versions.get(stored.agreement_id, ())
        contract = stored.contract
        alike = (stored.agreement_id, contract.timezone, contract.from_, contract.until)
        if alike not in cut:
            cut[alike] = closing_periods(terms_of(published), contract, first)
        for closing in cut[alike]:
            ruling = rulings.get(PeriodKey(stored.id, closing.key))
            ruled = None if ruling is None else Ruled(ruling.ruling, ruling.reason, str(ruling.ruled_by))
            yield Job(stored, closing, published, ruled)


def _order(job: Job) -> tuple[int, int, str, str]:
    """Periods that are the same stretch of time stand together, so that what they share is measured once."""
    period = job.closing.period
    return period.end, period.start, job.stored.contract.id, str(job.stored.id)


def _customer_id(session: Session, key: str) -> UUID:
    found = rows_by_key(session, CustomerRow).get(key)
    if found is None:
        raise NotFound(f"There is no customer {key}.")
    return found.id
