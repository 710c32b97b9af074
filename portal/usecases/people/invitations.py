"""Invitations and resets: a link that lets its reader choose a password, once (trust.md A2, A4).

A link is made by whoever hands it out, never by the page that takes the request: that page only queues the address,
whether somebody signs in with it or not, so that its answer, its work and its time are the same.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, NotFound
from portal.store.ground import outbox
from portal.store.ground.base import new_id
from portal.store.people import invitations as store
from portal.store.people import people
from portal.store.people.invitations import OneTimeLinkRow
from portal.store.promises import configuration
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.people import throttle
from portal.usecases.people.accounts import ADDRESS_LENGTH_MAX, normal_email
from portal.usecases.people.passwords import hash_password
from portal.usecases.people.sessions import Browser, new_token, token_hash

RESET_REQUESTED = "reset requested"
REQUESTS_PER_ACCOUNT = 3
REQUESTS_PER_NETWORK = 20
REQUESTS_OF_ALL = 200
WINDOW_S = 3_600
REQUEST_KEPT = timedelta(days=1)
PATH = "/choose-password"


class Purpose(StrEnum):
    """Why a link was made."""

    INVITE = "invite"
    RESET = "reset"


LIVES = {Purpose.INVITE: timedelta(days=7), Purpose.RESET: timedelta(minutes=30)}


@dataclass(frozen=True, slots=True)
class Link:
    """A link as it is handed out, once, and when it ends."""

    address: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Request:
    """Somebody asked for a new password for this address; `is_known` says whether somebody signs in with it."""

    email: str
    asked_at: datetime
    is_known: bool


def make_link(session: Session, email: str, purpose: Purpose, external_url: str, now: datetime) -> Link:
    """Make a link for the person of this address; links made before end.

    Its address begins with the setting, never with what a request said. Raises NotFound when nobody signs in with the
    address, Conflict when an invitation is for somebody who has a password already.
    """
    user = people.user_by_email(session, normal_email(email))
    if user is None:
        raise NotFound(f"Nobody signs in as {normal_email(email)}, or their account is disabled.")
    if purpose is Purpose.INVITE and user.password_hash is not None:
        raise Conflict(f"{user.email} has a password already. Make a link with: sla-portal user reset {user.email}")
    token, ends_at = new_token(), now + LIVES[purpose]
    store.forget_links_of(session, user.id)
    session.add(
        OneTimeLinkRow(
            id=new_id(),
            token_hash=token_hash(token),
            user_id=user.id,
            purpose=purpose,
            password_digest=_digest(user.password_hash),
            created_at=now,
            ends_at=ends_at,
        )
    )
    session.flush()
    facts = {"purpose": purpose.value, "until": ends_at.isoformat()}
    audit.note(session, None, Deed.MADE_LINK, audit.person(user.id), now, after=facts)
    return Link(f"{external_url}{PATH}?link={token}", ends_at)


def ask_for_reset(session: Session, email: str, browser: Browser, now: datetime) -> None:
    """Queue an address for a reset link; does the same whoever's it is. Raises TooMany."""
    address = normal_email(email)[:ADDRESS_LENGTH_MAX]
    with transaction(session):
        throttle.take_try(session, _limits(address, browser), now)
        outbox.forget_before(session, RESET_REQUESTED, now - REQUEST_KEPT)
        if address.isprintable():
            request = outbox.put(session, RESET_REQUESTED, {"email": address}, now)
            audit.note(session, None, Deed.ASKED_FOR_RESET, Thing("request", request), now)


def requests(session: Session, now: datetime) -> Sequence[Request]:
    """Return who asked for a new password within the last day, oldest first."""
    rows = outbox.waiting(session, RESET_REQUESTED, now - REQUEST_KEPT)
    return tuple(
        Request(row.body["email"], row.created_at, configuration.user_of(session, row.body["email"]) is not None)
        for row in rows
    )


def owner_of(session: Session, token: str, now: datetime) -> str:
    """Return the address of the person a link is for; raise NotFound when the link opens nothing (any more)."""
    return _opened(session, token, now)[1]


def choose_password(session: Session, token: str, password: str, now: datetime) -> None:
    """Use a link up: set its person's password and end their sessions. Their second factor is still asked for.

    Works in transactions of its own. Raises NotFound for a link that opens nothing and Invalid for a short password.
    """
    with reading(session):
        _opened(session, token, now)
    fresh = hash_password(password)
    with transaction(session):
        row, _ = _opened(session, token, now)
        user = people.user_by_id(session, row.user_id)
        stored = user.password_hash if user is not None else None
        if not store.use_link(session, token_hash(token), now):
            raise _opens_nothing()
        if not people.replace_password(session, row.user_id, stored, fresh):
            raise _opens_nothing()
        people.end_sessions_of(session, row.user_id)
        facts = {"purpose": row.purpose}
        audit.note(session, row.user_id, Deed.CHOSE_LOGIN, audit.person(row.user_id), now, after=facts)


def _opened(session: Session, token: str, now: datetime) -> tuple[OneTimeLinkRow, str]:
    found = store.open_link(session, token_hash(token), now)
    if found is None or found[0].password_digest != _digest(found[1].password_hash):
        raise _opens_nothing()
    return found[0], found[1].email or ""


def _limits(address: str, browser: Browser) -> Sequence[throttle.Limit]:
    return (
        throttle.Limit(f"reset account {address}", REQUESTS_PER_ACCOUNT, WINDOW_S),
        throttle.Limit(f"reset network {throttle.network_of(browser.address)}", REQUESTS_PER_NETWORK, WINDOW_S),
        throttle.Limit("reset everybody", REQUESTS_OF_ALL, WINDOW_S),
    )


def _digest(password_hash: str | None) -> str:
    return hashlib.sha256((password_hash or "").encode()).hexdigest()


def _opens_nothing() -> NotFound:
    return NotFound(phrase("This link was used, has ended, or never was. Ask for a new one."))
