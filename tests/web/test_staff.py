"""The staff desk: what needs somebody now, and only what their role lets them do about it."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from portal import clock
from portal.domain.evidence.records import Run, State
from portal.domain.notices.refusals import Invalid
from portal.store.evidence.runs import save_runs
from portal.store.ground.tenancy import customer_scope
from portal.usecases.judging.figures import refresh_figures
from portal.usecases.listening import feedback
from portal.usecases.listening.feedback import Draft as Said
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from tests.web.conftest import Browse, World, writing

MINUTE_S = 60


def api_down(world: World, minutes: int) -> None:
    """The API answers all month, but not in the last minutes; figures are refreshed as the worker does."""
    now = clock.now()
    last = clock.seconds(now) // MINUTE_S * MINUTE_S
    failed = last - minutes * MINUTE_S
    before = 32 * 24 * 60
    story = [
        Run(State.UP, None, failed - before * MINUTE_S, failed - MINUTE_S, before, MINUTE_S),
        Run(State.DOWN, None, failed, last, minutes + 1, MINUTE_S),
    ]
    with writing(world.app) as session:
        save_runs(session, (((1, 1), run) for run in story))
        session.flush()
        refresh_figures(session, now)


def test_a_quiet_desk_says_so(world: World, client: FlaskClient, sign_in: Browse) -> None:
    sign_in(client, world.people["manager"])
    page = client.get("/staff").text
    assert "Nothing needs you right now." in page
    assert "Every piece of feedback is answered." in page


def test_a_service_that_is_down_and_a_broken_promise_are_on_the_desk(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    api_down(world, 5)
    sign_in(client, world.people["responder"])
    page = client.get("/staff").text
    assert "1 service needs a look." in page
    assert '<span class="tag down">Down</span>' in page
    assert f"/staff/incidents/new?service={world.house.api}" in page
    assert "Initech" in page  # its agreement promises 100 %
    assert "Breached" in page
    assert "none was allowed" in page
    assert "Globex" not in page  # five minutes are within its allowance


def test_an_open_incident_is_one_click_from_its_next_update(world: World, client: FlaskClient, sign_in: Browse) -> None:
    draft = Draft("Logins fail", "major", [str(world.house.api)], "investigating", "We are looking.")
    with writing(world.app) as session:
        key = incidents.post(session, world.house.responder, draft, clock.now() - timedelta(minutes=1))
    for who, link in (("responder", f"/staff/incidents/{key}"), ("finance", f"/incidents/{key}")):
        sign_in(client, world.people[who])
        page = client.get("/staff").text
        assert "1 incident is open." in page
        assert f'href="{link}"' in page
        assert client.get(link).status_code == 200


def test_feedback_that_waits_is_counted(world: World, client: FlaskClient, sign_in: Browse) -> None:
    with writing(world.app) as session, customer_scope(world.house.globex):
        owner = world.house.globex_owner
        feedback.give(session, world.house.globex, owner, Said("service:api", "4", "Quick."), clock.now())
        session.flush()
    sign_in(client, world.people["manager"])
    page = client.get("/staff").text
    assert "1 customer waits for an answer." in page
    assert '<a href="/staff/feedback">' in page
    sign_in(client, world.people["responder"])
    assert '<a href="/staff/feedback">' not in client.get("/staff").text


@pytest.mark.parametrize("text", ["\x00", "x" * 4001])
def test_what_feedback_cannot_hold_never_reaches_the_desk(world: World, text: str) -> None:
    with writing(world.app) as session, customer_scope(world.house.globex), pytest.raises(Invalid):
        feedback.give(
            session, world.house.globex, world.house.globex_owner, Said("service:api", "4", text), clock.now()
        )
