"""What the last twelve months would have paid under a draft: closed periods judged again by the same evaluation.

Evidence is measured once for each service, period and promise and priced for each contract, as a close does it; nothing
is stored. What the statements owe in fact stands beside it, over the same time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import digest
from portal.domain.evaluation.exclusions import CapUse
from portal.domain.evaluation.result import Status
from portal.domain.notices.refusals import NotFound
from portal.domain.promises.closing_periods import closing_periods
from portal.domain.promises.contract import agreement_problems
from portal.domain.promises.terms import Terms, to_document
from portal.domain.quantities.intervals import Interval, Intervals, subtract, union
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import local_date
from portal.domain.statements.body import Judgement
from portal.store.people import customers
from portal.store.promises import contracts as contracts_store
from portal.store.promises import drafts
from portal.store.promises.contracts import PublishedTerms, StoredContract
from portal.store.settling import statements as store
from portal.usecases.judging.deleted_evidence import EvidenceDeleted
from portal.usecases.judging.judgements import Job, Judge, refuse_lost
from portal.usecases.publishing.simulated_credit import (
    ContractLine,
    SimulatedPeriod,
    Simulation,
    Total,
    difference_text,
    money_text,
)

MONTHS = 12
ASKED_BY_NAME = 200
"""Of so many contracts the statements are asked for by contract; of more, all there are are read."""
ALWAYS = date(1970, 1, 1)
"""The draft is judged as if it had been in force all along; the day it is to begin on changes nothing."""
Told = Callable[[int, int], None]


@dataclass(slots=True)
class _Run:
    """What one simulation gathers: promises without a verdict, what is missing, and what was used of yearly caps."""

    terms: PublishedTerms
    is_generated: bool = False
    owed: dict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    made: dict[UUID, list[SimulatedPeriod]] = field(default_factory=lambda: defaultdict(list))
    missing: dict[str, None] = field(default_factory=dict)
    statuses: dict[tuple[str, str, str], list[Status]] = field(default_factory=lambda: defaultdict(list))
    used: dict[tuple[UUID, str, str], list[CapUse]] = field(default_factory=lambda: defaultdict(list))

    def caps(self, contract_id: UUID, _period: Period, service: str, commitment: str) -> tuple[CapUse, ...]:
        """What earlier simulated periods used of yearly caps."""
        return tuple(self.used[contract_id, service, commitment])


def simulate(
    session: Session,
    terms: Terms,
    now: datetime,
    *,
    after: UUID | None = None,
    most: int | None = None,
    told: Told | None = None,
) -> Simulation:
    """Return what the last twelve months would have paid under terms, for up to `most` contracts of their agreement.

    Raises NotFound when there is no agreement of that id.
    """
    if drafts.agreement_id(session, terms.id) is None:
        raise NotFound(f"There is no agreement {terms.id} to simulate.")
    every = [one for one in contracts_store.contracts(session, terms.id) if one.services]
    some = _page(every, after, most)
    always = replace(terms, version=replace(terms.version, effective_from=ALWAYS))
    run = _Run(PublishedTerms(always, digest(to_document(always))))
    months = _months(now)
    names = {one.id: one.name for one in customers.customers_by_id(session, {one.customer_id for one in some})}
    _judge_all(session, run, some, months, names, told)
    lines = [_line(one, names, run) for one in some if run.made[one.id]]
    _name_missing(run, some)
    return Simulation(
        first_month=f"{months[0]:%Y-%m}",
        last_month=f"{months[-1]:%Y-%m}",
        lines=lines,
        periods=[one for stored in some for one in run.made[stored.id]],
        totals=_totals(some, run),
        missing=tuple(run.missing),
        contracts=len(every),
        after=some[-1].id if some and some[-1] is not every[-1] else None,
        is_generated=run.is_generated,
    )


def _page(every: Sequence[StoredContract], after: UUID | None, most: int | None) -> Sequence[StoredContract]:
    first = next((number + 1 for number, one in enumerate(every) if one.id == after), 0)
    return every[first:] if most is None else every[first : first + most]


def _months(now: datetime) -> Sequence[date]:
    """The first days of the twelve months before the present one."""
    present = now.year * MONTHS + now.month - 1
    return [date(one // MONTHS, one % MONTHS + 1, 1) for one in range(present - MONTHS, present)]


def _judge_all(
    session: Session,
    run: _Run,
    some: Sequence[StoredContract],
    months: Sequence[date],
    names: Mapping[UUID, str],
    told: Told | None,
) -> None:
    """Judge every whole closed period of these contracts, those of one stretch of time together."""
    closed = _closed(session, some, months[0])
    judge = Judge(session, carried=run.caps, is_proven=False)
    fitting = [one for one in some if _fits(run, one)]
    jobs = sorted((job for one in fitting for job in _jobs(run, one, months, closed)), key=_order)
    for number, job in enumerate(jobs):
        _judge(session, run, judge, job, names[job.stored.customer_id])
        if told is not None:
            told(number + 1, len(jobs))
    run.is_generated = any(one.row.is_generated for some_closed in closed.values() for one in some_closed)
    for stored in fitting:
        time = union(Interval(job.closing.period.start, job.closing.period.end) for job in jobs if job.stored is stored)
        run.owed[stored.id] = sum(
            one.row.credit_minor
            for one in closed.get(stored.id, ())
            if not subtract((Interval(one.row.starts_at, one.row.ends_at),), time)
        )


def _closed(
    session: Session, some: Sequence[StoredContract], first: date
) -> Mapping[UUID, Sequence[store.NamedStatement]]:
    """The latest revisions of each contract's periods that began in the months, without their bodies."""
    asked = {one.id for one in some}
    few = asked if len(asked) <= ASKED_BY_NAME else None
    latest: dict[tuple[UUID, str], store.NamedStatement] = {}
    for one in store.statements(session, of=few, since=first.isoformat(), with_bodies=False):
        key = (one.row.contract_id, one.row.period)
        if one.row.contract_id in asked and (key not in latest or latest[key].row.revision < one.row.revision):
            latest[key] = one
    found: dict[UUID, list[store.NamedStatement]] = defaultdict(list)
    for (contract_id, _), one in latest.items():
        found[contract_id].append(one)
    return found


def _fits(run: _Run, stored: StoredContract) -> bool:
    """Whether the draft promises something about every service of a contract, in its currency; else it is named."""
    problems = agreement_problems(stored.contract, run.terms.terms)
    for one in problems:
        run.missing[f"{stored.contract.id}: {one.sentence}"] = None
    return not problems


def _jobs(
    run: _Run, stored: StoredContract, months: Sequence[date], closed: Mapping[UUID, Sequence[store.NamedStatement]]
) -> Iterator[Job]:
    """The draft's periods of a contract that lie wholly in time that is closed."""
    known: Intervals = union(Interval(one.row.starts_at, one.row.ends_at) for one in closed.get(stored.id, ()))
    begin = local_date(known[0].start, stored.contract.zone(run.terms.terms)) if known else None
    found = False
    for month in months if begin is not None else ():
        for closing in closing_periods([run.terms.terms], stored.contract, month):
            if not subtract((Interval(closing.period.start, closing.period.end),), known):
                found = True
                yield Job(stored, closing, [run.terms])
    if not found:
        run.missing[f"{stored.contract.id}: no whole period of this draft is closed in these months."] = None


def _order(job: Job) -> tuple[int, int, str]:
    period = job.closing.period
    return period.end, period.start, str(job.stored.id)


def _judge(session: Session, run: _Run, judge: Judge, job: Job, customer: str) -> None:
    contract = job.stored.contract
    try:
        refuse_lost(session, job)
        judgement = judge.judgement(job)
    except (EvidenceDeleted, ValueError) as problem:
        run.missing[f"{contract.id}, {job.closing.key}: {problem}"] = None
        return
    for line in judgement.lines:
        run.statuses[contract.id, line.service, line.commitment].append(line.status)
        run.used[job.stored.id, line.service, line.commitment].extend(line.used_caps)
    run.made[job.stored.id].append(_simulated(customer, job, judgement))


def _simulated(customer: str, job: Job, judgement: Judgement) -> SimulatedPeriod:
    breached = [f"{one.commitment} of {one.service}" for one in judgement.lines if one.status is Status.BREACHED]
    return SimulatedPeriod(
        customer=customer,
        contract=job.stored.contract.id,
        period=job.closing.key,
        currency=job.stored.contract.currency,
        breached=tuple(breached),
        minor=judgement.settled.amount_minor,
        credit=money_text(judgement.settled.amount_minor, job.stored.contract.currency),
    )


def _name_missing(run: _Run, some: Sequence[StoredContract]) -> None:
    """Name each promise of the draft that no closed period has evidence for, and each nobody buys."""
    for (contract, service, commitment), statuses in run.statuses.items():
        without = sum(status in (Status.NOT_APPLICABLE, Status.INSUFFICIENT_DATA) for status in statuses)
        if without == len(statuses):
            run.missing[f"{contract}: there is no evidence for {commitment} of {service} in any of these months."] = (
                None
            )
        elif without:
            sentence = f"{contract}: too little is known for {commitment} of {service} in {without} of {len(statuses)}"
            run.missing[f"{sentence} periods; they owe nothing here."] = None
    bought = {service.component for one in some for service in one.services}
    for one in run.terms.terms.commitments:
        if one.component not in bought:
            run.missing[f"Nobody here buys {one.component}: {one.id} is not simulated."] = None


def _line(stored: StoredContract, names: Mapping[UUID, str], run: _Run) -> ContractLine:
    made, owed, currency = run.made[stored.id], run.owed[stored.id], stored.contract.currency
    simulated = sum(one.minor for one in made)
    return ContractLine(
        customer=names[stored.customer_id],
        contract=stored.contract.id,
        contract_id=stored.id,
        currency=currency,
        periods=len(made),
        breaches=sum(len(one.breached) for one in made),
        owed=money_text(owed, currency),
        simulated=money_text(simulated, currency),
        difference=difference_text(simulated - owed, currency),
        is_more=simulated > owed,
        is_less=simulated < owed,
    )


def _totals(some: Sequence[StoredContract], run: _Run) -> Sequence[Total]:
    by_currency: dict[str, list[StoredContract]] = defaultdict(list)
    for one in some:
        if run.made[one.id]:
            by_currency[one.contract.currency].append(one)
    return [_total(currency, found, run) for currency, found in sorted(by_currency.items())]


def _total(currency: str, found: Sequence[StoredContract], run: _Run) -> Total:
    owed = sum(run.owed[one.id] for one in found)
    simulated = sum(period.minor for one in found for period in run.made[one.id])
    return Total(
        currency,
        len(found),
        money_text(owed, currency),
        money_text(simulated, currency),
        difference_text(simulated - owed, currency),
    )
