"""What people wait for as history grows: attainment, a customer's overview and the public page, after 1 … 13 months.

A generated provider (demo.generated) goes in by the door of every sample, month by month, into one database, and is
sealed like any other; each figure is measured again after so many months. Attainment is one commitment of the last
month: warm is the judgement of evidence in memory, cold its evidence read from the store, by a process that just
connected, and judged; stored the same by a process that has connected before.
Milliseconds are of this process's processor: all there is with SQLite, without the server's share with PostgreSQL.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from bench._databases import fresh
from demo.generated.episodes import Chance
from demo.generated.provider import Document, configure, provider_document
from demo.generated.telling import generate
from portal import clock
from portal.database import reading
from portal.domain.evaluation.attainment import Carried, evaluate
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole
from portal.domain.quantities.zones import parse_instant
from portal.store.ground.tenancy import customer_scope
from portal.store.people.customers import CustomerRow
from portal.store.promises import configuration
from portal.usecases.customer import compliance
from portal.usecases.judging import promises
from portal.usecases.judging.figures import keep_figures_fresh
from portal.usecases.keeping.evidence import evidence_of
from portal.usecases.measuring import sealed_days
from portal.usecases.status import public_status

START = parse_instant("2025-10-01T00:00:00Z")
ENDS = (
    "2025-11-01", "2025-12-01", "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01", "2026-06-01",
    "2026-07-01", "2026-08-01", "2026-09-01", "2026-10-01", "2026-11-01",
)  # fmt: skip
CONTRACT = {
    "schema": "sla-contract/1",
    "id": "reader-1",
    "customer": "reader",
    "agreement": "gold",
    "currency": "EUR",
    "from": "2025-10-01",
    "fee_proration": "days",
    "money_rounding": "half_even",
}
FEE = [{"from": "2025-10-01", "amount": "400.00"}]
BEFORE_THE_END_S = 3_600
WARM_MS, COLD_MS, OVERVIEW_MS, PAGE_MS, GROWS = 2, 10, 15, 15, 1.1
PROMISED = 10
"""Commitments of the one customer: each of another service."""
Row = dict[str, Any]
_SPENT: list[float] = []
"""What the work under way has noted of its own time, in seconds."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Milliseconds after so many months."""

    warm: float
    stored: float
    cold: float
    overview: float
    page: float


def measure(
    probes: int = 100,
    services: int = 50,
    months: str = "1,3,6,13",
    interval: int = 300,
    kind: str = "sqlite",
    times: int = 15,
) -> Iterator[Row]:
    """Yield one row for each count of months: milliseconds beside their budgets, and how much slower than at first.

    Each service is probed from probes / services locations; `interval` is in seconds.
    """
    with fresh(kind) as (session, _):
        configure(session, _document(services, max(1, probes // services), interval), START - 1)
        told, first = 0, None
        for count in map(int, months.split(",")):
            end = parse_instant(f"{ENDS[count - 1]}T00:00:00Z") - BEFORE_THE_END_S
            told += generate(session, Chance(seed=1), START, end)
            sealed = _seal(session, end)
            keep_figures_fresh(session, clock.instant(end))
            found = _figures(session, end, times)
            first = first or found
            yield {"kind": kind, "probes": probes, "months": count, "samples": told, "sealed_days": sealed} | _beside(
                found, first
            )


def _beside(found: Figures, first: Figures) -> Row:
    return {
        "attainment_ms": {"value": found.warm, "budget": WARM_MS},
        "stored_ms": found.stored,
        "cold_ms": {"value": found.cold, "budget": COLD_MS},
        "overview_ms": {"value": found.overview, "budget": OVERVIEW_MS},
        "overview_grew": {"value": round(found.overview / first.overview, 2), "budget": GROWS},
        "page_ms": {"value": found.page, "budget": PAGE_MS},
        "stored_grew": round(found.stored / first.stored, 2),
        "page_grew": round(found.page / first.page, 2),
    }


def _figures(session: Session, at: int, times: int) -> Figures:
    now = clock.instant(at)
    customer = _customer(session)
    reader = Person(customer, "Reader", "reader@generated.example", memberships={customer: CustomerRole.OWNER})
    attain = partial(_attain, session, at, is_in_memory=False)
    return Figures(
        cold=_cold_ms(session, attain),
        stored=_median_ms(session, attain, times),
        warm=_median_ms(session, partial(attain, is_in_memory=True), times),
        overview=_median_ms(session, partial(_overview, session, customer, reader, now), times),
        page=_median_ms(session, lambda: public_status.status(session, "UTC", now), times),
    )


def _attain(session: Session, at: int, *, is_in_memory: bool) -> None:
    """Judge one commitment from what is stored about its service in its period; note the judgement alone if told to."""
    one = promises.promises(session, at)[0]
    before = time.process_time()
    known = evidence_of(session, one.service.id, one.period.start, at, [one.commitment.methodology])
    read = known.read_by(one.commitment.methodology, one.period, one.stored.id)
    if is_in_memory:
        before = time.process_time()
    evaluate(one.commitment, one.line, one.period, read, (), Carried(), at)
    _SPENT.append(time.process_time() - before)


def _overview(session: Session, customer: UUID, reader: Person, now: datetime) -> None:
    with customer_scope(customer):
        compliance.overview(session, customer, reader, now)


def _cold_ms(session: Session, work: Callable[[], object]) -> float:
    """Time work on a connection, with statements, that nobody used before."""
    session.close()
    engine = session.get_bind().engine
    engine.dispose()
    engine.clear_compiled_cache()
    return _ms(session, work)


def _median_ms(session: Session, work: Callable[[], object], times: int) -> float:
    _ms(session, work)
    return round(median(_ms(session, work) for _ in range(times)), 2)


def _ms(session: Session, work: Callable[[], object]) -> float:
    """Time one piece of work in a transaction of its own; what it notes itself counts instead of the whole."""
    _SPENT.clear()
    session.expunge_all()
    with reading(session):
        before = time.process_time()
        work()
        spent = time.process_time() - before
    return round(sum(_SPENT or [spent]) * 1000, 2)


def _seal(session: Session, at: int) -> int:
    lease = sealed_days.begin(session, "bench", at * 1000)
    if lease is None:
        raise RuntimeError("Somebody else seals in a database made for this.")
    count = 0
    while days := sealed_days.seal_days(session, lease, at * 1000).days:
        count += days
    sealed_days.end(session, lease)
    return count


def _customer(session: Session) -> UUID:
    with reading(session):
        return configuration.rows_by_key(session, CustomerRow)["reader"].id


def _document(services: int, locations: int, interval_s: int) -> Document:
    """A provider, and one customer with ten commitments, each of another service."""
    document = provider_document(services, locations, interval_s)
    components = [f"component-{number}" for number in range(1, PROMISED + 1)]
    terms = {
        "schema": "sla-terms/1",
        "id": "gold",
        "version": {"number": 1, "effective_from": "2025-01-01"},
        "timezone": "UTC",
        "period": {"kind": "calendar_month"},
        "commitments": [_commitment(component) for component in components],
    }
    bought = [
        {"service": f"service-{number:04}", "component": component, "monthly_fee": FEE}
        for number, component in enumerate(components, start=1)
    ]
    return document | {
        "agreements": [{"id": "gold", "name": "Gold", "versions": [terms]}],
        "customers": [{"id": "reader", "name": "Reader", "timezone": "UTC"}],
        "contracts": [CONTRACT | {"services": bought}],
    }


def _commitment(component: str) -> Row:
    return {
        "id": f"{component}-availability",
        "component": component,
        "target_percent": "99.9",
        "methodology": {"type": "continuous", "confirm_failures": "2", "confirm_successes": "1"},
        "unknown_policy": {"treat_as": "exclude", "max_unknown_percent": "20"},
        "credit_schedule": {"type": "tiers", "tiers": [{"below": "99.9", "percent": "10"}]},
    }
