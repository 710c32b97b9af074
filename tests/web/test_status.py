"""The status page: what works, in words, shapes and a table; silence in red; nobody's session is needed."""

import re
from datetime import timedelta

from flask.testing import FlaskClient

from portal import clock
from portal.domain.evidence.records import Run, State
from portal.store.evidence.runs import save_runs
from portal.store.ground.leases import LeaseRow
from tests.web.conftest import Browse, World, writing

MINUTE_S = 60


def measure(world: World, probe: int, *story: tuple[State, int, int], provenance: str = "measured") -> None:
    """Runs of one minute each, given as minutes ago."""
    now = clock.seconds(clock.now()) // MINUTE_S * MINUTE_S
    runs = [
        Run(state, None, now - since * MINUTE_S, now - until * MINUTE_S, since - until + 1, MINUTE_S, provenance)
        for state, since, until in story
    ]
    with writing(world.app) as session:
        save_runs(session, (((probe, 1), run) for run in runs))


def worker(world: World, minutes_ago: int = 0) -> None:
    seconds = clock.seconds(clock.now() - timedelta(minutes=minutes_ago))
    with writing(world.app) as session:
        session.add(LeaseRow(name="measurement", holder="w", epoch=1, until_ms=seconds * 1000, claimed_until=seconds))


def headline(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    assert found
    return found[1].strip()


def test_before_anything_is_set_up_there_is_a_page(app: object, sqlite_url: str, client: FlaskClient) -> None:
    assert client.get("/").status_code == 200


def test_the_heading_says_what_is_down_and_for_how_long(world: World, client: FlaskClient) -> None:
    worker(world)
    measure(world, 1, (State.UP, 100, 24), (State.DOWN, 23, 0))
    measure(world, 2, (State.UP, 100, 0))
    page = client.get("/").text
    assert re.fullmatch(r"API has been down for 2[34] minutes\. Everything else works\.", headline(page))
    assert '<span class="tag down">Down</span>' in page
    assert "Nobody here has written about it yet" in page


def test_unknown_days_are_hatched_and_listed(world: World, client: FlaskClient) -> None:
    worker(world)
    day = 24 * 60
    measure(world, 1, (State.UP, 10 * day, 8 * day), (State.UP, 3 * day, 0))
    page = client.get("/").text
    assert '<path fill="url(#hatch)"' in page
    assert '<pattern id="hatch"' in page
    assert "not measured</td>" in page
    assert "100.000\xa0%" in page


def test_a_silent_worker_is_said_in_red(world: World, client: FlaskClient) -> None:
    worker(world, minutes_ago=3)
    measure(world, 1, (State.UP, 100, 3))
    page = client.get("/").text
    assert '<h1 class="alert">Measurements are stale since' in page


def test_generated_days_say_so(world: World, client: FlaskClient) -> None:
    worker(world)
    measure(world, 1, (State.UP, 100, 0), provenance="generated")
    assert "generated for a demonstration" in client.get("/").text


def test_the_page_is_the_same_for_everybody(world: World, client: FlaskClient, sign_in: Browse) -> None:
    visitor = client.get("/history").text
    sign_in(client, world.people["manager"])
    assert client.get("/history").text == visitor


def test_a_page_needs_no_script_and_holds_no_inline_style(world: World, client: FlaskClient) -> None:
    measure(world, 1, (State.UP, 100, 24), (State.DOWN, 23, 0))
    for path in ("/", "/history", "/commitments/gold", "/how-we-measure", "/feeds"):
        page = client.get(path).text
        assert all("src=" in opening for opening in re.findall(r"<script[^>]*>", page))
        assert " style=" not in page
        assert page.count("<h1") == 1
        assert 'class="skip"' in page


def test_how_we_measure_is_read_from_the_rows(world: World, client: FlaskClient) -> None:
    page = client.get("/how-we-measure").text
    for words in ("Object storage", "web request (HTTP)", "1 min", "1,000 ms", "This machine"):
        assert words in page
