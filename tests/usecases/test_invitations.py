"""Links that were handed out work once, for a while, for the password they were made against (trust.md A2, A4)."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict, Invalid, NotFound, TooMany
from portal.store.ground.base import new_id
from portal.store.ground.outbox import OutboxRow
from portal.store.people.invitations import OneTimeLinkRow
from portal.store.people.people import UserRow
from portal.usecases.people import accounts, invitations, users
from portal.usecases.people.invitations import LIVES, Purpose
from tests.usecases.people import BROWSER, EMAIL, NOW, PASSWORD, add, is_open, sign_in, visit

OUTSIDE = "https://status.northwind.example"
FRESH = "a wholly different phrase"


def token_of(session: Session, purpose: Purpose = Purpose.RESET, email: str = EMAIL, now: datetime = NOW) -> str:
    with transaction(session):
        address = invitations.make_link(session, email, purpose, OUTSIDE, now).address
    before, _, token = address.partition("?link=")
    assert before == f"{OUTSIDE}/choose-password"
    return token


def opens(session: Session, token: str, now: datetime = NOW) -> bool:
    with reading(session):
        try:
            return invitations.owner_of(session, token, now) == EMAIL
        except NotFound:
            return False


def invited(session: Session) -> None:
    with transaction(session):
        session.add(UserRow(id=new_id(), email=EMAIL, name="Ada", password_hash=None))


def test_an_invited_person_chooses_a_password_and_signs_in_with_it(session: Session) -> None:
    invited(session)
    invitations.choose_password(session, token_of(session, Purpose.INVITE), FRESH, NOW)
    assert sign_in(session, password=FRESH)


def test_a_link_works_once(session: Session) -> None:
    add(session)
    token = token_of(session)
    invitations.choose_password(session, token, FRESH, NOW)
    assert not opens(session, token)
    with pytest.raises(NotFound, match="was used"):
        invitations.choose_password(session, token, "yet another phrase", NOW)
    assert sign_in(session, password=FRESH)


def test_looking_at_a_link_does_not_use_it_up(session: Session) -> None:
    add(session)
    token = token_of(session)
    assert opens(session, token)
    assert opens(session, token)


@pytest.mark.parametrize("purpose", list(Purpose))
def test_a_link_ends(session: Session, purpose: Purpose) -> None:
    invited(session)
    token, end = token_of(session, purpose), NOW + LIVES[purpose]
    assert opens(session, token, end - timedelta(seconds=1))
    assert not opens(session, token, end)
    with pytest.raises(NotFound):
        invitations.choose_password(session, token, FRESH, end)


def test_a_reset_lives_half_an_hour_and_an_invitation_a_week() -> None:
    assert {Purpose.RESET: timedelta(minutes=30), Purpose.INVITE: timedelta(days=7)} == LIVES


def test_a_new_link_ends_the_one_before(session: Session) -> None:
    add(session)
    first, second = token_of(session), token_of(session)
    assert not opens(session, first)
    assert opens(session, second)


def test_a_password_changed_meanwhile_ends_a_link(session: Session) -> None:
    add(session)
    token = token_of(session)
    accounts.change_password(session, visit(session, sign_in(session)), PASSWORD, FRESH, BROWSER, NOW)
    assert not opens(session, token)


def test_a_reset_ends_every_session(session: Session) -> None:
    add(session)
    signed_in = sign_in(session)
    invitations.choose_password(session, token_of(session), FRESH, NOW)
    assert not is_open(session, signed_in)


def test_a_short_password_is_refused_and_the_link_still_works(session: Session) -> None:
    add(session)
    token = token_of(session)
    with pytest.raises(Invalid, match="12 to 256"):
        invitations.choose_password(session, token, "short", NOW)
    assert opens(session, token)


def test_a_disabled_person_gets_no_link_and_the_one_they_have_opens_nothing(session: Session) -> None:
    add(session)
    token = token_of(session)
    with transaction(session):
        users.disable(session, EMAIL, NOW)
    assert not opens(session, token)
    with pytest.raises(NotFound, match="disabled"):
        token_of(session)


def test_whoever_has_a_password_is_not_invited(session: Session) -> None:
    add(session)
    with pytest.raises(Conflict, match="has a password already"):
        token_of(session, Purpose.INVITE)


def test_the_token_itself_is_never_stored(session: Session) -> None:
    add(session)
    token = token_of(session)
    with reading(session):
        assert token not in str(vars(session.execute(select(OneTimeLinkRow)).scalar_one()))


@pytest.mark.parametrize("email", [EMAIL, "nobody@globex.example"])
def test_asking_for_a_reset_queues_the_address_and_nothing_else_whoever_it_is(session: Session, email: str) -> None:
    add(session)
    invitations.ask_for_reset(session, f" {email.upper()} ", BROWSER, NOW)
    with reading(session):
        row = session.execute(select(OutboxRow)).scalar_one()
        assert (row.kind, row.body, row.created_at) == (invitations.RESET_REQUESTED, {"email": email}, NOW)
        assert session.execute(select(func.count()).select_from(OneTimeLinkRow)).scalar_one() == 0
        found = invitations.requests(session, NOW)
    assert [(one.email, one.is_known) for one in found] == [(email, email == EMAIL)]


def test_asking_is_throttled_and_old_requests_are_forgotten(session: Session) -> None:
    for _ in range(invitations.REQUESTS_PER_ACCOUNT):
        invitations.ask_for_reset(session, EMAIL, BROWSER, NOW)
    with pytest.raises(TooMany):
        invitations.ask_for_reset(session, EMAIL, BROWSER, NOW)
    later = NOW + invitations.REQUEST_KEPT + timedelta(seconds=1)
    invitations.ask_for_reset(session, EMAIL, BROWSER, later)
    with reading(session):
        assert len(invitations.requests(session, later)) == 1
        assert session.execute(select(func.count()).select_from(OutboxRow)).scalar_one() == 1
