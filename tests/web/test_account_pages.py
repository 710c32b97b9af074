"""Accounts through the pages: passwords, codes, browsers, links and support access, as a browser meets them."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from portal import clock
from portal.app import create_app
from portal.domain.people.person import Person
from portal.domain.people.second_factor import CustomerPolicy, StaffPolicy
from portal.store.ground.outbox import OutboxRow
from portal.store.people.people import UserRow, UserSessionRow
from portal.usecases.people import accounts, invitations
from portal.usecases.people.invitations import Purpose
from portal.usecases.people.sessions import token_hash
from portal.web.going import safe_path
from tests.usecases.people import PASSWORD, password_hash
from tests.web.conftest import Browse, World, form_token, post, writing

FRESH = "a wholly different phrase"
WHY = "Ticket 4711: the credit of October"


@pytest.fixture
def owner(world: World) -> Person:
    """An owner of Globex who has a password."""
    return with_password(world, "globex owner")


def with_password(world: World, who: str) -> Person:
    person = world.people[who]
    with writing(world.app) as session:
        session.execute(update(UserRow).where(UserRow.id == person.id).values(password_hash=password_hash()))
    return person


def policies(world: World, staff: StaffPolicy, customers: CustomerPolicy = CustomerPolicy.OFF) -> None:
    settings = world.app.extensions["settings"]
    update = {"staff_second_factor": staff, "customer_second_factor": customers}
    world.app.extensions["settings"] = settings.model_copy(update=update)


def enter(client: FlaskClient, person: Person, password: str = PASSWORD, going: str = "") -> str:
    """Sign in by the form; return where it leads."""
    answer = post(client, "/sign-in", {"email": person.email, "password": password, "next": going})
    assert answer.status_code == 303, answer.text
    return answer.headers["Location"]


def token_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("portal")
    assert cookie is not None
    return cookie.value


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


def passed(world: World, minutes: int) -> None:
    """Let the password of every session have been given so long ago."""
    with writing(world.app) as session:
        session.execute(update(UserSessionRow).values(confirmed_at=clock.now() - timedelta(minutes=minutes)))


def test_a_cookie_set_before_signing_in_opens_nothing_after(world: World, owner: Person) -> None:
    client, thief = world.app.test_client(), world.app.test_client()
    enter(client, owner)
    thief.set_cookie("portal", token_of(client))
    enter(client, owner)
    assert is_in(client)
    assert not is_in(thief)


def test_a_cookie_copied_before_signing_out_opens_nothing_after(world: World, owner: Person) -> None:
    client, thief = world.app.test_client(), world.app.test_client()
    enter(client, owner)
    thief.set_cookie("portal", token_of(client))
    assert is_in(thief)
    post(client, "/sign-out", {}, "/account/sessions")
    assert not is_in(thief)


def test_a_changed_password_signs_the_other_browsers_out(world: World, owner: Person) -> None:
    here, there = world.app.test_client(), world.app.test_client()
    enter(here, owner)
    enter(there, owner)
    before = token_of(here)
    answer = post(here, "/account/password", {"current": PASSWORD, "fresh": FRESH, "again": FRESH}, "/account/password")
    assert answer.status_code == 303
    assert token_of(here) != before
    assert (is_in(here), is_in(there)) == (True, False)
    enter(there, owner, FRESH)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"current": "wrong", "fresh": FRESH, "again": FRESH}, "not your present password"),
        ({"current": PASSWORD, "fresh": FRESH, "again": "another"}, "differ"),
        ({"current": PASSWORD, "fresh": "short", "again": "short"}, "12 to 256"),
        ({}, "not your present password"),
    ],
)
def test_a_password_form_says_what_is_wrong_and_shows_no_password(
    world: World, owner: Person, client: FlaskClient, typed: dict[str, object], sentence: str
) -> None:
    enter(client, owner)
    answer = post(client, "/account/password", typed or {"again": ""}, "/account/password")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert FRESH not in answer.text
    assert PASSWORD not in answer.text


def test_browsers_are_listed_and_ended_one_by_one(world: World, owner: Person) -> None:
    here, there = world.app.test_client(), world.app.test_client()
    enter(here, owner)
    enter(there, owner)
    page = here.get("/account/sessions").text
    assert "2 browsers" in page
    found = re.findall(r"/account/sessions/([0-9a-f-]{36})/end", page)
    with writing(world.app) as session:
        mine = select(UserSessionRow.id).where(UserSessionRow.token_hash == token_hash(token_of(here)))
        (other,) = set(found) - {str(session.execute(mine).scalar_one())}
    assert post(here, f"/account/sessions/{other}/end", {}, "/account/sessions").status_code == 303
    assert (is_in(here), is_in(there)) == (True, False)
    assert post(here, f"/account/sessions/{other}/end", {}, "/account/sessions").status_code == 404


def test_nobody_ends_anothers_session(world: World, owner: Person, client: FlaskClient, sign_in: Browse) -> None:
    enter(client, owner)
    with writing(world.app) as session:
        (own,) = session.execute(select(UserSessionRow.id)).scalars()
    stranger = world.app.test_client()
    sign_in(stranger, world.people["initech owner"])
    assert post(stranger, f"/account/sessions/{own}/end", {}, "/account/sessions").status_code == 404
    assert is_in(client)


def test_sending_something_keeps_when_a_session_was_last_used_and_looking_does_not(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    sign_in(client, world.people["globex owner"])
    long_ago = clock.now() - timedelta(hours=1)
    with writing(world.app) as session:
        session.execute(update(UserSessionRow).values(last_seen_at=long_ago))
    client.get("/account")
    with writing(world.app) as session:
        assert session.execute(select(UserSessionRow.last_seen_at)).scalar_one() == long_ago
    post(client, "/account/sessions/end-others", {}, "/account/sessions")
    with writing(world.app) as session:
        assert session.execute(select(UserSessionRow.last_seen_at)).scalar_one() > long_ago


def pair(client: FlaskClient) -> str:
    """Set a second factor up by the pages; return the app's secret."""
    form_at = "/account/second-factor"
    assert post(client, "/account/second-factor/begin", {}, form_at).status_code == 303
    shown = re.search(r'class="mono">([A-Z2-7 ]+)<', client.get(form_at).text)
    assert shown
    secret = shown[1].replace(" ", "")
    answer = post(client, form_at, {"code": pyotp.TOTP(secret).at(clock.now())}, form_at)
    assert answer.status_code == 200, answer.text
    assert len(re.findall(r'<li class="mono">', answer.text)) == 10
    return secret


def test_staff_who_must_have_a_second_factor_reach_nothing_else_until_they_do(world: World) -> None:
    policies(world, StaffPolicy.REQUIRED)
    client, manager = world.app.test_client(), with_password(world, "manager")
    assert enter(client, manager) == "/staff"
    for path in ("/staff", "/account", "/staff/support", "/account/sessions", "/account/password"):
        answer = client.get(path)
        assert answer.headers["Location"].startswith("/account/second-factor?next="), path
    assert post(client, "/account/sessions/end-others", {}, "/account/second-factor").status_code == 403
    pair(client)
    assert client.get("/staff").status_code == 200
    removed = post(client, "/account/second-factor/remove", {}, "/account/second-factor")
    assert removed.status_code == 409


def test_signing_in_with_a_second_factor_takes_its_code_and_going_on_is_kept(world: World, owner: Person) -> None:
    client, other = world.app.test_client(), world.app.test_client()
    enter(client, owner)
    secret = pair(client)
    assert enter(other, owner, going="/account/sessions") == "/account/sessions"
    half = token_of(other)
    assert other.get("/account/sessions").headers["Location"] == "/sign-in/code?next=/account/sessions"
    for path in ("/account", "/account/second-factor", "/account/password", f"/c/{world.house.globex}"):
        assert other.get(path).headers["Location"].startswith("/sign-in/code"), path
    for path in ("/account/second-factor/begin", "/account/second-factor", "/account/confirm", "/account/password"):
        assert post(other, path, {}, "/sign-in/code").status_code == 403, path
    assert post(other, "/sign-in/code", {"code": "000000"}, "/sign-in/code").status_code == 422
    later = pyotp.TOTP(secret).at(clock.now() + timedelta(seconds=30))
    answer = post(other, "/sign-in/code", {"code": later, "next": "/account/sessions"}, "/sign-in/code")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/account/sessions")
    assert token_of(other) != half
    assert is_in(other)
    thief = world.app.test_client()
    enter(thief, owner)
    assert post(thief, "/sign-in/code", {"code": later}, "/sign-in/code").status_code == 422


def test_a_half_signed_in_browser_may_sign_out_and_shows_no_ways(world: World, owner: Person) -> None:
    client, other = world.app.test_client(), world.app.test_client()
    enter(client, owner)
    pair(client)
    enter(other, owner)
    page = other.get("/sign-in/code").text
    assert "Your commitments" not in page
    assert post(other, "/sign-out", {}, "/sign-in/code").status_code == 303
    assert other.get("/sign-in/code").headers["Location"].startswith("/sign-in?")


def test_by_policy_who_sees_money_needs_a_second_factor_and_who_does_not_needs_none(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    policies(world, StaffPolicy.OPTIONAL, CustomerPolicy.MONEY)
    sign_in(client, world.people["globex owner"])
    assert client.get(f"/c/{world.house.globex}").status_code == 303
    sign_in(client, world.people["globex member"])
    assert client.get(f"/c/{world.house.globex}").status_code == 200


def test_dangerous_acts_ask_for_the_password_again_and_then_are_open(
    world: World, owner: Person, client: FlaskClient
) -> None:
    enter(client, owner)
    passed(world, 10)
    form_at = "/account/second-factor"
    answer = post(client, "/account/second-factor/begin", {}, form_at)
    assert answer.headers["Location"] == "/account/confirm?next=/account/second-factor"
    assert post(client, "/account/confirm", {"password": "wrong", "next": form_at}, form_at).status_code == 422
    answer = post(client, "/account/confirm", {"password": PASSWORD, "next": form_at}, form_at)
    assert (answer.status_code, answer.headers["Location"]) == (303, form_at)
    pair(client)
    passed(world, 10)
    for path in ("remove", "recovery-codes", "begin"):
        answer = post(client, f"/account/second-factor/{path}", {}, form_at)
        assert answer.headers["Location"].startswith("/account/confirm"), path


@pytest.mark.parametrize("going", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_no_form_leads_off_the_site(world: World, owner: Person, client: FlaskClient, going: str) -> None:
    assert safe_path(going) == ""
    assert enter(client, owner, going=going) == f"/c/{world.house.globex}"
    answer = post(client, "/account/confirm", {"password": PASSWORD, "next": going}, "/account/confirm")
    assert answer.headers["Location"] == "/account"


def test_asking_for_a_reset_answers_the_same_whoever_it_is(world: World, owner: Person) -> None:
    answers = []
    for email in (owner.email, "nobody@globex.example"):
        client = world.app.test_client()
        answer = post(client, "/forgot-password", {"email": email}, "/forgot-password")
        answers.append((answer.status_code, answer.headers["Location"], answer.data))
    assert answers[0] == answers[1]
    with writing(world.app) as session:
        assert session.execute(select(func.count()).select_from(OutboxRow)).scalar_one() == 2


def test_a_request_under_another_host_is_refused_and_queues_nothing(world: World, owner: Person) -> None:
    client = world.app.test_client()
    token = form_token(client, "/forgot-password")
    for headers in ({"Host": "evil.example"}, {"Host": "evil.example", "X-Forwarded-Host": "127.0.0.1"}):
        data = {"email": owner.email, "csrf_token": token}
        assert client.post("/forgot-password", data=data, headers=headers).status_code == 400
    with writing(world.app) as session:
        assert session.execute(select(func.count()).select_from(OutboxRow)).scalar_one() == 0


def test_a_link_sets_the_password_once(world: World, owner: Person, client: FlaskClient) -> None:
    with writing(world.app) as session:
        address = invitations.make_link(session, owner.email, Purpose.RESET, "http://127.0.0.1", clock.now()).address
    path = address.removeprefix("http://127.0.0.1")
    assert owner.email in client.get(path).text
    link = path.partition("=")[2]
    typed: dict[str, object] = {"link": link, "password": FRESH, "again": FRESH}
    assert post(client, "/choose-password", typed | {"again": "another"}, path).status_code == 422
    assert post(client, "/choose-password", typed, path).headers["Location"] == "/sign-in"
    assert client.get(path).status_code == 404
    assert post(client, "/choose-password", typed).status_code == 404
    enter(client, owner, FRESH)


@pytest.mark.parametrize("path", ["/choose-password", "/choose-password?link=", "/choose-password?link=%00%ff"])
def test_a_link_that_is_none_opens_nothing(world: World, client: FlaskClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("proxies", "status"), [(0, 429), (1, 422)])
def test_an_address_told_by_a_proxy_counts_only_when_the_settings_name_that_proxy(
    world: World, proxies: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "TRIES_PER_NETWORK", 2)
    settings = world.app.extensions["settings"].model_copy(update={"trusted_proxies": proxies})
    client = create_app(settings).test_client()
    token = form_token(client)
    for number in range(3):
        answer = client.post(
            "/sign-in",
            data={"email": f"person{number}@x.example", "password": "wrong", "csrf_token": token},
            headers={"X-Forwarded-For": f"198.51.100.1, 10.0.{number}.1"},
        )
    assert answer.status_code == status


def test_staff_see_a_customers_pages_by_a_grant_and_a_banner_says_so(
    world: World, owner: Person, client: FlaskClient
) -> None:
    manager, home = with_password(world, "manager"), f"/c/{world.house.globex}"
    enter(client, manager)
    assert client.get(home).status_code == 404
    typed: dict[str, object] = {"organisation": str(world.house.globex), "reason": WHY, "hours": "4"}
    refused = post(client, "/staff/support", typed | {"reason": "why"}, "/staff/support")
    assert refused.status_code == 422
    assert "at least 10 characters" in refused.text
    assert post(client, "/staff/support", typed, "/staff/support").headers["Location"] == home
    page = client.get(home)
    assert page.status_code == 200
    assert "as support, until" in page.text
    assert WHY in page.text
    assert "as support, until" not in client.get("/staff").text
    assert client.get(f"/c/{world.house.initech}").status_code == 404
    assert client.get(f"{home}/feedback").status_code == 403
    assert post(client, f"{home}/feedback", {"words": "as if I were them"}, "/staff/support").status_code == 403

    theirs = world.app.test_client()
    enter(theirs, owner)
    assert WHY in theirs.get("/account").text
    listed = theirs.get(f"{home}/support").text
    (end,) = re.findall(rf'action="({home}/support/[0-9a-f-]+/end)"', listed)
    assert post(client, end, {}, "/staff/support").status_code == 403
    assert post(theirs, end, {}, f"{home}/support").status_code == 303
    assert client.get(home).status_code == 404
    assert WHY in theirs.get(f"{home}/support").text


def test_taking_support_access_asks_for_the_password_again(world: World, client: FlaskClient) -> None:
    enter(client, with_password(world, "manager"))
    passed(world, 10)
    assert "Give your password again" in client.get("/staff/support").text
    typed: dict[str, object] = {"organisation": str(world.house.globex), "reason": WHY, "hours": "4"}
    answer = post(client, "/staff/support", typed, "/staff/support")
    assert answer.headers["Location"] == "/account/confirm?next=/staff/support"
    assert client.get(f"/c/{world.house.globex}").status_code == 404


@pytest.mark.parametrize("hostile", [{"organisation": "x"}, {"hours": "many"}, {"reason": "\x00" * 20}, {}])
def test_a_support_form_with_anything_in_it_is_refused_in_a_sentence(
    world: World, client: FlaskClient, hostile: dict[str, object]
) -> None:
    enter(client, with_password(world, "manager"))
    answer = post(client, "/staff/support", hostile, "/staff/support")
    assert answer.status_code == 422
    assert 'class="refusal"' in answer.text
