"""Requests counted by slot and class, as they were told (decisions D8 and D9)."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import cast
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, PrimaryKeyConstraint, Table, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.records import SlotCount
from portal.store.evidence.records import Origin, Told, origin_of, told_values
from portal.store.evidence.runs import PROVENANCES
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Seconds

AT_ONCE = 5_000


class CountRow(Told, Base):
    """How many requests of a class a slot had and how many were good; the class is empty where there is only one."""

    __tablename__ = "request_count"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    slot: Mapped[Seconds]
    request_class: Mapped[str]
    total: Mapped[int] = mapped_column(BigInteger)
    good: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        PrimaryKeyConstraint("service_id", "slot", "request_class", "revision"),
        {"sqlite_with_rowid": False},
    )


only_grows(cast(Table, CountRow.__table__))


@dataclass(frozen=True, slots=True)
class StoredCount:
    """One revision of a slot's count, and where it comes from."""

    count: SlotCount
    revision: int
    origin: Origin


def counts_between(session: Session, service_id: UUID, start: int, end: int) -> Iterator[tuple[SlotCount, str]]:
    """Yield the counts in force of slots that begin in [start, end), in order, each with where it comes from."""
    columns = (CountRow.slot, CountRow.request_class, CountRow.total, CountRow.good, CountRow.provenance)
    question = select(*columns).where(CountRow.service_id == service_id, CountRow.slot >= start, CountRow.slot < end)
    rows = session.execute(
        question.order_by(CountRow.slot, CountRow.request_class, CountRow.revision).execution_options(yield_per=AT_ONCE)
    )
    for (slot, name), revisions in groupby(rows, key=itemgetter(0, 1)):
        *_, (_, _, total, good, provenance) = revisions
        yield SlotCount(slot, total, total - good, name), PROVENANCES[provenance]


def told_counts(session: Session, service_id: UUID, start: int, end: int) -> Iterator[StoredCount]:
    """Yield the counts in force of slots that begin in [start, end), in order, with all that is kept of them."""
    question = select(CountRow).where(CountRow.service_id == service_id, CountRow.slot >= start, CountRow.slot < end)
    order = (CountRow.slot, CountRow.request_class, CountRow.revision)
    rows = session.execute(question.order_by(*order).execution_options(yield_per=AT_ONCE)).scalars()
    for _, revisions in groupby(rows, key=attrgetter("slot", "request_class")):
        *_, latest = revisions
        yield _stored(latest)


def revisions_of_slots(session: Session, service_id: UUID, slots: Collection[int]) -> tuple[StoredCount, ...]:
    """Return every revision of the counts of these slots, earlier ones first."""
    question = select(CountRow).where(CountRow.service_id == service_id, CountRow.slot.in_(slots))
    return tuple(map(_stored, session.scalars(question.order_by(CountRow.revision))))


def save_counts(session: Session, service_id: UUID, revisions: Iterable[tuple[SlotCount, int]], origin: Origin) -> None:
    """Keep counts, each with the number of its revision."""
    rows = [
        {
            "service_id": service_id,
            "slot": count.start,
            "request_class": count.request_class,
            "total": count.total,
            "good": count.total - count.errors,
        }
        | told_values(origin, number)
        for count, number in revisions
    ]
    if rows:
        session.execute(insert(cast(Table, CountRow.__table__)), rows)


def _stored(row: CountRow) -> StoredCount:
    count = SlotCount(row.slot, row.total, row.total - row.good, row.request_class)
    return StoredCount(count, row.revision, origin_of(row))
