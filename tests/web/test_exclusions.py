"""The register of exclusions in the browser: asked for, approved by somebody else, read by whom it is for."""

from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.database import db
from portal.store.ground.tenancy import provider_scope
from portal.store.notices.exclusions import ExclusionRow
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Plan
from portal.usecases.groundwork.local_times import local_input
from tests import customers
from tests.customers import BERLIN
from tests.web.conftest import Browse, World, post, writing
from tests.web.hostile import rows_digest

POLICY = {"mode": "remove", "types": {"maintenance": {"notice_seconds": 259_200}, "force_majeure": {}}}
FORM: dict[str, object] = {
    "type": "force_majeure",
    "start": "2026-11-10T09:00",
    "end": "2026-11-10T10:00",
    "reason": "=HYPERLINK(1) A power station failed.",
    "evidence_link": "https://status.example/42",
}


@pytest.fixture
def excusing(world: World) -> World:
    with writing(world.app) as session:
        agreement = customers.agreement(session, "excusing")
        terms = customers.terms_document("excusing", commitment={"exclusions_policy": POLICY})
        customers.version(session, agreement, terms)
        customers.contract(
            session, world.house.globex, agreement, "globex-excusing", {"api": world.house.api}, timezone=BERLIN
        )
    return world


def ask(client: FlaskClient, world: World, **changes: object) -> Any:
    return post(client, "/staff/exclusions", {**FORM, "services": [str(world.house.api)], **changes})


def entry_of(world: World) -> str:
    with world.app.app_context(), provider_scope():
        return str(db.session().scalars(select(ExclusionRow.id)).one())


def test_what_one_asks_for_another_approves_and_the_customer_reads_it(
    client: FlaskClient, excusing: World, sign_in: Browse
) -> None:
    sign_in(client, excusing.people["responder"])
    assert ask(client, excusing).status_code == 303
    entry = entry_of(excusing)
    page = client.get(f"/staff/exclusions/{entry}").text
    assert "What approving it does to each figure" in page
    assert "globex" in page.lower()
    sign_in(client, excusing.people["manager"])
    assert post(client, f"/staff/exclusions/{entry}/approve", {"words": ""}).status_code == 303
    assert "Does not count" in client.get(f"/staff/exclusions/{entry}").text
    sign_in(client, excusing.people["globex member"])
    path = f"/c/{excusing.house.globex}/exclusions"
    page = client.get(path).text
    assert "What it did to your figures" in page
    assert "EUR 0.00" not in page
    table = client.get(f"{path}.csv").text
    assert "'=HYPERLINK(1) A power station failed." in table
    assert "2026-11-10T08:00:00Z" in table


def test_nobody_approves_their_own_and_nothing_changes(client: FlaskClient, excusing: World, sign_in: Browse) -> None:
    sign_in(client, excusing.people["manager"])
    ask(client, excusing)
    entry = entry_of(excusing)
    assert "You asked for this yourself" in client.get(f"/staff/exclusions/{entry}").text
    before = rows_digest(excusing.app)
    answer = post(client, f"/staff/exclusions/{entry}/approve", {"words": ""})
    assert (answer.status_code, "Somebody else has to approve it" in answer.text) == (403, True)
    assert rows_digest(excusing.app) == before


def test_a_rejection_needs_a_reason_which_the_customer_reads(
    client: FlaskClient, excusing: World, sign_in: Browse
) -> None:
    sign_in(client, excusing.people["responder"])
    ask(client, excusing, customers=[str(excusing.house.globex)])
    entry = entry_of(excusing)
    sign_in(client, excusing.people["manager"])
    answer = post(client, f"/staff/exclusions/{entry}/reject", {"words": "No."})
    assert (answer.status_code, "Say why in at least 10 characters" in answer.text) == (422, True)
    words = "The contract names no <b>such</b> event."
    assert post(client, f"/staff/exclusions/{entry}/reject", {"words": words}).status_code == 303
    sign_in(client, excusing.people["globex owner"])
    page = client.get(f"/c/{excusing.house.globex}/exclusions").text
    assert "The contract names no &lt;b&gt;such&lt;/b&gt; event." in page
    sign_in(client, excusing.people["initech owner"])
    assert "power station" not in client.get(f"/c/{excusing.house.initech}/exclusions").text


def test_everybody_reads_what_is_public_and_nothing_that_names_a_customer(
    client: FlaskClient, excusing: World, sign_in: Browse
) -> None:
    sign_in(client, excusing.people["responder"])
    globex = str(excusing.house.globex)
    answer = ask(client, excusing, is_public="y", customers=[globex])
    assert (answer.status_code, "What everybody may read is for all customers" in answer.text) == (422, True)
    assert ask(client, excusing, customers=[globex], reason="Only for one customer.").status_code == 303
    assert ask(client, excusing, is_public="y", reason="A storm over the whole country.").status_code == 303
    page = excusing.app.test_client().get("/exclusions").text
    assert "A storm over the whole country." in page
    assert "Waits for approval" in page
    assert "Only for one customer." not in page


def test_a_form_that_cannot_be_taken_keeps_what_was_typed(
    client: FlaskClient, excusing: World, sign_in: Browse
) -> None:
    sign_in(client, excusing.people["responder"])
    before = rows_digest(excusing.app)
    answer = ask(client, excusing, end="2026-11-10T08:00")
    assert answer.status_code == 422
    assert "The end must lie after the start." in answer.text
    assert "A power station failed." in answer.text
    assert 'value="2026-11-10T09:00"' in answer.text
    assert rows_digest(excusing.app) == before


def test_maintenance_says_before_it_is_published_who_will_not_count_it(
    client: FlaskClient, excusing: World, sign_in: Browse
) -> None:
    sign_in(client, excusing.people["responder"])
    soon: dict[str, object] = {
        "title": "A new database",
        "type": "maintenance",
        "services": [str(excusing.house.api)],
        "start": "2099-11-24T05:00",
        "end": "2099-11-24T07:00",
        "body": "We exchange it.",
    }
    assert post(client, "/staff/maintenance", soon).status_code == 422
    near = customers_window()
    before = rows_digest(excusing.app)
    looked = post(client, "/staff/maintenance", {**soon, **near})
    assert looked.status_code == 200
    assert "Globex needs 72 h, " in looked.text
    assert "Publish it" in looked.text
    assert rows_digest(excusing.app) == before
    seen = looked.text.split('name="looked" value="')[1].split('"')[0]
    told = post(client, "/staff/maintenance", {**soon, **near, "looked": seen})
    assert told.status_code == 303
    work = told.headers["Location"].rsplit("/", 1)[1]
    assert "Waits for approval" in client.get(f"/staff/maintenance/{work}").text
    assert "We exchange it." in excusing.app.test_client().get(f"/maintenance/{work}").text
    assert post(client, f"/staff/maintenance/{work}/cancel", {"body": "No need."}).status_code == 303
    assert "Cancelled" in excusing.app.test_client().get(f"/maintenance/{work}").text
    again = post(client, f"/staff/maintenance/{work}/end", {"body": "Done."})
    assert again.status_code == 409


def customers_window() -> dict[str, object]:
    """A window of two hours that begins in ten."""

    start = clock.seconds(clock.now()) // 60 * 60 + 36_000
    return {"start": local_input(start, BERLIN), "end": local_input(start + 7200, BERLIN)}


def test_planned_work_stands_on_the_status_page_and_in_the_feeds_until_it_is_over(
    client: FlaskClient, excusing: World
) -> None:
    now = clock.now()
    start = clock.seconds(now) + 3600
    plan = Plan("Ne<w> cables", "maintenance", start, start + 60, (excusing.house.api,), "We **exchange** them.")
    assert "Planned work" not in client.get("/").text
    with writing(excusing.app) as session:
        work = maintenance.announce(session, excusing.house.responder, plan, now)
    page = client.get("/").text
    assert "Planned work" in page
    assert f"/maintenance/{work}" in page
    assert "Ne&lt;w&gt; cables" in page
    for feed in ("/history.rss", "/history.atom"):
        assert "Maintenance announced: Ne&lt;w&gt; cables" in client.get(feed).text
    with writing(excusing.app) as session:
        maintenance.cancel(session, excusing.house.responder, work, "No need.", now)
    register = client.get("/de/exclusions").text
    assert "Wartung: Ne&lt;w&gt; cables" in register
    assert "Die Wartung wurde abgesagt." in register
    assert "The maintenance was cancelled." in client.get("/exclusions").text
    assert "Planned work" not in client.get("/").text
    assert "Maintenance cancelled: Ne&lt;w&gt; cables" in client.get("/history.rss").text
