"""What other programs read: the Statuspage-compatible API v2, badges, JSON Feed and the calendar of planned work."""

import json
import re
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from flask.testing import FlaskClient
from icalendar import Calendar

from portal import clock
from portal.api.components import begun_at
from portal.store.ground.base import new_id
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Plan
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from tests.web.conftest import World, writing

PATHS = (
    "summary.json", "status.json", "components.json", "incidents.json", "incidents/unresolved.json",
    "scheduled-maintenances.json", "scheduled-maintenances/upcoming.json", "scheduled-maintenances/active.json",
)  # fmt: skip
BODY = {
    "summary.json": ["page", "components", "incidents", "scheduled_maintenances", "status"],
    "status.json": ["page", "status"],
    "components.json": ["page", "components"],
    "incidents.json": ["page", "incidents"],
    "incidents/unresolved.json": ["page", "incidents"],
}
PAGE = ["id", "name", "url", "time_zone", "updated_at"]
LEAF = [
    "id", "name", "status", "created_at", "updated_at", "position", "description", "showcase", "start_date", "group_id",
    "page_id", "group", "only_show_if_degraded",
]  # fmt: skip
INCIDENT = [
    "id", "name", "status", "impact", "created_at", "updated_at", "started_at", "monitoring_at", "resolved_at",
    "shortlink", "page_id", "components", "incident_updates",
]  # fmt: skip
UPDATE = [
    "id", "incident_id", "status", "body", "created_at", "updated_at", "display_at", "affected_components",
    "deliver_notifications",
]  # fmt: skip
STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
HOUR_S = 3600


def read(client: FlaskClient, path: str) -> Any:
    answer = client.get(f"/api/v2/{path}")
    assert answer.status_code == 200
    return json.loads(answer.data)


def tell(world: World, impact: str = "major", *updates: str) -> None:
    with writing(world.app) as session:
        draft = Draft("Fire", impact, [str(world.house.api)], "investigating", "We **look**.")
        key = incidents.post(session, world.house.responder, draft, clock.now())
        for number, status in enumerate(updates, start=1):
            at = clock.now() + timedelta(seconds=number)
            incidents.update(session, world.house.responder, key, status, "More.", at)


def plan(world: World, starts_in_s: int) -> Any:
    now = clock.now()
    start = clock.seconds(now) + starts_in_s
    services = (world.house.api,)
    with writing(world.app) as session:
        wanted = Plan("Upgrade", "scheduled_maintenance", start, start + HOUR_S, services, "Faster\x0b disks.")
        return maintenance.announce(session, world.house.manager, wanted, now)


@pytest.mark.parametrize("path", PATHS)
def test_every_body_is_compact_begins_with_the_page_and_is_for_any_origin(
    world: World, client: FlaskClient, path: str
) -> None:
    tell(world)
    answer = client.get(f"/api/v2/{path}")
    body = json.loads(answer.data)
    assert list(body) == BODY.get(path, ["page", "scheduled_maintenances"])
    assert list(body["page"]) == PAGE
    assert answer.text == json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.cache_control.max_age <= 60
    assert client.get(f"/api/v2/{path}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_keys_and_instants_are_those_strict_readers_know(world: World, client: FlaskClient) -> None:
    tell(world, "minor", "monitoring")
    plan(world, HOUR_S)
    body = read(client, "summary.json")
    (incident,), (work,) = body["incidents"], body["scheduled_maintenances"]
    leaves = [one for one in body["components"] if not one["group"]]
    assert {tuple(one) for one in leaves} == {tuple(LEAF)}
    assert list(incident) == INCIDENT
    assert list(work) == [*INCIDENT, "scheduled_for", "scheduled_until"]
    assert [list(one) for one in incident["incident_updates"]] == [UPDATE, UPDATE]
    assert [one["status"] for one in incident["incident_updates"]] == ["monitoring", "investigating"]
    assert incident["monitoring_at"] == incident["incident_updates"][0]["created_at"]
    assert (work["status"], work["impact"]) == ("scheduled", "maintenance")
    stamps = [
        value for one in (body["page"], incident, work, *leaves) for key, value in one.items() if key[-3:] == "_at"
    ]
    assert all(STAMP.fullmatch(one) for one in stamps if one is not None)


def test_a_group_lists_its_children_and_is_as_bad_as_the_worst(world: World, client: FlaskClient) -> None:
    tell(world, "critical")
    components = read(client, "components.json")["components"]
    for group in (one for one in components if one["group"]):
        members = [one for one in components if one["group_id"] == group["id"]]
        assert group["components"] == [one["id"] for one in members]
        assert "major_outage" in {one["status"] for one in members} or group["status"] != "major_outage"
    assert next(one for one in components if one["id"] == str(world.house.api))["status"] == "major_outage"


def test_a_service_nobody_measures_is_never_called_operational(client: FlaskClient) -> None:
    leaves = [one for one in read(client, "components.json")["components"] if not one["group"]]
    assert {one["status"] for one in leaves} == {"degraded_performance"}
    assert all(one["description"].startswith("Not known") for one in leaves)


def test_incidents_are_listed_while_they_are_open_and_later_among_all(world: World, client: FlaskClient) -> None:
    tell(world, "major", "resolved", "postmortem")
    assert read(client, "incidents/unresolved.json")["incidents"] == []
    assert '"incidents":[],' in client.get("/api/v2/summary.json").text
    (told,) = read(client, "incidents.json")["incidents"]
    assert told["status"] == "postmortem"
    assert told["resolved_at"] == told["incident_updates"][1]["created_at"]


def test_planned_work_is_upcoming_then_active(world: World, client: FlaskClient) -> None:
    plan(world, HOUR_S)
    plan(world, -60)
    lists = {name: read(client, f"scheduled-maintenances/{name}.json") for name in ("upcoming", "active")}
    assert [one["status"] for one in lists["upcoming"]["scheduled_maintenances"]] == ["scheduled"]
    assert [one["status"] for one in lists["active"]["scheduled_maintenances"]] == ["in_progress"]
    assert len(read(client, "scheduled-maintenances.json")["scheduled_maintenances"]) == 2


def test_an_unknown_path_is_not_found(client: FlaskClient) -> None:
    assert client.get("/api/v2/nothing.json").status_code == 404
    assert client.get("/badges/nothing.json").status_code == 404


def test_a_badge_says_by_word_and_shape_what_its_colour_says(world: World, client: FlaskClient) -> None:
    tell(world, "critical")
    badge = json.loads(client.get("/badges/api.json").data)
    assert badge == {"schemaVersion": 1, "label": "API", "message": "down", "color": "red", "cacheSeconds": 60}
    answer = client.get("/badges/api.svg")
    drawing = ElementTree.fromstring(answer.data)
    assert drawing.get("aria-label") == "API: down"
    assert "style" not in answer.text
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


def test_a_json_feed_has_one_item_an_update(world: World, client: FlaskClient) -> None:
    tell(world, "major", "identified")
    answer = client.get("/history.json")
    feed = json.loads(answer.data)
    assert answer.content_type == "application/feed+json; charset=utf-8"
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["title"] for one in feed["items"]] == ["Identified: Fire", "Investigating: Fire"]
    assert feed["items"][1]["content_html"].endswith("<p>We <strong>look</strong>.</p>\n")
    assert client.get("/history.json").data == answer.data


def test_a_calendar_keeps_an_event_and_counts_every_word_about_it(world: World, client: FlaskClient) -> None:
    work = plan(world, HOUR_S)
    before = client.get("/history.ics")
    with writing(world.app) as session:
        maintenance.cancel(session, world.house.manager, work, "Not today.", clock.now())
    after = client.get("/history.ics")
    (planned,), (cancelled,) = (Calendar.from_ical(one.data).walk("VEVENT") for one in (before, after))
    assert planned["UID"] == cancelled["UID"] == work.urn
    assert (planned["SEQUENCE"], cancelled["SEQUENCE"]) == (0, 1)
    assert (planned["STATUS"], cancelled["STATUS"]) == ("CONFIRMED", "CANCELLED")
    assert planned["SUMMARY"] == "Upgrade"
    assert "Faster disks." in planned["DESCRIPTION"]
    assert client.get("/history.ics").data == after.data
    assert after.content_type == "text/calendar; charset=utf-8"


def test_when_something_was_made_is_read_from_its_id() -> None:
    assert abs(begun_at(new_id()) - clock.now()) <= timedelta(seconds=2)
