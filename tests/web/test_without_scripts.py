"""With JavaScript off every page can be read and every public form works."""

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from portal import clock
from portal.store.promises.agreements import AgreementRow
from portal.usecases.people import invitations
from portal.usecases.people.invitations import Purpose
from tests import customers
from tests.journeys.served import reads, served
from tests.usecases.people import PASSWORD
from tests.web.canaries import Planted
from tests.web.conftest import World, writing
from tests.web.test_account_pages import FRESH, with_password
from tests.web.test_every_page import pages

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
HIDDEN = """
() => [...document.querySelectorAll("main *")]
  .filter(node => node.childElementCount === 0 && node.textContent.trim())
  .filter(node => !node.closest("details:not([open]), [hidden], [aria-hidden=true], .unseen, svg, select, template"))
  .filter(node => !node.closest(".calendar .mark"))
  .filter(node => !node.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
  .map(node => node.textContent.trim())
"""
"""The words of a page nobody can see, without those behind a heading one can open; a marked day is said twice."""


def fill(page: Page, **fields: str) -> None:
    """Fill the fields of these names and send the form they stand in."""
    for name, value in fields.items():
        page.locator(f"main [name={name}]").fill(value)
    page.locator(f"main form:has([name={name}]) button").click()


def test_every_public_page_can_be_read(planted: Planted, browser: Browser) -> None:
    with served(planted.app) as base, reads(browser, planted.app, base, None, scripts=False) as seen:
        for shown in pages(planted, is_each_language=False):
            if shown.who == "nobody":
                assert len(seen.main(shown.path)) > 60, shown.path
                assert seen.page.evaluate(HIDDEN) == [], shown.path
        assert seen.complaints == []


def test_every_form_about_the_published_promises_answers(planted: Planted, browser: Browser) -> None:
    with writing(planted.app) as session:
        gold = session.scalars(select(AgreementRow.id).where(AgreementRow.slug == "gold")).one()
        for number in (2, 3):
            customers.version(session, gold, customers.terms_document("gold", number, f"219{number}-01-01"))
    with served(planted.app) as base, reads(browser, planted.app, base, None, scripts=False) as seen:
        page = seen.page
        page.goto("/commitments")
        page.select_option("#a", "gold")
        page.select_option("#b", "platinum")
        page.get_by_role("button", name="Compare").click()
        assert "Gold" in page.inner_text("h1")
        assert "Platinum" in page.inner_text("h1")
        page.goto("/commitments/gold/calculator")
        fill(page, hours="9", minutes="30", fee="1000.00")
        assert "Down for 9 hours 30 minutes: EUR 250.00" in page.inner_text("h1")
        page.goto("/commitments/gold")
        page.select_option("#before", "1")
        page.select_option("#after", "3")
        page.get_by_role("button", name="Show", exact=True).click()
        assert page.url.endswith("/commitments/gold/changes/1/3")
        assert seen.complaints == []


def test_signing_in_and_out_works_and_says_what_was_wrong(world: World, browser: Browser) -> None:
    owner = with_password(world, "globex owner")
    with served(world.app) as base, reads(browser, world.app, base, None, scripts=False) as seen:
        page = seen.page
        page.goto("/sign-in")
        fill(page, email=owner.email, password="not this one at all")
        assert page.locator("[role=alert]").is_visible()
        assert page.locator("[name=email]").input_value() == owner.email
        fill(page, password=PASSWORD)
        assert page.url.startswith(f"{base}/c/")
        page.get_by_role("button", name="Sign out").click()
        assert page.get_by_role("link", name="Sign in").is_visible()


def test_a_forgotten_password_is_replaced(world: World, browser: Browser) -> None:
    owner = with_password(world, "globex owner")
    with writing(world.app) as session:
        link = invitations.make_link(session, owner.email, Purpose.RESET, "http://127.0.0.1", clock.now()).address
    with served(world.app) as base, reads(browser, world.app, base, None, scripts=False) as seen:
        page = seen.page
        page.goto("/forgot-password")
        fill(page, email=owner.email)
        assert page.inner_text("h1") == "Your request is noted."
        page.goto(link.removeprefix("http://127.0.0.1"))
        fill(page, password=FRESH, again=FRESH)
        page.goto("/sign-in")
        fill(page, email=owner.email, password=FRESH)
        assert page.url.startswith(f"{base}/c/")


def test_whoever_was_invited_joins(planted: Planted, browser: Browser) -> None:
    with served(planted.app) as base, reads(browser, planted.app, base, None, scripts=False) as seen:
        seen.page.goto(f"/join/{planted.globex.customer}/the link of canary-globex")
        fill(seen.page, name="Sam", password=PASSWORD, again=PASSWORD)
        assert "You have joined." in seen.page.inner_text("main")


def test_a_customer_speaks_up(planted: Planted, browser: Browser) -> None:
    owner = planted.people["owner"]
    with served(planted.app) as base, reads(browser, planted.app, base, owner, scripts=False) as seen:
        seen.page.goto(f"/c/{planted.globex.customer}/feedback")
        form = seen.page.locator("main form").first
        form.locator("textarea").first.fill("Readable without scripts.")
        form.locator("input[type=radio]").first.check()
        form.locator("button").first.click()
        assert "Readable without scripts." in seen.page.inner_text("main")
        assert seen.complaints == []
