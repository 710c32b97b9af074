"""What twelve months would have paid under drafts, over a generated provider, and what one page of it costs.

A generated provider (demo.generated) goes in by the door of every sample and its twelve months are closed as any other;
then three drafts are simulated: one that says the same, a stricter one, and one that pays by the minute.
"""

import time
from collections.abc import Iterator
from typing import Any

from bench._databases import fresh
from demo.generated.episodes import Chance
from demo.generated.provider import Document, configure, provider_document
from demo.generated.telling import generate
from portal import clock
from portal.database import reading
from portal.domain.promises.terms import parse_terms
from portal.domain.quantities.zones import parse_instant
from portal.usecases.closing import closing
from portal.usecases.publishing.draft_simulation import simulate

START, END = parse_instant("2025-10-30T00:00:00Z"), parse_instant("2026-11-03T01:00:00Z")
NOW = clock.instant(END)
PAGE = 20
PAGE_MS = 3_000
Row = dict[str, Any]


def measure(services: int = 3, contracts: int = 20, interval: int = 900, kind: str = "sqlite") -> Iterator[Row]:
    """One row per draft: what it would have paid in all beside what was owed, and the milliseconds of one page."""
    with fresh(kind) as (session, _):
        configure(session, _document(services, contracts, interval), START - 1)
        samples = generate(session, Chance(seed=7), START, END)
        months = closing.latest_months(NOW, 12)[:-1]
        closed = sum(closing.close(session, month, NOW).closed for month in months)
        for name, changes in _drafts():
            terms = parse_terms(_terms(2) | {"commitments": [_commitment() | changes]})
            before = time.process_time()
            with reading(session):
                found = simulate(session, terms, NOW, most=PAGE)
            spent = round((time.process_time() - before) * 1000)
            (total,) = found.totals
            yield {
                "draft": name,
                "samples": samples,
                "closed": closed,
                "contracts": total.contracts,
                "periods": len(found.periods),
                "breaches": sum(one.breaches for one in found.lines),
                "owed": total.owed,
                "under the draft": total.simulated,
                "difference": total.difference,
                "page_ms": {"value": spent, "budget": PAGE_MS},
            }


def _drafts() -> Iterator[tuple[str, Row]]:
    yield "the same", {}
    steep = [{"below": "99.95", "percent": "10"}, {"below": "99.5", "percent": "25"}]
    yield "99.95 % and 25 % below 99.5 %", {"target_percent": "99.95", "credit_schedule": _tiers(steep)}
    by_minute = {
        "type": "per_unit",
        "unit_seconds": "60",
        "percent_per_unit": "1",
        "rounding": "ceil",
        "scope": "total",
        "cap_percent": "50",
    }
    yield "1 % a minute, at most half", {"credit_schedule": by_minute}


def _document(services: int, contracts: int, interval_s: int) -> Document:
    bought = [f"service-{number % services + 1:04}" for number in range(contracts)]
    return provider_document(services, 2, interval_s) | {
        "agreements": [{"id": "gold", "name": "Gold", "versions": [_terms(1)]}],
        "customers": [
            {"id": f"customer-{number:02}", "name": f"Customer {number:02}", "timezone": "UTC"}
            for number in range(contracts)
        ],
        "contracts": [_contract(number, service) for number, service in enumerate(bought)],
    }


def _contract(number: int, service: str) -> Row:
    fee = [{"from": "2025-10-01", "amount": f"{400 + 10 * number}.00"}]
    return {
        "schema": "sla-contract/1",
        "id": f"contract-{number:02}",
        "customer": f"customer-{number:02}",
        "agreement": "gold",
        "currency": "EUR",
        "from": "2025-11-01",
        "services": [{"service": service, "component": "api", "monthly_fee": fee}],
    }


def _terms(number: int) -> Row:
    return {
        "schema": "sla-terms/1",
        "id": "gold",
        "version": {"number": number, "effective_from": f"{2024 + number}-01-01"},
        "timezone": "UTC",
        "period": {"kind": "calendar_month"},
        "commitments": [_commitment()],
    }


def _commitment() -> Row:
    return {
        "id": "availability",
        "component": "api",
        "target_percent": "99.9",
        "methodology": {"type": "continuous", "confirm_failures": "1", "confirm_successes": "1"},
        "unknown_policy": {"treat_as": "exclude", "max_unknown_percent": "20"},
        "credit_schedule": _tiers([{"below": "99.9", "percent": "10"}]),
    }


def _tiers(tiers: list[Row]) -> Row:
    return {"type": "tiers", "tiers": tiers}
