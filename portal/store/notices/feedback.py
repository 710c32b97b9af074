"""What customers say, and what the provider answers."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Exists, ForeignKey, bindparam, exists, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, TenantOwned, same_customer
from portal.store.notices.incidents import IncidentRow, IncidentServiceRow
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserRow


class FeedbackRow(TenantOwned, Base):
    """A rating (1–5) and words about a service, a commitment or an incident. `about_id` is that thing's id or key."""

    __tablename__ = "feedback"

    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    about_kind: Mapped[str]
    about_id: Mapped[str]
    about_name: Mapped[str]
    rating: Mapped[int] = mapped_column(CheckConstraint("rating BETWEEN 1 AND 5", name="rating_in_range"))
    body: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(index=True)


class FeedbackAnswerRow(TenantOwned, Base):
    """The provider's answer to one piece of feedback."""

    __tablename__ = "feedback_answer"

    feedback_id: Mapped[UUID]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    body: Mapped[str]
    created_at: Mapped[datetime]

    __table_args__ = (same_customer("feedback_id", "feedback"),)


@dataclass(frozen=True, slots=True)
class StoredFeedback:
    """One piece of feedback with the names of its customer and its author (None once the author is erased)."""

    id: UUID
    customer_id: UUID
    customer: str
    author: str | None
    about_kind: str
    about_name: str
    rating: int
    body: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer with the name of who gave it (None once they are erased)."""

    author: str | None
    body: str
    created_at: datetime


_WITH_NAMES = (
    select(FeedbackRow, CustomerRow.name, UserRow.name)
    .join(CustomerRow, CustomerRow.id == FeedbackRow.customer_id)
    .join(UserRow, UserRow.id == FeedbackRow.author_id)
)
_LATEST = _WITH_NAMES.order_by(FeedbackRow.id.desc()).limit(bindparam("most"))
_ANSWERS = (
    select(FeedbackAnswerRow, UserRow.name)
    .join(UserRow, UserRow.id == FeedbackAnswerRow.author_id)
    .where(FeedbackAnswerRow.feedback_id.in_(bindparam("asked", expanding=True)))
    .order_by(FeedbackAnswerRow.id)
)
"""Made once: making a question costs more than asking it."""


def feedback_before(session: Session, before: UUID | None, most: int) -> Sequence[StoredFeedback]:
    """Return up to `most` pieces of the scope's feedback, latest first, those older than the one of this id."""
    question = _LATEST
    if before is not None:
        question = question.where(FeedbackRow.id < before)
    return tuple(_stored(*row) for row in session.execute(question, {"most": most}))


def unanswered_feedback(session: Session, most: int) -> Sequence[StoredFeedback]:
    """Return up to `most` pieces of the scope's feedback nobody has answered, the longest waiting first."""
    question = _WITH_NAMES.where(~_answered()).order_by(FeedbackRow.id).limit(most)
    return tuple(_stored(*row) for row in session.execute(question))


def count_unanswered(session: Session) -> int:
    """Return how many pieces of the scope's feedback nobody has answered."""
    return session.execute(select(func.count(FeedbackRow.id)).where(~_answered())).scalar_one()


def feedback_by_id(session: Session, feedback_id: UUID) -> StoredFeedback | None:
    """Return one piece of the scope's feedback, if there is one of this id."""
    row = session.execute(_WITH_NAMES.where(FeedbackRow.id == feedback_id)).one_or_none()
    return None if row is None else _stored(*row)


def feedback_by_ids(session: Session, ids: Collection[UUID]) -> Sequence[StoredFeedback]:
    """Return these pieces of the scope's feedback, latest first."""
    rows = session.execute(_WITH_NAMES.where(FeedbackRow.id.in_(ids)).order_by(FeedbackRow.id.desc()))
    return tuple(_stored(*row) for row in rows)


def answers_to(session: Session, feedback_ids: Collection[UUID]) -> Mapping[UUID, Sequence[StoredAnswer]]:
    """Return the answers to these pieces of feedback, in the order they were given."""
    rows = session.execute(_ANSWERS, {"asked": list(feedback_ids)}) if feedback_ids else ()
    found: dict[UUID, list[StoredAnswer]] = defaultdict(list)
    for row, name in rows:
        found[row.feedback_id].append(StoredAnswer(name, row.body, row.created_at))
    return found


def incidents_of_services(
    session: Session, service_ids: Collection[UUID], since: datetime, most: int
) -> Sequence[tuple[UUID, str]]:
    """Return id and title of the incidents told since then that affected any of these services, latest first."""
    affects = exists().where(
        IncidentServiceRow.incident_id == IncidentRow.id, IncidentServiceRow.service_id.in_(service_ids)
    )
    rows = session.execute(
        select(IncidentRow.id, IncidentRow.title)
        .where(IncidentRow.created_at >= since, affects)
        .order_by(IncidentRow.created_at.desc(), IncidentRow.id)
        .limit(most)
    )
    return tuple((row.id, row.title) for row in rows)


def _answered() -> Exists:
    return exists().where(
        FeedbackAnswerRow.customer_id == FeedbackRow.customer_id, FeedbackAnswerRow.feedback_id == FeedbackRow.id
    )


def _stored(row: FeedbackRow, customer: str, author: str | None) -> StoredFeedback:
    return StoredFeedback(
        row.id,
        row.customer_id,
        customer,
        author,
        row.about_kind,
        row.about_name,
        row.rating,
        row.body,
        row.created_at,
    )
