"""Asking that time does not count, and deciding about it: two persons, and every decision with its reason (D16)."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.decisions import (
    REQUESTED,
    Standing,
    require_next,
    require_somebody_else,
)
from portal.domain.notices.refusals import Conflict, Invalid
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.measuring import measured
from portal.store.notices import exclusions as store
from portal.store.notices.exclusions import (
    ExclusionCustomerRow,
    ExclusionEffectRow,
    ExclusionEventRow,
    ExclusionLocationRow,
    ExclusionRow,
    ExclusionServiceRow,
)
from portal.store.people.customers import CustomerRow
from portal.store.promises import configuration, contracts
from portal.usecases.excluding.exclusion_effects import Effect, effects, window_of
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.local_times import read_local
from portal.usecases.groundwork.texts import clean_line, clean_text
from portal.usecases.judging.exclusion_register import Entry, entry

REASON_LENGTH_MIN = 10
REASON_LENGTH_MAX = 2_000
LINK_LENGTH_MAX = 500
DAY_S = 86_400
LONGEST_S = 366 * DAY_S
FURTHEST_S = 2 * 366 * DAY_S
KIND = "exclusion"


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody typed who asks that time does not count: everything as text, nothing checked yet.

    Without customers it is for all of them, without locations at every location. Times are local to the provider.
    """

    type: str
    start: str
    end: str
    announced_at: str
    reason: str
    evidence_link: str
    is_public: bool
    services: Collection[str]
    customers: Collection[str]
    locations: Collection[str]


@dataclass(frozen=True, slots=True)
class Asked:
    """A checked request: [start, end) and the announcement in UTC seconds; `customers` None: all."""

    type: str
    start: int
    end: int
    announced_at: int | None
    reason: str
    evidence_link: str
    is_public: bool
    services: tuple[UUID, ...]
    customers: tuple[UUID, ...] | None
    locations: tuple[UUID, ...]
    maintenance_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Choices:
    """What a request may name: kinds of exclusions of all published terms, services, customers, locations."""

    types: tuple[str, ...]
    services: tuple[tuple[UUID, str], ...]
    customers: tuple[tuple[UUID, str], ...]
    locations: tuple[tuple[UUID, str], ...]


def choices(session: Session) -> Choices:
    """Return what a request may name."""
    people = configuration.rows_by_key(session, CustomerRow).values()
    return Choices(
        types=exclusion_types(session),
        services=tuple((one.id, one.name) for one in measured.services(session)),
        customers=tuple(sorted(((row.id, row.name) for row in people), key=lambda pair: pair[1].casefold())),
        locations=tuple((one.id, one.name) for one in store.locations(session)),
    )


def exclusion_types(session: Session) -> tuple[str, ...]:
    """Return every kind of exclusion any published terms list."""
    return tuple(
        sorted(
            {
                kind.name
                for versions in contracts.published_terms(session).values()
                for one in versions
                for commitment in one.terms.commitments
                for kind in commitment.exclusions_policy.types
            }
        )
    )


def read_draft(session: Session, draft: Draft, timezone: str, now: datetime) -> Asked:
    """Return a request as far as it can be taken; raise Invalid naming the field that cannot."""
    offered = choices(session)
    if draft.type not in offered.types:
        raise Invalid("type", "Choose a kind that some published terms list.")
    services = _chosen("services", draft.services, offered.services)
    if not services:
        raise Invalid("services", "Choose at least one service.")
    chosen = _chosen("customers", draft.customers, offered.customers)
    if chosen and draft.is_public:
        raise Invalid("customers", "What everybody may read is for all customers. Choose none, or do not publish it.")
    start, end = read_window(draft.start, draft.end, timezone, now)
    return Asked(
        type=draft.type,
        start=start,
        end=end,
        announced_at=_announced(draft.announced_at, timezone, now),
        reason=_reason("reason", draft.reason),
        evidence_link=_link(draft.evidence_link),
        is_public=draft.is_public,
        services=services,
        customers=chosen or None,
        locations=_chosen("locations", draft.locations, offered.locations),
    )


def read_window(start: str, end: str, timezone: str, now: datetime) -> tuple[int, int]:
    """Return a window's [start, end) in UTC seconds; raise Invalid when it is reversed, too long or too far ahead."""
    begins, ends = read_local("start", start, timezone), read_local("end", end, timezone)
    if ends <= begins:
        raise Invalid("end", "The end must lie after the start.")
    if ends - begins > LONGEST_S:
        raise Invalid("end", "This is longer than a year. Check both dates.")
    if ends > clock.seconds(now) + FURTHEST_S:
        raise Invalid("end", "This lies more than two years ahead. Check both dates.")
    return begins, ends


def request(session: Session, person: Person, asked: Asked, now: datetime) -> UUID:
    """Put a request into the register, where it waits for somebody else; return its id."""
    row = ExclusionRow(
        id=new_id(),
        type=asked.type,
        start=asked.start,
        end=asked.end,
        announced_at=asked.announced_at,
        reason=asked.reason,
        evidence_link=asked.evidence_link,
        is_public=asked.is_public,
        for_all=asked.customers is None,
        requested_by=person.id,
        entered_at=now,
        maintenance_id=asked.maintenance_id,
    )
    session.add(row)
    session.flush()
    session.add_all(ExclusionServiceRow(exclusion_id=row.id, service_id=one) for one in asked.services)
    session.add_all(ExclusionLocationRow(exclusion_id=row.id, location_id=one) for one in asked.locations)
    session.add_all(ExclusionCustomerRow(exclusion_id=row.id, customer_id=one) for one in asked.customers or ())
    _decide(session, row.id, 1, REQUESTED, person, asked.reason, now)
    facts = {"standing": Standing.PENDING.value, "type": asked.type, "start": asked.start, "end": asked.end}
    audit.note(session, person.id, Deed.REQUESTED_EXCLUSION, Thing(KIND, row.id), now, after=facts)
    return row.id


def approve(
    session: Session, person: Person, exclusion_id: UUID, words: str, now: datetime, *, one_may: bool
) -> Sequence[Effect]:
    """Let a requested exclusion count, and keep what that did to every figure; return it.

    Raises NotAllowed for who asked for it themselves, Conflict when it is decided already.
    """
    found = entry(session, exclusion_id)
    require_next(found.standing, Standing.APPROVED)
    is_one = require_somebody_else(found.requested_by, person.id, one_may)
    reason = clean_text("words", words, REASON_LENGTH_MAX, may_be_empty=True)
    did = effects(session, window_of(found), now)
    _save_decision(session, found, Standing.APPROVED, person, reason, now, is_one=is_one)
    session.add_all(_effect_row(exclusion_id, one) for one in did)
    session.flush()
    return did


def reject(session: Session, person: Person, exclusion_id: UUID, words: str, now: datetime) -> None:
    """Let a requested exclusion not count; the reason is shown to whom it was for (R13). Raises Conflict, Invalid."""
    found = entry(session, exclusion_id)
    require_next(found.standing, Standing.REJECTED)
    _save_decision(session, found, Standing.REJECTED, person, _reason("words", words), now)


def withdraw(session: Session, person: Person, exclusion_id: UUID, words: str, now: datetime) -> None:
    """Take an exclusion back, requested or approved; its time counts again. Raises Conflict, Invalid."""
    found = entry(session, exclusion_id)
    require_next(found.standing, Standing.WITHDRAWN)
    _save_decision(session, found, Standing.WITHDRAWN, person, _reason("words", words), now)


def _save_decision(
    session: Session, found: Entry, kind: Standing, person: Person, words: str, now: datetime, *, is_one: bool = False
) -> None:
    _decide(session, found.id, found.decisions[-1].number + 1, kind.value, person, words, now, is_one=is_one)
    was, is_now = {"standing": found.standing.value}, {"standing": kind.value}
    if is_one:
        is_now["by"] = "one person alone"
    audit.note(session, person.id, DEEDS[kind], Thing(KIND, found.id), now, before=was, after=is_now)


DEEDS = {
    Standing.APPROVED: Deed.APPROVED_EXCLUSION,
    Standing.REJECTED: Deed.REJECTED_EXCLUSION,
    Standing.WITHDRAWN: Deed.WITHDREW_EXCLUSION,
}


def _decide(
    session: Session,
    exclusion_id: UUID,
    number: int,
    kind: str,
    person: Person,
    words: str,
    now: datetime,
    *,
    is_one: bool = False,
) -> None:
    """Write one decision; raise Conflict when somebody else wrote the one of this number first."""
    row = ExclusionEventRow(
        id=store.event_id(exclusion_id, number),
        exclusion_id=exclusion_id,
        number=number,
        at=now,
        kind=kind,
        user_id=person.id,
        words=words,
        by_one_person=is_one,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict("Somebody decided about this a moment ago. Reload the page.") from None


def _effect_row(exclusion_id: UUID, one: Effect) -> ExclusionEffectRow:
    before, after = one.before, one.after
    return ExclusionEffectRow(
        customer_id=one.customer_id,
        exclusion_id=exclusion_id,
        contract_id=one.contract_id,
        service_id=one.service_id,
        commitment=one.commitment,
        period=one.period,
        attained_before=before.attained if before else None,
        attained_after=after.attained if after else None,
        verdict_before=before.verdict if before else "",
        verdict_after=after.verdict if after else "",
        credit_before=before.credit if before else None,
        credit_after=after.credit if after else None,
        currency=one.currency,
        left_out_s=one.left_out_s,
        outcome=one.words,
    )


def _chosen(field: str, texts: Collection[str], known: Collection[tuple[UUID, str]]) -> tuple[UUID, ...]:
    by_text = {str(key): key for key, _ in known}
    if not set(texts) <= by_text.keys():
        raise Invalid(field, "One of these does not exist any more. Choose again.")
    return tuple(key for text, key in by_text.items() if text in set(texts))


def _announced(text: str, timezone: str, now: datetime) -> int | None:
    if not text.strip():
        return None
    announced_at = read_local("announced_at", text, timezone)
    if announced_at > clock.seconds(now):
        raise Invalid("announced_at", "Nothing can have been announced in the future.")
    return announced_at


def _reason(field: str, text: str) -> str:
    reason = clean_text(field, text, REASON_LENGTH_MAX)
    if len(reason) < REASON_LENGTH_MIN:
        raise Invalid(field, f"Say why in at least {REASON_LENGTH_MIN} characters: whom it concerns reads it.")
    return reason


def _link(text: str) -> str:
    if not text.strip():
        return ""
    link = clean_line("evidence_link", text, LINK_LENGTH_MAX)
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid("evidence_link", "Give an address that begins with https:// or leave it empty.")
    return link
