"""The register of exclusions: what is asked not to count, for whom, and every decision about it (D16, D18, R13).

An entry and its decisions are written once and never change; how an entry stands is what its latest decision says.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, ForeignKey, Select, Table, or_, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified, Seconds, TenantOwned, same_customer
from portal.store.ground.tenancy import current_scope
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.people.customers import ContractRow, CustomerRow
from portal.store.people.people import UserRow

SERVICE, USER = "service.id", "user_account.id"
EXCLUSION = "exclusion.id"
WITHOUT_ROWID = {"sqlite_with_rowid": False}
"""Else SQLite could replace a row by its hidden number, past the trigger that guards its id."""


class ExclusionRow(Identified, Base):
    """One entry: [start, end) in UTC seconds, when it was announced and when it was written down here.

    `for_all` says that it is for every customer; else its rows of `exclusion_customer` name them. Without rows of
    `exclusion_location` it is for every location. `is_public` lets everybody read it, not only who it is for.
    """

    __tablename__ = "exclusion"
    __table_args__ = WITHOUT_ROWID

    type: Mapped[str]
    start: Mapped[Seconds]
    end: Mapped[Seconds]
    announced_at: Mapped[Seconds | None]
    reason: Mapped[str]
    evidence_link: Mapped[str]
    is_public: Mapped[bool]
    for_all: Mapped[bool]
    requested_by: Mapped[UUID] = mapped_column(ForeignKey(USER))
    entered_at: Mapped[datetime]
    maintenance_id: Mapped[UUID | None] = mapped_column(ForeignKey("maintenance.id"), index=True)


class ExclusionServiceRow(Identified, Base):
    """A service an entry is for."""

    __tablename__ = "exclusion_service"
    __table_args__ = WITHOUT_ROWID

    exclusion_id: Mapped[UUID] = mapped_column(ForeignKey(EXCLUSION), index=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey(SERVICE))


class ExclusionLocationRow(Identified, Base):
    """A location an entry is limited to."""

    __tablename__ = "exclusion_location"
    __table_args__ = WITHOUT_ROWID

    exclusion_id: Mapped[UUID] = mapped_column(ForeignKey(EXCLUSION), index=True)
    location_id: Mapped[UUID] = mapped_column(ForeignKey("location.id"))


class ExclusionCustomerRow(TenantOwned, Base):
    """A customer an entry is for, where it is not for all."""

    __tablename__ = "exclusion_customer"
    __table_args__ = WITHOUT_ROWID

    exclusion_id: Mapped[UUID] = mapped_column(ForeignKey(EXCLUSION), index=True)


class ExclusionEventRow(Identified, Base):
    """One decision about an entry, numbered from 1: requested, approved, rejected or withdrawn, by whom and why.

    `by_one_person` says that one and the same person asked and approved, which a single operator may (D16). The id is
    made of entry and number, so that the key itself lets nobody decide on what somebody else decided meanwhile.
    """

    __tablename__ = "exclusion_event"
    __table_args__ = WITHOUT_ROWID

    exclusion_id: Mapped[UUID] = mapped_column(ForeignKey(EXCLUSION), index=True)
    number: Mapped[int]
    at: Mapped[datetime]
    kind: Mapped[str]
    user_id: Mapped[UUID] = mapped_column(ForeignKey(USER))
    words: Mapped[str]
    by_one_person: Mapped[bool]


class ExclusionEffectRow(TenantOwned, Base):
    """What an entry did to one figure of a customer when it was approved: before, after, and what became of it."""

    __tablename__ = "exclusion_effect"

    exclusion_id: Mapped[UUID] = mapped_column(ForeignKey(EXCLUSION), index=True)
    contract_id: Mapped[UUID]
    service_id: Mapped[UUID] = mapped_column(ForeignKey(SERVICE))
    commitment: Mapped[str]
    period: Mapped[str]
    attained_before: Mapped[str | None]
    attained_after: Mapped[str | None]
    verdict_before: Mapped[str]
    verdict_after: Mapped[str]
    credit_before: Mapped[str | None]
    credit_after: Mapped[str | None]
    currency: Mapped[str]
    left_out_s: Mapped[int]
    outcome: Mapped[str | None]

    __table_args__ = (same_customer("contract_id", "contract"), WITHOUT_ROWID)


for _rows in (
    ExclusionRow,
    ExclusionServiceRow,
    ExclusionLocationRow,
    ExclusionCustomerRow,
    ExclusionEventRow,
    ExclusionEffectRow,
):
    only_grows(cast(Table, _rows.__table__))


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about an entry; `by` is None once that person has been erased."""

    number: int
    at: datetime
    kind: str
    user_id: UUID
    by: str | None
    words: str
    by_one_person: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Something an entry is for: its id and its name."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class StoredExclusion:
    """One entry with what it is for and every decision about it, the latest last; `customers` None: for all."""

    row: ExclusionRow
    services: tuple[Named, ...]
    customers: tuple[Named, ...] | None
    locations: tuple[Named, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Schedule:
    """Which locations (by id) measure a service from a UTC second on; none when the probe has ended."""

    probe_id: UUID
    service_id: UUID
    effective_from: int
    locations: frozenset[UUID]


def exclusions_touching(session: Session, start: int, end: int) -> Sequence[StoredExclusion]:
    """Return the entries that have a second in [start, end) and that the scope in force may read, by start and id."""
    question = select(ExclusionRow).where(ExclusionRow.start < end, ExclusionRow.end > start)
    return _loaded(session, question.order_by(ExclusionRow.start, ExclusionRow.id))


def exclusions_before(session: Session, before: UUID | None, most: int) -> Sequence[StoredExclusion]:
    """Return up to `most` entries the scope in force may read, latest first, those older than the one of this id."""
    question = select(ExclusionRow)
    if before is not None:
        question = question.where(ExclusionRow.id < before)
    return _loaded(session, question.order_by(ExclusionRow.id.desc()).limit(most))


def public_exclusions_before(session: Session, before: UUID | None, most: int) -> Sequence[StoredExclusion]:
    """Return up to `most` entries everybody may read, latest first, those older than the one of this id.

    They are for all customers, so nobody's rows are touched.
    """
    question = select(ExclusionRow).where(ExclusionRow.is_public.is_(True), ExclusionRow.for_all.is_(True))
    if before is not None:
        question = question.where(ExclusionRow.id < before)
    return _stored(session, session.scalars(question.order_by(ExclusionRow.id.desc()).limit(most)).all(), {})


def exclusions_for_all(session: Session, start: int, end: int) -> Sequence[StoredExclusion]:
    """Return the entries for all customers that have a second in [start, end), by start and id.

    They are for all customers, so nobody's rows are touched.
    """
    question = select(ExclusionRow).where(
        ExclusionRow.start < end, ExclusionRow.end > start, ExclusionRow.for_all.is_(True)
    )
    return _stored(session, session.scalars(question.order_by(ExclusionRow.start, ExclusionRow.id)).all(), {})


def exclusion_by_id(session: Session, exclusion_id: UUID) -> StoredExclusion | None:
    """Return one entry the scope in force may read."""
    return next(iter(_loaded(session, select(ExclusionRow).where(ExclusionRow.id == exclusion_id))), None)


def exclusions_of_maintenance(session: Session, maintenance_id: UUID) -> Sequence[StoredExclusion]:
    """Return the entries one maintenance has asked for, in the order they were asked for."""
    question = select(ExclusionRow).where(ExclusionRow.maintenance_id == maintenance_id)
    return _loaded(session, question.order_by(ExclusionRow.id))


def effects_of(session: Session, exclusion_ids: Collection[UUID]) -> Mapping[UUID, Sequence[ExclusionEffectRow]]:
    """Return the scope's effects by entry, in the order they were written."""
    rows = session.scalars(
        select(ExclusionEffectRow)
        .where(ExclusionEffectRow.exclusion_id.in_(exclusion_ids))
        .order_by(ExclusionEffectRow.id)
    )
    found: dict[UUID, list[ExclusionEffectRow]] = defaultdict(list)
    for row in rows:
        found[row.exclusion_id].append(row)
    return found


def names_of_effects(session: Session, effects: Mapping[UUID, Sequence[ExclusionEffectRow]]) -> Mapping[UUID, str]:
    """Return the names of the customers, the keys of the contracts and the names of the services in these effects."""
    rows = [one for some in effects.values() for one in some]
    asked = (
        select(CustomerRow.id, CustomerRow.name).where(CustomerRow.id.in_({one.customer_id for one in rows})),
        select(ContractRow.id, ContractRow.key).where(ContractRow.id.in_({one.contract_id for one in rows})),
        select(ServiceRow.id, ServiceRow.name).where(ServiceRow.id.in_({one.service_id for one in rows})),
    )
    return {key: name for question in asked for key, name in session.execute(question)}


def schedules(session: Session) -> Sequence[Schedule]:
    """Return every dated schedule there has been, by probe and date."""
    numbers: dict[int, UUID] = dict(session.execute(select(LocationRow.number, LocationRow.id)).all())
    rows = session.execute(
        select(ScheduleRow, ProbeRow.service_id)
        .join(ProbeRow, ProbeRow.id == ScheduleRow.probe_id)
        .order_by(ScheduleRow.probe_id, ScheduleRow.effective_from)
    )
    return tuple(
        Schedule(row.probe_id, service_id, row.effective_from, _measuring(row, numbers)) for row, service_id in rows
    )


def event_id(exclusion_id: UUID, number: int) -> UUID:
    """Return the id of an entry's decision of this number."""
    return uuid5(exclusion_id, str(number))


def locations(session: Session) -> Sequence[Named]:
    """Return every location, by name."""
    rows = session.execute(select(LocationRow.id, LocationRow.name).order_by(LocationRow.name))
    return tuple(Named(row.id, row.name) for row in rows)


def _measuring(row: ScheduleRow, numbers: Mapping[int, UUID]) -> frozenset[UUID]:
    return frozenset(numbers[one] for one in row.locations if one in numbers) if row.interval_s else frozenset()


def _loaded(session: Session, question: Select[ExclusionRow]) -> Sequence[StoredExclusion]:
    """The entries of a question that the scope in force may read, with all that belongs to them."""
    if current_scope().customer_id is not None:
        question = question.where(_for_the_scope(session))
    rows = session.scalars(question).all()
    return _stored(session, rows, _customers(session, [row.id for row in rows]))


def _stored(
    session: Session, rows: Sequence[ExclusionRow], customers: Mapping[UUID, Sequence[Named]]
) -> Sequence[StoredExclusion]:
    ids = [row.id for row in rows]
    services, places, decisions = _services(session, ids), _places(session, ids), _decisions(session, ids)
    return tuple(
        StoredExclusion(
            row=row,
            services=tuple(services[row.id]),
            customers=None if row.for_all else tuple(customers.get(row.id, ())),
            locations=tuple(places[row.id]),
            decisions=tuple(decisions[row.id]),
        )
        for row in rows
    )


def _for_the_scope(session: Session) -> ColumnElement[bool]:
    """What a customer may read of the register: what is for all, and what names that customer."""
    own = session.scalars(select(ExclusionCustomerRow.exclusion_id)).all()
    return or_(ExclusionRow.for_all.is_(True), ExclusionRow.id.in_(own))


def _services(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[Named]]:
    return _grouped(
        session.execute(
            select(ExclusionServiceRow.exclusion_id, ServiceRow.id, ServiceRow.name)
            .join(ServiceRow, ServiceRow.id == ExclusionServiceRow.service_id)
            .where(ExclusionServiceRow.exclusion_id.in_(ids))
            .order_by(ServiceRow.position, ServiceRow.name)
        )
    )


def _customers(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[Named]]:
    return _grouped(
        session.execute(
            select(ExclusionCustomerRow.exclusion_id, CustomerRow.id, CustomerRow.name)
            .join(CustomerRow, CustomerRow.id == ExclusionCustomerRow.customer_id)
            .where(ExclusionCustomerRow.exclusion_id.in_(ids))
            .order_by(CustomerRow.name)
        )
    )


def _places(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[Named]]:
    return _grouped(
        session.execute(
            select(ExclusionLocationRow.exclusion_id, LocationRow.id, LocationRow.name)
            .join(LocationRow, LocationRow.id == ExclusionLocationRow.location_id)
            .where(ExclusionLocationRow.exclusion_id.in_(ids))
            .order_by(LocationRow.name)
        )
    )


def _grouped(rows: Iterable[tuple[UUID, UUID, str]]) -> Mapping[UUID, list[Named]]:
    found: dict[UUID, list[Named]] = defaultdict(list)
    for owner, key, name in rows:
        found[owner].append(Named(key, name))
    return found


def _decisions(session: Session, ids: Collection[UUID]) -> Mapping[UUID, list[Decision]]:
    rows = session.execute(
        select(ExclusionEventRow, UserRow.name)
        .join(UserRow, UserRow.id == ExclusionEventRow.user_id)
        .where(ExclusionEventRow.exclusion_id.in_(ids))
        .order_by(ExclusionEventRow.exclusion_id, ExclusionEventRow.number)
    )
    found: dict[UUID, list[Decision]] = defaultdict(list)
    for row, name in rows:
        decision = Decision(row.number, row.at, row.kind, row.user_id, name, row.words, row.by_one_person)
        found[row.exclusion_id].append(decision)
    return found
