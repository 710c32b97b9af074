"""Two customers in a real database, for tests: Globex with a gold contract, Initech with a platinum one.

Everything goes in through rows and the canonical documents, as `apply` leaves it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import canonical_bytes, digest
from portal.domain.evidence.records import Run, State
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.domain.promises.contract import contract_document, parse_contract
from portal.domain.promises.terms import parse_terms, to_document
from portal.store.evidence.runs import save_runs
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.people import people
from portal.store.people.customers import ContractRow, ContractServiceRow, CustomerRow
from portal.store.people.people import MembershipRow, UserRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow

INTERVAL_S = 60
SINCE = "2026-01-01"
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"


def at(text: str) -> int:
    """The UTC second of "2026-11-01 00:00" or with seconds, read as UTC."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def utc(text: str) -> datetime:
    """The aware UTC datetime of such a text."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


TIERS = [{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}]


def terms_document(slug: str, number: int = 1, effective_from: str = SINCE, **changes: Any) -> dict[str, Any]:
    """Terms of one commitment: 99.9 % of the calendar month for component api, unless changed."""
    commitment = {
        "id": "availability",
        "component": "api",
        "target_percent": "99.9",
        "methodology": {"type": "continuous", "confirm_failures": 2, "confirm_successes": 1},
        "unknown_policy": {"treat_as": "exclude", "max_unknown_percent": "5"},
        "credit_schedule": {"type": "tiers", "tiers": TIERS, "requires_breach": True},
    }
    commitment.update(changes.pop("commitment", {}))
    return {
        "schema": "sla-terms/1",
        "id": slug,
        "version": {"number": number, "effective_from": effective_from},
        "timezone": "UTC",
        "period": {"kind": "calendar_month"},
        "commitments": [commitment],
    } | changes


PER_MINUTE = {
    "target_percent": "100",
    "credit_schedule": {
        "type": "per_unit",
        "unit_seconds": 60,
        "percent_per_unit": "1",
        "rounding": "ceil",
        "scope": "per_outage",
        "cap_percent": "100",
    },
}


@dataclass(frozen=True, slots=True)
class House:
    """What the tests find in the database: keys and people."""

    globex: UUID
    initech: UUID
    api: UUID
    storage: UUID
    globex_contract: UUID
    initech_contract: UUID
    globex_owner: Person
    globex_member: Person
    initech_owner: Person
    manager: Person
    responder: Person


def build(session: Session, since: str = SINCE) -> House:
    """Write both customers, their people, contracts and the two services, all since a day; the caller commits."""
    with provider_scope():
        api = service(session, "api", "API", 1, since=since)
        storage = service(session, "storage", "Object storage", 2, since=since)
        gold, platinum = agreement(session, "gold"), agreement(session, "platinum")
        version(session, gold, terms_document("gold", effective_from=since))
        version(session, platinum, terms_document("platinum", effective_from=since, commitment=PER_MINUTE))
        globex = customer(session, "globex", "Globex", BERLIN)
        initech = customer(session, "initech", "Initech", NEW_YORK)
        both = {"api": api, "storage": storage}
        begun = {"from": since}
        first = contract(session, globex, gold, "globex-gold", both, timezone=BERLIN, **begun)
        second = contract(
            session, initech, platinum, "initech-platinum", {"api": api}, "USD", timezone=NEW_YORK, **begun
        )
        session.flush()
        return House(
            globex,
            initech,
            api,
            storage,
            first,
            second,
            user(session, "ada@globex.example", "Ada", {globex: CustomerRole.OWNER}),
            user(session, "max@globex.example", "Max", {globex: CustomerRole.MEMBER}),
            user(session, "peter@initech.example", "Peter", {initech: CustomerRole.OWNER}),
            user(session, "mara@provider.example", "Mara", {}, StaffRole.MANAGER),
            user(session, "rob@provider.example", "Rob", {}, StaffRole.RESPONDER),
        )


def service(session: Session, key: str, name: str, number: int, group: str = "Platform", since: str = SINCE) -> UUID:
    """A service with one probe of that number, measured from location 1."""
    row = ServiceRow(id=new_id(), key=key, name=name, group_name=group, position=number)
    session.add(row)
    if session.get(LocationRow, LOCATION) is None:
        session.add(LocationRow(id=LOCATION, number=1, key="here", name="This machine", allow=["127.0.0.0/8"]))
    session.flush()
    probe = ProbeRow(id=new_id(), number=number, key=f"{key}-probe", service_id=row.id)
    session.add(probe)
    session.flush()
    session.add(
        ScheduleRow(
            probe_id=probe.id,
            effective_from=at(f"{since} 00:00"),
            kind="http",
            target={"address": "http://127.0.0.1/"},
            interval_s=INTERVAL_S,
            timeout_ms=1000,
            latency_limit_ms=None,
            locations=[1],
        )
    )
    session.flush()
    return row.id


LOCATION = new_id()


def agreement(session: Session, slug: str) -> UUID:
    """An agreement without a version."""
    row = AgreementRow(id=new_id(), slug=slug, name=slug.title())
    session.add(row)
    session.flush()
    return row.id


def version(session: Session, agreement_id: UUID, document: Mapping[str, Any]) -> None:
    """A published version of an agreement, in its canonical text."""
    terms = parse_terms(document)
    full = to_document(terms)
    session.add(
        AgreementVersionRow(
            agreement_id=agreement_id,
            number=terms.version.number,
            effective_from=terms.version.effective_from.isoformat(),
            document=canonical_bytes(full).decode(),
            digest=digest(full),
            published_at=utc("2026-01-01 00:00"),
        )
    )
    session.flush()


def customer(session: Session, key: str, name: str, timezone: str) -> UUID:
    """A customer without a contract."""
    row = CustomerRow(id=new_id(), key=key, name=name, timezone=timezone)
    session.add(row)
    session.flush()
    return row.id


def contract(
    session: Session,
    customer_id: UUID,
    agreement_id: UUID,
    key: str,
    services: Mapping[str, UUID],
    currency: str = "EUR",
    fee: str = "1000.00",
    **changes: Any,
) -> UUID:
    """A contract that maps every one of the services, by key, to component api."""
    document = {
        "schema": "sla-contract/1",
        "id": key,
        "customer": "someone",
        "agreement": "any",
        "currency": currency,
        "from": "2026-01-01",
        "services": [
            {"service": name, "component": "api", "monthly_fee": [{"from": "2026-01-01", "amount": fee}]}
            for name in services
        ],
    } | changes
    for one in document["services"]:
        one["monthly_fee"][0]["from"] = min(document["from"], one["monthly_fee"][0]["from"])
    text = json.dumps(contract_document(parse_contract(document)))
    row = ContractRow(id=new_id(), customer_id=customer_id, key=key, agreement_id=agreement_id, document=text)
    session.add(row)
    session.flush()
    for service_id in services.values():
        session.add(
            ContractServiceRow(customer_id=customer_id, contract_id=row.id, service_id=service_id, component="api")
        )
    session.flush()
    return row.id


def user(
    session: Session,
    email: str,
    name: str,
    memberships: Mapping[UUID, CustomerRole],
    staff_role: StaffRole | None = None,
) -> Person:
    """A person without a password who belongs to these customers."""
    row = UserRow(id=new_id(), email=email, name=name, staff_role=staff_role)
    session.add(row)
    session.flush()
    session.add_all(MembershipRow(user_id=row.id, customer_id=key, role=role) for key, role in memberships.items())
    session.flush()
    return people.person_of(session, row)


def runs(session: Session, probe: int, story: Sequence[tuple[str, str, str]], provenance: str = "measured") -> None:
    """Runs of a probe at location 1, a sample a minute: (state, first, last) with times as `at` reads them."""
    runs_at(session, probe, [(state, at(first), at(last)) for state, first, last in story], provenance)


def runs_at(session: Session, probe: int, story: Sequence[tuple[str, int, int]], provenance: str = "measured") -> None:
    """The same with UTC seconds."""
    save_runs(session, (((probe, 1), _run(*one, provenance)) for one in story))


def _run(state: str, first: int, last: int, provenance: str) -> Run:
    reason = "connect_refused" if state == "down" else None
    return Run(State(state), reason, first, last, (last - first) // INTERVAL_S + 1, INTERVAL_S, provenance)


def second_location(session: Session) -> None:
    """Another place from which the first service has been measured since the beginning of the year."""
    place = LocationRow(id=new_id(), number=2, key="there", name="Elsewhere", allow=[])
    probe = session.query(ProbeRow).filter_by(number=1).one()
    session.add(place)
    session.add(
        ScheduleRow(
            probe_id=probe.id,
            effective_from=at("2026-06-01 00:00"),
            kind="http",
            target={"address": "http://127.0.0.1/"},
            interval_s=INTERVAL_S,
            timeout_ms=1000,
            latency_limit_ms=None,
            locations=[1, 2],
        )
    )
    session.flush()
