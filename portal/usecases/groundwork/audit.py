"""Keeping account of what staff did and of every access granted, in the transaction of the deed itself.

Whoever does a thing notes it: the note is there when the deed is and not when it is not. Notes hold ids, roles, keys
and instants, never names, addresses or secrets (decision D17).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.phrases import phrase
from portal.store.ground.base import new_id
from portal.store.people import audit as store
from portal.store.people.audit import AuditRow, StoredEntry

PAGE = 50
EDGES = frozenset({"start", "end"})
Facts = Mapping[str, object]


class Deed(StrEnum):
    """What is kept account of."""

    SIGNED_IN = "signed in"
    SIGNED_OUT = "signed out"
    ENDED_SESSIONS = "signed other browsers out"
    PASSED_CODE = "gave the code of the second factor"
    CONFIRMED = "gave the password again"
    CHANGED_LOGIN = "changed the password"
    RENEWED_LOGIN = "renewed a password"
    CHOSE_LOGIN = "chose a password by a link"
    ASKED_FOR_RESET = "asked for a new password"
    MADE_LINK = "made a link"
    BEGAN_FACTOR = "began to set a second factor up"
    SET_FACTOR_UP = "set a second factor up"
    RENEWED_RECOVERY_CODES = "renewed the recovery codes"
    REMOVED_FACTOR = "removed a second factor"
    ADDED_PERSON = "added a person"
    DISABLED = "disabled a person"
    CHANGED_ROLES = "changed a person's roles"
    TOOK_SUPPORT = "took support access"
    ENDED_SUPPORT = "ended support access"
    TOLD_INCIDENT = "told an incident"
    UPDATED_INCIDENT = "told what is new about an incident"
    ANSWERED_FEEDBACK = "answered feedback"
    RENAMED = "changed a person's name"
    CONFIGURED = "configured"
    RULED_PERIOD = "decided how a period is closed"
    REVISED_STATEMENT = "revised a statement"
    APPROVED_CREDIT = "approved a credit"
    ISSUED_CREDIT = "issued a credit"
    VOIDED_CREDIT = "took a credit back"
    APPLIED_CONFIGURATION = "applied a configuration"
    REBUILT_RUNS = "derived runs anew that were not what their samples say"
    DELETED_EVIDENCE = "deleted evidence whose time was over"
    PLACED_HOLD = "placed a legal hold"
    LIFTED_HOLD = "lifted a legal hold"
    IMPORTED_EVIDENCE = "imported evidence"
    REQUESTED_EXCLUSION = "asked for an exclusion"
    APPROVED_EXCLUSION = "approved an exclusion"
    REJECTED_EXCLUSION = "rejected an exclusion"
    WITHDREW_EXCLUSION = "withdrew an exclusion"
    ANNOUNCED_MAINTENANCE = "announced a maintenance"
    MOVED_MAINTENANCE = "moved a maintenance"
    ENDED_MAINTENANCE = "ended a maintenance"
    CANCELLED_MAINTENANCE = "cancelled a maintenance"
    TOLD_OUTAGE = "told of an outage"
    ACCEPTED_OUTAGE = "accepted an outage record"
    REJECTED_OUTAGE = "rejected an outage record"
    CLOSED_PERIODS = "closed periods"
    DECIDED_CLAIM = "decided a claim"
    ANSWERED_DISPUTE = "answered a dispute"
    DECIDED_DISPUTE = "decided a dispute"
    SAVED_TERMS = "saved a draft of terms"
    ASKED_FOR_REVIEW = "asked for a review of terms"
    PUBLISHED_TERMS = "published terms"
    MADE_ADDRESS = "made a private address"
    REVOKED_ADDRESS = "revoked a private address"
    INVITED_MEMBER = "invited a person to a customer"
    WITHDREW_INVITATION = "withdrew an invitation"
    JOINED = "joined a customer"
    REMOVED_MEMBER = "removed a person from a customer"
    OPENED_REVIEW = "opened a review"
    DECIDED_REVIEW = "decided a review"
    SIGNED_REVIEW_OFF = "signed a review off"


COMMAND_LINE = phrase("the command line")
NOBODY = {Deed.ASKED_FOR_RESET.value: phrase("somebody not signed in")}
"""Who did what has no id, where it was not the operator's command line."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What a deed was done to: its kind, its id or key, and whose it is when it is a customer's."""

    kind: str
    id: UUID | str
    customer_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A deed for people; `by` and `customer` are present names, `changes` lines such as `role: none → owner`."""

    id: UUID
    at: datetime
    by: str
    what: str
    thing: str
    customer: str
    changes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Entries:
    """Up to 50 entries, latest first; `after` is the id to go on from when there are more (decision D17)."""

    entries: Sequence[Entry]
    after: UUID | None


def person(user_id: UUID) -> Thing:
    """Return a person as the thing of a deed."""
    return Thing("person", user_id)


def note(
    session: Session,
    by: UUID | None,
    deed: Deed,
    thing: Thing,
    now: datetime,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Keep one deed in the transaction under way; `by` is None for the operator's command line, or for nobody known."""
    session.add(_row(by, deed, thing, now, before, after))
    session.flush()


def note_configured(
    session: Session, changes: Iterable[tuple[Thing, Facts | None, Facts | None]], now: datetime
) -> None:
    """Keep what the operator configured: each thing, as it was and as it is."""
    session.add_all(_row(None, Deed.CONFIGURED, thing, now, before, after) for thing, before, after in changes)
    session.flush()


def _row(
    by: UUID | None, deed: Deed, thing: Thing, now: datetime, before: Facts | None, after: Facts | None
) -> AuditRow:
    return AuditRow(
        id=new_id(),
        at=now,
        user_id=by,
        what=deed.value,
        object_kind=thing.kind,
        object_id=str(thing.id),
        customer_id=thing.customer_id,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
    )


def entries(session: Session, before: UUID | None = None) -> Entries:
    """Return a page of what was noted."""
    found = store.entries(session, before, PAGE + 1)
    shown = tuple(map(_entry, found[:PAGE]))
    return Entries(shown, shown[-1].id if len(found) > PAGE else None)


def staff_acts(session: Session, customer_id: UUID, before: UUID | None = None) -> Entries:
    """Return a page of what people of the provider's staff did about one customer."""
    found = store.staff_entries_about(session, customer_id, before, PAGE + 1)
    shown = tuple(map(_entry, found[:PAGE]))
    return Entries(shown, shown[-1].id if len(found) > PAGE else None)


def _entry(stored: StoredEntry) -> Entry:
    row = stored.row
    nobody = phrase("somebody who has left") if row.user_id is not None else NOBODY.get(row.what, COMMAND_LINE)
    return Entry(
        id=row.id,
        at=row.at,
        by=stored.by or nobody,
        what=row.what,
        thing=f"{row.object_kind} {row.object_id}",
        customer=stored.customer or "",
        changes=tuple(_changes(row.before or {}, row.after or {})),
    )


def _changes(before: Facts, after: Facts) -> Sequence[str]:
    names = [*before, *(name for name in after if name not in before)]
    return [
        f"{name}: {_said(name, before[name])} → {_said(name, after.get(name))}"
        if name in before
        else f"{name}: {_said(name, after[name])}"
        for name in names
    ]


def _said(name: str, value: object) -> str:
    """A fact for people; an edge of time, kept as a UTC second, is told as an instant."""
    if name in EDGES and isinstance(value, int):
        return f"{clock.instant(value):%Y-%m-%d %H:%M:%S} UTC"
    return _words(value)


def _words(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_words(one)}" for key, one in value.items()) or "none"
    if isinstance(value, list):
        return ", ".join(map(_words, value)) or "none"
    return "none" if value is None else str(value)
