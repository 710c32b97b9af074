"""Private addresses: a calendar of deadlines and a feed of what happens, each read with a secret of its own (K1).

An address opens one thing of one customer, to whoever holds it, and shows what its maker may see at that moment: it
ends with their membership, and whenever they revoke it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.people import people
from portal.store.people import subscriptions as store
from portal.store.people.subscriptions import SubscriptionRow
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line
from portal.usecases.people.sessions import new_token, token_hash

NAME_LENGTH_MAX = 80
MOST = 20
NOT_THERE = phrase("There is no such address, or it was revoked.")


class Kind(StrEnum):
    """What an address opens."""

    CALENDAR = "calendar"
    FEED = "feed"


@dataclass(frozen=True, slots=True)
class Subscription:
    """One address in a list; its secret was shown once, when it was made."""

    id: UUID
    kind: Kind
    name: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Made:
    """A new address: its kind, and its secret, which is kept nowhere."""

    kind: Kind
    token: str


def listed(session: Session, person: Person) -> Sequence[Subscription]:
    """Return the addresses of the scope that this person made and did not revoke."""
    return [
        Subscription(row.id, Kind(row.kind), row.name, row.made_at)
        for row in store.subscriptions_of(session, person.id)
    ]


def make(session: Session, customer_id: UUID, person: Person, kind: str, name: str, now: datetime) -> Made:
    """Make an address; raise Invalid naming what cannot be taken, Conflict with 20 of them."""
    if kind not in {one.value for one in Kind}:
        raise Invalid("kind", phrase("Choose what the address opens."))
    name = clean_line("name", name, NAME_LENGTH_MAX)
    if len(store.subscriptions_of(session, person.id)) >= MOST:
        raise Conflict(phrase("You have {most} private addresses here. Revoke one that nobody reads.", most=MOST))
    token = new_token()
    row = SubscriptionRow(
        customer_id=customer_id,
        id=new_id(),
        kind=kind,
        name=name,
        token_hash=token_hash(token),
        made_by=person.id,
        made_at=now,
    )
    session.add(row)
    session.flush()
    audit.note(session, person.id, Deed.MADE_ADDRESS, Thing("subscription", row.id, customer_id), now)
    return Made(Kind(kind), token)


def revoke(session: Session, person: Person, subscription_id: UUID, now: datetime) -> None:
    """Revoke an address one made: it opens nothing any more. Raises NotFound."""
    row = store.subscription_by_id(session, subscription_id)
    if row is None or row.made_by != person.id:
        raise NotFound(NOT_THERE)
    row.revoked_at = now
    session.flush()
    audit.note(session, person.id, Deed.REVOKED_ADDRESS, Thing("subscription", row.id, row.customer_id), now)


def reader_behind(session: Session, customer_id: UUID, token: str, kind: Kind) -> Person:
    """Return the person through whose eyes an address of the scope's customer is read; raise NotFound."""
    found = store.subscription_behind(session, token_hash(token), kind.value)
    reader = None if found is None else people.person_of(session, found[1])
    if reader is None or customer_id not in reader.memberships:
        raise NotFound(phrase("There is no such page."))
    return reader
