"""Sessions end when they should, change their token when they may do more, and are their user's to see and end."""

from datetime import timedelta

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict, Invalid, NotFound, TooMany
from portal.store.ground.base import new_id
from portal.store.people.people import UserRow, UserSessionRow
from portal.usecases.people import accounts, passwords, sessions
from tests.usecases.people import BROWSER, EMAIL, NOW, PASSWORD, add, is_open, sign_in, visit

FRESH = "a wholly different phrase"


def test_signing_in_again_from_a_browser_ends_the_session_it_held(session: Session) -> None:
    add(session)
    first = sign_in(session)
    second, _ = accounts.sign_in(session, EMAIL, PASSWORD, BROWSER, NOW, first)
    assert first != second
    assert not is_open(session, first)
    assert is_open(session, second)


def test_a_changed_password_ends_every_other_session_and_renews_this_ones_token(session: Session) -> None:
    add(session)
    copied, other = sign_in(session), sign_in(session)
    token = accounts.change_password(session, visit(session, copied), PASSWORD, FRESH, BROWSER, NOW)
    assert [is_open(session, one) for one in (copied, other, token)] == [False, False, True]
    with pytest.raises(Invalid):
        sign_in(session)
    assert sign_in(session, password=FRESH)


@pytest.mark.parametrize(
    ("current", "fresh", "field"),
    [("wrong", FRESH, "current"), (PASSWORD, "short", "fresh"), (PASSWORD, PASSWORD, "fresh"), ("", "", "current")],
)
def test_a_password_is_not_changed_to_what_is_none_or_by_who_does_not_know_it(
    session: Session, current: str, fresh: str, field: str
) -> None:
    add(session)
    token = sign_in(session)
    with pytest.raises(Invalid) as caught:
        accounts.change_password(session, visit(session, token), current, fresh, BROWSER, NOW)
    assert caught.value.field == field
    assert is_open(session, token)
    assert sign_in(session)


def test_of_two_changes_at_once_one_wins_and_the_other_is_told(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(session)
    here = visit(session, sign_in(session))
    real, quick = accounts.hash_password, passwords.hash_password("somebody else was quicker")

    def while_another_changes_it(password: str, field: str) -> str:
        with transaction(session):
            session.execute(select(UserRow)).scalar_one().password_hash = quick
        return real(password, field)

    monkeypatch.setattr(accounts, "hash_password", while_another_changes_it)
    with pytest.raises(Conflict, match="changed elsewhere"):
        accounts.change_password(session, here, PASSWORD, FRESH, BROWSER, NOW)
    assert sign_in(session, password="somebody else was quicker")


def test_no_session_begins_when_the_password_is_changed_while_the_old_one_is_checked(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(session)
    quick = passwords.hash_password("somebody else was quicker")

    def while_another_changes_it(stored: str | None, password: str) -> bool:
        fits = passwords.password_fits(stored, password)
        with transaction(session):
            session.execute(select(UserRow)).scalar_one().password_hash = quick
        return fits

    monkeypatch.setattr(accounts, "password_fits", while_another_changes_it)
    with pytest.raises(Invalid, match="do not belong together"):
        sign_in(session)
    with reading(session):
        assert session.execute(select(UserSessionRow)).all() == []


def test_a_password_given_again_opens_dangerous_acts_for_ten_minutes(session: Session) -> None:
    add(session)
    token = sign_in(session)
    later = NOW + sessions.CONFIRMED_FOR
    assert visit(session, token).is_confirmed(later - timedelta(seconds=1))
    assert not visit(session, token).is_confirmed(later)
    accounts.confirm(session, visit(session, token), PASSWORD, BROWSER, later)
    assert visit(session, token, later).is_confirmed(later)


def test_guesses_at_the_password_from_within_a_session_are_tries_like_any_other(session: Session) -> None:
    add(session)
    here = visit(session, sign_in(session))
    for _ in range(accounts.TRIES_PER_ACCOUNT - 1):
        with pytest.raises(Invalid):
            accounts.confirm(session, here, "wrong", BROWSER, NOW)
    with pytest.raises(TooMany):
        accounts.confirm(session, here, PASSWORD, BROWSER, NOW)


def test_a_person_sees_their_own_browsers_and_ends_those_only(session: Session) -> None:
    add(session)
    add(session, "max@globex.example")
    first, second, stranger = sign_in(session), sign_in(session), sign_in(session, "max@globex.example")
    here, there = visit(session, second), visit(session, stranger)
    with reading(session):
        found = sessions.browsers(session, here, NOW)
    assert [(one.is_this, one.browser) for one in found] == [(True, BROWSER), (False, BROWSER)]
    for foreign in (there.id, new_id()):
        with pytest.raises(NotFound), transaction(session):
            sessions.end_one(session, here, foreign, NOW)
    with transaction(session):
        sessions.end_one(session, here, found[1].id, NOW)
    assert [is_open(session, one) for one in (first, second, stranger)] == [False, True, True]


def test_ending_the_others_leaves_this_one(session: Session) -> None:
    add(session)
    tokens = [sign_in(session) for _ in range(3)]
    with transaction(session):
        sessions.end_others(session, visit(session, tokens[1]), NOW)
    assert [is_open(session, one) for one in tokens] == [False, True, False]


def test_the_last_use_is_kept_at_most_every_five_minutes(session: Session) -> None:
    add(session)
    token = sign_in(session)
    for minutes, kept in ((4, 0), (5, 5), (9, 5), (11, 11)):
        now = NOW + timedelta(minutes=minutes)
        with transaction(session):
            sessions.note_use(session, visit(session, token), now)
        assert visit(session, token).last_seen_at == NOW + timedelta(minutes=kept)


def test_sessions_that_have_ended_are_forgotten_when_the_next_begins(session: Session) -> None:
    add(session)
    sign_in(session)
    sign_in(session, now=NOW + sessions.LENGTH)
    with reading(session):
        assert len(session.execute(select(UserSessionRow)).all()) == 1


@pytest.mark.parametrize("email", [EMAIL, "nobody@globex.example", "disabled@globex.example", "nologin@globex.example"])
def test_every_refusal_costs_exactly_one_hash_whoever_is_asked_for(
    session: Session, email: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(session)
    add(session, "disabled@globex.example")
    with transaction(session):
        disabled = session.execute(select(UserRow).where(UserRow.email == "disabled@globex.example")).scalar_one()
        disabled.disabled_at = NOW
        session.add(UserRow(id=new_id(), email="nologin@globex.example", name="No", password_hash=None))
    passwords.password_fits(None, "the first call makes the hash that nobody has")
    calls: list[str] = []
    for name in ("verify", "hash"):
        real = getattr(PasswordHasher, name)
        monkeypatch.setattr(PasswordHasher, name, lambda *a, r=real, n=name: (calls.append(n), r(*a))[1])
    with pytest.raises(Invalid, match="do not belong together"):
        sign_in(session, email, "wrong")
    assert calls == ["verify"]


@pytest.mark.parametrize("email", ["\x00", "ada@globex\x00.example", "\ud800@x.example", "x" * 100_000])
def test_an_address_no_database_can_be_asked_for_is_refused_like_any_other(session: Session, email: str) -> None:
    add(session)
    with pytest.raises(Invalid, match="do not belong together"):
        sign_in(session, email, PASSWORD)


def test_the_same_letters_from_two_keyboards_are_the_same_password() -> None:
    composed, decomposed = "caf\u00e9 au lait, please", "cafe\u0301 au lait, please"
    assert passwords.password_fits(passwords.hash_password(composed), decomposed)
