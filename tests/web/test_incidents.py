"""Telling an incident: public within the request, refused beside the field, text shown as text."""

import re

import feedparser
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.store.ground.base import new_id
from tests.web.conftest import Browse, World, form_token, post

HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def responder(world: World, client: FlaskClient, sign_in: Browse) -> FlaskClient:
    sign_in(client, world.people["responder"])
    return client


def tell(world: World, client: FlaskClient, **changes: object) -> TestResponse:
    fields = {
        "title": "API requests fail",
        "impact": "major",
        "status": "investigating",
        "body": "We are looking into it.",
        "services": [str(world.house.api)],
    }
    return post(client, "/staff/incidents", fields | changes, "/staff/incidents/new")


def test_an_incident_is_on_the_page_and_in_the_feeds_at_once(world: World, responder: FlaskClient) -> None:
    answer = tell(world, responder)
    assert answer.status_code == 303
    visitor = world.app.test_client()
    for path in ("/", "/history", answer.headers["Location"].removeprefix("/staff")):
        assert "API requests fail" in visitor.get(path).text, path
    for path in ("/history.rss", "/history.atom"):
        entries = feedparser.parse(visitor.get(path).data).entries
        assert [entry.title for entry in entries] == ["Investigating: API requests fail"]


def test_an_update_follows_and_resolving_ends_it(world: World, responder: FlaskClient) -> None:
    place = tell(world, responder).headers["Location"]
    for status, body in (("identified", "A *route* was removed."), ("resolved", "It is back.")):
        answer = post(responder, f"{place}/updates", {"status": status, "body": body}, place)
        assert (answer.status_code, answer.headers["Location"]) == (303, place)
    page = world.app.test_client().get(place.removeprefix("/staff")).text
    assert page.index("It is back.") < page.index("A <em>route</em> was removed.") < page.index("looking into it")
    assert "Recently resolved" in world.app.test_client().get("/").text
    token = form_token(responder, "/staff/incidents/new")
    refused = responder.post(f"{place}/updates", data={"status": "monitoring", "body": "Hm.", "csrf_token": token})
    assert refused.status_code == 409
    assert "tell a new one" in refused.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("title", "", "Write something here."),
        ("title", "x" * 201, "201 characters; 200 are the most"),
        ("title", "nul \x00 byte", "control character"),
        ("body", "nul \x00 byte", "control character"),
        ("body", "x" * 100_000, "65,536 are the most"),
        ("status", "finished", "Choose one of these"),
        ("impact", "", "Choose one of these"),
        ("services", ["nothing"], "does not exist any more"),
    ],
)
def test_a_refusal_stands_beside_its_field_and_keeps_what_was_typed(
    world: World, responder: FlaskClient, field: str, value: object, sentence: str
) -> None:
    answer = tell(world, responder, **{"title": "Kept title", "body": "Kept body.", field: value})
    assert answer.status_code == 422
    assert re.search(rf'id="{field}-refusal">[^<]*{re.escape(sentence)}', answer.text)
    kept = {"title": "Kept title", "body": "Kept body."}
    assert all(text in answer.text for name, text in kept.items() if name != field)
    assert field == "services" or f'value="{world.house.api}" checked' in answer.text
    assert "Nothing was told in this month." in responder.get("/history").text


def test_a_refused_update_keeps_what_was_typed(world: World, responder: FlaskClient) -> None:
    place = tell(world, responder).headers["Location"]
    answer = post(responder, f"{place}/updates", {"status": "monitoring", "body": " "}, place)
    assert answer.status_code == 422
    assert '<option value="monitoring" selected>' in answer.text
    assert 'id="body-refusal"' in answer.text


def test_script_is_text_on_every_page(world: World, responder: FlaskClient) -> None:
    place = tell(world, responder, title=HOSTILE, body=f"{HOSTILE}\n\n[x](javascript:alert(1))").headers["Location"]
    for path in ("/", "/history", place, place.removeprefix("/staff"), "/staff"):
        page = responder.get(path).text
        assert "<script>" not in page
        assert 'href="javascript' not in page
        assert "&lt;script&gt;" in page, path


def test_a_service_that_is_down_fills_the_form_in(world: World, responder: FlaskClient) -> None:
    page = responder.get(f"/staff/incidents/new?service={world.house.api}").text
    assert 'value="API is down"' in page
    assert f'value="{world.house.api}" checked' in page
    assert responder.get("/staff/incidents/new?service=%00").status_code == 200


def test_an_unknown_incident_is_not_found(world: World, responder: FlaskClient) -> None:
    for path in (f"/incidents/{new_id()}", f"/staff/incidents/{new_id()}", "/incidents/x", "/incidents/%00"):
        assert responder.get(path).status_code == 404, path


def test_a_form_of_many_megabytes_is_refused(world: World, responder: FlaskClient) -> None:
    token = form_token(responder, "/staff/incidents/new")
    answer = responder.post("/staff/incidents", data={"csrf_token": token, "body": "x" * 10_000_000})
    assert answer.status_code == 413


def test_history_refuses_a_month_that_is_none(world: World, client: FlaskClient) -> None:
    assert client.get("/history?month=2026-10").status_code == 200
    for month in ("x", "2026-13", "9999-01", "%00", "2026-10-01"):
        assert client.get(f"/history?month={month}").status_code == 404, month


def test_the_status_page_shows_the_newest_updates_and_leads_to_the_rest(world: World, responder: FlaskClient) -> None:
    place = tell(world, responder).headers["Location"]
    for number in range(6):
        post(responder, f"{place}/updates", {"status": "monitoring", "body": f"Update {number}."}, place)
    page = responder.get("/").text
    assert all(f"Update {number}." in page for number in range(3, 6))
    assert "Update 2." not in page
    assert "All 7 updates" in page
    assert "Update 0." in responder.get(place.removeprefix("/staff")).text


def test_what_was_learned_is_told_after_the_end_and_leaves_it_resolved(world: World, responder: FlaskClient) -> None:
    place = tell(world, responder).headers["Location"]
    learned = {"status": "postmortem", "body": "We **changed** the switch."}
    early = post(responder, f"{place}/updates", learned, place)
    assert early.status_code == 409
    assert "Resolve it first" in early.text
    post(responder, f"{place}/updates", {"status": "resolved", "body": "It is back."}, place)
    assert 'value="postmortem"' in responder.get(place).text
    assert post(responder, f"{place}/updates", learned, place).status_code == 303
    visitor = world.app.test_client()
    page = visitor.get(place.removeprefix("/staff")).text
    assert "What we learned" in page
    assert "We <strong>changed</strong> the switch." in page
    assert '<span class="tag ok">Resolved</span>' in page
    assert "Post-mortem" in visitor.get("/history").text
    titles = [entry.title for entry in feedparser.parse(visitor.get("/history.rss").data).entries]
    assert titles[0] == "Post-mortem: API requests fail"


def test_a_new_incident_has_no_post_mortem(world: World, responder: FlaskClient) -> None:
    assert tell(world, responder, status="postmortem").status_code == 422
