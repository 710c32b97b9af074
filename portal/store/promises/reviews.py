"""Reviews: feedback about an agreement gathered by staff, what was decided on it, and who signed it off."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import CursorResult, ForeignKey, UniqueConstraint, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.store.ground.base import Base, Identified, TenantOwned, same_customer
from portal.store.people.people import UserRow
from portal.store.promises.agreements import AgreementRow


class ReviewRow(Identified, Base):
    """One review of an agreement: what customers said, what was decided on it, and the version that follows from it.

    `version` is the number of the coming version the decision proposes, None when nothing changes.
    """

    __tablename__ = "review"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), index=True)
    title: Mapped[str]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime]
    decision: Mapped[str | None]
    version: Mapped[int | None]
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None]
    signed_off_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    signed_off_at: Mapped[datetime | None]


class ReviewedFeedbackRow(TenantOwned, Base):
    """That a piece of feedback went into a review; each goes into one."""

    __tablename__ = "reviewed_feedback"

    review_id: Mapped[UUID] = mapped_column(ForeignKey("review.id"), index=True)
    feedback_id: Mapped[UUID]

    __table_args__ = (same_customer("feedback_id", "feedback"), UniqueConstraint("customer_id", "feedback_id"))


@dataclass(frozen=True, slots=True)
class StoredReview:
    """A review with the names around it; None for nobody yet, or somebody who has left."""

    row: ReviewRow
    slug: str
    agreement: str
    decided_by: str | None
    signed_off_by: str | None


def reviews(session: Session, agreement_ids: Collection[UUID] | None = None) -> Sequence[StoredReview]:
    """Return the reviews of these agreements, or all, latest first."""
    decider, signer = aliased(UserRow), aliased(UserRow)
    question = (
        select(ReviewRow, AgreementRow.slug, AgreementRow.name, decider.name, signer.name)
        .join(AgreementRow, AgreementRow.id == ReviewRow.agreement_id)
        .join(decider, decider.id == ReviewRow.decided_by, isouter=True)
        .join(signer, signer.id == ReviewRow.signed_off_by, isouter=True)
        .order_by(ReviewRow.id.desc())
    )
    if agreement_ids is not None:
        question = question.where(ReviewRow.agreement_id.in_(agreement_ids))
    return [StoredReview(*row) for row in session.execute(question)]


def feedback_of(session: Session, review_ids: Collection[UUID]) -> Mapping[UUID, Sequence[UUID]]:
    """Return the ids of the scope's feedback in each of these reviews."""
    question = select(ReviewedFeedbackRow.review_id, ReviewedFeedbackRow.feedback_id)
    found: dict[UUID, list[UUID]] = {}
    for review_id, feedback_id in session.execute(question.where(ReviewedFeedbackRow.review_id.in_(review_ids))):
        found.setdefault(review_id, []).append(feedback_id)
    return found


def reviewed(session: Session, feedback_ids: Collection[UUID]) -> Collection[UUID]:
    """Return which of these pieces of the scope's feedback went into a review already."""
    question = select(ReviewedFeedbackRow.feedback_id).where(ReviewedFeedbackRow.feedback_id.in_(feedback_ids))
    return set(session.scalars(question))


def decide(session: Session, review_id: UUID, **values: object) -> bool:
    """Set what was decided while nobody has signed it off; return whether nobody had."""
    mine = (ReviewRow.id == review_id, ReviewRow.signed_off_at.is_(None))
    return _changed(session, update(ReviewRow).where(*mine).values(**values))


def sign_off(session: Session, review_id: UUID, by: UUID, now: datetime, decided_at: datetime) -> bool:
    """Sign a review off as it was decided at an instant; return whether it was so until now."""
    mine = (ReviewRow.id == review_id, ReviewRow.signed_off_at.is_(None), ReviewRow.decided_at == decided_at)
    return _changed(session, update(ReviewRow).where(*mine).values(signed_off_by=by, signed_off_at=now))


def _changed(session: Session, statement: Any) -> bool:
    return cast(CursorResult[Any], session.execute(statement)).rowcount == 1
