"""The bodies of the Statuspage-compatible API v2: every key is written out here, and a test holds them as they are."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from portal import clock
from portal.api.components import Told, begun_at
from portal.api.rollup import overall, worst
from portal.domain.notices.incidents import Incident, Status, Update
from portal.domain.notices.maintenance import Course, Word
from portal.usecases.configuration.provider import Site
from portal.usecases.excluding.maintenance import Maintenance
from portal.usecases.excluding.maintenance import Told as ToldWord

Shape = dict[str, Any]
OF_COURSE = {
    Course.PLANNED: "scheduled",
    Course.UNDER_WAY: "in_progress",
    Course.OVER: "completed",
    Course.CANCELLED: "completed",
}
OF_WORD = {Word.ANNOUNCED: "scheduled", Word.MOVED: "scheduled", Word.ENDED: "completed", Word.CANCELLED: "completed"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page stands: its full address and whose it is."""

    url: str
    site: Site

    @property
    def id(self) -> str:
        """The page's own id: the same as long as its address is."""
        return str(uuid5(NAMESPACE_URL, self.url))

    def group_id(self, name: str) -> str:
        """The id of a group of services."""
        return str(uuid5(NAMESPACE_URL, f"{self.url}/groups/{name}"))


def stamp(instant: datetime) -> str:
    """Write an instant as ISO 8601 with milliseconds and Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def page(place: Place, changed_at: Iterable[datetime]) -> Shape:
    """The page itself; it was updated when the latest of what it shows was."""
    latest = max(changed_at, default=clock.instant(0))
    return {
        "id": place.id,
        "name": place.site.name,
        "url": place.url,
        "time_zone": place.site.timezone,
        "updated_at": stamp(latest),
    }


def status(services: Sequence[Told], *, names_maintenance: bool) -> Shape:
    """The one indicator. It ignores open incidents that name no service, as real pages do."""
    found = overall([one.status for one in services], names_maintenance=names_maintenance)
    return {"indicator": found.indicator, "description": found.description}


def components(place: Place, services: Sequence[Told]) -> list[Shape]:
    """Every group with its services behind it; a service without a group stands alone."""
    groups: dict[str, list[Told]] = defaultdict(list)
    for one in services:
        groups[one.service.service.group].append(one)
    shown: list[Shape] = []
    for name, members in groups.items():
        if name:
            shown.append(_group(place, name, members, len(shown) + 1))
        shown += [_leaf(place, one, number) for number, one in enumerate(members, start=1)]
    return shown


def component(place: Place, one: Told) -> Shape:
    """One service as it stands within an incident."""
    return _leaf(place, one, 1)


def incident(place: Place, told: Incident, services: Sequence[Told]) -> Shape:
    """One incident with its updates, newest first."""
    touched = {service.id for service in told.services}
    monitored = [one.published_at for one in told.updates if one.status is Status.MONITORING]
    return {
        "id": str(told.id),
        "name": told.title,
        "status": (Status.POSTMORTEM if told.postmortems else told.status).value,
        "impact": told.impact.value,
        "created_at": stamp(told.created_at),
        "updated_at": stamp(changed_at(told)),
        "started_at": stamp(told.created_at),
        "monitoring_at": stamp(min(monitored)) if monitored else None,
        "resolved_at": stamp(told.resolved_at) if told.resolved_at else None,
        "shortlink": f"{place.url}/incidents/{told.id}",
        "page_id": place.id,
        "components": [component(place, one) for one in services if one.service.service.id in touched],
        "incident_updates": [_update(told.id, one) for one in told.updates],
    }


def maintenance(place: Place, work: Maintenance, services: Sequence[Told]) -> Shape:
    """One planned work: an incident with a window."""
    touched = {service.id for service in work.services}
    is_over = work.course in (Course.OVER, Course.CANCELLED)
    ended = work.words[0].at if work.words[0].kind in (Word.ENDED, Word.CANCELLED) else clock.instant(work.end)
    return {
        "id": str(work.id),
        "name": work.title,
        "status": OF_COURSE[work.course],
        "impact": "maintenance",
        "created_at": stamp(work.words[-1].at),
        "updated_at": stamp(work.words[0].at),
        "started_at": stamp(clock.instant(work.start)),
        "monitoring_at": None,
        "resolved_at": stamp(ended) if is_over else None,
        "shortlink": f"{place.url}/maintenance/{work.id}",
        "page_id": place.id,
        "components": [component(place, one) for one in services if one.service.service.id in touched],
        "incident_updates": [_word(work.id, one) for one in work.words],
        "scheduled_for": stamp(clock.instant(work.start)),
        "scheduled_until": stamp(clock.instant(work.end)),
    }


def changed_at(told: Incident) -> datetime:
    """Return when something was told of an incident last."""
    return max((one.published_at for one in told.updates), default=told.created_at)


def _group(place: Place, name: str, members: Sequence[Told], position: int) -> Shape:
    leaves = [one.service.service.id for one in members]
    begun = min(map(begun_at, leaves))
    return {
        "id": place.group_id(name),
        "name": name,
        "status": worst([one.status for one in members]).value,
        "created_at": stamp(begun),
        "updated_at": stamp(max(one.changed_at for one in members)),
        "position": position,
        "description": None,
        "showcase": False,
        "start_date": None,
        "group_id": None,
        "page_id": place.id,
        "group": True,
        "only_show_if_degraded": False,
        "components": list(map(str, leaves)),
    }


def _leaf(place: Place, one: Told, position: int) -> Shape:
    service = one.service.service
    begun = begun_at(service.id)
    return {
        "id": str(service.id),
        "name": service.name,
        "status": one.status.value,
        "created_at": stamp(begun),
        "updated_at": stamp(one.changed_at),
        "position": position,
        "description": one.note,
        "showcase": True,
        "start_date": begun.date().isoformat(),
        "group_id": place.group_id(service.group) if service.group else None,
        "page_id": place.id,
        "group": False,
        "only_show_if_degraded": False,
    }


def _update(incident_id: UUID, one: Update) -> Shape:
    return _message(one.id, incident_id, one.status.value, one.body, one.published_at)


def _word(work_id: UUID, one: ToldWord) -> Shape:
    return _message(one.id, work_id, OF_WORD[one.kind], one.body, one.at)


def _message(key: UUID, about: UUID, state: str, body: str, at: datetime) -> Shape:
    """Clients clock a transition by `created_at`, so it is the instant of publication, as `display_at` is."""
    return {
        "id": str(key),
        "incident_id": str(about),
        "status": state,
        "body": body,
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "display_at": stamp(at),
        "affected_components": None,
        "deliver_notifications": True,
    }
