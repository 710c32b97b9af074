"""Requests for help as they were told: opened, answered, and the times they waited for the customer (decision D9)."""

from collections.abc import Collection, Iterable, Iterator, Set
from dataclasses import dataclass
from typing import cast
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, PrimaryKeyConstraint, Table, exists, insert, select
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.evidence.records import Ticket
from portal.domain.quantities.intervals import Interval
from portal.store.evidence.records import Origin, Told, origin_of, told_values
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Seconds

EVERY_CONTRACT = UUID(int=0)
"""Stands for no contract in particular: the ticket counts for each contract of the service."""


WITHDRAWN = 0
"""The opening, in UTC seconds, of a revision that says there is no such ticket."""


class TicketRow(Told, Base):
    """A ticket about a service, of one contract or of all; `contract_id` refers to no row: evidence knows no tenant."""

    __tablename__ = "ticket"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    contract_id: Mapped[UUID]
    ticket: Mapped[str]
    opened: Mapped[Seconds]
    responded: Mapped[Seconds | None]
    pauses: Mapped[list[list[int]]] = mapped_column(JSON)

    __table_args__ = (
        PrimaryKeyConstraint("service_id", "contract_id", "ticket", "revision"),
        Index(None, "service_id", "opened"),
        {"sqlite_with_rowid": False},
    )


only_grows(cast(Table, TicketRow.__table__))


@dataclass(frozen=True, slots=True)
class StoredTicket:
    """One revision of a ticket, whose it is, and where it comes from."""

    contract_id: UUID
    ticket: Ticket
    revision: int
    origin: Origin


def tickets_between(session: Session, service_id: UUID, start: int, end: int) -> Iterator[StoredTicket]:
    """Yield the tickets opened in [start, end), each as its latest revision says, in the order of their opening."""
    later = aliased(TicketRow)
    superseded = exists().where(
        later.service_id == TicketRow.service_id,
        later.contract_id == TicketRow.contract_id,
        later.ticket == TicketRow.ticket,
        later.revision > TicketRow.revision,
    )
    question = (
        select(TicketRow)
        .where(TicketRow.service_id == service_id, TicketRow.opened >= start, TicketRow.opened < end, ~superseded)
        .where(TicketRow.opened > WITHDRAWN)
    )
    yield from map(_stored, session.scalars(question.order_by(TicketRow.opened, TicketRow.ticket)))


def revisions_of_tickets(
    session: Session, service_id: UUID, contract_id: UUID, ids: Collection[str]
) -> tuple[StoredTicket, ...]:
    """Return every revision of these tickets, earlier ones first."""
    question = select(TicketRow).where(
        TicketRow.service_id == service_id, TicketRow.contract_id == contract_id, TicketRow.ticket.in_(ids)
    )
    return tuple(map(_stored, session.scalars(question.order_by(TicketRow.revision))))


def told_elsewhere(session: Session, service_id: UUID, contract_id: UUID, ids: Collection[str]) -> Set[str]:
    """Return those of the ids that stand for every contract where this is of one, or for one where it is of all."""
    is_of_all = contract_id == EVERY_CONTRACT
    whose = TicketRow.contract_id != EVERY_CONTRACT if is_of_all else TicketRow.contract_id == EVERY_CONTRACT
    question = select(TicketRow.contract_id, TicketRow.ticket, TicketRow.opened).where(
        TicketRow.service_id == service_id, whose, TicketRow.ticket.in_(ids)
    )
    latest = {
        (whose, ticket): opened for whose, ticket, opened in session.execute(question.order_by(TicketRow.revision))
    }
    return {ticket for (_, ticket), opened in latest.items() if opened > WITHDRAWN}


def save_tickets(
    session: Session, service_id: UUID, contract_id: UUID, revisions: Iterable[tuple[Ticket, int]], origin: Origin
) -> None:
    """Keep tickets, each with the number of its revision."""
    rows = [
        {
            "service_id": service_id,
            "contract_id": contract_id,
            "ticket": ticket.id,
            "opened": ticket.opened,
            "responded": ticket.responded,
            "pauses": [[pause.start, pause.end] for pause in ticket.pauses],
        }
        | told_values(origin, number)
        for ticket, number in revisions
    ]
    if rows:
        session.execute(insert(cast(Table, TicketRow.__table__)), rows)


def _stored(row: TicketRow) -> StoredTicket:
    pauses = tuple(Interval(start, end) for start, end in row.pauses)
    return StoredTicket(
        row.contract_id, Ticket(row.ticket, row.opened, row.responded, pauses), row.revision, origin_of(row)
    )
