"""Members: an owner invites people to their customer by a link, gives them roles, and takes them off again.

A link works once, for a week, for one address. Who has no account makes one with it; who has one signs in and accepts.
The owner sees the same either way, so nobody learns from it whose address is known here (trust.md A2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole
from portal.store.ground.base import new_id
from portal.store.people import customers, people
from portal.store.people import members as store
from portal.store.people.members import MemberInvitationRow
from portal.store.people.people import UserRow
from portal.store.promises import configuration
from portal.usecases.groundwork import audit, scopes
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line
from portal.usecases.people import users
from portal.usecases.people.passwords import hash_password
from portal.usecases.people.sessions import new_token, token_hash

LIVES = timedelta(days=7)
INVITED_MOST = 50
NAME_LENGTH_MAX = 200
PATH = "/join"
NOT_A_MEMBER = phrase("Nobody of this customer is called that. Reload the page.")


@dataclass(frozen=True, slots=True)
class Member:
    """Who belongs to a customer, and as what; somebody who was erased has no name and no address."""

    id: UUID
    name: str
    email: str
    role: CustomerRole


@dataclass(frozen=True, slots=True)
class Invited:
    """Somebody who was invited and has not joined yet."""

    id: UUID
    email: str
    role: CustomerRole
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a link opens: which customer, for which address, as what; `is_known` whether the address has an account."""

    customer_id: UUID
    customer: str
    email: str
    role: CustomerRole
    is_known: bool


def members(session: Session, customer_id: UUID) -> Sequence[Member]:
    """Return who belongs to the scope's customer, by name."""
    found = store.members(session, customer_id)
    return [Member(user.id, user.name or "", user.email or "", CustomerRole(row.role)) for row, user in found]


def invited(session: Session, now: datetime) -> Sequence[Invited]:
    """Return who was invited to the scope's customer and has not joined yet."""
    rows = store.open_invitations(session, now)
    return [Invited(row.id, row.email, CustomerRole(row.role), row.ends_at) for row in rows]


def invite(
    session: Session, customer_id: UUID, person: Person, email: str, role: str, external_url: str, now: datetime
) -> str:
    """Invite somebody and return the address to hand to them, which is kept nowhere; raise Invalid or Conflict."""
    try:
        address = users.read_email(email)
    except ValueError as problem:
        raise Invalid("email", phrase("Write an address such as sam@example.com.")) from problem
    chosen = _role(role)
    if len(store.open_invitations(session, now)) >= INVITED_MOST:
        raise Conflict(phrase("{count} invitations are open. Withdraw one that nobody will use.", count=INVITED_MOST))
    token = new_token()
    row = MemberInvitationRow(
        customer_id=customer_id,
        id=new_id(),
        email=address,
        role=chosen.value,
        token_hash=token_hash(token),
        invited_by=person.id,
        invited_at=now,
        ends_at=now + LIVES,
    )
    session.add(row)
    session.flush()
    thing, facts = Thing("invitation", row.id, customer_id), {"role": chosen.value}
    audit.note(session, person.id, Deed.INVITED_MEMBER, thing, now, after=facts)
    return f"{external_url}{PATH}/{customer_id}/{token}"


def withdraw(session: Session, customer_id: UUID, person: Person, invitation_id: UUID, now: datetime) -> None:
    """Withdraw an invitation of the scope's customer; raise NotFound when it opens nothing any more."""
    if not store.withdraw_invitation(session, invitation_id, now):
        raise NotFound(phrase("There is no such invitation, or it was used."))
    audit.note(session, person.id, Deed.WITHDREW_INVITATION, Thing("invitation", invitation_id, customer_id), now)


def change_role(session: Session, customer_id: UUID, person: Person, user_id: UUID, role: str, now: datetime) -> None:
    """Give a member another role; raise NotFound, Invalid, or Conflict when no owner would be left."""
    before = _member(session, customer_id, user_id)
    chosen = _role(role)
    if before == chosen:
        return
    _require_another_owner(session, customer_id, user_id)
    store.set_role(session, customer_id, user_id, chosen.value)
    facts = ({"role": before.value}, {"role": chosen.value})
    thing = Thing("person", user_id, customer_id)
    audit.note(session, person.id, Deed.CHANGED_ROLES, thing, now, before=facts[0], after=facts[1])


def remove(session: Session, customer_id: UUID, person: Person, user_id: UUID, now: datetime) -> None:
    """Take a member off: they see nothing of the customer any more; raise NotFound or Conflict as `change_role`."""
    before = _member(session, customer_id, user_id)
    _require_another_owner(session, customer_id, user_id)
    store.remove_member(session, customer_id, user_id)
    thing = Thing("person", user_id, customer_id)
    audit.note(session, person.id, Deed.REMOVED_MEMBER, thing, now, before={"role": before.value})


def invitation(session: Session, customer_id: UUID, token: str, now: datetime) -> Invitation:
    """Return what a link opens; raise NotFound when that is nothing (any more)."""
    with scopes.customer(customer_id):
        row = _opened(session, token, now)
        customer = customers.customer_by_id(session, customer_id)
        is_known = configuration.user_of(session, row.email) is not None
    if customer is None:
        raise _opens_nothing()
    return Invitation(customer_id, customer.name, row.email, CustomerRole(row.role), is_known)


def join_anew(session: Session, customer_id: UUID, token: str, name: str, password: str, now: datetime) -> None:
    """Make an account for the address of a link and join; works in transactions of its own.

    Raises NotFound for a link that opens nothing, Invalid naming `name` or `password`, Conflict when the address has an
    account by now.
    """
    with scopes.customer(customer_id), reading(session):
        _opened(session, token, now)
    name = clean_line("name", name, NAME_LENGTH_MAX)
    fresh = hash_password(password)
    with scopes.customer(customer_id), transaction(session):
        row = _opened(session, token, now)
        if configuration.user_of(session, row.email) is not None:
            raise Conflict(phrase("This address has an account. Sign in with it and open the link again."))
        user = UserRow(id=new_id(), email=row.email, name=name, password_hash=fresh)
        session.add(user)
        session.flush()
        _join(session, row, user.id, now)


def join(session: Session, customer_id: UUID, token: str, person: Person, now: datetime) -> None:
    """Join with one's own account; raise NotFound, or NotAllowed when the link is for another address."""
    with scopes.customer(customer_id):
        row = _opened(session, token, now)
        if row.email != person.email:
            told = phrase("This link is for {email}. Sign in with that address and open it again.", email=row.email)
            raise NotAllowed(told)
        _join(session, row, person.id, now)


def _join(session: Session, row: MemberInvitationRow, user_id: UUID, now: datetime) -> None:
    if not store.use_invitation(session, row.id, now):
        raise _opens_nothing()
    if not store.add_member(session, row.customer_id, user_id, row.role):
        raise Conflict(phrase("You belong to this customer already."))
    thing = Thing("person", user_id, row.customer_id)
    audit.note(session, user_id, Deed.JOINED, thing, now, after={"role": row.role})


def _member(session: Session, customer_id: UUID, user_id: UUID) -> CustomerRole:
    """The present role of a member who is about to change; nobody else changes one until it is done."""
    found = store.members(session, customer_id, for_change=True)
    role = next((row.role for row, user in found if user.id == user_id), None)
    if role is None:
        raise NotFound(NOT_A_MEMBER)
    return CustomerRole(role)


def _require_another_owner(session: Session, customer_id: UUID, user_id: UUID) -> None:
    """Refuse to let the last owner stop being one."""
    found = store.members(session, customer_id)
    owners = {user.id for row, user in found if row.role == CustomerRole.OWNER.value and user.disabled_at is None}
    if owners == {user_id}:
        raise Conflict(phrase("Somebody has to own this account. Make another member its owner first."))


def _role(role: str) -> CustomerRole:
    try:
        return CustomerRole(role)
    except ValueError:
        raise Invalid("role", phrase("Choose a role.")) from None


def _opened(session: Session, token: str, now: datetime) -> MemberInvitationRow:
    row = store.invitation_behind(session, token_hash(token), now)
    if row is None or people.is_disabled(session, row.email):
        raise _opens_nothing()
    return row


def _opens_nothing() -> NotFound:
    return NotFound(phrase("This link was used, has ended, or never was. Ask for a new one."))
