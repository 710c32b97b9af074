"""Sessions: a signed-in browser is a row, its cookie a secret that changes when it may do more (trust.md A3)."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.people import people
from portal.store.people.people import UserSessionRow
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed

TOKEN_BYTES = 32
LENGTH = timedelta(days=14)
LENGTH_BEFORE_CODE = timedelta(minutes=15)
"""How long a session waits for the code of its second factor."""
CONFIRMED_FOR = timedelta(minutes=10)
SEEN_EVERY = timedelta(minutes=5)
AGENT_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Browser:
    """Where a person signs in from: their network address and what their browser calls itself."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True)
class Visit:
    """A session in use: its person, whether they have a second factor, and what was proven when."""

    id: UUID
    person: Person
    has_factor: bool
    last_seen_at: datetime
    confirmed_at: datetime | None
    factor_at: datetime | None

    def is_confirmed(self, now: datetime) -> bool:
        """Whether the password was given within the last ten minutes, as dangerous acts ask."""
        return self.confirmed_at is not None and now - self.confirmed_at < CONFIRMED_FOR


@dataclass(frozen=True, slots=True)
class SignedInBrowser:
    """One of a person's sessions as they see it; `is_this` marks the one they are looking from."""

    id: UUID
    browser: Browser
    created_at: datetime
    last_seen_at: datetime
    is_this: bool


def new_token() -> str:
    """Return 256 random bits as text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def token_hash(token: str) -> str:
    """Return what is stored of a secret token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def begin_session(session: Session, user_id: UUID, browser: Browser, now: datetime, *, has_factor: bool) -> str:
    """Begin a session whose password was just right; return its secret token.

    With a second factor the session waits a quarter of an hour for its code. Sessions that have ended are forgotten.
    """
    token = new_token()
    people.forget_ended_sessions(session, now)
    session.add(
        UserSessionRow(
            id=new_id(),
            token_hash=token_hash(token),
            user_id=user_id,
            created_at=now,
            last_seen_at=now,
            confirmed_at=now,
            ends_at=now + (LENGTH_BEFORE_CODE if has_factor else LENGTH),
            address=browser.address,
            agent=browser.agent[:AGENT_LENGTH_MAX],
        )
    )
    session.flush()
    return token


def visit_behind(session: Session, token: str, now: datetime) -> Visit | None:
    """Return the session this token opens, or None when it opens nothing."""
    found = people.open_session(session, token_hash(token), now)
    if found is None:
        return None
    row, user, has_factor = found
    person = people.person_of(session, user)
    return Visit(row.id, person, has_factor, row.last_seen_at, row.confirmed_at, row.factor_at)


def note_use(session: Session, visit: Visit, now: datetime) -> None:
    """Keep when a session was last used to change something, at most every five minutes (docs/decisions/0006)."""
    if now - visit.last_seen_at >= SEEN_EVERY:
        people.set_session(session, visit.id, last_seen_at=now)


def browsers(session: Session, visit: Visit, now: datetime) -> Sequence[SignedInBrowser]:
    """Return where this person is signed in, the latest sign-in first."""
    rows = people.sessions_of(session, visit.person.id, now)
    return tuple(
        SignedInBrowser(row.id, Browser(row.address, row.agent), row.created_at, row.last_seen_at, row.id == visit.id)
        for row in rows
    )


def end_one(session: Session, visit: Visit, session_id: UUID, now: datetime) -> None:
    """End one of this person's sessions; raise NotFound when it is none of theirs or has ended."""
    if not people.end_session_of(session, visit.person.id, session_id):
        raise NotFound(phrase("This browser is not signed in any more."))
    deed = Deed.SIGNED_OUT if session_id == visit.id else Deed.ENDED_SESSIONS
    audit.note(session, visit.person.id, deed, audit.person(visit.person.id), now)


def end_others(session: Session, visit: Visit, now: datetime) -> None:
    """End every session of this person but the one they are using."""
    people.end_sessions_of(session, visit.person.id, but=visit.id)
    audit.note(session, visit.person.id, Deed.ENDED_SESSIONS, audit.person(visit.person.id), now)
