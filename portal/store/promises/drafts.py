"""Drafts of coming versions of agreements, and who published which version, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Table, select, update
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified
from portal.store.people.people import UserRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow


class AgreementDraftRow(Identified, Base):
    """The coming version of an agreement as it is being written; `edition` counts its savings.

    `review_asked_by` is set while somebody else is asked to publish it; saving it again takes that back.
    """

    __tablename__ = "agreement_draft"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"), unique=True)
    text: Mapped[str]
    edition: Mapped[int]
    edited_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    edited_at: Mapped[datetime]
    review_asked_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))


class PublicationRow(Base):
    """How a version came to be published: who wrote and who published it, the doubts left open, and the reason."""

    __tablename__ = "publication"

    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"), primary_key=True)
    written_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    published_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    doubts: Mapped[str]
    reason: Mapped[str]


only_grows(cast(Table, PublicationRow.__table__))


@dataclass(frozen=True, slots=True)
class StoredDraft:
    """A draft with the names of who saved it last and of who asked for a review (None: nobody)."""

    agreement_id: UUID
    text: str
    edition: int
    edited_by: UUID
    editor: str
    edited_at: datetime
    review_asked_by: UUID | None
    asker: str | None


@dataclass(frozen=True, slots=True)
class StoredPublication:
    """Who wrote and who published a version, the doubts left open, a line each, and the reason."""

    writer: str
    publisher: str
    doubts: str
    reason: str


def agreement_id(session: Session, slug: str) -> UUID | None:
    """Return the id of an agreement, if there is one."""
    return session.scalar(select(AgreementRow.id).where(AgreementRow.slug == slug))


def drafts(session: Session) -> dict[UUID, StoredDraft]:
    """Return every draft, by the id of its agreement."""
    editor, asker = aliased(UserRow), aliased(UserRow)
    question = (
        select(AgreementDraftRow, editor.name, asker.name)
        .join(editor, editor.id == AgreementDraftRow.edited_by)
        .outerjoin(asker, asker.id == AgreementDraftRow.review_asked_by)
        .execution_options(populate_existing=True)
    )
    return {row.agreement_id: _stored(row, name, asked) for row, name, asked in session.execute(question)}


def replace_draft(session: Session, agreement: UUID, edition: int, changes: Mapping[str, object]) -> bool:
    """Change a draft if it still is of this edition; return whether it was."""
    changed = session.scalars(
        update(AgreementDraftRow)
        .where(AgreementDraftRow.agreement_id == agreement, AgreementDraftRow.edition == edition)
        .values(dict(changes))
        .returning(AgreementDraftRow.id)
    )
    return changed.first() is not None


def delete_draft(session: Session, agreement: UUID) -> None:
    """Delete the draft of an agreement."""
    row = session.scalars(select(AgreementDraftRow).where(AgreementDraftRow.agreement_id == agreement)).one_or_none()
    if row is not None:
        session.delete(row)
        session.flush()


def publications(session: Session, agreement: UUID) -> dict[int, StoredPublication]:
    """Return how the versions of an agreement were published, by number; those the operator applied have none."""
    writer, publisher = aliased(UserRow), aliased(UserRow)
    question = (
        select(AgreementVersionRow.number, PublicationRow, writer.name, publisher.name)
        .join(PublicationRow, PublicationRow.version_id == AgreementVersionRow.id)
        .join(writer, writer.id == PublicationRow.written_by)
        .join(publisher, publisher.id == PublicationRow.published_by)
        .where(AgreementVersionRow.agreement_id == agreement)
    )
    return {
        number: StoredPublication(wrote or "", published or "", row.doubts, row.reason)
        for number, row, wrote, published in session.execute(question)
    }


def publication(session: Session, slug: str, number: int) -> PublicationRow | None:
    """Return how one version was published, if it was by the editor."""
    return session.scalar(
        select(PublicationRow)
        .join(AgreementVersionRow, AgreementVersionRow.id == PublicationRow.version_id)
        .join(AgreementRow, AgreementRow.id == AgreementVersionRow.agreement_id)
        .where(AgreementRow.slug == slug, AgreementVersionRow.number == number)
    )


def _stored(row: AgreementDraftRow, editor: str | None, asker: str | None) -> StoredDraft:
    return StoredDraft(
        row.agreement_id, row.text, row.edition, row.edited_by, editor or "", row.edited_at, row.review_asked_by, asker
    )
