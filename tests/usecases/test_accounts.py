"""Signing in and out: a session is a row, its cookie a secret, and a refusal does not say who exists."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Invalid, TooMany
from portal.domain.people.person import Person
from portal.domain.people.roles import CustomerRole, Permission, StaffRole
from portal.store.ground.base import new_id
from portal.store.people.customers import CustomerRow
from portal.store.people.people import MembershipRow, UserRow, UserSessionRow
from portal.usecases.people import accounts, passwords, sessions, throttle

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
BROWSER = sessions.Browser("192.0.2.7", "A browser")
PASSWORD = "correct horse battery"


def somebody(session: Session, email: str | None = "ada@globex.example", **columns: object) -> UUID:
    user = UserRow(id=new_id(), email=email, name="Ada", password_hash=passwords.hash_password(PASSWORD), **columns)
    session.add(user)
    session.flush()
    return user.id


def person_behind(session: Session, token: str, now: datetime) -> Person | None:
    visit = sessions.visit_behind(session, token, now)
    return visit.person if visit is not None else None


def test_the_right_password_opens_a_session_and_the_token_finds_the_person(session: Session) -> None:
    with transaction(session):
        user_id = somebody(session, staff_role="manager")
    token, person = accounts.sign_in(session, " Ada@Globex.example ", PASSWORD, BROWSER, NOW)
    with reading(session):
        found = person_behind(session, token, NOW)
    assert found == person
    assert (person.id, person.staff_role) == (user_id, StaffRole.MANAGER)


def test_the_token_itself_is_never_stored(session: Session) -> None:
    with transaction(session):
        somebody(session)
    token, _ = accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, NOW)
    with reading(session):
        row = session.execute(select(UserSessionRow)).scalar_one()
    assert token not in {str(value) for value in vars(row).values()}
    assert row.token_hash == sessions.token_hash(token)


def test_a_token_opens_nothing_after_signing_out_or_when_its_session_has_ended(session: Session) -> None:
    with transaction(session):
        somebody(session)
    token, _ = accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, NOW)
    with transaction(session):
        assert person_behind(session, token, NOW + sessions.LENGTH) is None
        visit = sessions.visit_behind(session, token, NOW)
        assert visit is not None
        accounts.sign_out(session, visit, NOW)
        assert person_behind(session, token, NOW) is None


def test_a_disabled_person_is_out_at_once(session: Session) -> None:
    with transaction(session):
        user_id = somebody(session)
    token, _ = accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, NOW)
    with transaction(session):
        row = session.get(UserRow, user_id)
        assert row is not None
        row.disabled_at = NOW
    with reading(session):
        assert person_behind(session, token, NOW + timedelta(seconds=1)) is None
    with pytest.raises(Invalid):
        accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, NOW)


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@globex.example", "wrong"),
        ("nobody@globex.example", PASSWORD),
        ("", ""),
        ("ada@globex.example", "x" * 100_000),
        ("nologin@globex.example", PASSWORD),
    ],
)
def test_every_refusal_reads_the_same_and_leaves_no_session(email: str, password: str, session: Session) -> None:
    with transaction(session):
        somebody(session)
        session.add(UserRow(id=new_id(), email="nologin@globex.example", name="No", password_hash=None))
    with pytest.raises(Invalid, match="do not belong together"):
        accounts.sign_in(session, email, password, BROWSER, NOW)
    with reading(session):
        assert session.execute(select(UserSessionRow)).all() == []


def test_an_account_takes_ten_tries_in_a_window_and_the_right_password_does_not_help_after_them(
    session: Session,
) -> None:
    with transaction(session):
        somebody(session)
    for _ in range(accounts.TRIES_PER_ACCOUNT):
        with pytest.raises(Invalid):
            accounts.sign_in(session, "ada@globex.example", "wrong", BROWSER, NOW)
    with pytest.raises(TooMany) as caught:
        accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, NOW)
    assert caught.value.wait_s == accounts.WINDOW_S
    later = NOW + timedelta(seconds=accounts.WINDOW_S)
    assert accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, later)


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.0/24"),
        ("::ffff:192.0.2.7", "192.0.2.0/24"),
        ("2001:db8::1", "2001:db8::/64"),
        ("", "unknown"),
        ("not an address", "unknown"),
    ],
)
def test_tries_count_by_network(address: str, network: str) -> None:
    assert throttle.network_of(address) == network


@pytest.mark.parametrize("password", ["", "elevenchars", "x" * 257])
def test_a_password_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(Invalid, match="12 to 256 characters"):
        passwords.hash_password(password)


def test_a_membership_gives_a_role_for_its_customer_only(session: Session) -> None:
    with transaction(session):
        user_id = somebody(session)
        for key in ("globex", "initech"):
            session.add(CustomerRow(id=new_id(), key=key, name=key, timezone="UTC"))
        session.flush()
        globex, initech = session.execute(select(CustomerRow.id).order_by(CustomerRow.key)).scalars()
        session.add(MembershipRow(user_id=user_id, customer_id=globex, role="billing"))
    _, person = accounts.sign_in(session, "ada@globex.example", PASSWORD, BROWSER, NOW)
    assert person.memberships == {globex: CustomerRole.BILLING}
    assert person.may(Permission.SEE_MONEY, globex)
    assert not person.may(Permission.SEE_CUSTOMER, initech)
    assert not person.may(Permission.SEE_DESK)
