"""Statements, what people ruled before one could be made, and revisions that were found to be due (decision D10, E4).

All of it is written once: a statement is corrected by its next revision, and the first stays as it was.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Select, Table, UniqueConstraint, bindparam, exists, func, select
from sqlalchemy.orm import Mapped, Session, aliased, defer, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Seconds, TenantOwned, same_customer
from portal.store.ground.tenancy import scoped_get
from portal.store.people.customers import ContractRow
from portal.store.people.people import UserRow

WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""Else a row could be replaced by its hidden number, past the trigger that looks at its keys."""


class StatementRow(TenantOwned, Base):
    """One revision of what was committed to for one contract and period: `sla-statement/1` and its envelope.

    `starts_at` and `ends_at` are the period's bounds, `credit_minor` what the body owes in minor units; `closed_by` is
    None where the timetable or the command line closed it. `near_misses` is how many commitments were kept with little
    to spare, None in statements from before that was counted.
    """

    __tablename__ = "statement"

    contract_id: Mapped[UUID] = mapped_column(index=True)
    period: Mapped[str]
    revision: Mapped[int]
    starts_at: Mapped[Seconds]
    ends_at: Mapped[Seconds] = mapped_column(index=True)
    body: Mapped[str]
    digest: Mapped[str]
    closed_at: Mapped[datetime]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    code_version: Mapped[str]
    tzdata: Mapped[str]
    reason: Mapped[str]
    is_generated: Mapped[bool]
    met: Mapped[bool | None]
    credit_minor: Mapped[Seconds]
    currency: Mapped[str]
    near_misses: Mapped[int | None]

    __table_args__ = (
        same_customer("contract_id", "contract"),
        UniqueConstraint("customer_id", "contract_id", "period", "revision"),
        WITHOUT_ROWID,
    )


class RulingRow(TenantOwned, Base):
    """What a named person decided about a period that knows too little of itself to close by itself (E2)."""

    __tablename__ = "closing_ruling"

    contract_id: Mapped[UUID]
    period: Mapped[str]
    number: Mapped[int]
    ruling: Mapped[str]
    reason: Mapped[str]
    ruled_by: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    ruled_at: Mapped[datetime]

    __table_args__ = (
        same_customer("contract_id", "contract"),
        UniqueConstraint("customer_id", "contract_id", "period", "number"),
        WITHOUT_ROWID,
    )


class FoundChangeRow(TenantOwned, Base):
    """That a statement, judged again, would have the body of this digest; the latest row of a statement counts."""

    __tablename__ = "found_change"

    statement_id: Mapped[UUID]
    number: Mapped[int]
    digest: Mapped[str]
    found_at: Mapped[datetime]

    __table_args__ = (
        same_customer("statement_id", "statement"),
        UniqueConstraint("customer_id", "statement_id", "number"),
        WITHOUT_ROWID,
    )


for _row in (StatementRow, RulingRow, FoundChangeRow):
    only_grows(cast(Table, _row.__table__))


@dataclass(frozen=True, slots=True)
class PeriodKey:
    """Which period of which contract."""

    contract_id: UUID
    period: str


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest revision of a period: its statement's id, its number, its digest and when it was closed."""

    id: UUID
    revision: int
    digest: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Ruling:
    """The ruling in force on a period, by whom and why."""

    ruling: str
    reason: str
    ruled_by: UUID


@dataclass(frozen=True, slots=True)
class FoundChange:
    """What was found last about a statement: the how-manieth finding, the digest it would have now, and when."""

    number: int
    digest: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class Closed:
    """A statement by its id, its contract's key, its period and the digest of its body."""

    id: UUID
    contract: str
    period: str
    digest: str


@dataclass(frozen=True, slots=True)
class NamedStatement:
    """A statement with the present names around it; `closed_by` is None for nobody or somebody who has left."""

    row: StatementRow
    contract: str
    closed_by: str | None


def latest_statements(session: Session, from_: int, until: int) -> Mapping[PeriodKey, Latest]:
    """Return the latest revision of every period of the scope that ends in (from_, until] UTC seconds."""
    rows = session.execute(
        select(
            StatementRow.contract_id,
            StatementRow.period,
            StatementRow.id,
            StatementRow.revision,
            StatementRow.digest,
            StatementRow.closed_at,
        )
        .where(StatementRow.ends_at > from_, StatementRow.ends_at <= until)
        .order_by(StatementRow.revision)
    )
    return {PeriodKey(row[0], row[1]): Latest(row[2], row[3], row[4], row[5]) for row in rows}


def closed_of(session: Session, contract_ids: Collection[UUID]) -> Collection[PeriodKey]:
    """Return the periods of these contracts that have a statement."""
    question = select(StatementRow.contract_id, StatementRow.period)
    rows = session.execute(question.where(StatementRow.contract_id.in_(contract_ids)))
    return {PeriodKey(row[0], row[1]) for row in rows}


def bodies_between(session: Session, contract_id: UUID, from_: int, until: int) -> Sequence[str]:
    """Return the latest bodies of a contract's periods that reach beyond from_ and start before until, in order."""
    rows = session.execute(
        select(StatementRow.period, StatementRow.body)
        .where(StatementRow.contract_id == contract_id, StatementRow.ends_at > from_, StatementRow.starts_at < until)
        .order_by(StatementRow.starts_at, StatementRow.revision)
    )
    return list(dict(rows.all()).values())


def statements(
    session: Session,
    contract_id: UUID | None = None,
    *,
    of: Collection[UUID] | None = None,
    since: str = "",
    with_bodies: bool = True,
) -> Sequence[NamedStatement]:
    """Return the statements of the scope, or of some of its contracts, the latest period first, then the revision.

    `of` are some hundred contracts at most; `since` is the key of the first period that is wanted; a body that was not
    asked for cannot be read.
    """
    question = _named().order_by(
        StatementRow.starts_at.desc(), ContractRow.key, StatementRow.revision.desc(), StatementRow.id
    )
    if contract_id is not None:
        question = question.where(StatementRow.contract_id == contract_id)
    if of is not None:
        question = question.where(StatementRow.contract_id.in_(of))
    if not with_bodies:
        question = question.options(defer(StatementRow.body, raiseload=True))
    return [NamedStatement(*row) for row in session.execute(question.where(StatementRow.period >= since))]


def statements_with_near_misses(session: Session, most: int) -> Sequence[NamedStatement]:
    """Return up to `most` latest revisions of the scope in which a commitment was kept with little to spare.

    The latest period comes first; what a later revision says otherwise counts no more.
    """
    later = aliased(StatementRow)
    same = (later.contract_id == StatementRow.contract_id) & (later.period == StatementRow.period)
    replaced = exists().where(
        same, later.customer_id == StatementRow.customer_id, later.revision > StatementRow.revision
    )
    question = _named().where(StatementRow.near_misses > 0, ~replaced)
    ordered = question.order_by(StatementRow.starts_at.desc(), ContractRow.key, StatementRow.id)
    return [NamedStatement(*row) for row in session.execute(ordered.limit(most))]


_latest_periods = select(StatementRow.period).distinct().order_by(StatementRow.period.desc()).limit(bindparam("most"))
_OF_LATEST_PERIODS = (
    select(StatementRow.id, ContractRow.key, StatementRow.period, StatementRow.digest)
    .join(ContractRow, ContractRow.id == StatementRow.contract_id)
    .where(StatementRow.period.in_(_latest_periods))
    .order_by(StatementRow.revision)
)
"""Made once: making a question costs more than asking it."""


def latest_of_periods(session: Session, most: int) -> tuple[Closed, ...]:
    """Return the latest revision of each contract's statement in up to `most` latest periods of the scope."""
    rows = session.execute(_OF_LATEST_PERIODS, {"most": most})
    found = {(one.contract, one.period): one for one in (Closed(*row) for row in rows)}
    return tuple(found.values())


def bodies(session: Session, ids: Collection[UUID]) -> Mapping[UUID, str]:
    """Return the bodies of these statements of the scope, by id."""
    rows = session.execute(select(StatementRow.id, StatementRow.body).where(StatementRow.id.in_(ids)))
    return dict(rows.all())


def statements_by_id(session: Session, ids: Collection[UUID]) -> Sequence[NamedStatement]:
    """Return every revision of the periods of these statements of the scope, without their bodies."""
    asked = aliased(StatementRow)
    same = (asked.contract_id == StatementRow.contract_id) & (asked.period == StatementRow.period)
    of_these = exists().where(same, asked.customer_id == StatementRow.customer_id, asked.id.in_(ids))
    question = _named().options(defer(StatementRow.body, raiseload=True)).where(of_these)
    return [NamedStatement(*row) for row in session.execute(question)]


def _named() -> Select[StatementRow, str, str | None]:
    return (
        select(StatementRow, ContractRow.key, UserRow.name)
        .join(ContractRow, ContractRow.id == StatementRow.contract_id)
        .join(UserRow, UserRow.id == StatementRow.closed_by, isouter=True)
    )


def statement_by_id(session: Session, statement_id: UUID) -> StatementRow | None:
    """Return one statement of the scope, if there is one."""
    return session.scalars(select(StatementRow).where(StatementRow.id == statement_id)).one_or_none()


def own_statement(session: Session, statement_id: UUID) -> StatementRow:
    """Return the customer's own statement; raise NotFound for a stranger's as for none at all."""
    return scoped_get(session, StatementRow, statement_id)


def revisions_of(session: Session, key: PeriodKey) -> Sequence[NamedStatement]:
    """Return every revision of a period, the first one first, without their bodies."""
    of_period = (StatementRow.contract_id == key.contract_id, StatementRow.period == key.period)
    question = _named().where(*of_period).options(defer(StatementRow.body, raiseload=True))
    return [NamedStatement(*row) for row in session.execute(question.order_by(StatementRow.revision))]


def rulings(session: Session) -> Mapping[PeriodKey, Ruling]:
    """Return the ruling in force on each period of the scope that has one."""
    rows = session.scalars(select(RulingRow).order_by(RulingRow.number))
    return {PeriodKey(row.contract_id, row.period): Ruling(row.ruling, row.reason, row.ruled_by) for row in rows}


def rulings_made(session: Session, key: PeriodKey) -> int:
    """Return how many rulings a period has had."""
    question = select(func.count()).select_from(RulingRow)
    return session.scalar(question.where(RulingRow.contract_id == key.contract_id, RulingRow.period == key.period)) or 0


def found_changes(session: Session) -> Mapping[UUID, FoundChange]:
    """Return what was found last about each statement of the scope that anything was found about."""
    rows = session.scalars(select(FoundChangeRow).order_by(FoundChangeRow.number))
    return {row.statement_id: FoundChange(row.number, row.digest, row.found_at) for row in rows}
