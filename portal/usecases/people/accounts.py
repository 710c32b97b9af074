"""Accounts: signing in, signing out, giving the password again, changing it."""

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid
from portal.domain.people.languages import Language
from portal.domain.people.person import Person
from portal.domain.quantities.zones import read_zone
from portal.store.people import people
from portal.store.people.people import UserRow
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed
from portal.usecases.people import throttle
from portal.usecases.people.passwords import hash_password, password_fits
from portal.usecases.people.sessions import Browser, Visit, begin_session, new_token, token_hash

TRIES_PER_ACCOUNT = 10
TRIES_PER_NETWORK = 50
TRIES_OF_ALL = 1_000
WINDOW_S = 900
ADDRESS_LENGTH_MAX = 254


def sign_in(
    session: Session, email: str, password: str, browser: Browser, now: datetime, old_token: str = ""
) -> tuple[str, Person]:
    """Begin a session for the owner of this address and password; return its secret token and the person.

    Works in transactions of its own: the try is counted and committed first, the slow hash runs inside none. The
    session of `old_token`, which this browser held before, ends. Raises TooMany when this account, network or everybody
    together tried too often, and Invalid with the same words and after the same work whether the address is unknown or
    the password wrong (trust.md A1, A2).
    """
    address = normal_email(email)
    take_try(session, address, browser, now)
    with reading(session):
        user = people.user_by_email(session, address) if _may_be_known(address) else None
        stored = user.password_hash if user is not None else None
    if not password_fits(stored, password) or user is None or stored is None:
        raise _unfitting()
    with transaction(session):
        # Whoever changed the password or disabled the account while the hash ran was first: nothing begins.
        fresh = people.user_by_email(session, address)
        if fresh is None or fresh.password_hash != stored:
            raise _unfitting()
        people.end_session(session, token_hash(old_token))
        token = begin_session(session, fresh.id, browser, now, has_factor=people.has_factor(session, fresh.id))
        audit.note(session, fresh.id, Deed.SIGNED_IN, audit.person(fresh.id), now)
        return token, people.person_of(session, fresh)


def sign_out(session: Session, visit: Visit, now: datetime) -> None:
    """End the session a person is using."""
    if people.end_session_of(session, visit.person.id, visit.id):
        audit.note(session, visit.person.id, Deed.SIGNED_OUT, audit.person(visit.person.id), now)


def confirm(session: Session, visit: Visit, password: str, browser: Browser, now: datetime) -> None:
    """Take the password again, so that dangerous acts are open for ten minutes; works and raises as `sign_in` does."""
    stored = _checked_password(session, visit, password, browser, now)
    with transaction(session):
        if not _is_still(session, visit.person.id, stored):
            raise _wrong_password()
        people.set_session(session, visit.id, confirmed_at=now)
        audit.note(session, visit.person.id, Deed.CONFIRMED, audit.person(visit.person.id), now)


def change_password(session: Session, visit: Visit, current: str, fresh: str, browser: Browser, now: datetime) -> str:
    """Change a person's password, end their other sessions, and return the new token of this one.

    Works in transactions of its own. Raises TooMany, Invalid naming `current` or `fresh`, and Conflict when the
    password was changed elsewhere meanwhile.
    """
    stored = _checked_password(session, visit, current, browser, now, field="current")
    if fresh == current:
        raise Invalid("fresh", phrase("This is your present password. Choose another."))
    fresh_hash = hash_password(fresh, "fresh")
    token = new_token()
    with transaction(session):
        if not people.replace_password(session, visit.person.id, stored, fresh_hash):
            raise Conflict(phrase("Your password was changed elsewhere in this moment. Sign in again."))
        people.end_sessions_of(session, visit.person.id, but=visit.id)
        people.replace_token(session, visit.id, token_hash(token), confirmed_at=now)
        audit.note(session, visit.person.id, Deed.CHANGED_LOGIN, audit.person(visit.person.id), now)
    return token


def choose_language(session: Session, person: Person, code: str) -> None:
    """Let a person read the portal in another language from now on; raises Invalid naming `language`."""
    if code not in set(Language):
        raise Invalid("language", phrase("Choose one of the languages in the list."))
    people.set_language(session, person.id, Language(code))


def choose_timezone(session: Session, person: Person, timezone: str) -> None:
    """Set the zone a person reads times in; empty for that of each customer. Raises Invalid naming `timezone`."""
    try:
        chosen = read_zone(timezone.strip()) if timezone.strip() else None
    except ValueError:
        raise Invalid("timezone", phrase("There is no such time zone. Write one such as Europe/Berlin.")) from None
    people.set_timezone(session, person.id, chosen)


def take_try(session: Session, address: str, browser: Browser, now: datetime) -> None:
    """Count one try at this account, in a transaction of its own; raises TooMany."""
    limits = (
        throttle.Limit(f"sign-in account {address}", TRIES_PER_ACCOUNT, WINDOW_S),
        throttle.Limit(f"sign-in network {throttle.network_of(browser.address)}", TRIES_PER_NETWORK, WINDOW_S),
        throttle.Limit("sign-in everybody", TRIES_OF_ALL, WINDOW_S),
    )
    with transaction(session):
        throttle.take_try(session, limits, now)


def normal_email(text: str) -> str:
    """Return an address the way it is stored: trimmed and in lower case."""
    return text.strip().lower()


def _may_be_known(address: str) -> bool:
    """Whether a database can even be asked for this text."""
    return len(address) <= ADDRESS_LENGTH_MAX and address.isprintable()


def _checked_password(
    session: Session, visit: Visit, password: str, browser: Browser, now: datetime, field: str = "password"
) -> str:
    take_try(session, visit.person.email, browser, now)
    with reading(session):
        user = people.user_by_id(session, visit.person.id)
        stored = user.password_hash if user is not None else None
    if not password_fits(stored, password) or stored is None:
        raise _wrong_password(field)
    return stored


def _is_still(session: Session, user_id: UUID, stored: str) -> bool:
    user: UserRow | None = people.user_by_id(session, user_id)
    return user is not None and user.password_hash == stored


def _unfitting() -> Invalid:
    return Invalid("password", phrase("This address and password do not belong together. Check both and try again."))


def _wrong_password(field: str = "password") -> Invalid:
    return Invalid(field, phrase("This is not your present password. Check it and try again."))
