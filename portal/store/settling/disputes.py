"""Disputes: a customer objects to a statement or to a coming version, both sides write, and one word ends it."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Select, Table, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, TenantOwned, same_customer
from portal.store.people.customers import ContractRow, CustomerRow
from portal.store.people.people import UserRow
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow

ABOUT_ONE_THING = "(statement_id IS NULL) = (version_id IS NOT NULL) AND (version_id IS NULL) = (contract_id IS NULL)"


class DisputeRow(TenantOwned, Base):
    """An objection to one revision of a statement, or to a coming version for one contract.

    What was said stands in its messages.
    """

    __tablename__ = "dispute"

    statement_id: Mapped[UUID | None]
    opened_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    opened_at: Mapped[datetime]
    contract_id: Mapped[UUID | None]
    version_id: Mapped[UUID | None] = mapped_column(ForeignKey("agreement_version.id"))

    __table_args__ = (
        same_customer("statement_id", "statement"),
        same_customer("contract_id", "contract"),
        CheckConstraint(ABOUT_ONE_THING, name="subject"),
        {"sqlite_with_rowid": False},
    )


class DisputeMessageRow(TenantOwned, Base):
    """One message of a dispute, numbered from 1; its kind is `message`, or the word that ends the dispute."""

    __tablename__ = "dispute_message"

    dispute_id: Mapped[UUID]
    number: Mapped[int]
    kind: Mapped[str]
    body: Mapped[str]
    is_staff: Mapped[bool]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    at: Mapped[datetime]

    __table_args__ = (
        same_customer("dispute_id", "dispute"),
        UniqueConstraint("customer_id", "dispute_id", "number"),
        {"sqlite_with_rowid": False},
    )


for _rows in (DisputeRow, DisputeMessageRow):
    only_grows(cast(Table, _rows.__table__))


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """One message with the name of who wrote it (None once they are erased)."""

    row: DisputeMessageRow
    author: str | None


@dataclass(frozen=True, slots=True)
class ObjectedVersion:
    """The version of an agreement a customer objects to, for one of its contracts."""

    agreement: str
    slug: str
    number: int
    contract: str


@dataclass(frozen=True, slots=True)
class StoredDispute:
    """One dispute with the name of its customer, the version it is about (None: a statement) and every message."""

    row: DisputeRow
    customer: str
    version: ObjectedVersion | None
    messages: tuple[StoredMessage, ...]


def disputes_before(session: Session, before: UUID | None, most: int) -> Sequence[StoredDispute]:
    """Return up to `most` disputes of the scope, latest first, those older than the one of this id."""
    question = _with_customer()
    if before is not None:
        question = question.where(DisputeRow.id < before)
    return _loaded(session, question.order_by(DisputeRow.id.desc()).limit(most))


def dispute_by_id(session: Session, dispute_id: UUID) -> StoredDispute | None:
    """Return one dispute of the scope, if there is one of this id."""
    return next(iter(_loaded(session, _with_customer().where(DisputeRow.id == dispute_id))), None)


def disputes_of(session: Session, statement_ids: Collection[UUID]) -> Sequence[StoredDispute]:
    """Return the disputes of the scope about these statements, latest first."""
    question = _with_customer().where(DisputeRow.statement_id.in_(statement_ids))
    return _loaded(session, question.order_by(DisputeRow.id.desc()))


def disputes_of_agreement(session: Session, agreement_id: UUID) -> Sequence[StoredDispute]:
    """Return the disputes of the scope about versions of an agreement, latest first."""
    versions = select(AgreementVersionRow.id).where(AgreementVersionRow.agreement_id == agreement_id)
    question = _with_customer().where(DisputeRow.version_id.in_(versions))
    return _loaded(session, question.order_by(DisputeRow.id.desc()))


def _with_customer() -> Select[DisputeRow, str]:
    return select(DisputeRow, CustomerRow.name).join(CustomerRow, CustomerRow.id == DisputeRow.customer_id)


def _loaded(session: Session, question: Select[DisputeRow, str]) -> Sequence[StoredDispute]:
    rows = session.execute(question).all()
    messages = _messages(session, [row.id for row, _ in rows])
    versions = _versions(session, [row.id for row, _ in rows if row.version_id is not None])
    return tuple(StoredDispute(row, customer, versions.get(row.id), tuple(messages[row.id])) for row, customer in rows)


def _versions(session: Session, dispute_ids: Collection[UUID]) -> Mapping[UUID, ObjectedVersion]:
    """The versions that these disputes are about, by the id of the dispute."""
    if not dispute_ids:
        return {}
    of_contract = (ContractRow.customer_id == DisputeRow.customer_id) & (ContractRow.id == DisputeRow.contract_id)
    rows = session.execute(
        select(DisputeRow.id, AgreementRow.name, AgreementRow.slug, AgreementVersionRow.number, ContractRow.key)
        .join(AgreementVersionRow, AgreementVersionRow.id == DisputeRow.version_id)
        .join(AgreementRow, AgreementRow.id == AgreementVersionRow.agreement_id)
        .join(ContractRow, of_contract)
        .where(DisputeRow.id.in_(dispute_ids))
    )
    return {row[0]: ObjectedVersion(*row[1:]) for row in rows}


def _messages(session: Session, dispute_ids: Collection[UUID]) -> Mapping[UUID, list[StoredMessage]]:
    rows = session.execute(
        select(DisputeMessageRow, UserRow.name)
        .join(UserRow, UserRow.id == DisputeMessageRow.author_id)
        .where(DisputeMessageRow.dispute_id.in_(dispute_ids))
        .order_by(DisputeMessageRow.dispute_id, DisputeMessageRow.number)
    )
    found: dict[UUID, list[StoredMessage]] = defaultdict(list)
    for row, name in rows:
        found[row.dispute_id].append(StoredMessage(row, name))
    return found
