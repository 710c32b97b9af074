"""People for tests of accounts: somebody with a password, signed in."""

from contextlib import nullcontext
from datetime import UTC, datetime
from functools import cache

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.store.ground.base import new_id
from portal.store.people.people import UserRow
from portal.usecases.people import accounts, passwords, sessions
from portal.usecases.people.sessions import Browser, Visit

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BROWSER = Browser("192.0.2.7", "A browser")
PASSWORD = "correct horse battery"
EMAIL = "ada@globex.example"


@cache
def password_hash() -> str:
    return passwords.hash_password(PASSWORD)


def add(session: Session, email: str = EMAIL, staff_role: str | None = None) -> None:
    with transaction(session):
        session.add(UserRow(id=new_id(), email=email, name="Ada", password_hash=password_hash(), staff_role=staff_role))


def sign_in(session: Session, email: str = EMAIL, password: str = PASSWORD, now: datetime = NOW) -> str:
    return accounts.sign_in(session, email, password, BROWSER, now)[0]


def visit(session: Session, token: str, now: datetime = NOW) -> Visit:
    """The session behind a token, read within the transaction at hand if there is one."""
    with nullcontext() if session.in_transaction() else reading(session):
        found = sessions.visit_behind(session, token, now)
    assert found is not None
    return found


def is_open(session: Session, token: str, now: datetime = NOW) -> bool:
    with reading(session):
        return sessions.visit_behind(session, token, now) is not None
