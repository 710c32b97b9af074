"""The people of a simulated year, and the names and ids their deeds need."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from demo.generated.year.provider import DOMAIN, STAFF
from demo.generated.year.size import Size
from portal.domain.people.person import Person
from portal.usecases.excluding import exclusion_decisions, outage_records
from portal.usecases.people import users


@dataclass(frozen=True, slots=True)
class Cast:
    """Staff by first name, owners by the customer's id, services by key."""

    staff: Mapping[str, Person]
    owners: Mapping[UUID, Person]
    services: Mapping[str, UUID]


def cast_of(session: Session, size: Size) -> Cast:
    """Return who there is, within the transaction under way."""
    staff = {name: users.person(session, f"{name}@{DOMAIN}") for name in STAFF}
    owners = [users.person(session, f"owner-{number:04}@{DOMAIN}") for number in range(size.customers)]
    ids = {name: service_id for service_id, name in exclusion_decisions.choices(session).services}
    services = {key: ids[name] for key, name in outage_records.services(session)}
    return Cast(staff, {customer: one for one in owners for customer in one.memberships}, services)
