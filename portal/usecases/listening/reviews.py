"""Reviews: staff gather what customers said about an agreement, decide on it, and somebody else signs it off.

Customers of the agreement, and whoever said something that went into it, read what was asked and what was decided; of
the words of others they read nothing.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.notices import feedback as feedback_store
from portal.store.promises import contracts, drafts
from portal.store.promises import reviews as store
from portal.store.promises.reviews import ReviewedFeedbackRow, ReviewRow, StoredReview
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line, clean_text
from portal.usecases.listening import feedback
from portal.usecases.listening.feedback import Feedback

TITLE_LENGTH_MAX = 200
DECISION_LENGTH_MAX = 4_000
PIECES_MOST = 200
VERSION_MOST = 9_999
NOT_THERE = "There is no such review."


@dataclass(frozen=True, slots=True)
class Review:
    """One review as people read it: what was said, as far as the reader may read it, and what was decided.

    `pieces` are those of the scope; `decision` is empty until there is one, and for customers until it
    is signed off. `version` is the coming version it proposes.
    """

    id: UUID
    slug: str
    agreement: str
    title: str
    opened_at: datetime
    pieces: Sequence[Feedback]
    decision: str
    version: int | None
    decided_by: str
    decided_at: datetime | None
    signed_off_by: str
    signed_off_at: datetime | None

    @property
    def is_signed_off(self) -> bool:
        """Whether somebody signed the decision off, so that nothing changes any more."""
        return self.signed_off_at is not None


def listed(session: Session) -> Sequence[Review]:
    """Return every review with all that was said in it, latest first; for staff."""
    return _shown(session, store.reviews(session))


def of_customer(session: Session) -> Sequence[Review]:
    """Return the reviews of the scope's agreements, and those its own feedback is in; decisions once signed off."""
    agreements = {one.agreement_id for one in contracts.contracts(session)}
    found = store.reviews(session)
    mine = store.feedback_of(session, [one.row.id for one in found])
    kept = [one for one in found if one.row.agreement_id in agreements or one.row.id in mine]
    return [one if one.is_signed_off else _undecided(one) for one in _shown(session, kept)]


def open_pieces(session: Session) -> Sequence[Feedback]:
    """Return the latest feedback that went into no review yet, up to 200 pieces looked at."""
    found = feedback_store.feedback_before(session, None, PIECES_MOST)
    done = store.reviewed(session, [one.id for one in found])
    return feedback.with_answers(session, [one for one in found if one.id not in done])


def open_review(
    session: Session, person: Person, slug: str, title: str, pieces: Collection[str], now: datetime
) -> UUID:
    """Open a review of an agreement with these pieces of feedback; raise Invalid or Conflict."""
    agreement = drafts.agreement_id(session, slug)
    if agreement is None:
        raise Invalid("agreement", "Choose an agreement.")
    title = clean_line("title", title, TITLE_LENGTH_MAX)
    chosen = [one for one in open_pieces(session) if str(one.id) in pieces]
    if not chosen or len(chosen) != len(set(pieces)):
        raise Invalid("pieces", "Choose what customers said. What is in a review already cannot be chosen again.")
    row = ReviewRow(id=new_id(), agreement_id=agreement, title=title, opened_by=person.id, opened_at=now)
    session.add(row)
    session.flush()
    _add_pieces(session, row.id, [one.id for one in chosen])
    audit.note(session, person.id, Deed.OPENED_REVIEW, Thing("review", row.id), now)
    return row.id


def decide(session: Session, person: Person, review_id: UUID, decision: str, version: str, now: datetime) -> None:
    """Say what is decided, and which coming version follows from it if any; raise NotFound, Invalid or Conflict."""
    _stored(session, review_id)
    words = clean_text("decision", decision, DECISION_LENGTH_MAX)
    number = _version(version)
    values = {"decision": words, "version": number, "decided_by": person.id, "decided_at": now}
    if not store.decide(session, review_id, **values):
        raise Conflict("This review is signed off, so nothing of it changes any more.")
    audit.note(session, person.id, Deed.DECIDED_REVIEW, Thing("review", review_id), now, after={"version": number})


def sign_off(session: Session, person: Person, review_id: UUID, now: datetime, *, single_operator: bool) -> None:
    """Sign a decision off; customers read it from then on. Raises NotFound, Conflict, NotAllowed for who decided."""
    found = _stored(session, review_id).row
    if found.decided_at is None:
        raise Conflict("Nothing is decided yet. Say what you decided first.")
    if found.decided_by == person.id and not single_operator:
        raise NotAllowed("You decided this yourself. Somebody else has to sign it off.")
    if not store.sign_off(session, review_id, person.id, now, found.decided_at):
        raise Conflict("Somebody else changed or signed this a moment ago. Reload the page.")
    alone = {"one person did both": True} if found.decided_by == person.id else None
    audit.note(session, person.id, Deed.SIGNED_REVIEW_OFF, Thing("review", review_id), now, after=alone)


def _add_pieces(session: Session, review_id: UUID, feedback_ids: Collection[UUID]) -> None:
    owners = {one.id: one.customer_id for one in feedback_store.feedback_before(session, None, PIECES_MOST)}
    rows = [
        ReviewedFeedbackRow(customer_id=owners[one], id=new_id(), review_id=review_id, feedback_id=one)
        for one in feedback_ids
    ]
    try:
        with session.begin_nested():
            session.add_all(rows)
            session.flush()
    except IntegrityError:
        raise Conflict("Somebody put one of these into another review a moment ago. Reload the page.") from None


def _version(text: str) -> int | None:
    if not text.strip():
        return None
    if not (text.strip().isascii() and text.strip().isdigit() and 1 <= int(text[:9]) <= VERSION_MOST):
        raise Invalid("version", "Write the number of the coming version, or leave it empty.")
    return int(text)


def _stored(session: Session, review_id: UUID) -> StoredReview:
    for one in store.reviews(session):
        if one.row.id == review_id:
            return one
    raise NotFound(NOT_THERE)


def _shown(session: Session, found: Sequence[StoredReview]) -> Sequence[Review]:
    pieces = store.feedback_of(session, [one.row.id for one in found])
    ids = [key for keys in pieces.values() for key in keys]
    known = {one.id: one for one in feedback.some(session, ids)}
    return [
        Review(
            id=one.row.id,
            slug=one.slug,
            agreement=one.agreement,
            title=one.row.title,
            opened_at=one.row.opened_at,
            pieces=[known[key] for key in sorted(pieces.get(one.row.id, ())) if key in known],
            decision=one.row.decision or "",
            version=one.row.version,
            decided_by=one.decided_by or "",
            decided_at=one.row.decided_at,
            signed_off_by=one.signed_off_by or "",
            signed_off_at=one.row.signed_off_at,
        )
        for one in found
    ]


def _undecided(one: Review) -> Review:
    return replace(one, decision="", version=None, decided_by="", decided_at=None)
