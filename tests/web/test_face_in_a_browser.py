"""The public face in a real browser: a phone in a crisis, light and dark, days by keyboard, a page that stays fresh."""

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from portal import clock
from portal.domain.evidence.records import State
from portal.domain.notices.incidents import Impact, Status
from portal.store.notices import incidents
from tests import customers
from tests.journeys.served import reads, served
from tests.web.conftest import World, writing
from tests.web.test_services import today
from tests.web.test_status import measure, worker

PHONE = {"width": 375, "height": 667}
IN_SIGHT = "node => { const box = node.getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight; }"


@pytest.fixture
def address(world: World) -> Iterator[str]:
    """The address of this world's portal, served to a real browser while API is down."""
    worker(world, minutes_ago=-60)
    measure(world, 1, (State.UP, 200, 24), (State.DOWN, 23, -5))
    measure(world, 2, (State.UP, 200, -5))
    server = make_server("127.0.0.1", 0, world.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def tell(world: World, title: str) -> None:
    with writing(world.app) as session:
        now = clock.now()
        found = incidents.add_incident(session, title, Impact.MAJOR, [world.house.api], now - timedelta(minutes=9))
        author = world.people["responder"].id
        incidents.add_update(session, found, Status.INVESTIGATING, "We are looking into it.", author, now)


@pytest.mark.slow
def test_a_visitor_on_a_phone_learns_within_one_screen_what_is_broken_and_since_when(
    world: World, address: str, browser: Browser
) -> None:
    tell(world, "API requests fail")
    context = browser.new_context(viewport=PHONE, java_script_enabled=True)
    page = context.new_page()
    page.goto(address)
    for place in ("h1", ".hero time", ".incident h2"):
        assert page.locator(place).first.evaluate(IN_SIGHT), place
    assert "API has been down for 2" in page.locator("h1").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    context.close()


@pytest.mark.slow
def test_among_many_services_a_phone_names_what_is_broken_and_since_when_within_one_screen(
    world: World, browser: Browser
) -> None:
    with writing(world.app) as session:
        for number in range(3, 31):
            customers.service(session, f"s{number}", f"Service {number}", number, "Many")
    worker(world, minutes_ago=-60)
    for number in range(1, 31):
        is_down = number in (1, 27, 28, 29)
        measure(world, number, (State.UP, 200, 24), (State.DOWN if is_down else State.UP, 23, -5))
    with served(world.app) as base, reads(browser, world.app, base, None) as seen:
        seen.page.set_viewport_size(PHONE)
        seen.page.goto("/")
        assert seen.page.inner_text("h1") == "4 of 30 services are down. Everything else works."
        told = seen.page.locator(".wrong li")
        assert {one.split("\n")[0] for one in told.all_inner_texts()} == {
            "API",
            "Service 27",
            "Service 28",
            "Service 29",
        }
        assert [one.evaluate(IN_SIGHT) for one in told.all()] == [True] * 4
        assert told.locator("time").count() == 4


@pytest.mark.slow
def test_scripts_only_help(world: World, address: str, browser: Browser) -> None:
    context = browser.new_context(timezone_id="America/New_York", color_scheme="light")
    page = context.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.goto(address)
    assert page.locator("time .yours").count() > 0
    dark_stays(page)
    it_stays_fresh(world, page)
    days_by_keyboard(page)
    assert told == []
    context.close()
    neighbour = browser.new_context(timezone_id="Europe/Berlin", java_script_enabled=True).new_page()
    neighbour.goto(address)
    assert neighbour.locator("time .yours").count() == 0
    neighbour.context.close()


def dark_stays(page: Page) -> None:
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Show dark").click()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != light
    page.reload()
    assert page.locator("html").get_attribute("data-theme") == "dark"
    page.get_by_role("button", name="Show light").click()
    assert page.locator("html").get_attribute("data-theme") is None, "as the system has it"


def it_stays_fresh(world: World, page: Page) -> None:
    page.locator("#days-as-table summary").click()
    link = page.locator(".svc h3 a").last
    link.focus()
    tell(world, "Told meanwhile")
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_role("link", name="Told meanwhile").wait_for()
    assert page.locator("#days-as-table").get_attribute("open") is not None
    assert link.evaluate("node => node === document.activeElement")
    assert page.locator("[data-age]").inner_text() != ""


def days_by_keyboard(page: Page) -> None:
    page.locator(".svc h3 a").first.focus()
    page.keyboard.press("Tab")
    assert "down for a while" in page.locator(".day-tip:not([hidden])").inner_text()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/services/api/days/{today()}")
    assert page.locator("h1").inner_text().startswith("API was down for ")
