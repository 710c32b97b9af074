"""Incidents as they are told to people: what happened, whom it touches, and every update in order."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from portal.domain.notices.refusals import Conflict


class Status(StrEnum):
    """How far the work on an incident is; a post-mortem says afterwards what was learned."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"


class Impact(StrEnum):
    """How much of the affected services is gone, as the provider judges it."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"


@dataclass(frozen=True, slots=True)
class Update:
    """One message about an incident, published at an aware instant; `body` is Markdown."""

    id: UUID
    status: Status
    body: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Affected:
    """A service an incident touches."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Incident:
    """Something told to people; `updates` stand newest first."""

    id: UUID
    title: str
    impact: Impact
    created_at: datetime
    resolved_at: datetime | None
    services: tuple[Affected, ...]
    updates: tuple[Update, ...]

    @property
    def status(self) -> Status:
        """The status its latest update gave it; a post-mortem leaves it resolved."""
        return self.timeline[0].status if self.timeline else Status.INVESTIGATING

    @property
    def timeline(self) -> tuple[Update, ...]:
        """What was told while it lasted, newest first."""
        return tuple(one for one in self.updates if one.status is not Status.POSTMORTEM)

    @property
    def postmortems(self) -> tuple[Update, ...]:
        """What was told afterwards, newest first."""
        return tuple(one for one in self.updates if one.status is Status.POSTMORTEM)

    @property
    def is_open(self) -> bool:
        """Whether it has not been resolved yet."""
        return self.resolved_at is None


def require_open(incident: Incident) -> None:
    """Raise Conflict when nothing more can be told about how an incident goes on."""
    if not incident.is_open:
        raise Conflict("This incident is resolved. If it has come back, tell a new one.")


def require_next(incident: Incident, status: Status) -> None:
    """Raise Conflict when an update of this status cannot follow; a post-mortem comes after the end."""
    if status is not Status.POSTMORTEM:
        require_open(incident)
    elif incident.is_open:
        raise Conflict("The incident is not resolved yet. Resolve it first, then tell what was learned.")
