"""People who may sign in: added, given a password, kept in step with the configuration."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.scalars import read_text
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.store.people import people, second_factors
from portal.store.people.customers import CustomerRow
from portal.store.people.people import MembershipRow, UserRow
from portal.store.promises import configuration as store
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed
from portal.usecases.people.accounts import normal_email
from portal.usecases.people.passwords import hash_password, new_password

LONGEST_EMAIL = 254
LONGEST_NAME = 200
_EMAIL = re.compile(r"[^@\s\x00-\x1f\x7f-\x9f]{1,64}@[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class NewUser:
    """A person to be added: their roles at the provider and, by the customers' keys, within customers."""

    email: str
    name: str
    staff: StaffRole | None
    memberships: Mapping[str, CustomerRole]


def add_user(session: Session, user: NewUser, now: datetime) -> str:
    """Add a person and return the password made for them, which is kept nowhere.

    Raises Invalid for an address or a customer that is none, Conflict when the address is taken.
    """
    password = new_password()
    _add(session, user, hash_password(password), now)
    return password


def add_invited(session: Session, user: NewUser, now: datetime) -> None:
    """Add a person who chooses their password themselves, with an invitation; raises as `add_user` does."""
    _add(session, user, None, now)


def is_known(session: Session, email: str) -> bool:
    """Whether there is a person of this address, disabled or not."""
    return store.user_of(session, normal_email(email)) is not None


def person(session: Session, email: str) -> Person:
    """Return the person who signs in with this address; raises NotFound."""
    return people.person_of(session, _of(session, email))


def renew_password(session: Session, email: str, now: datetime) -> str:
    """Give a person a new password, end their sessions, and return it; raises NotFound."""
    row = _of(session, email)
    password = new_password()
    row.password_hash = hash_password(password)
    people.end_sessions_of(session, row.id)
    session.flush()
    audit.note(session, None, Deed.RENEWED_LOGIN, audit.person(row.id), now)
    return password


def role_facts(staff: str | None, memberships: Mapping[UUID, str]) -> Mapping[str, object]:
    """Return a person's roles as they are noted: at the provider, and by customer's id."""
    return {"staff": staff, "customers": {str(key): role for key, role in sorted(memberships.items())}}


def disable(session: Session, email: str, now: datetime) -> None:
    """Keep a person out from now on and end their sessions; what they did stays. Raises NotFound."""
    row = _of(session, email)
    row.disabled_at = row.disabled_at or now
    people.end_sessions_of(session, row.id)
    session.flush()
    audit.note(session, None, Deed.DISABLED, audit.person(row.id), now)


def take_off_factor(session: Session, email: str, now: datetime) -> None:
    """Take a person's second factor off, because they lost it and every recovery code; their sessions end.

    Raises NotFound.
    """
    row = _of(session, email)
    second_factors.forget_factor(session, row.id)
    people.end_sessions_of(session, row.id)
    audit.note(session, None, Deed.REMOVED_FACTOR, audit.person(row.id), now)


def _add(session: Session, user: NewUser, password_hash: str | None, now: datetime) -> None:
    email = _valid_email(user.email)
    if store.user_of(session, email) is not None:
        raise Conflict(f"{email} exists already. Give them a new password with: sla-portal user password {email}")
    customers = store.rows_by_key(session, CustomerRow)
    for key in user.memberships:
        if key not in customers:
            raise Invalid("customer", f"There is no customer '{key}'. There is: {', '.join(sorted(customers))}.")
    row = UserRow(email=email, name=_valid_name(user.name), staff_role=user.staff, password_hash=password_hash)
    session.add(row)
    session.flush()
    for key, role in user.memberships.items():
        session.add(MembershipRow(user_id=row.id, customer_id=customers[key].id, role=role))
    session.flush()
    roles = role_facts(row.staff_role, {customers[key].id: role for key, role in user.memberships.items()})
    audit.note(session, None, Deed.ADDED_PERSON, audit.person(row.id), now, after=roles)


def _of(session: Session, email: str) -> UserRow:
    row = store.user_of(session, normal_email(email))
    if row is None:
        raise NotFound(f"Nobody signs in as {normal_email(email)}.")
    return row


def read_email(value: object) -> str:
    """An e-mail address as it is stored; raises ValueError with a sentence."""
    text = normal_email(read_text(value, LONGEST_EMAIL))
    if not _EMAIL.fullmatch(text) or ".." in text:
        raise ValueError("must be an e-mail address such as ann@example.com.")
    return text


def _valid_email(text: str) -> str:
    try:
        return read_email(text)
    except ValueError as error:
        raise Invalid("email", f"The address {error}") from None


def _valid_name(text: str) -> str:
    try:
        return read_text(text, LONGEST_NAME)
    except ValueError as error:
        raise Invalid("name", f"The name {error}") from None
