"""What a customer's people say and who else is let in, every row a canary: feedback, support, reviews, answers."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.notices.feedback import FeedbackAnswerRow, FeedbackRow
from portal.store.people.members import MemberInvitationRow
from portal.store.people.subscriptions import SubscriptionRow
from portal.store.people.support import SupportGrantRow, SupportViewRow
from portal.store.promises.acknowledgements import AcknowledgementRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow
from portal.store.promises.reviews import ReviewedFeedbackRow, ReviewRow
from portal.usecases.people.sessions import token_hash
from tests import customers


def talk(
    session: Session, customer: UUID, author: Person, helper: Person, agreement: UUID, canary: str
) -> dict[str, object]:
    """Say something about a service, have it answered, looked into and reviewed; return what addresses need."""
    now = clock.now()
    piece, grant = new_id(), new_id()
    session.add(
        FeedbackRow(
            id=piece,
            customer_id=customer,
            author_id=author.id,
            about_kind="service",
            about_id="api",
            about_name="API",
            rating=2,
            body=f"{canary} says",
            created_at=now,
        )
    )
    session.flush()
    session.add(
        FeedbackAnswerRow(
            customer_id=customer, feedback_id=piece, author_id=helper.id, body=f"{canary} is told", created_at=now
        )
    )
    session.add(
        SupportGrantRow(
            id=grant,
            customer_id=customer,
            staff_id=helper.id,
            reason=f"{canary} asked",
            created_at=now,
            ends_at=now + timedelta(hours=1),
        )
    )
    session.flush()
    session.add(
        SupportViewRow(customer_id=customer, grant_id=grant, at=now, page="customers.overview", path=f"/c/{canary}")
    )
    review = ReviewRow(id=new_id(), agreement_id=agreement, title="One wish", opened_by=helper.id, opened_at=now)
    session.add(review)
    session.flush()
    session.add(ReviewedFeedbackRow(customer_id=customer, review_id=review.id, feedback_id=piece))
    return {"piece": piece, "grant": grant, "review": review.id}


def let_in(session: Session, customer: UUID, author: UUID, canary: str) -> dict[str, object]:
    """Invite somebody and make a private address; return what addresses need."""
    now, invitation, subscription = clock.now(), new_id(), new_id()
    session.add(
        MemberInvitationRow(
            customer_id=customer,
            id=invitation,
            email=f"{canary}@invited.example",
            role="member",
            token_hash=token_hash(f"the link of {canary}"),
            invited_by=author,
            invited_at=now,
            ends_at=now + timedelta(days=1),
        )
    )
    session.add(
        SubscriptionRow(
            customer_id=customer,
            id=subscription,
            kind="feed",
            name=f"{canary} reads it",
            token_hash=token_hash(f"the address of {canary}"),
            made_by=author,
            made_at=now,
        )
    )
    return {"invitation": invitation, "subscription": subscription}


def announce(
    session: Session,
    agreement: UUID,
    customer: UUID,
    contract: UUID,
    author: UUID,
    canary: str,
    period: Mapping[str, str],
) -> None:
    """A coming version of the customer's own agreement, and its answer about it."""
    slug = session.scalars(select(AgreementRow.slug).where(AgreementRow.id == agreement)).one()
    customers.version(session, agreement, customers.terms_document(slug, 2, "2199-01-01", period=period))
    version = session.scalars(
        select(AgreementVersionRow.id).where(
            AgreementVersionRow.agreement_id == agreement, AgreementVersionRow.number == 2
        )
    ).one()
    session.add(
        AcknowledgementRow(
            customer_id=customer,
            contract_id=contract,
            version_id=version,
            kind="objected",
            words=f"{canary} objects",
            given_by=author,
            given_at=clock.now(),
        )
    )
