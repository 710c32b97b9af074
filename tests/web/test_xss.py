"""Nothing a person writes runs, leaves the site or breaks the policy, in a real Chromium (W2); all Unicode is text."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import feedparser
import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from playwright.sync_api import Browser, Dialog, Page, Request
from sqlalchemy import select, update

from portal import clock
from portal.store.measuring.services import ServiceRow
from portal.store.notices.feedback import FeedbackRow
from portal.store.notices.incidents import IncidentRow, IncidentServiceRow, IncidentUpdateRow
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserRow
from portal.store.people.support import SupportGrantRow
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from portal.web.pages.feeds import ITEMS_MAX
from tests.web.canaries import Planted
from tests.web.conftest import writing
from tests.web.serving import served
from tests.web.xss import payloads

WATCH = """
window.__reports = [];
document.addEventListener('securitypolicyviolation', (event) => window.__reports.push(event.violatedDirective));
"""
A_PIECE = 6


@dataclass(slots=True)
class Seen:
    """What a browser did that it must not."""

    dialogs: list[str] = field(default_factory=list)
    away: list[str] = field(default_factory=list)


@contextmanager
def watched(browser: Browser, base: str, without_policy: bool) -> Iterator[tuple[Page, Seen]]:
    """A page of a real browser, deaf to the policy or not, that notes dialogs and requests off this site."""

    def note(request: Request) -> None:
        if not request.url.startswith((base, "data:", "about:")):
            seen.away.append(request.url)

    def dismiss(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    seen = Seen()
    context = browser.new_context(bypass_csp=without_policy)
    context.add_init_script(WATCH)
    page = context.new_page()
    page.on("request", note)
    page.on("dialog", dismiss)
    try:
        yield page, seen
    finally:
        context.close()


def write_everywhere(planted: Planted, texts: Sequence[str]) -> Sequence[tuple[str, str]]:
    """Write the texts wherever people write, past every check; return who reads them at which address."""
    ours, now, together = planted.globex.arguments, clock.now(), "\n\n".join(texts)
    teller, author = planted.people["responder"].id, planted.people["owner"].id
    with writing(planted.app) as session:
        for text in texts:
            incident = IncidentRow(title=text, impact="major", created_at=now, resolved_at=None)
            session.add(incident)
            session.flush()
            session.add(
                IncidentUpdateRow(
                    incident_id=incident.id, status="identified", body=text, published_at=now, author_id=teller
                )
            )
            session.add(IncidentServiceRow(incident_id=incident.id, service_id=planted.house.api))
        for start in range(0, len(texts), A_PIECE):
            said = {
                "about_kind": "service",
                "about_id": "api",
                "about_name": texts[start],
                "rating": 1,
                "created_at": now,
            }
            body = "\n\n".join(texts[start : start + A_PIECE])
            session.add(FeedbackRow(customer_id=planted.globex.customer, author_id=author, body=body, **said))
        for row in session.scalars(select(UserRow).where(UserRow.id.in_([teller, author]))):
            row.name = together
        for named in (*session.scalars(select(ServiceRow)), *session.scalars(select(CustomerRow))):
            named.name = together
        for grant in session.scalars(select(SupportGrantRow)):
            grant.reason = together
        session.flush()
        shown = incident.id
    return [
        ("owner", "/"),
        ("owner", "/history"),
        ("owner", f"/incidents/{shown}"),
        ("owner", "/account"),
        ("owner", f"/c/{ours['customer']}"),
        ("owner", f"/c/{ours['customer']}/feedback"),
        ("owner", f"/c/{ours['customer']}/support"),
        ("manager", "/staff"),
        ("manager", f"/staff/incidents/{shown}"),
        ("manager", "/staff/incidents/new"),
        ("manager", "/staff/feedback"),
        ("manager", f"/staff/feedback/{ours['piece']}"),
        ("manager", "/staff/support"),
    ]


def assert_nothing_ran(page: Page, seen: Seen, where: str) -> None:
    page.wait_for_timeout(100)
    assert page.evaluate("window.__pwned") is None, where
    assert page.evaluate("window.__reports") == [], where
    assert seen.dialogs == [], where
    assert seen.away == [], where
    links = page.evaluate("[...document.querySelectorAll('a[href]')].map((link) => link.protocol)")
    assert set(links) <= {"http:", "https:", "mailto:"}, where


def test_there_are_more_than_two_hundred_payloads() -> None:
    assert len(set(payloads())) >= 200


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize("without_policy", [False, True])
def test_no_text_runs_or_leaves_in_a_real_browser(browser: Browser, planted: Planted, without_policy: bool) -> None:
    texts = payloads()
    pages = write_everywhere(planted, texts)
    feed = planted.app.test_client().get("/history.atom").data
    entries = feedparser.parse(feed, sanitize_html=False).entries
    with served(planted.app) as base, watched(browser, base, without_policy) as (page, seen):
        for who, path in pages:
            page.context.add_cookies([{"name": "portal", "value": planted.tokens[who], "url": base}])
            answer = page.goto(f"{base}{path}")
            assert answer is not None
            assert answer.status == 200, path
            assert_nothing_ran(page, seen, path)
        send_back(page, base, "\n".join(texts))
        assert_nothing_ran(page, seen, "a form sent back")
        page.goto("about:blank")
        page.set_content("\n".join(one.value for entry in entries for one in entry.content))
        assert_nothing_ran(page, seen, "a feed")
    assert len(entries) == ITEMS_MAX


def send_back(page: Page, base: str, text: str) -> None:
    """Have the portal show a form again with everything that was typed."""
    page.goto(f"{base}/staff/incidents/new")
    page.evaluate("for (const form of document.forms) form.noValidate = true")
    page.fill("[name=title]", "")
    page.fill("[name=body]", text)
    with page.expect_navigation():
        page.click("main form [type=submit]")
    assert text[:40] in page.input_value("[name=body]")


@given(st.data())
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.slow
def test_pages_and_feeds_hold_all_of_unicode(planted: Planted, data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1))
    with writing(planted.app) as session:
        key = incidents.post(
            session,
            planted.people["responder"],
            Draft("Title", "major", [str(planted.house.api)], "investigating", "Body"),
            clock.now(),
        )
        session.execute(update(IncidentRow).where(IncidentRow.id == key).values(title=text))
        session.execute(update(IncidentUpdateRow).where(IncidentUpdateRow.incident_id == key).values(body=text))
        session.execute(update(ServiceRow).values(name=text))
    client = planted.app.test_client()
    for path in ("/", "/history", f"/incidents/{key}", "/feeds", "/commitments"):
        assert client.get(path).status_code == 200, path
    for path in ("/history.rss", "/history.atom"):
        answer = client.get(path)
        assert answer.status_code == 200
        etree.fromstring(answer.data)
        assert not feedparser.parse(answer.data).bozo


@pytest.mark.slow
def test_a_text_that_runs_or_leaves_would_be_seen(browser: Browser, app: Flask) -> None:
    with served(app) as base, watched(browser, base, without_policy=True) as (page, seen):
        page.goto(f"{base}/healthz")
        page.set_content("<img src=https://evil.example/x onerror='alert(1); window.__pwned=1'>")
        page.wait_for_function("window.__pwned === 1")
        assert seen.dialogs == ["1"]
        assert seen.away == ["https://evil.example/x"]
