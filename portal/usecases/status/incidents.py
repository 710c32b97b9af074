"""Telling people what is wrong: an incident, its updates, its end, and reading them back."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.incidents import Affected, Impact, Incident, Status, require_next
from portal.domain.notices.refusals import Invalid, NotFound
from portal.domain.people.person import Person
from portal.domain.quantities import zones
from portal.store.measuring import measured
from portal.store.notices import incidents as store
from portal.store.notices.incidents import Told
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.local_months import NO_SUCH, months_before, read_month
from portal.usecases.groundwork.texts import clean_line, clean_text

__all__ = [
    "Affected",
    "Draft",
    "History",
    "Month",
    "Told",
    "history",
    "incident",
    "post",
    "service_keys",
    "services",
    "told",
    "update",
]

TITLE_LENGTH_MAX = 200
BODY_BYTES_MAX = 64 * 1024
MONTHS_SHOWN = 3
Choice = TypeVar("Choice", Status, Impact)


@dataclass(frozen=True, slots=True)
class Draft:
    """What a responder typed: everything as text, nothing checked yet."""

    title: str
    impact: str
    services: Collection[str]
    status: str
    body: str


@dataclass(frozen=True, slots=True)
class Month:
    """The incidents told in one local month, newest first."""

    first_day: date
    incidents: tuple[Incident, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Some months, newest first, and a month to go on from with older ones."""

    months: tuple[Month, ...]
    older: date | None


def services(session: Session) -> tuple[Affected, ...]:
    """Return the services an incident may touch, in the order people see them."""
    return tuple(Affected(service.id, service.name) for service in measured.services(session))


def service_keys(session: Session) -> Mapping[UUID, str]:
    """Return the key of each service by its id."""
    return {service.id: service.key for service in measured.services(session)}


def post(session: Session, author: Person, draft: Draft, now: datetime) -> UUID:
    """Tell a new incident with its first update; return its id. Raise Invalid for a field that cannot be taken."""
    title = clean_line("title", draft.title, TITLE_LENGTH_MAX)
    impact = _choice("impact", draft.impact, Impact)
    affected = _affected(session, draft.services)
    status, body = _choice("status", draft.status, Status), _body(draft.body)
    if status is Status.POSTMORTEM:
        raise Invalid("status", "A new incident has no post-mortem yet. Choose how far you are.")
    incident_id = store.add_incident(session, title, impact, affected, now)
    store.add_update(session, incident_id, status, body, author.id, now)
    facts = {"status": status.value, "impact": impact.value, "services": list(map(str, affected))}
    audit.note(session, author.id, Deed.TOLD_INCIDENT, Thing("incident", incident_id), now, after=facts)
    return incident_id


def update(session: Session, author: Person, incident_id: UUID, status: str, body: str, now: datetime) -> None:
    """Tell what is new about an incident; the status "resolved" ends it, and only a post-mortem may follow.

    Raise NotFound, Conflict or Invalid.
    """
    found = incident(session, incident_id)
    chosen = _choice("status", status, Status)
    require_next(found, chosen)
    store.add_update(session, incident_id, chosen, _body(body), author.id, now)
    was, is_now = {"status": found.status.value}, {"status": chosen.value}
    audit.note(session, author.id, Deed.UPDATED_INCIDENT, Thing("incident", incident_id), now, before=was, after=is_now)


def incident(session: Session, incident_id: UUID) -> Incident:
    """Return one incident with all its updates; raise NotFound when there is none."""
    found = store.incident_by_id(session, incident_id)
    if found is None:
        raise NotFound("There is no such incident.")
    return found


def newest(session: Session, most: int) -> tuple[Incident, ...]:
    """Return at most so many incidents with all their updates, the last told first."""
    return store.newest_incidents(session, most)


def told(session: Session, most: int) -> tuple[Told, ...]:
    """Return at most so many published updates, newest first."""
    return store.latest_updates(session, most)


def history(session: Session, month: str, timezone: str, now: datetime) -> History:
    """Return the incidents of three local months up to `month` ("2026-11"; empty: the present one)."""
    last = _month(month, zones.local_date(clock.seconds(now), timezone))
    firsts = [months_before(last, count) for count in range(MONTHS_SHOWN)]
    months = tuple(Month(first, _told_in(session, first, timezone)) for first in firsts)
    earlier = store.told_before(session, _midnight(firsts[-1], timezone))
    older = zones.local_date(clock.seconds(earlier), timezone).replace(day=1) if earlier else None
    return History(months, older)


def _told_in(session: Session, first: date, timezone: str) -> tuple[Incident, ...]:
    end = months_before(first, -1)
    return store.incidents_between(session, _midnight(first, timezone), _midnight(end, timezone))


def _midnight(day: date, timezone: str) -> datetime:
    return clock.instant(zones.instant_of(day, timezone))


def _month(text: str, today: date) -> date:
    if not text:
        return today.replace(day=1)
    month = read_month(text)
    if month > today:
        raise NotFound(NO_SUCH)
    return month


def _body(text: str) -> str:
    body = clean_text("body", text, BODY_BYTES_MAX)
    if len(body.encode()) > BODY_BYTES_MAX:
        raise Invalid("body", "This is more than 64 KiB. Shorten it and send it again.")
    return body


def _choice(field: str, text: str, kind: type[Choice]) -> Choice:
    try:
        return kind(text)
    except ValueError:
        raise Invalid(field, f"Choose one of these: {', '.join(kind)}.") from None


def _affected(session: Session, chosen: Collection[str]) -> list[UUID]:
    known = {str(service.id): service.id for service in measured.services(session)}
    if not set(chosen) <= known.keys():
        raise Invalid("services", "One of these services does not exist any more. Choose again.")
    return [service_id for text, service_id in known.items() if text in set(chosen)]
