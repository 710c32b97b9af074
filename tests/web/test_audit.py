"""The audit page: every deed through the pages leaves an entry with ids, and only administrators read it."""

from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.store.people.audit import AuditRow
from portal.usecases.groundwork.audit import Deed, Thing, note
from tests.web.conftest import Browse, World, post, writing


def noted(world: World) -> list[AuditRow]:
    with writing(world.app) as session:
        return list(session.execute(select(AuditRow).order_by(AuditRow.id)).scalars())


def test_a_told_incident_is_noted_with_its_author_and_no_name(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    manager = world.people["manager"]
    sign_in(client, manager)
    data = {"title": "Logins fail", "impact": "major", "services": [str(world.house.api)]}
    answer = post(
        client, "/staff/incidents", {**data, "status": "investigating", "body": "We look."}, "/staff/incidents/new"
    )
    assert answer.status_code == 303
    (row,) = noted(world)
    assert (row.user_id, row.what, row.object_kind) == (manager.id, Deed.TOLD_INCIDENT, "incident")
    assert row.after == {"status": "investigating", "impact": "major", "services": [str(world.house.api)]}
    assert manager.name not in str([row.before, row.after, row.object_id])


def test_a_refused_deed_leaves_no_note(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["manager"])
    assert post(client, "/staff/incidents", {}, "/staff/incidents/new").status_code == 422
    assert noted(world) == []


def test_an_administrator_reads_it_in_pages(world: World, client: FlaskClient, sign_in: Browse) -> None:
    with writing(world.app) as session:
        for number in range(52):
            thing = Thing("thing", f"<{number}>", world.house.globex)
            note(session, world.people["manager"].id, Deed.SIGNED_IN, thing, clock.now(), after={"role": "owner"})
    sign_in(client, world.people["administrator"])
    page = client.get("/staff/audit").text
    assert page.count("<tr>") == 51
    assert "thing &lt;51&gt;" in page
    assert "role: owner" in page
    older = page.partition("?after=")[2].partition('"')[0]
    assert client.get(f"/staff/audit?after={older}").text.count("<tr>") == 3


def test_others_do_not_read_it(world: World, client: FlaskClient, sign_in: Browse) -> None:
    for who, status in (("manager", 403), ("finance", 403), ("globex owner", 404)):
        sign_in(client, world.people[who])
        assert client.get("/staff/audit").status_code == status, who
