"""Who may: every endpoint says so, and what it says holds for visitors, strangers, members and every staff role."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import AnyConverter, BaseConverter, Rule, UUIDConverter

from portal.app import create_app
from portal.domain.people.roles import Permission
from portal.store.ground.base import new_id
from portal.web import pages
from portal.web.access import STAFF_PERMISSIONS, Access, AccessUndeclared
from tests.web.conftest import Browse, World, form_token, settings_of

UNDECLARED = """
from flask import Blueprint
blueprint = Blueprint("planted", __name__)
@blueprint.get("/planted")
def show():
    return "open to everybody by mistake"
"""
MEMBERS = ("globex owner", "globex member", "initech owner", "initech member", "nobody's")


def access_of(app: Flask, rule: Rule) -> Access:
    declared: Access = app.view_functions[rule.endpoint].__access__  # type: ignore[attr-defined]  # set by @public
    return declared


def rules(app: Flask, method: str) -> Iterator[tuple[Rule, Permission | None]]:
    for rule in app.url_map.iter_rules():
        if method in (rule.methods or ()) and rule.endpoint != "static":
            yield rule, access_of(app, rule).permission


def value_for(converter: BaseConverter) -> object:
    """Something that this part of an address may be."""
    if isinstance(converter, UUIDConverter):
        return new_id()
    return min(converter.items) if isinstance(converter, AnyConverter) else 1


def path_of(app: Flask, rule: Rule, customer: UUID) -> str:
    values = {
        name: customer if name == "customer" else value_for(converter) for name, converter in rule._converters.items()
    }
    adapter = app.url_map.bind("127.0.0.1")
    return adapter.build(rule.endpoint, values)


def test_every_endpoint_declares_who_may(app: Flask) -> None:
    declared = {name: getattr(view, "__access__", None) for name, view in app.view_functions.items()}
    assert all(isinstance(access, Access) for access in declared.values()), declared


def test_an_endpoint_that_does_not_say_who_may_keeps_the_portal_from_starting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    planted = tmp_path / "pages"
    planted.mkdir()
    (planted / "planted.py").write_text(UNDECLARED)
    monkeypatch.setattr(pages, "__path__", [*pages.__path__, str(planted)])
    with pytest.raises(AccessUndeclared, match=r"planted\.show"):
        create_app(settings_of(tmp_path))


def test_a_visitor_is_sent_to_sign_in_and_brought_back(world: World, client: FlaskClient) -> None:
    guarded = [rule for rule, permission in rules(world.app, "GET") if permission is not None]
    assert guarded
    for rule in guarded:
        path = path_of(world.app, rule, world.house.globex)
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (303, f"/sign-in?next={path}"), path


def test_a_visitor_sends_nothing(world: World, client: FlaskClient) -> None:
    token = form_token(client)
    for rule, permission in rules(world.app, "POST"):
        if permission is not None:
            answer = client.post(path_of(world.app, rule, world.house.globex), data={"csrf_token": token})
            assert answer.status_code == 403, rule


@pytest.mark.parametrize("who", MEMBERS)
def test_staff_pages_do_not_exist_for_customers(world: World, client: FlaskClient, sign_in: Browse, who: str) -> None:
    sign_in(client, world.people[who])
    token = form_token(client)
    for method in ("GET", "POST"):
        for rule, permission in rules(world.app, method):
            if permission in STAFF_PERMISSIONS and "customer" not in rule.arguments:
                path = path_of(world.app, rule, world.house.globex)
                answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
                assert answer.status_code == 404, (who, rule)


BY_SECRET = "private_files.by_password"
"""Asks everybody for the secret in the same words, of customers that exist and of others."""


@pytest.mark.parametrize("who", ["globex owner", "globex member", "nobody's", "manager", "administrator"])
def test_pages_of_a_customer_do_not_exist_for_strangers(
    world: World, client: FlaskClient, sign_in: Browse, who: str
) -> None:
    sign_in(client, world.people[who])
    token = form_token(client)
    for method in ("GET", "POST"):
        for rule, _ in rules(world.app, method):
            if "customer" in rule.arguments:
                path = path_of(world.app, rule, world.house.initech)
                answer = client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
                assert answer.status_code == (401 if rule.endpoint == BY_SECRET else 404), (who, rule)
                assert "Initech" not in answer.text


@pytest.mark.parametrize(
    ("who", "status"), [("responder", 200), ("manager", 200), ("administrator", 200), ("finance", 403)]
)
def test_only_roles_that_tell_incidents_get_the_form(
    world: World, client: FlaskClient, sign_in: Browse, who: str, status: int
) -> None:
    sign_in(client, world.people[who])
    assert client.get("/staff").status_code == 200
    assert client.get("/staff/incidents/new").status_code == status


def test_a_session_that_was_ended_opens_nothing(world: World, client: FlaskClient, sign_in: Browse) -> None:
    copied = sign_in(client, world.people["manager"])
    assert client.post("/sign-out", data={"csrf_token": form_token(client, "/account")}).status_code == 303
    client.set_cookie("portal", copied)
    assert client.get("/staff").status_code == 303
