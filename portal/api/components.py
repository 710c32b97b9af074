"""What a component is said to be: the worse of what was measured and what an open incident tells.

The names have no "unknown". What is not known is called degraded, with the reason in the description: never well.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from portal import clock
from portal.api.rollup import Component, worst
from portal.domain.evidence.records import State
from portal.domain.notices.incidents import Impact
from portal.usecases.status.public_status import ServiceStatus, Status

OF_STATE = {State.UP: Component.OPERATIONAL, State.DEGRADED: Component.DEGRADED, State.DOWN: Component.MAJOR}
OF_IMPACT = {
    Impact.NONE: Component.OPERATIONAL,
    Impact.MINOR: Component.DEGRADED,
    Impact.MAJOR: Component.PARTIAL,
    Impact.CRITICAL: Component.MAJOR,
}
NOT_KNOWN = "Not known: nothing trustworthy is measured right now."
MS_OF_UUID7 = 80
VERSION = 7


@dataclass(frozen=True, slots=True)
class Told:
    """A service as it is told: `note` says what the status alone cannot."""

    service: ServiceStatus
    status: Component
    note: str | None
    changed_at: datetime


def told_services(status: Status) -> tuple[Told, ...]:
    """Return every service as it is told, in the order people see them."""
    impacts = _impacts(status)
    return tuple(_told(one, status, impacts) for _, members in status.groups for one in members)


def begun_at(key: UUID) -> datetime:
    """Return when something was made: its id says so (decision D17); of an id from elsewhere, 1970."""
    return clock.instant((key.int >> MS_OF_UUID7) // 1000 if key.version == VERSION else 0)


def _impacts(status: Status) -> Mapping[UUID, Component]:
    found: dict[UUID, Component] = {}
    for incident in status.open_incidents:
        for service in incident.services:
            found[service.id] = worst([OF_IMPACT[incident.impact], found.get(service.id, Component.OPERATIONAL)])
    return found


def _told(one: ServiceStatus, status: Status, impacts: Mapping[UUID, Component]) -> Told:
    is_known = one.state in OF_STATE and status.stale_since is None
    measured = OF_STATE.get(one.state, Component.DEGRADED) if one.state is not None else Component.DEGRADED
    if not is_known:
        measured = worst([measured, Component.DEGRADED])
    changed_at = begun_at(one.service.id) if one.state is None else clock.instant(one.since)
    if one.service.id in status.planned:
        return Told(one, Component.MAINTENANCE, None, changed_at)
    told = worst([measured, impacts.get(one.service.id, Component.OPERATIONAL)])
    return Told(one, told, None if is_known else NOT_KNOWN, changed_at)
