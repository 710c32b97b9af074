"""A promise from its draft to its readers, in a real browser: staff, a customer, a prospect."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from portal import clock
from portal.app import create_app
from portal.database import db
from portal.domain.people.roles import StaffRole
from portal.domain.promises.closing_periods import next_month as next_month_of
from portal.store.providers import ProviderRow
from portal.usecases.closing import closing
from tests import customers
from tests.customers import House
from tests.journeys.served import Reading, reads, served
from tests.many_contracts import month_before_last
from tests.web.conftest import settings_of, writing

pytestmark = pytest.mark.slow
expect.set_options(timeout=20_000)  # a busy machine is no fault of the page
DAY_S = 86_400
MODEL = "zitadel-99.95"
HOLE = "What is attained from 99.9 % to below 99.95 % breaks the promise but is in no tier."
EDITOR = "/staff/terms/gold"


def next_month() -> str:
    today = clock.now().date()
    return (today.replace(day=1) + timedelta(days=32)).replace(day=1).isoformat()


def test_a_version_is_drafted_published_acknowledged_and_compared(
    browser: Browser, sqlite_url: str, tmp_path: Path
) -> None:
    app = create_app(settings_of(tmp_path, sqlite_url))
    with writing(app) as session:
        session.add(ProviderRow(name="Northwind Cloud", timezone="Europe/Berlin", contact="help@northwind.example"))
        house = customers.build(session)
        otto = customers.user(session, "otto@provider.example", "Otto", {}, StaffRole.MANAGER)
    close_a_month(app, house)
    with served(app) as base:
        with reads(browser, app, base, house.manager) as mara:
            drafts_from_a_model(mara.page)
            assert mara.complaints == []
        with reads(browser, app, base, house.manager, scripts=False) as mara:
            checks_without_scripts(mara.page)
        with reads(browser, app, base, otto) as reviewer:
            publishes(reviewer)
        with reads(browser, app, base, house.globex_owner) as ada:
            acknowledges(ada, f"/c/{house.globex}/coming")
        with reads(browser, app, base, otto) as reviewer:
            assert "1 acknowledged, 0 objected, 0 not yet answered." in reviewer.main(EDITOR)
        with reads(browser, app, base, None) as prospect:
            compares(prospect)
            assert prospect.complaints == []
    with app.app_context():
        db.engine.dispose()


def close_a_month(app: Flask, house: House) -> None:
    """The API was down for half an hour in the month before last: too little for what is promised now."""
    now = clock.now()
    first = month_before_last(now)
    begin, until = (
        int(datetime(one.year, one.month, one.day, tzinfo=UTC).timestamp()) for one in (first, next_month_of(first))
    )
    down, end = begin + 9 * DAY_S, until + 3 * DAY_S
    with writing(app) as session:
        story = [("up", begin - DAY_S, down - 60), ("down", down, down + 1740), ("up", down + 1800, end)]
        customers.runs_at(session, 1, story)
        customers.runs_at(session, 2, [("up", begin - DAY_S, end)])
    with app.app_context():
        assert closing.close(db.session(), f"{first:%Y-%m}", now).closed == 2


def drafts_from_a_model(page: Page) -> None:
    """The text is told while it is written: the hole is named, and gone once it is closed."""
    page.goto(EDITOR)
    page.get_by_label("Start from a published agreement").select_option(MODEL)
    page.get_by_role("button", name="Fill in").click()
    expect(page.get_by_role("region", name="Begun from")).to_contain_text("The published table has holes.")
    told, area = page.locator("[data-live=told]"), page.get_by_label("The coming version, as YAML")
    expect(told).to_contain_text("version.effective_from")
    expect(told).to_contain_text(HOLE)
    expect(told).to_contain_text("No contract covers a service as service")
    text = area.input_value()
    text = text.replace("YYYY-MM-DD", next_month()).replace("component: service", "component: api")
    area.fill(text)
    expect(page.get_by_role("heading", level=1)).to_contain_text("This can be published; 1 doubt is open.")
    expect(told).to_contain_text(HOLE)
    expect(told).not_to_contain_text("No contract covers")
    expect(told).not_to_contain_text("version.effective_from")
    area.fill(text.replace("below: '99.9'\n", "below: '99.95'\n"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("This can be published.")
    expect(told).not_to_contain_text(HOLE)
    expect(told).to_contain_text("You get 10 % of the month's fee below 99.95 %")
    page.get_by_role("button", name="Save the draft").click()
    page.get_by_role("link", name=re.compile("What would the last twelve months have paid")).click()
    paid = "EUR 100.00 would have been paid under this draft; EUR 0.00 was owed in fact."
    expect(page.get_by_role("heading", level=1)).to_have_text(paid)
    page.get_by_role("link", name="Gold").click()
    page.get_by_role("button", name="Ask for a review").click()


def checks_without_scripts(page: Page) -> None:
    page.goto(EDITOR)
    area = page.get_by_label("The coming version, as YAML")
    area.fill(area.input_value().replace("below: '99.95'\n", "below: '99.9'\n"))
    page.get_by_role("button", name="Check").click()
    expect(page.get_by_text(HOLE)).to_be_visible()


def publishes(otto: Reading) -> None:
    page = otto.page
    page.goto(EDITOR)
    page.get_by_role("button", name="Publish the saved draft").click()
    expect(page).to_have_url(re.compile("/commitments/gold/versions/2$"))
    expect(page.get_by_role("main")).to_contain_text("sha256:")


def acknowledges(ada: Reading, coming: str) -> None:
    text = ada.main(coming)
    for words in ("We promise 99.9 % in every period.", "We promise 99.95 % in every period.", "Gold, version 2"):
        assert words in text
    ada.page.get_by_role("button", name="We have seen it").click()
    expect(ada.page.get_by_role("main")).to_contain_text("Acknowledged")


def compares(prospect: Reading) -> None:
    page = prospect.page
    page.goto("/commitments")
    page.get_by_label("One", exact=True).select_option("gold")
    page.get_by_label("Beside", exact=True).select_option("platinum")
    page.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Gold beside Platinum")
    expect(page.get_by_role("row", name=re.compile("Down for 4 hours"))).to_contain_text(
        re.compile("EUR 100.00.*EUR 1000.00", re.DOTALL)
    )
    page.goto("/commitments/gold")
    page.get_by_role("link", name="What would it pay?").click()
    page.get_by_label("Hours down").fill("2")
    page.get_by_label("Monthly fee").fill("400")
    page.get_by_role("button", name="Work it out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Down for 2 hours: EUR 40.00.")
