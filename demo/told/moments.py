"""Moments: one thing that somebody did at some time in the past, as a function that does it."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.people.person import Person
from portal.usecases.excluding import outage_records
from portal.usecases.groundwork import scopes
from portal.usecases.people import users
from portal.usecases.status import incidents

ADDRESSES = {
    "greta": "greta@globex.example",
    "gus": "gus@globex.example",
    "ian": "ian@initech.example",
    "uta": "uta@umi.example",
    "rosa": "rosa@northwind.example",
    "max": "max@northwind.example",
    "fay": "fay@northwind.example",
    "ada": "ada@northwind.example",
}
PROVIDER_ZONE = "Europe/Berlin"


@dataclass(slots=True)
class Stage:
    """Where a moment happens: the session, the people by first name, the time, and ids that later moments need."""

    session: Session
    people: Mapping[str, Person]
    now: datetime
    kept: dict[str, UUID] = field(default_factory=dict)

    @property
    def now_s(self) -> int:
        """The UTC second of this moment."""
        return clock.seconds(self.now)

    def customer_of(self, name: str) -> UUID:
        """Return the customer a person belongs to."""
        (customer_id,) = self.people[name].memberships
        return customer_id

    def service_ids(self, keys: Iterable[str]) -> list[str]:
        """Return the ids of services, as forms send them."""
        names = dict(outage_records.services(self.session))
        ids = {one.name: str(one.id) for one in incidents.services(self.session)}
        return [ids[names[key]] for key in keys]


Deed = Callable[[Stage], object]


@dataclass(frozen=True, slots=True)
class Moment:
    """One thing done at a UTC second. `by` is the customer's person whose scope it happens in; "" for the provider.

    A moment `alone` runs transactions of its own.
    """

    at: int
    do: Deed
    by: str = ""
    alone: bool = False


def play(session: Session, moments: list[Moment], until: int, done: Callable[[], object] = lambda: None) -> int:
    """Do everything that was done before a UTC second, in the order of its time; return how many things that is.

    `done` is called after each.
    """
    with reading(session):
        people = {name: users.person(session, address) for name, address in ADDRESSES.items()}
    stage = Stage(session, people, clock.instant(until))
    past = sorted((one for one in moments if one.at < until), key=lambda one: one.at)
    for moment in past:
        stage.now = clock.instant(moment.at)
        scope = scopes.customer(stage.customer_of(moment.by)) if moment.by else scopes.provider()
        with scope, nullcontext() if moment.alone else transaction(session):
            moment.do(stage)
        done()
    return len(past)
