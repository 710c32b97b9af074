"""Feedback: customers rate and write about what they buy; the provider reads and answers, and the author sees it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.feedback import LONGEST_WORDS, RATINGS, About, Subject, find_subject, read_rating
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.notices import feedback as store
from portal.store.notices.feedback import FeedbackAnswerRow, FeedbackRow, StoredAnswer, StoredFeedback
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_text
from portal.usecases.judging.promises import Phase, promises

Value = TypeVar("Value")
PAGE_ROWS = 50
INCIDENTS_OFFERED = 20
LOOKED_AT = 10
INCIDENTS_SINCE = timedelta(days=90)
SOMEBODY = phrase("a person who has left")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the provider said to it, who said it and when."""

    author: str
    words: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """One piece of feedback with its answers; `rating_words` says what the rating means."""

    id: UUID
    customer: str
    author: str
    about_kind: str
    about_name: str
    rating: int
    rating_words: str
    words: str
    at: datetime
    answers: Sequence[Answer]


@dataclass(frozen=True, slots=True)
class FeedbackList:
    """Up to 50 pieces, latest first; `after` continues the list, None at its end (decision D17)."""

    pieces: Sequence[Feedback]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person typed, as it came: the key of a subject, a rating and words."""

    subject: str
    rating: str
    words: str


def subjects(session: Session, now: datetime) -> Sequence[Subject]:
    """Return what the customer of the scope can write about: services, commitments, and incidents of 90 days."""
    found = [one for one in promises(session, clock.seconds(now)) if one.phase is Phase.OPEN]
    services = {one.service.id: Subject(About.SERVICE, one.service.key, one.service.name) for one in found}
    commitments = [
        Subject(
            About.COMMITMENT,
            f"{one.stored.id}/{one.service.key}/{one.commitment.id}",
            f"{one.service.name}: {one.commitment.id}, {one.commitment.target_text} %",
        )
        for one in found
    ]
    incidents = store.incidents_of_services(session, set(services), now - INCIDENTS_SINCE, INCIDENTS_OFFERED)
    told = [Subject(About.INCIDENT, str(incident_id), title) for incident_id, title in incidents]
    return (*services.values(), *commitments, *told)


def give(session: Session, customer_id: UUID, person: Person, draft: Draft, now: datetime) -> UUID:
    """Keep what a person of this customer says and return its id; raise Invalid naming the field that cannot be."""
    subject = _read("subject", lambda: find_subject(tuple(subjects(session, now)), draft.subject))
    rating = _read("rating", lambda: read_rating(draft.rating))
    row = FeedbackRow(
        id=new_id(),
        customer_id=customer_id,
        author_id=person.id,
        about_kind=subject.kind,
        about_id=subject.id,
        about_name=subject.name,
        rating=rating,
        body=clean_text("words", draft.words, LONGEST_WORDS),
        created_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def listed(session: Session, after: UUID | None = None) -> FeedbackList:
    """Return the feedback of the scope in force, latest first, those older than the piece `after`."""
    found = store.feedback_before(session, after, PAGE_ROWS + 1)
    pieces = with_answers(session, found[:PAGE_ROWS])
    return FeedbackList(pieces, pieces[-1].id if len(found) > PAGE_ROWS else None)


def answered_lately(session: Session, most: int) -> Sequence[Feedback]:
    """Return up to `most` of the latest pieces of the scope in force that were answered, of the ten latest of all."""
    found = with_answers(session, store.feedback_before(session, None, LOOKED_AT))
    return [one for one in found if one.answers][:most]


def waiting(session: Session) -> Sequence[Feedback]:
    """Return the feedback nobody has answered, the longest waiting first, at most 50."""
    return with_answers(session, store.unanswered_feedback(session, PAGE_ROWS))


def waiting_count(session: Session) -> int:
    """Return how many pieces of feedback nobody has answered."""
    return store.count_unanswered(session)


def one(session: Session, feedback_id: UUID) -> Feedback:
    """Return one piece of feedback; raise NotFound when the scope has none of this id."""
    return with_answers(session, [_stored(session, feedback_id)])[0]


def answer(session: Session, feedback_id: UUID, person: Person, words: str, now: datetime) -> None:
    """Answer a piece of feedback; raise NotFound when there is none, Invalid when the words cannot be taken."""
    found = _stored(session, feedback_id)
    row = FeedbackAnswerRow(
        customer_id=found.customer_id,
        feedback_id=found.id,
        author_id=person.id,
        body=clean_text("words", words, LONGEST_WORDS),
        created_at=now,
    )
    session.add(row)
    session.flush()
    audit.note(session, person.id, Deed.ANSWERED_FEEDBACK, Thing("feedback", found.id, found.customer_id), now)


def _stored(session: Session, feedback_id: UUID) -> StoredFeedback:
    found = store.feedback_by_id(session, feedback_id)
    if found is None:
        raise NotFound(phrase("There is no such page."))
    return found


def some(session: Session, ids: Collection[UUID]) -> Sequence[Feedback]:
    """Return these pieces of the scope's feedback, latest first."""
    return with_answers(session, store.feedback_by_ids(session, ids))


def with_answers(session: Session, found: Sequence[StoredFeedback]) -> Sequence[Feedback]:
    """Return pieces of feedback with the answers to them."""
    answers = store.answers_to(session, [piece.id for piece in found])
    return tuple(_feedback(piece, answers.get(piece.id, ())) for piece in found)


def _feedback(piece: StoredFeedback, answers: Sequence[StoredAnswer]) -> Feedback:
    return Feedback(
        piece.id,
        piece.customer,
        piece.author or SOMEBODY,
        piece.about_kind,
        piece.about_name,
        piece.rating,
        RATINGS[piece.rating],
        piece.body,
        piece.created_at,
        tuple(Answer(answer.author or SOMEBODY, answer.body, answer.created_at) for answer in answers),
    )


def _read(field: str, read: Callable[[], Value]) -> Value:
    try:
        return read()
    except ValueError as problem:
        raise Invalid(field, str(problem)) from None
