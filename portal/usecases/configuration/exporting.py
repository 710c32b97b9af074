"""Writing the configuration back as a file `portal-config/1`: applying it changes nothing (decision D19).

It holds what `apply` sets and nothing secret: no passwords, and people who are disabled or erased are left out, as are
probes that have ended.
"""

import json
from collections.abc import Iterable, Mapping

from sqlalchemy.orm import Session

from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserRow
from portal.store.people.providers import ProviderRow, the_provider
from portal.store.promises import configuration as store
from portal.usecases.configuration.reading import NO_STAFF, SCHEMA
from portal.usecases.configuration.saving_services import ENDED

Document = dict[str, object]


def export_configuration(session: Session) -> Document:
    """Return what is configured as a document of plain values."""
    provider = the_provider(session)
    own = {} if provider is None else {"provider": _provider(provider)}
    return {
        "schema": SCHEMA,
        **own,
        "locations": [_of_key(row, "name", "allow") for row in _sorted(session, LocationRow)],
        "services": _services(session),
        "probes": list(_probes(session)),
        "agreements": list(_agreements(session)),
        "customers": [_of_key(row, "name", "timezone") for row in _sorted(session, CustomerRow)],
        "contracts": [json.loads(row.document) for _, row in sorted(store.contracts_by_key(session).items())],
        "users": list(_users(session)),
    }


def _provider(row: ProviderRow) -> Document:
    brand = {name: text for name, text in (("colour", row.colour), ("logo", row.logo)) if text}
    return {**_fields(row, "name", "timezone", "contact"), **({"brand": brand} if brand else {})}


def _sorted(session: Session, kind: type[store.Keyed]) -> list[store.Keyed]:
    return [row for _, row in sorted(store.rows_by_key(session, kind).items())]


def _fields(row: object, *names: str) -> Document:
    return {name: getattr(row, name) for name in names}


def _of_key(row: LocationRow | CustomerRow, *names: str) -> Document:
    return {"id": row.key, **_fields(row, *names)}


def _services(session: Session) -> list[Document]:
    """Services in the order people see them, which is the order of the file."""
    rows = sorted(_sorted(session, ServiceRow), key=lambda row: row.position)
    return [{"id": row.key, "name": row.name, **({"group": row.group_name} if row.group_name else {})} for row in rows]


def _probes(session: Session) -> Iterable[Document]:
    services = {row.id: row.key for row in store.rows_by_key(session, ServiceRow).values()}
    locations = {row.number: row.key for row in store.rows_by_key(session, LocationRow).values()}
    latest = store.latest_schedules(session)
    for row in _sorted(session, ProbeRow):
        schedule = latest.get(row.id)
        if schedule is not None and schedule.interval_s != ENDED:
            yield {"id": row.key, "service": services[row.service_id], **_terms(schedule, locations)}


def _terms(schedule: ScheduleRow, locations: Mapping[int, str]) -> Document:
    target = dict(schedule.target)
    document: Document = {
        "kind": schedule.kind,
        "target": target.pop("address"),
        "interval_seconds": schedule.interval_s,
        "timeout_ms": schedule.timeout_ms,
        "locations": [locations[number] for number in schedule.locations],
    }
    if schedule.latency_limit_ms is not None:
        document["latency_limit_ms"] = schedule.latency_limit_ms
    if "statuses" in target:
        target["status"] = target.pop("statuses")
    return document | ({"expect": target} if target else {})


def _agreements(session: Session) -> Iterable[Document]:
    names = {slug: row.name for slug, row in store.agreements_by_slug(session).items()}
    for slug, documents in sorted(store.documents_by_slug(session).items()):
        yield {"id": slug, "name": names[slug], "versions": [json.loads(text) for text in documents]}


def _users(session: Session) -> Iterable[Document]:
    customers = {row.id: row.key for row in store.rows_by_key(session, CustomerRow).values()}
    for row in store.users_who_may_sign_in(session):
        roles = sorted((customers[one.customer_id], one.role) for one in store.memberships_of(session, row.id))
        yield {**_person(row), "customers": [{"customer": key, "role": role} for key, role in roles]}


def _person(row: UserRow) -> Document:
    return {"email": row.email, "name": row.name, "staff": row.staff_role or NO_STAFF}
