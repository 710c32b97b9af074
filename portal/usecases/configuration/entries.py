"""What a configuration file `portal-config/1` holds, read and checked (decision D19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from portal.domain.people.roles import CustomerRole, StaffRole
from portal.domain.promises.contract import Contract
from portal.domain.promises.terms import Terms


@dataclass(frozen=True, slots=True)
class ProviderEntry:
    """Whose portal this is, its IANA time zone, how to reach it, its colour and its logo; empty where there is none."""

    name: str
    timezone: str
    contact: str
    colour: str
    logo: str


@dataclass(frozen=True, slots=True)
class LocationEntry:
    """A place probes run from and the networks that are not public which they may enter from there."""

    key: str
    name: str
    allow: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ServiceEntry:
    """What a customer buys; services of one group stand together."""

    key: str
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class ProbeEntry:
    """A scheduled measurement of a service; `target` holds the address and what a good answer is."""

    key: str
    service: str
    kind: str
    target: Mapping[str, object]
    interval_s: int
    timeout_ms: int
    latency_limit_ms: int | None
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AgreementEntry:
    """A named SLA and its published versions by number."""

    key: str
    name: str
    versions: tuple[Terms, ...]


@dataclass(frozen=True, slots=True)
class CustomerEntry:
    """A customer and the IANA time zone its people read times in."""

    key: str
    name: str
    timezone: str


@dataclass(frozen=True, slots=True)
class UserEntry:
    """A person who may sign in; `password` is None when the file names none."""

    email: str
    name: str
    staff: StaffRole | None
    memberships: Mapping[str, CustomerRole]
    password: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A whole file; `provider` and `probes` are None where the file has no such key."""

    provider: ProviderEntry | None
    locations: tuple[LocationEntry, ...]
    services: tuple[ServiceEntry, ...]
    probes: tuple[ProbeEntry, ...] | None
    agreements: tuple[AgreementEntry, ...]
    customers: tuple[CustomerEntry, ...]
    users: tuple[UserEntry, ...]
    contracts: tuple[Contract, ...]


@dataclass(frozen=True, slots=True)
class Present:
    """What is configured already, as far as a file may refer to it or must agree with it.

    `locations` gives the allow list of each; `agreements` the published versions of each by number; `contracts` the
    agreement of each (customer, contract).
    """

    has_provider: bool = False
    locations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    agreements: Mapping[str, tuple[Terms, ...]] = field(default_factory=dict)
    customers: frozenset[str] = frozenset()
    contracts: Mapping[tuple[str, str], str] = field(default_factory=dict)
