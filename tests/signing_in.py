"""Sessions of people who signed in a moment ago, written behind the portal's back."""

import secrets
from datetime import timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.people.person import Person
from portal.store.people.people import UserSessionRow
from portal.usecases.people.sessions import token_hash


def signed_in(session: Session, person: Person, *, is_confirmed: bool = False) -> str:
    """Sign a person in for an hour, with their password just given again if so; return what their cookie holds."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        UserSessionRow(
            token_hash=token_hash(token),
            user_id=person.id,
            created_at=now,
            last_seen_at=now,
            confirmed_at=now if is_confirmed else None,
            ends_at=now + timedelta(hours=1),
            address="127.0.0.1",
            agent="tests",
        )
    )
    session.flush()
    return token
