"""Members join by a link that works once; owners change roles and take people off; an account always has an owner."""

import html
import re
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from sqlalchemy.exc import DatabaseError

from portal import clock
from portal.store.people.members import MemberInvitationRow
from portal.store.people.people import MembershipRow, UserRow
from portal.store.people.support import SupportViewRow
from portal.usecases.customer import support
from tests.web.conftest import Browse, World, post, writing
from tests.web.test_closing import one, url

LINK = re.compile(r"http://[^<\s]+/join/[^<\s]+")
PASSWORD = "correct horse battery"


def invited(client: FlaskClient, world: World, email: str, role: str = "billing") -> str:
    answer = post(client, url(world, "initech", "members"), {"email": email, "role": role})
    (found,) = LINK.findall(answer.text)
    return urlsplit(html.unescape(found)).path


def roles(world: World) -> dict[str, str]:
    with writing(world.app) as session:
        question = select(UserRow.email, MembershipRow.role).join(MembershipRow, MembershipRow.user_id == UserRow.id)
        rows = session.execute(question.where(MembershipRow.customer_id == world.house.initech))
        return {str(email).split("@")[0]: role for email, role in rows}


def test_somebody_without_an_account_joins_once_by_the_link_they_were_handed(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    sign_in(client, world.people["initech owner"])
    members = url(world, "initech", "members")
    assert post(client, members, {"email": "no address", "role": "member"}).status_code == 422
    assert post(client, members, {"email": "sam@initech.example", "role": "king"}).status_code == 422
    link = invited(client, world, "Sam@Initech.example")
    token = link.split("/")[-1]
    assert "sam@initech.example" in client.get(members).text
    assert token not in client.get(members).text
    assert token not in str(one(world, MemberInvitationRow).__dict__)
    stranger = world.app.test_client()
    form = {"name": "Samir", "password": PASSWORD, "again": PASSWORD}
    assert "Join Initech as billing." in stranger.get(link).text
    assert post(stranger, link, form | {"again": "another"}, link).status_code == 422
    assert post(stranger, link, form | {"password": "short", "again": "short"}, link).status_code == 422
    elsewhere = link.replace(str(world.house.initech), str(world.house.globex))
    assert stranger.get(elsewhere).status_code == 404
    assert post(stranger, link, form, link).status_code == 303
    assert roles(world)["sam"] == "billing"
    assert stranger.get(link).status_code == 404
    assert post(stranger, link, form).status_code == 404
    signed_in = post(stranger, "/sign-in", {"email": "sam@initech.example", "password": PASSWORD})
    assert signed_in.status_code == 303
    assert stranger.get(url(world, "initech", "ledger")).status_code == 200


def test_somebody_with_an_account_accepts_as_themselves_and_nobody_else_for_them(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    sign_in(client, world.people["initech owner"])
    link = invited(client, world, world.people["globex member"].email)
    withdrawn = invited(client, world, world.people["nobody's"].email)
    other = world.app.test_client()
    assert "Sign in as max@globex.example" in other.get(link).text
    form = {"name": "Mallory", "password": PASSWORD, "again": PASSWORD}
    assert post(other, link, form, link).status_code == 409
    sign_in(other, world.people["nobody's"])
    refused = post(other, f"{link}/accept", {})
    assert (refused.status_code, "This link is for max@globex.example" in refused.text) == (403, True)
    key = client.get(url(world, "initech", "members")).text.split("/invitations/")[1].split("/")[0]
    assert post(client, url(world, "initech", f"invitations/{key}/withdraw"), {}).status_code == 303
    assert post(other, f"{withdrawn}/accept", {}).status_code == 404
    sign_in(other, world.people["globex member"])
    assert post(other, f"{link}/accept", {}).status_code == 303
    assert roles(world)["max"] == "billing"
    assert post(other, f"{link}/accept", {}).status_code == 404


def test_an_owner_changes_roles_and_takes_people_off_and_the_last_owner_stays(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    owner, member = world.people["initech owner"], world.people["initech member"]
    sign_in(client, member)
    for path in (f"members/{owner.id}/role", f"members/{owner.id}/remove", "members"):
        assert post(client, url(world, "initech", path), {"role": "member", "email": "a@b.example"}).status_code == 403
    sign_in(client, owner)
    assert post(client, url(world, "initech", f"members/{owner.id}/role"), {"role": "member"}).status_code == 409
    assert post(client, url(world, "initech", f"members/{owner.id}/remove"), {}).status_code == 409
    assert post(client, url(world, "initech", f"members/{member.id}/role"), {"role": "queen"}).status_code == 422
    stranger = world.people["globex member"].id
    assert post(client, url(world, "initech", f"members/{stranger}/remove"), {}).status_code == 404
    assert post(client, url(world, "initech", f"members/{member.id}/role"), {"role": "owner"}).status_code == 303
    assert roles(world) == {"peter": "owner", "milton": "owner"}
    assert post(client, url(world, "initech", f"members/{owner.id}/remove"), {}).status_code == 303
    assert client.get(url(world, "initech", "members")).status_code == 404
    assert roles(world) == {"milton": "owner"}


def test_a_reader_has_a_time_zone_of_their_own_beside_the_contracts(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    sign_in(client, world.people["initech owner"])
    refused = post(client, "/account/time-zone", {"timezone": "Mars/Olympus"})
    assert (refused.status_code, "There is no such time zone." in refused.text) == (422, True)
    for text in ("../etc/passwd", "x" * 10_000, "\0"):
        assert post(client, "/account/time-zone", {"timezone": text}).status_code == 422
    assert post(client, "/account/time-zone", {"timezone": "Asia/Tokyo"}).status_code == 303
    assert 'value="Asia/Tokyo"' in client.get("/account").text
    assert post(client, "/account/time-zone", {"timezone": ""}).status_code == 303
    assert "Asia/Tokyo" not in client.get("/account").text


def test_every_page_that_staff_read_by_a_grant_is_shown_to_the_customer_and_can_never_be_unsaid(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    sign_in(client, world.people["responder"])
    with writing(world.app) as session:
        person = world.people["responder"]
        support.take_access(session, person, world.house.initech, "Ticket 4711 asks why", 1, clock.now())
    for page in ("", "/statements", "/no-such-page"):
        client.get(f"/c/{world.house.initech}{page}")
    sign_in(client, world.people["initech owner"])
    page = client.get(url(world, "initech", "support")).text
    assert "2 pages read" in page
    assert "took support access" in page
    link = page.split(f"/c/{world.house.initech}/support/")[1].split('"')[0]
    seen = client.get(url(world, "initech", f"support/{link}")).text
    assert "the overview" in seen
    assert "closed periods" in seen
    assert client.get(url(world, "globex", f"support/{link}")).status_code == 404
    with pytest.raises(DatabaseError, match="never change"), writing(world.app) as session:
        session.execute(delete(SupportViewRow))
