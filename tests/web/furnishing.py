"""What a state of states.toml puts into an empty portal.

`services`: so many, measured for three days and today from two places · `stale`: and by nobody for half a day ·
`incident`, `maintenance`: one that is open, under way · `promises`: a customer's contract for all of the services,
whose first commitments come out as this list says (OUTCOMES) and all others are kept · `closed`: its periods are
months, measured each hour since the beginning of the last one that may be closed, which is, and wants claims.

What stands in braces in a state's pages is filled in from `Furnished.arguments`. A new kind of furniture is one more
key here, and a state that names it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from demo.generated.episodes import DOWN, EVERYWHERE, Chance, Episode
from demo.generated.provider import Document, configure, provider_document
from demo.generated.telling import generate
from portal import clock
from portal.database import db
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.domain.promises.closing_periods import GRACE_S
from portal.domain.quantities.zones import instant_of
from portal.store.ground.leases import LeaseRow
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import ContractRow, CustomerRow
from portal.store.promises import configuration
from portal.store.settling.statements import StatementRow
from portal.usecases.closing import closing
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Plan
from portal.usecases.forecasting.forecasts import refresh_forecasts
from portal.usecases.forecasting.pasts import Pasts
from portal.usecases.judging.figures import refresh_figures
from portal.usecases.measuring.measurement import LEASE
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from tests import customers
from tests.web.conftest import writing

DAY_S, HOUR_S = 86_400, 3_600
DAYS = 3
INTERVAL_S = 300
CALM = Chance(seed=1, outages=0, slow=0, gaps=0, late=0)
OUTCOMES: Mapping[str, Mapping[str, Any]] = {
    "met": {},
    "breached": {"down_s": 3_600},
    "indeterminate": {"down_s": 2 * INTERVAL_S, "target_percent": "99.97"},
    "insufficient data": {"is_measured": False},
    "not applicable": {"methodology": {"type": "response_time", "target_seconds": "3600", "calendar": None}},
}
"""By outcome: how long its service was down, whether it is measured at all, and what its terms say."""
TERMS = {
    "target_percent": "99.9",
    "methodology": {"type": "continuous", "confirm_failures": "1", "confirm_successes": "1"},
    "unknown_policy": {"treat_as": "exclude", "max_unknown_percent": "20"},
    "credit_schedule": {"type": "tiers", "tiers": [{"below": "99.9", "percent": "10"}]},
}


@dataclass(frozen=True, slots=True)
class Furnished:
    """Who may be signed in, and what stands in an address for each word in braces."""

    people: Mapping[str, Person]
    arguments: Mapping[str, object]


def furnish(app: Flask, told: Mapping[str, Any]) -> Furnished:
    """Put into an empty portal what a state says."""
    now = clock.now()
    end = clock.seconds(now) - (DAY_S // 2 if told.get("stale") else 0)
    if "services" in told:
        with app.app_context(), provider_scope():
            _measure(db.session(), told["services"], told.get("promises"), end, is_closed=told.get("closed", False))
    if told.get("closed"):
        with app.app_context():
            closing.close(db.session(), f"{_last_month(end):%Y-%m}", now)
    with writing(app) as session:
        arguments = _customer(session, end)
        people = _people(session, arguments)
        if "services" in told and not told.get("stale"):
            session.get_one(LeaseRow, LEASE).claimed_until = end + DAY_S
        _tell(session, told, people["manager"])
        if "promises" in told:
            refresh_figures(session, now)
            refresh_forecasts(session, now, Pasts())
        return Furnished(people, arguments)


def _first(end: int) -> int:
    """The second at which the first day begins: measured time is three days and what has passed of today."""
    return (end // DAY_S - DAYS) * DAY_S


def _last_month(end: int) -> date:
    """The first day of the last month that may be closed at a UTC second: it ended two days before, or longer."""
    return (clock.instant(end - GRACE_S).date().replace(day=1) - timedelta(days=1)).replace(day=1)


def _measure(session: Session, services: int, outcomes: Sequence[str] | None, end: int, *, is_closed: bool) -> None:
    document = provider_document(services, 1, HOUR_S) if is_closed else provider_document(services, 2, INTERVAL_S)
    start = instant_of(_last_month(end), "UTC") if is_closed else _first(end)
    down = start + 9 * DAY_S if is_closed else end // INTERVAL_S * INTERVAL_S - 2 * HOUR_S
    chance, episodes = Chance(seed=1), list[Episode]()
    if outcomes is not None:
        chance = CALM
        told = [OUTCOMES[one] for one in (*outcomes, *["met"] * (services - len(outcomes)))]
        document = _promised(document, told, clock.instant(start).date(), is_closed=is_closed)
        episodes = [
            Episode(probe["id"], EVERYWHERE, DOWN, down, down + one["down_s"])
            for probe, one in zip(document["probes"], told, strict=True)
            if "down_s" in one
        ]
        document["probes"] = [
            probe for probe, one in zip(document["probes"], told, strict=True) if one.get("is_measured", True)
        ]
    configure(session, document, start - 1)
    generate(session, chance, start, end, episodes)


def _promised(document: Document, told: Sequence[Mapping[str, Any]], first: date, *, is_closed: bool) -> Document:
    """The document with a customer who has a contract for every service, one commitment each."""
    keys = [service["id"] for service in document["services"]]
    custom = {"kind": "custom", "start": first.isoformat(), "end": (first + timedelta(days=30)).isoformat()}
    terms = {
        "schema": "sla-terms/1",
        "id": "gold",
        "version": {"number": 1, "effective_from": first.isoformat()},
        "timezone": "UTC",
        "period": {"kind": "calendar_month"} if is_closed else custom,
        "commitments": [
            TERMS
            | {"id": f"{key}-availability", "component": key}
            | {name: one[name] for name in TERMS.keys() & one.keys()}
            for key, one in zip(keys, told, strict=True)
        ],
    }
    if is_closed:
        terms |= {
            "claim": {"required": "true", "deadline": {"type": "days_after_period_end", "days": "60"}},
            "restatement": {"policy": "frozen", "dispute_days": "90"},
        }
    fee = [{"from": first.isoformat(), "amount": "400.00"}]
    contract = {
        "schema": "sla-contract/1",
        "id": "reader-1",
        "customer": "reader",
        "agreement": "gold",
        "currency": "EUR",
        "from": first.isoformat(),
        "services": [{"service": key, "component": key, "monthly_fee": fee} for key in keys],
    }
    return document | {
        "agreements": [{"id": "gold", "name": "Gold", "versions": [terms]}],
        "customers": [{"id": "reader", "name": "Reader", "timezone": "Europe/Berlin"}],
        "contracts": [contract],
    }


def _customer(session: Session, end: int) -> dict[str, object]:
    """The customer of the promises, or one without any."""
    found = configuration.rows_by_key(session, CustomerRow).get("reader")
    if found is None:
        return {"customer": customers.customer(session, "reader", "Reader", "Europe/Berlin")}
    contract = session.query(ContractRow).filter_by(customer_id=found.id).one()
    statement = session.query(StatementRow).filter_by(customer_id=found.id).one_or_none()
    period = clock.instant(end).date().replace(day=1) if statement else clock.instant(_first(end)).date()
    return {
        "customer": found.id,
        "contract": contract.id,
        "period": period.isoformat(),
        "statement": statement.id if statement else None,
        "month": f"{_last_month(end):%Y-%m}",
    }


def _people(session: Session, arguments: Mapping[str, Any]) -> dict[str, Person]:
    owner = {arguments["customer"]: CustomerRole.OWNER}
    return {
        "owner": customers.user(session, "ada@reader.example", "Ada", owner),
        "manager": customers.user(session, "mara@provider.example", "Mara", {}, StaffRole.MANAGER),
    }


def _tell(session: Session, told: Mapping[str, Any], author: Person) -> None:
    now, services = clock.now(), incidents.services(session)[:2]
    if told.get("incident"):
        chosen = [str(one.id) for one in services]
        incidents.post(session, author, Draft("Requests fail", "major", chosen, "identified", "We **look**."), now)
    if told.get("maintenance"):
        start, keys = clock.seconds(now) - 60, tuple(one.id for one in services)
        plan = Plan("Upgrade", "scheduled_maintenance", start, start + HOUR_S, keys, "Faster disks.")
        maintenance.announce(session, author, plan, now)
