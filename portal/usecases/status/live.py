"""Live: the services of a customer now, by the rules and the window of the status page, so that both say the same.

Services are the provider's, whoever buys them: how each is now is kept until the mark of the public pages changes.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.detection import StateNow
from portal.domain.evidence.records import State
from portal.store.promises.contracts import BoughtService
from portal.usecases.configuration import provider
from portal.usecases.status import freshness
from portal.usecases.status.freshness import Mark
from portal.usecases.status.lately import lately

MANY, MANY_IN_ALL = 8, 12


@dataclass(frozen=True, slots=True)
class LiveService:
    """A service now: its state (None before the first sample) and since which UTC second."""

    key: str
    name: str
    state: State | None
    since: int


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """The services of one group; `is_calm` when they, or all there are, are many and they are up: one line says it."""

    name: str
    services: Sequence[LiveService]
    is_calm: bool


def live(session: Session, services: Iterable[BoughtService], now: datetime) -> Sequence[LiveGroup]:
    """Return these services as they are now, each once, by group."""
    as_of, wanted = clock.seconds(now), {service.id: service for service in services}
    found = _states(session, wanted.keys(), now)
    groups: dict[str, list[LiveService]] = defaultdict(list)
    for one in wanted.values():
        groups[one.group].append(_live_service(one, found.get(one.id), as_of))
    least = MANY if len(wanted) < MANY_IN_ALL else 1
    return tuple(LiveGroup(name, members, _is_calm(members, least)) for name, members in groups.items())


def _is_calm(members: Sequence[LiveService], least: int) -> bool:
    return len(members) >= least and all(one.state is State.UP for one in members)


def _live_service(service: BoughtService, found: StateNow | None, as_of: int) -> LiveService:
    if found is None:
        return LiveService(service.key, service.name, None, as_of)
    return LiveService(service.key, service.name, found.state, found.since)


States = dict[UUID, StateNow | None]
"""How services are now; None before a service's first sample."""


def _states(session: Session, service_ids: Collection[UUID], now: datetime) -> Mapping[UUID, StateNow | None]:
    mark = freshness.mark(session, now)
    kept = _kept(mark) if mark.change else States()
    missing = [one for one in service_ids if one not in kept]
    if missing:
        found = lately(session, missing, provider.site(session).timezone, clock.seconds(now))
        kept.update({one: found[one].now for one in missing})
    return kept


@lru_cache(maxsize=1)
def _kept(_mark: Mark) -> States:
    """The place where the states under a mark are kept, empty at first."""
    return {}
