"""Reading a configuration file: every problem has its path and its sentence, and all are told at once (D19)."""

import re
from collections.abc import Iterable, Mapping
from functools import partial

from portal.domain.documents.reading import InvalidDocument, Problem, Reader, require_plain
from portal.domain.documents.scalars import choose, read_name, read_text
from portal.domain.notices.refusals import Refusal
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.domain.quantities.zones import read_zone
from portal.senders.targets import check_networks
from portal.usecases.configuration import reading_brand, reading_probes, reading_promises
from portal.usecases.configuration.entries import (
    Configuration,
    CustomerEntry,
    LocationEntry,
    Present,
    ProviderEntry,
    ServiceEntry,
    UserEntry,
)
from portal.usecases.configuration.references import refuse_stranger
from portal.usecases.people.passwords import LENGTH_MAX, LENGTH_MIN
from portal.usecases.people.users import read_email

SCHEMA = "portal-config/1"
MOST = 10_000
LONGEST_NAME = 200
FROM_ENVIRONMENT = "from-environment:"
NO_STAFF = "none"
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII)
_short = partial(read_text, longest=LONGEST_NAME)


def read_configuration(document: object, present: Present, secrets: Mapping[str, str]) -> Configuration:
    """The configuration a document of plain values describes, given what is configured already.

    `secrets` are the named values that `from-environment:NAME` refers to. Raises InvalidDocument with every problem.
    """
    require_plain(document)
    problems: list[Problem] = []
    configuration = _read(Reader(document, "", problems), present, secrets)
    if problems:
        raise InvalidDocument(sorted(set(problems), key=_in_order))
    return configuration


def _in_order(problem: Problem) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", problem.path)
    return [(int(part), "") if part.isdigit() else (0, part) for part in parts]


def _read(reader: Reader, present: Present, secrets: Mapping[str, str]) -> Configuration:
    reader.read("schema", choose(SCHEMA), SCHEMA)
    locations = tuple(_read_location(node) for node in _unique(reader, "locations", "id"))
    services = tuple(_read_service(node) for node in _unique(reader, "services", "id"))
    customers = tuple(_read_customer(node) for node in _unique(reader, "customers", "id"))
    networks = {**present.locations, **{one.key: one.allow for one in locations}}
    known_services = present.services | {one.key for one in services}
    known_customers = present.customers | {one.key for one in customers}
    agreements, versions = reading_promises.read_agreements(_unique(reader, "agreements", "id"), present)
    configuration = Configuration(
        provider=_read_provider(reader, present),
        locations=locations,
        services=services,
        probes=tuple(
            reading_probes.read_probe(node, known_services, networks) for node in _unique(reader, "probes", "id")
        )
        if "probes" in reader.values
        else None,
        agreements=agreements,
        customers=customers,
        users=tuple(_read_user(node, known_customers, secrets) for node in _unique(reader, "users", "email")),
        contracts=reading_promises.read_contracts(
            reader.children("contracts", 0, MOST), present, versions, known_services, known_customers
        ),
    )
    reader.finish()
    return configuration


def _unique(reader: Reader, key: str, identity: str) -> list[Reader]:
    nodes = reader.children(key, 0, MOST)
    seen: set[object] = set()
    for node in nodes:
        value = node.values.get(identity)
        name = value.strip().lower() if isinstance(value, str) else None
        if name is not None and name in seen:
            node.refuse(identity, "Another entry of this list has this name already.")
        seen.add(name)
    return nodes


def _read_provider(reader: Reader, present: Present) -> ProviderEntry | None:
    if present.has_provider and not reader.has("provider"):
        return None
    node = reader.child("provider")
    colour, logo = _read_brand(node.child("brand")) if node.has("brand") else ("", "")
    entry = ProviderEntry(
        name=node.read("name", _short, ""),
        timezone=node.read("timezone", read_zone, "UTC"),
        contact=node.read("contact", _short, ""),
        colour=colour,
        logo=logo,
    )
    node.finish()
    return entry


def _read_brand(node: Reader) -> tuple[str, str]:
    colour = node.maybe("colour", reading_brand.read_colour) or ""
    logo = node.maybe("logo", reading_brand.read_logo) or ""
    node.finish()
    return colour, logo


def _read_location(node: Reader) -> LocationEntry:
    entry = LocationEntry(
        key=node.read("id", read_name, ""),
        name=node.read("name", _short, ""),
        allow=node.listed("allow", _read_network),
    )
    node.finish()
    return entry


def _read_network(value: object) -> str:
    text = read_text(value, LONGEST_NAME)
    try:
        check_networks([text])
    except Refusal as refusal:
        raise ValueError(f"cannot be allowed: {refusal.sentence}") from None
    return text


def _read_service(node: Reader) -> ServiceEntry:
    entry = ServiceEntry(
        key=node.read("id", read_name, ""),
        name=node.read("name", _short, ""),
        group=node.read("group", _short, "", ""),
    )
    node.finish()
    return entry


def _read_customer(node: Reader) -> CustomerEntry:
    entry = CustomerEntry(
        key=node.read("id", read_name, ""),
        name=node.read("name", _short, ""),
        timezone=node.read("timezone", read_zone, "UTC"),
    )
    node.finish()
    return entry


def _read_user(node: Reader, customers: Iterable[str], secrets: Mapping[str, str]) -> UserEntry:
    staff = node.read("staff", choose(NO_STAFF, *StaffRole), NO_STAFF, NO_STAFF)
    memberships: dict[str, CustomerRole] = {}
    for child in node.children("customers", 0, MOST):
        customer = child.read("customer", read_name, "")
        role = child.read("role", choose(*CustomerRole), CustomerRole.MEMBER.value)
        if customer in memberships:
            child.refuse("customer", "This customer already stands in the list.")
        refuse_stranger(child, "customer", customer, customers)
        memberships[customer] = CustomerRole(role)
        child.finish()
    entry = UserEntry(
        email=node.read("email", read_email, ""),
        name=node.read("name", _short, ""),
        staff=None if staff == NO_STAFF else StaffRole(staff),
        memberships=memberships,
        password=node.maybe("password", partial(_read_password, secrets)),
    )
    node.finish()
    return entry


def _read_password(secrets: Mapping[str, str], value: object) -> str:
    name = str(value).removeprefix(FROM_ENVIRONMENT)
    if not isinstance(value, str) or name == value or not _VARIABLE.fullmatch(name):
        raise ValueError(f"must name an environment variable, as in {FROM_ENVIRONMENT}ANN_PASSWORD; never a password.")
    if name not in secrets:
        raise ValueError(f"names the environment variable {name}, which is not set.")
    if not LENGTH_MIN <= len(secrets[name]) <= LENGTH_MAX:
        raise ValueError(f"is too short or too long: {LENGTH_MIN} to {LENGTH_MAX} characters.")
    return secrets[name]
