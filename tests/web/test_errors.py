"""Error pages: they say what happened, and know whoever is signed in; nobody else keeps them."""

import re

import pytest
from flask.testing import FlaskClient

from portal.web.access import public
from tests.web.conftest import Browse, World, post

SIGN_IN = re.compile(r'<a href="[^"]*/sign-in"')


def broken() -> str:
    raise RuntimeError("a defect")


@pytest.mark.parametrize(("path", "status"), [("/nothing", 404), ("/incidents/none", 404), ("/broken", 500)])
def test_an_error_knows_who_is_signed_in_and_leads_to_their_pages(
    client: FlaskClient, world: World, sign_in: Browse, path: str, status: int
) -> None:
    world.app.add_url_rule("/broken", view_func=public(broken))
    for who, home in (("globex owner", f"/c/{world.house.globex}"), ("manager", "/staff"), ("nobody's", "/account")):
        sign_in(client, world.people[who])
        answer = client.get(path)
        assert (answer.status_code, SIGN_IN.search(answer.text)) == (status, None), who
        assert f'<a href="{home}">To your pages</a>' in answer.text
        assert ">Sign out</button>" in answer.text
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_an_error_asks_a_visitor_to_sign_in_and_leads_to_the_status_page(client: FlaskClient) -> None:
    text = client.get("/nothing").text
    assert SIGN_IN.search(text)
    assert '<a href="/">To the status page</a>' in text
    assert "To your pages" not in text


def test_an_error_is_said_in_the_language_of_its_address_or_else_of_the_account(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    assert "Diese Seite gibt es nicht." in client.get("/de/nothing").text
    sign_in(client, world.people["globex member"])
    post(client, "/account/language", {"language": "ja"}, "/account")
    assert '<html lang="ja"' in client.get("/nothing").text
    assert '<html lang="de"' in client.get("/de/nothing").text


def test_who_is_signed_in_already_is_told_so_where_one_signs_in(
    client: FlaskClient, world: World, sign_in: Browse
) -> None:
    assert "You are signed in as" not in client.get("/sign-in").text
    sign_in(client, world.people["manager"])
    text = client.get("/sign-in").text
    assert f"You are signed in as {world.people['manager'].name}." in text
    assert '<a href="/staff">To your pages</a>' in text
