"""Legal holds: whose evidence is kept beyond its time, because somebody may have to prove something with it."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from sqlalchemy import Table, select
from sqlalchemy.orm import Mapped, Session

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, TenantOwned
from portal.store.people.customers import ContractServiceRow, CustomerRow


class LegalHoldRow(TenantOwned, Base):
    """A hold begun (`holds`) or lifted; a customer's latest row says whether its services' evidence must be kept."""

    __tablename__ = "legal_hold"

    at: Mapped[datetime]
    holds: Mapped[bool]
    reason: Mapped[str]


only_grows(cast(Table, LegalHoldRow.__table__))


@dataclass(frozen=True, slots=True)
class LegalHold:
    """A hold in force: since when and why."""

    at: datetime
    reason: str


def add_event(session: Session, customer_id: UUID, at: datetime, reason: str, *, holds: bool) -> None:
    """Write down that a hold begins or is lifted."""
    session.add(LegalHoldRow(customer_id=customer_id, at=at, holds=holds, reason=reason))
    session.flush()


def holds_in_force(session: Session) -> Mapping[UUID, LegalHold]:
    """Return the hold in force of each customer that has one."""
    rows = session.scalars(select(LegalHoldRow).order_by(LegalHoldRow.at, LegalHoldRow.id))
    latest = {row.customer_id: row for row in rows}
    return {customer: LegalHold(row.at, row.reason) for customer, row in latest.items() if row.holds}


def held_services(session: Session) -> Set[UUID]:
    """Return the services in any contract of a customer with a hold in force."""
    held = list(holds_in_force(session))
    return set(session.scalars(select(ContractServiceRow.service_id).where(ContractServiceRow.customer_id.in_(held))))


def customer_of_key(session: Session, key: str) -> UUID | None:
    """Return the customer of this key in the configuration, if there is one."""
    return session.scalar(select(CustomerRow.id).where(CustomerRow.key == key))
