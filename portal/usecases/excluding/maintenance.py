"""Planned work: announcing, moving, ending and cancelling it; each word asks for what it excludes (D18)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.decisions import Standing
from portal.domain.notices.maintenance import (
    WITHDRAWN,
    Course,
    Part,
    Word,
    asked_words,
    course_at,
    moved,
    require_course,
)
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.notices import exclusions as register
from portal.store.notices import maintenance as store
from portal.store.notices.maintenance import (
    MaintenanceRow,
    MaintenanceServiceRow,
    MaintenanceWordRow,
    StoredMaintenance,
    Touched,
)
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Asked, read_window
from portal.usecases.excluding.exclusion_effects import Effect, Window, effects
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line, clean_text
from portal.usecases.judging.exclusion_register import Entry, entry_of

__all__ = ["Course", "Draft", "Maintenance", "Plan", "Told", "Touched", "Works"]

TITLE_LENGTH_MAX = 200
BODY_LENGTH_MAX = 20_000
PAGE = 50
NEXT_MOST = 3
KIND = "maintenance"
NOT_THERE = "There is no such maintenance."


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed who plans work: everything as text, times local to the provider."""

    title: str
    type: str
    start: str
    end: str
    services: Collection[str]
    body: str


@dataclass(frozen=True, slots=True)
class Plan:
    """A checked plan: [start, end) in UTC seconds."""

    title: str
    type: str
    start: int
    end: int
    services: tuple[UUID, ...]
    body: str


@dataclass(frozen=True, slots=True)
class Told:
    """One word about a maintenance: when, what it does, the window it gives, in Markdown."""

    id: UUID
    at: datetime
    kind: Word
    start: int
    end: int
    body: str


@dataclass(frozen=True, slots=True)
class Maintenance:
    """One planned work with its present window, and every word about it, newest first."""

    id: UUID
    title: str
    type: str
    start: int
    end: int
    course: Course
    services: tuple[Touched, ...]
    words: tuple[Told, ...]


@dataclass(frozen=True, slots=True)
class Works:
    """Up to 50 works, the last announced first; `after` is the id to go on from when there are more."""

    works: Sequence[Maintenance]
    after: UUID | None


def read_plan(session: Session, draft: Draft, timezone: str, now: datetime) -> Plan:
    """Return a plan as far as it can be taken; raise Invalid naming the field that cannot."""
    title = clean_line("title", draft.title, TITLE_LENGTH_MAX)
    offered = exclusion_decisions.choices(session)
    if draft.type not in offered.types:
        raise Invalid("type", "Choose a kind that some published terms list.")
    services = tuple(key for key, _ in offered.services if str(key) in set(draft.services))
    if not services or len(services) != len(set(draft.services)):
        raise Invalid("services", "Choose the services this touches from the list.")
    start, end = read_window(draft.start, draft.end, timezone, now)
    if end <= clock.seconds(now):
        raise Invalid("end", "This is over already. Ask for an exclusion instead.")
    return Plan(title, draft.type, start, end, services, clean_text("body", draft.body, BODY_LENGTH_MAX))


def foreseen(session: Session, plan: Plan, now: datetime) -> Sequence[Effect]:
    """Return for which contracts the window would not count if it were announced now, and why, before it is."""
    return effects(session, Window(plan.type, plan.start, plan.end, clock.seconds(now), plan.services), now)


def announce(session: Session, person: Person, plan: Plan, now: datetime) -> UUID:
    """Tell of planned work and ask that its window does not count, both or neither; return its id."""
    row = MaintenanceRow(id=new_id(), title=plan.title, type=plan.type)
    session.add(row)
    session.flush()
    session.add_all(MaintenanceServiceRow(maintenance_id=row.id, service_id=one) for one in plan.services)
    _say(session, row.id, 1, Word.ANNOUNCED, (plan.start, plan.end), plan.body, person, now)
    part = Part(plan.start, plan.end, clock.seconds(now))
    _ask(session, person, store_of(session, row.id), [part], now)
    facts = {"start": plan.start, "end": plan.end}
    audit.note(session, person.id, Deed.ANNOUNCED_MAINTENANCE, Thing(KIND, row.id), now, after=facts)
    return row.id


def move(
    session: Session,
    person: Person,
    maintenance_id: UUID,
    start: str,
    end: str,
    body: str,
    timezone: str,
    now: datetime,
) -> None:
    """Give planned work another window: what is later or shorter keeps its notice, what is added is announced now.

    Work that has begun keeps its start. Raises Conflict when it is over, Invalid for a window that cannot be.
    """
    found = maintenance(session, maintenance_id, now)
    require_course(found.course, Course.PLANNED, Course.UNDER_WAY)
    begins, ends = read_window(start, end, timezone, now)
    at = clock.seconds(now)
    if found.course is Course.UNDER_WAY and begins != found.start:
        raise Invalid("start", "It has begun, so its start stays as it is.")
    if found.course is Course.PLANNED and begins < at:
        raise Invalid("start", "The new start must lie ahead.")
    if ends <= at:
        raise Invalid("end", "The new end must lie ahead. To end it now, use the other form.")
    if (begins, ends) == (found.start, found.end):
        raise Invalid("start", "This is the window it has already.")
    words = clean_text("body", body, BODY_LENGTH_MAX)
    _change(session, person, found, Word.MOVED, (begins, ends), words, now)


def end(session: Session, person: Person, maintenance_id: UUID, body: str, now: datetime) -> None:
    """End work now: earlier than announced it asks for less, later the rest is announced now. Raises Conflict."""
    found = maintenance(session, maintenance_id, now)
    if clock.seconds(now) <= found.start or found.words[0].kind is Word.ENDED:
        raise Conflict("Only work that has begun and was not ended can be ended. To call it off, cancel it.")
    require_course(found.course, Course.UNDER_WAY, Course.OVER)
    words = clean_text("body", body, BODY_LENGTH_MAX)
    _change(session, person, found, Word.ENDED, (found.start, clock.seconds(now)), words, now)


def cancel(session: Session, person: Person, maintenance_id: UUID, body: str, now: datetime) -> None:
    """Call planned work off and take back what it asked for. Raises Conflict when it has begun."""
    found = maintenance(session, maintenance_id, now)
    require_course(found.course, Course.PLANNED)
    words = clean_text("body", body, BODY_LENGTH_MAX)
    _say(session, found.id, len(found.words) + 1, Word.CANCELLED, (found.start, found.end), words, person, now)
    for one in _in_force(session, found.id):
        exclusion_decisions.withdraw(session, person, one.id, str(WITHDRAWN[Word.CANCELLED]), now)
    was, is_now = {"course": found.course.value}, {"course": Course.CANCELLED.value}
    thing = Thing(KIND, found.id)
    audit.note(session, person.id, Deed.CANCELLED_MAINTENANCE, thing, now, before=was, after=is_now)


def maintenance(session: Session, maintenance_id: UUID, now: datetime) -> Maintenance:
    """Return one maintenance with every word about it; raise NotFound when there is none."""
    return _shown(store_of(session, maintenance_id), clock.seconds(now))


def listed(session: Session, after: UUID | None, now: datetime) -> Works:
    """Return a page of all works."""
    found = store.maintenance_before(session, after, PAGE + 1)
    shown = tuple(_shown(one, clock.seconds(now)) for one in found[:PAGE])
    return Works(shown, shown[-1].id if len(found) > PAGE else None)


def coming(session: Session, now: datetime) -> Sequence[Maintenance]:
    """Return the work under way and the next planned, at most three, by start."""
    at = clock.seconds(now)
    shown = (_shown(one, at) for one in store.maintenance_ending_after(session, at))
    return tuple(one for one in shown if one.course in (Course.PLANNED, Course.UNDER_WAY))[:NEXT_MOST]


def starting(session: Session, start: int, end: int, now: datetime) -> Sequence[Maintenance]:
    """Return the works whose window starts in [start, end) UTC seconds, the latest first."""
    return tuple(_shown(one, clock.seconds(now)) for one in store.maintenance_starting(session, start, end))


def told(session: Session, most: int, now: datetime) -> Sequence[tuple[Maintenance, Told]]:
    """Return at most so many words about all works, newest first."""
    at = clock.seconds(now)
    return tuple((_shown(work, at), _told(word)) for work, word in store.latest_words(session, most))


def entries_of(session: Session, maintenance_id: UUID) -> Sequence[Entry]:
    """Return what a maintenance has asked for in the register, in the order it was asked for."""
    return tuple(entry_of(one) for one in register.exclusions_of_maintenance(session, maintenance_id))


def store_of(session: Session, maintenance_id: UUID) -> StoredMaintenance:
    """Return a maintenance as it is stored; raise NotFound when there is none."""
    found = store.maintenance_by_id(session, maintenance_id)
    if found is None:
        raise NotFound(NOT_THERE)
    return found


def _change(
    session: Session, person: Person, found: Maintenance, kind: Word, window: tuple[int, int], body: str, now: datetime
) -> None:
    _say(session, found.id, len(found.words) + 1, kind, window, body, person, now)
    standing = _in_force(session, found.id)
    was = sorted(
        (Part(one.start, one.end, one.announced_at or clock.seconds(now)) for one in standing),
        key=lambda one: one.start,
    )
    wanted = _wanted(was, kind, window, clock.seconds(now))
    kept = {one for one in was if one in wanted}
    for one in standing:
        if Part(one.start, one.end, one.announced_at or 0) not in kept:
            exclusion_decisions.withdraw(session, person, one.id, str(WITHDRAWN[kind]), now)
    _ask(session, person, store_of(session, found.id), [one for one in wanted if one not in kept], now)
    before, after = {"start": found.start, "end": found.end}, {"start": window[0], "end": window[1]}
    deed = Deed.MOVED_MAINTENANCE if kind is Word.MOVED else Deed.ENDED_MAINTENANCE
    audit.note(session, person.id, deed, Thing(KIND, found.id), now, before=before, after=after)


def _wanted(was: Sequence[Part], kind: Word, window: tuple[int, int], now: int) -> tuple[Part, ...]:
    """What a changed maintenance asks for; one whose every request was rejected asks anew when it is moved."""
    if was:
        return moved(was, *window, now)
    return (Part(*window, now),) if kind is Word.MOVED else ()


def _in_force(session: Session, maintenance_id: UUID) -> Sequence[Entry]:
    """The entries a maintenance stands by: those that were neither withdrawn nor rejected."""
    living = (Standing.PENDING, Standing.APPROVED)
    return [one for one in entries_of(session, maintenance_id) if one.standing in living]


def _ask(session: Session, person: Person, found: StoredMaintenance, parts: Sequence[Part], now: datetime) -> None:
    for one in parts:
        asked = Asked(
            type=found.row.type,
            start=one.start,
            end=one.end,
            announced_at=one.announced_at,
            reason=str(asked_words(found.row.title)),
            evidence_link="",
            is_public=True,
            services=tuple(service.id for service in found.services),
            customers=None,
            locations=(),
            maintenance_id=found.row.id,
        )
        exclusion_decisions.request(session, person, asked, now)


def _say(
    session: Session,
    maintenance_id: UUID,
    number: int,
    kind: Word,
    window: tuple[int, int],
    body: str,
    person: Person,
    now: datetime,
) -> None:
    """Write one word; raise Conflict when somebody else wrote the one of this number first."""
    row = MaintenanceWordRow(
        id=store.word_id(maintenance_id, number),
        maintenance_id=maintenance_id,
        number=number,
        at=now,
        kind=kind.value,
        start=window[0],
        end=window[1],
        body=body,
        user_id=person.id,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("Somebody changed this maintenance a moment ago. Reload the page.") from None


def _shown(found: StoredMaintenance, now: int) -> Maintenance:
    last = found.words[-1]
    return Maintenance(
        id=found.row.id,
        title=found.row.title,
        type=found.row.type,
        start=last.start,
        end=last.end,
        course=course_at(Word(last.kind), last.start, last.end, now),
        services=found.services,
        words=tuple(map(_told, reversed(found.words))),
    )


def _told(word: MaintenanceWordRow) -> Told:
    return Told(word.id, word.at, Word(word.kind), word.start, word.end, word.body)
