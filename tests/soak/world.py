"""A portal with customers, staff and probes, and one browser each of a customer and of staff."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.database import transaction
from portal.store.ground.tenancy import provider_scope
from portal.store.people.people import UserSessionRow
from portal.store.people.providers import ProviderRow
from portal.usecases.people.sessions import token_hash
from tests.customers import House
from tests.measuring import add_probes, add_service
from tests.worker.targets import CountingServer

INTERVAL_S = 1
PROBES = 20
FIRST_PROBE = 11


@dataclass(frozen=True, slots=True)
class World:
    """Where it stands, and the cookies of a customer's owner and of a responder."""

    url: str
    customer: UUID
    service: UUID
    owner: str
    responder: str


def add_world(session: Session, url: str, build: Callable[[Session], House], target: CountingServer) -> World:
    """Write customers, people with open sessions, and 20 probes a second; return what the load needs to know."""
    with provider_scope(), transaction(session):
        session.add(ProviderRow(name="Northwind Cloud", timezone="Europe/Berlin", contact="help@northwind.example"))
        house = build(session)
        owner, responder = (_sign_in(session, one.id) for one in (house.globex_owner, house.responder))
    with provider_scope():
        targets = [target.target(number) for number in range(FIRST_PROBE, FIRST_PROBE + PROBES)]
        add_probes(session, add_service(session, "measured"), targets, interval_s=INTERVAL_S, first=FIRST_PROBE)
    return World(url, house.globex, house.api, owner, responder)


def _sign_in(session: Session, user_id: UUID) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        UserSessionRow(
            token_hash=token_hash(token),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            ends_at=now + timedelta(hours=6),
            address="127.0.0.1",
            agent="soak",
        )
    )
    return token
