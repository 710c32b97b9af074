"""Disputes: a customer objects to a statement or a coming version, both sides write in turn, and one word ends it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.settling import disputes as store
from portal.store.settling.disputes import DisputeMessageRow, DisputeRow, ObjectedVersion, StoredDispute
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_text
from portal.usecases.settling import statements
from portal.usecases.settling.statements import Heading

WORDS_LENGTH_MAX = 4_000
PAGE = 50
KIND = "dispute"
NOT_THERE = phrase("There is no such dispute.")
MESSAGE = "message"


class Outcome(StrEnum):
    """How a dispute stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Message:
    """One message; `kind` is `message`, or the word that ended the dispute. `author` None: somebody who has left."""

    kind: str
    body: str
    is_staff: bool
    author: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Dispute:
    """One dispute with every message, in order, and what it is about: a `statement`, or else a `version` to come."""

    id: UUID
    customer_id: UUID
    customer: str
    title: str
    statement: Heading | None
    version: ObjectedVersion | None
    opened_at: datetime
    outcome: Outcome
    messages: Sequence[Message]

    @property
    def is_open(self) -> bool:
        """Whether nobody has ended it yet."""
        return self.outcome is Outcome.OPEN


@dataclass(frozen=True, slots=True)
class Objected:
    """Which version of which agreement a customer speaks of, for which of its contracts."""

    agreement_id: UUID
    version_id: UUID
    contract_id: UUID


@dataclass(frozen=True, slots=True)
class Disputes:
    """Up to 50 disputes, latest first; `after` is the id to go on from when there are more."""

    disputes: Sequence[Dispute]
    after: UUID | None


def open_dispute(session: Session, person: Person, statement_id: UUID, words: str, now: datetime) -> UUID:
    """Object to the latest revision of a statement of the scope's customer; return the dispute's id.

    Raises NotFound for a stranger's statement, Invalid without words, Conflict for an old revision or a second dispute.
    """
    found = statements.statement(session, statement_id)
    body = clean_text("words", words, WORDS_LENGTH_MAX)
    if not found.heading.is_latest:
        raise Conflict(phrase("There is a newer revision of this statement. Read that one first."))
    if any(_outcome(one) is Outcome.OPEN for one in store.disputes_of(session, [statement_id])):
        raise Conflict(phrase("This statement is disputed already. Write there."))
    customer_id = found.heading.customer_id
    row = DisputeRow(
        customer_id=customer_id, id=new_id(), statement_id=statement_id, opened_by=person.id, opened_at=now
    )
    session.add(row)
    session.flush()
    _say(session, row, 1, MESSAGE, body, person, now, is_staff=False)
    return row.id


def object_to(
    session: Session, person: Person, customer_id: UUID, objected: Objected, words: str, now: datetime
) -> UUID:
    """Object to a coming version; return the dispute's id. While one about it is open, the words are added there."""
    body = clean_text("words", words, WORDS_LENGTH_MAX)
    found = _open_about(session, objected)
    if found is not None:
        _say(session, found.row, len(found.messages) + 1, MESSAGE, body, person, now, is_staff=False)
        return found.row.id
    row = DisputeRow(
        customer_id=customer_id,
        id=new_id(),
        contract_id=objected.contract_id,
        version_id=objected.version_id,
        opened_by=person.id,
        opened_at=now,
    )
    session.add(row)
    session.flush()
    _say(session, row, 1, MESSAGE, body, person, now, is_staff=False)
    return row.id


def object_no_more(session: Session, person: Person, objected: Objected, words: str, now: datetime) -> None:
    """End the open dispute about a coming version, if there is one: the customer acknowledges it after all."""
    found = _open_about(session, objected)
    if found is not None:
        withdraw(session, person, found.row.id, words, now)


def _open_about(session: Session, objected: Objected) -> StoredDispute | None:
    found = store.disputes_of_agreement(session, objected.agreement_id)
    about = (objected.contract_id, objected.version_id)
    return next(
        (one for one in found if (one.row.contract_id, one.row.version_id) == about and _outcome(one) is Outcome.OPEN),
        None,
    )


def write(session: Session, person: Person, dispute_id: UUID, words: str, now: datetime, *, is_staff: bool) -> None:
    """Add a message to an open dispute; raise NotFound, Invalid, or Conflict when it has ended."""
    found = _stored_open(session, dispute_id)
    body = clean_text("words", words, WORDS_LENGTH_MAX)
    _say(session, found.row, len(found.messages) + 1, MESSAGE, body, person, now, is_staff=is_staff)
    if is_staff:
        thing = Thing(KIND, dispute_id, found.row.customer_id)
        audit.note(session, person.id, Deed.ANSWERED_DISPUTE, thing, now)


def decide(session: Session, person: Person, dispute_id: UUID, outcome: Outcome, words: str, now: datetime) -> None:
    """End a dispute as staff, `accepted` or `rejected`, with a reason the customer reads. Raises Conflict, Invalid.

    Accepting changes no number by itself: the downtime is recorded as an outage, and a revision is made of it (D9).
    """
    found = _stored_open(session, dispute_id)
    if outcome not in (Outcome.ACCEPTED, Outcome.REJECTED):
        raise Conflict(phrase("Staff accept a dispute or reject it."))
    body = clean_text("words", words, WORDS_LENGTH_MAX)
    _say(session, found.row, len(found.messages) + 1, outcome.value, body, person, now, is_staff=True)
    was, is_now = {"outcome": Outcome.OPEN.value}, {"outcome": outcome.value}
    thing = Thing(KIND, dispute_id, found.row.customer_id)
    audit.note(session, person.id, Deed.DECIDED_DISPUTE, thing, now, before=was, after=is_now)


def withdraw(session: Session, person: Person, dispute_id: UUID, words: str, now: datetime) -> None:
    """End a dispute as the customer; raise NotFound, or Conflict when it has ended."""
    found = _stored_open(session, dispute_id)
    body = clean_text("words", words, WORDS_LENGTH_MAX, may_be_empty=True)
    number = len(found.messages) + 1
    _say(session, found.row, number, Outcome.WITHDRAWN.value, body, person, now, is_staff=False)


def dispute(session: Session, dispute_id: UUID) -> Dispute:
    """Return one dispute of the scope; raise NotFound when there is none."""
    found = store.dispute_by_id(session, dispute_id)
    if found is None:
        raise NotFound(NOT_THERE)
    (shown,) = _all_shown(session, [found])
    return shown


def listed(session: Session, after: UUID | None = None) -> Disputes:
    """Return a page of the scope's disputes."""
    found = store.disputes_before(session, after, PAGE + 1)
    shown = _all_shown(session, found[:PAGE])
    return Disputes(shown, shown[-1].id if len(found) > PAGE else None)


def all_disputes(session: Session) -> Iterator[Dispute]:
    """Return every dispute of the scope, latest first, reading 50 at a time."""
    page = listed(session)
    yield from page.disputes
    while page.after is not None:
        page = listed(session, page.after)
        yield from page.disputes


def about_versions(session: Session, agreement_id: UUID) -> Sequence[Dispute]:
    """Return the scope's disputes about versions of an agreement, latest first."""
    return _all_shown(session, store.disputes_of_agreement(session, agreement_id))


def about(session: Session, statement_ids: Sequence[UUID]) -> Sequence[Dispute]:
    """Return the scope's disputes about these statements, latest first."""
    return _all_shown(session, store.disputes_of(session, statement_ids))


def _all_shown(session: Session, found: Sequence[StoredDispute]) -> Sequence[Dispute]:
    ids = {one.row.statement_id for one in found if one.row.statement_id is not None}
    headings = statements.headings_by_id(session, ids) if ids else {}
    return tuple(_shown(one, None if one.row.statement_id is None else headings[one.row.statement_id]) for one in found)


def _stored_open(session: Session, dispute_id: UUID) -> StoredDispute:
    found = store.dispute_by_id(session, dispute_id)
    if found is None:
        raise NotFound(NOT_THERE)
    outcome = _outcome(found)
    if outcome is not Outcome.OPEN:
        raise Conflict(phrase("This dispute has ended already, so nothing can be added. Reload the page."))
    return found


def _outcome(found: StoredDispute) -> Outcome:
    last = found.messages[-1].row.kind
    return Outcome.OPEN if last == MESSAGE else Outcome(last)


def _say(
    session: Session,
    found: DisputeRow,
    number: int,
    kind: str,
    body: str,
    person: Person,
    now: datetime,
    *,
    is_staff: bool,
) -> None:
    """Write one message; raise Conflict when somebody else wrote the one of this number first."""
    row = DisputeMessageRow(
        customer_id=found.customer_id,
        id=new_id(),
        dispute_id=found.id,
        number=number,
        kind=kind,
        body=body,
        is_staff=is_staff,
        author_id=person.id,
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        raise Conflict(phrase("Somebody wrote a moment ago. Read it, and send yours again.")) from None


def _shown(found: StoredDispute, heading: Heading | None) -> Dispute:
    messages = [Message(one.row.kind, one.row.body, one.row.is_staff, one.author, one.row.at) for one in found.messages]
    return Dispute(
        id=found.row.id,
        customer_id=found.row.customer_id,
        customer=found.customer,
        title=_title(found.version, heading),
        statement=heading,
        version=found.version,
        opened_at=found.row.opened_at,
        outcome=_outcome(found),
        messages=messages,
    )


def _title(version: ObjectedVersion | None, heading: Heading | None) -> str:
    if version is not None:
        return f"{version.agreement}, version {version.number} ({version.contract})"
    return "" if heading is None else heading.title
