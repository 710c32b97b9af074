"""Customers as the people of their organisation see them."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole
from portal.store.people import customers as store


@dataclass(frozen=True, slots=True)
class Membership:
    """A customer a person belongs to, and as what."""

    customer_id: UUID
    name: str
    role: CustomerRole


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer: its name and the IANA time zone its people read times in."""

    id: UUID
    name: str
    timezone: str


def memberships(session: Session, person: Person) -> Sequence[Membership]:
    """Return the customers this person belongs to, by name."""
    rows = store.customers_by_id(session, person.memberships)
    return tuple(Membership(row.id, row.name, person.memberships[row.id]) for row in rows)


def customer(session: Session, customer_id: UUID) -> Customer:
    """Return one customer; raise NotFound when there is none."""
    row = store.customer_by_id(session, customer_id)
    if row is None:
        raise NotFound(phrase("There is no such page."))
    return Customer(row.id, row.name, row.timezone)
