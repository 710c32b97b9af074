"""Covered services: what of the provider's evidence a customer may see, and of which times.

Evidence belongs to the provider, not to a customer: no wall of the database stands around it. So every question a
customer asks of it passes here: only services in their own contracts, only the time those contracts cover them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.quantities.intervals import Interval, Intervals, clip, union
from portal.domain.quantities.zones import instant_of
from portal.store.promises import contracts as store
from portal.store.promises.contracts import PublishedTerms, StoredContract

NO_SUCH_SERVICE = phrase("There is no such service in your contracts.")
FOR_EVER = 1 << 40
"""A UTC second after everything a clock will ever show; contracts without an end cover until then."""


@dataclass(frozen=True, slots=True)
class Covered:
    """A service of a customer's contracts: the UTC seconds they cover, and the zone of the first of them."""

    id: UUID
    key: str
    name: str
    group: str
    timezone: str
    spans: Intervals

    def within(self, start: int, end: int) -> Intervals:
        """The part of [start, end) that the contracts cover."""
        return clip(self.spans, start, end)


def covered_services(session: Session) -> Sequence[Covered]:
    """Return every service of the scope's contracts, in the order they are shown."""
    versions = store.published_terms(session)
    spans: dict[UUID, list[Interval]] = defaultdict(list)
    found: dict[UUID, tuple[store.BoughtService, str]] = {}
    for contract in store.contracts(session):
        for service in contract.services:
            zone = _zone(contract, versions.get(contract.agreement_id, ()))
            found.setdefault(service.id, (service, zone))
            spans[service.id].append(_span(contract, service.key, zone))
    return [Covered(one.id, one.key, one.name, one.group, zone, union(spans[one.id])) for one, zone in found.values()]


def covered_service(session: Session, key: str) -> Covered:
    """Return one service of the scope's contracts by its key; raise NotFound for any other as for none at all."""
    for one in covered_services(session):
        if one.key == key:
            return one
    raise NotFound(NO_SUCH_SERVICE)


def _zone(contract: StoredContract, versions: Sequence[PublishedTerms]) -> str:
    return contract.contract.timezone or (versions[-1].terms.timezone if versions else "UTC")


def _span(contract: StoredContract, service: str, zone: str) -> Interval:
    first, until = contract.contract.dates_of(service)
    return Interval(instant_of(first, zone), FOR_EVER if until is None else instant_of(until, zone))
