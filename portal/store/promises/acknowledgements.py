"""Acknowledgements: a customer's word that it has seen a coming version of its agreement, or its objection."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Table, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, TenantOwned, same_customer
from portal.store.people.customers import ContractRow, CustomerRow
from portal.store.people.people import UserRow
from portal.store.promises.agreements import AgreementVersionRow


class AcknowledgementRow(TenantOwned, Base):
    """One answer of a customer about a version for one contract: `acknowledged` or `objected`; the latest stands."""

    __tablename__ = "acknowledgement"

    contract_id: Mapped[UUID]
    version_id: Mapped[UUID] = mapped_column(ForeignKey("agreement_version.id"), index=True)
    kind: Mapped[str] = mapped_column(CheckConstraint("kind IN ('acknowledged', 'objected')", name="kind"))
    words: Mapped[str]
    given_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    given_at: Mapped[datetime]

    __table_args__ = (same_customer("contract_id", "contract"),)


only_grows(cast(Table, AcknowledgementRow.__table__))


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """One answer with the names of its customer, contract and giver, and the number of the version it is about."""

    customer: str
    contract_id: UUID
    contract: str
    number: int
    kind: str
    words: str
    given_by: str
    given_at: datetime


def answers(session: Session, agreement: UUID) -> tuple[StoredAnswer, ...]:
    """Return every answer in the scope about the versions of an agreement, the first one first."""
    question = (
        select(AcknowledgementRow, CustomerRow.name, ContractRow.key, AgreementVersionRow.number, UserRow.name)
        .join(CustomerRow, CustomerRow.id == AcknowledgementRow.customer_id)
        .join(ContractRow, ContractRow.id == AcknowledgementRow.contract_id)
        .join(AgreementVersionRow, AgreementVersionRow.id == AcknowledgementRow.version_id)
        .join(UserRow, UserRow.id == AcknowledgementRow.given_by)
        .where(AgreementVersionRow.agreement_id == agreement)
        .order_by(AcknowledgementRow.given_at, AcknowledgementRow.id)
    )
    return tuple(
        StoredAnswer(customer, row.contract_id, key, number, row.kind, row.words, giver or "", row.given_at)
        for row, customer, key, number, giver in session.execute(question)
    )


def version_id(session: Session, agreement: UUID, number: int) -> UUID | None:
    """Return the id of a version of an agreement, if it was published."""
    return session.scalar(
        select(AgreementVersionRow.id).where(
            AgreementVersionRow.agreement_id == agreement, AgreementVersionRow.number == number
        )
    )
