"""Live: the services of a customer now, by the rules and the window of the status page, so that both say the same."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.records import State
from portal.store.contracts import BoughtService
from portal.usecases.configuration import provider
from portal.usecases.status.lately import Lately, lately

MANY = 8


@dataclass(frozen=True, slots=True)
class LiveService:
    """A service now: its state (None before the first sample) and since which UTC second."""

    key: str
    name: str
    state: State | None
    since: int


@dataclass(frozen=True, slots=True)
class LiveGroup:
    """The services of one group; `is_calm` when they are many and all of them are up, so one line says it."""

    name: str
    services: Sequence[LiveService]
    is_calm: bool


def live(session: Session, services: Iterable[BoughtService], now: datetime) -> Sequence[LiveGroup]:
    """Return these services as they are now, each once, by group."""
    as_of, wanted = clock.seconds(now), {service.id: service for service in services}
    found = lately(session, wanted.keys(), provider.site(session).timezone, as_of)
    groups: dict[str, list[LiveService]] = defaultdict(list)
    for one in wanted.values():
        groups[one.group].append(_live_service(one, found[one.id], as_of))
    return tuple(LiveGroup(name, members, _is_calm(members)) for name, members in groups.items())


def _is_calm(members: Sequence[LiveService]) -> bool:
    return len(members) >= MANY and all(one.state is State.UP for one in members)


def _live_service(service: BoughtService, found: Lately, as_of: int) -> LiveService:
    if found.now is None:
        return LiveService(service.key, service.name, None, as_of)
    return LiveService(service.key, service.name, found.now.state, found.now.since)
