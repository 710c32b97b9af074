"""Track records of agreements by closed period: derived from statements, and made anew whenever those have changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import PrimaryKeyConstraint, Table, delete, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base
from portal.store.people.customers import ContractRow
from portal.store.promises.agreements import AgreementRow
from portal.store.settling.ledger import CreditRow, TransferRow
from portal.store.settling.statements import StatementRow

READ_AT_ONCE = 500
ISSUED = "issue"


class TrackRecordRow(Base):
    """The record of one agreement (or of several small ones together) in one period.

    `edition` counts the statements and transfers it was made of.
    """

    __tablename__ = "track_record"

    agreement: Mapped[str]
    period: Mapped[str] = mapped_column(index=True)
    edition: Mapped[str]
    document: Mapped[str]

    __table_args__ = (PrimaryKeyConstraint("agreement", "period"),)


RECORDS = cast(Table, TrackRecordRow.__table__)


@dataclass(frozen=True, slots=True)
class ClosedBody:
    """The latest statement of one contract for a period: whose it is, under which agreement, and its body."""

    contract_id: UUID
    customer_id: UUID
    slug: str
    body: str


@dataclass(frozen=True, slots=True)
class Issued:
    """What was issued to a contract for a period, in minor units with so many digits after the point."""

    amount_minor: int
    minor_digits: int


def editions_of_statements(session: Session) -> Mapping[str, str]:
    """Return what there is of each closed period: how many statements and how many transfers of its credits."""
    closed = select(StatementRow.period, func.count()).group_by(StatementRow.period)
    same = (CreditRow.customer_id == TransferRow.customer_id) & (CreditRow.id == TransferRow.credit_id)
    moved = select(CreditRow.period, func.count()).join(TransferRow, same).group_by(CreditRow.period)
    transfers = dict(session.execute(moved).all())
    return {period: f"{count}.{transfers.get(period, 0)}" for period, count in session.execute(closed)}


def editions_of_records(session: Session) -> Mapping[str, str]:
    """Return of what each period's records were made."""
    return dict(session.execute(select(RECORDS.c.period, RECORDS.c.edition)).all())


def latest_bodies(session: Session, period: str) -> Iterator[ClosedBody]:
    """Yield the latest statement of each contract for a period, reading some at a time."""
    newest = (
        select(StatementRow.customer_id, StatementRow.contract_id, func.max(StatementRow.revision).label("revision"))
        .where(StatementRow.period == period)
        .group_by(StatementRow.customer_id, StatementRow.contract_id)
        .subquery()
    )
    is_newest = (
        (newest.c.customer_id == StatementRow.customer_id)
        & (newest.c.contract_id == StatementRow.contract_id)
        & (newest.c.revision == StatementRow.revision)
    )
    of_contract = (ContractRow.customer_id == StatementRow.customer_id) & (ContractRow.id == StatementRow.contract_id)
    question = (
        select(StatementRow.contract_id, StatementRow.customer_id, AgreementRow.slug, StatementRow.body)
        .join(newest, is_newest)
        .join(ContractRow, of_contract)
        .join(AgreementRow, AgreementRow.id == ContractRow.agreement_id)
        .where(StatementRow.period == period)
        .execution_options(yield_per=READ_AT_ONCE)
    )
    for row in session.execute(question):
        yield ClosedBody(*row)


def issued(session: Session, period: str) -> Mapping[UUID, Issued]:
    """Return what was issued to each contract for a period."""
    same = (TransferRow.customer_id == CreditRow.customer_id) & (TransferRow.credit_id == CreditRow.id)
    question = (
        select(CreditRow.contract_id, func.sum(CreditRow.amount_minor), func.max(CreditRow.minor_digits))
        .join(TransferRow, same)
        .where(CreditRow.period == period, TransferRow.deed == ISSUED)
        .group_by(CreditRow.contract_id)
    )
    return {row[0]: Issued(int(row[1]), row[2]) for row in session.execute(question)}


def save_records(session: Session, period: str, edition: str, documents: Mapping[str, str]) -> None:
    """Store the records of a period, by agreement, in the place of what was there."""
    session.execute(delete(RECORDS).where(RECORDS.c.period == period))
    rows = [
        {"agreement": slug, "period": period, "edition": edition, "document": document}
        for slug, document in documents.items()
    ]
    session.execute(insert(RECORDS), rows)


def latest_records(session: Session, agreement: str, most: int) -> Sequence[tuple[str, str]]:
    """Return up to `most` latest records of an agreement as (period, document), the latest first."""
    question = select(RECORDS.c.period, RECORDS.c.document).where(RECORDS.c.agreement == agreement)
    return [
        (period, document)
        for period, document in session.execute(question.order_by(RECORDS.c.period.desc()).limit(most))
    ]
