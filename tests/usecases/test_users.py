"""People get a password that is shown once and kept as a hash; a new one ends their sessions."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.roles import CustomerRole, StaffRole
from portal.store.people.people import MembershipRow, UserRow
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.groundwork import scopes
from portal.usecases.people.passwords import password_fits
from portal.usecases.people.users import NewUser, add_user, read_email, renew_password
from tests.usecases.configurations import whole

NOW = datetime(2026, 6, 10, tzinfo=UTC)
BOB = NewUser("Bob@Globex.example", "Bob", StaffRole.FINANCE, {"globex": CustomerRole.BILLING})


@pytest.fixture(autouse=True)
def configured(session: Session) -> Iterator[None]:
    with scopes.provider():
        with transaction(session):
            apply_configuration(session, whole(), NOW, {})
        yield


def add(session: Session, user: NewUser) -> str:
    with transaction(session):
        return add_user(session, user, NOW)


def test_a_person_is_kept_with_their_roles_and_only_a_hash(session: Session) -> None:
    password = add(session, BOB)
    with reading(session):
        row = session.execute(select(UserRow).where(UserRow.email == "bob@globex.example")).scalar_one()
        roles = session.execute(select(MembershipRow.role).where(MembershipRow.user_id == row.id)).scalars().all()
        assert (row.staff_role, roles) == ("finance", ["billing"])
        assert password not in str(row.password_hash)
        assert password_fits(row.password_hash, password)
        assert not password_fits(row.password_hash, password + "x")


def test_two_people_get_different_passwords_and_one_address_is_one_person(session: Session) -> None:
    first = add(session, BOB)
    assert first != add(session, NewUser("bea@globex.example", "Bea", None, {}))
    with pytest.raises(Conflict, match="exists already"):
        add(session, BOB)


def test_a_renewed_password_replaces_the_old_one(session: Session) -> None:
    old = add(session, BOB)
    with transaction(session):
        new = renew_password(session, " BOB@globex.example ", NOW)
    with reading(session):
        stored = session.execute(select(UserRow.password_hash).where(UserRow.email == "bob@globex.example"))
        hashed = stored.scalar_one()
    assert password_fits(hashed, new)
    assert not password_fits(hashed, old)


def test_nobody_gets_no_password(session: Session) -> None:
    with pytest.raises(NotFound, match="Nobody signs in as"), transaction(session):
        renew_password(session, "nobody@globex.example", NOW)
    assert not password_fits(None, "anything")
    assert not password_fits("no hash", "anything")


def test_a_customer_that_is_none_adds_nobody(session: Session) -> None:
    with pytest.raises(Invalid, match="There is no customer 'mars'"):
        add(session, NewUser("eve@mars.example", "Eve", None, {"mars": CustomerRole.OWNER}))
    with reading(session):
        assert session.execute(select(UserRow).where(UserRow.email == "eve@mars.example")).first() is None


@pytest.mark.parametrize("text", ["ann@example.com", " Ann@Example.COM ", "a.b+c@localhost", "ü@example.com"])
def test_an_address_is_kept_trimmed_and_in_lower_case(text: str) -> None:
    assert read_email(text) == text.strip().lower()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ann",
        "@example.com",
        "ann@",
        "a b@example.com",
        "ann@ex..com",
        "ann@-x.com",
        "ann@x.com\n",
        f"{'a' * 250}@x.com",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"must .*\."):
        read_email(text)
