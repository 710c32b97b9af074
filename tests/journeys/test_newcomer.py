"""What a newcomer does with the demo, in a real browser against the real process tree."""

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import feedparser
import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.demo import Demo, wait_for

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
INITECH, GLOBEX, RESPONDER, MANAGER = (
    "ian@initech.example",
    "greta@globex.example",
    "rosa@northwind.example",
    "max@northwind.example",
)
SIZES = {"wide": {"width": 1280, "height": 900}, "phone": {"width": 375, "height": 812}}
MINUTE_S = 60
HALF_A_PERCENT = Fraction(1, 200)


class Reader:
    """One person's browser."""

    def __init__(self, browser: Browser, demo: Demo, email: str = "") -> None:
        self.demo = demo
        self.context = browser.new_context(base_url=demo.url, viewport={"width": 1280, "height": 900})
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if email:
            self.sign_in(email)

    def sign_in(self, email: str) -> None:
        self.page.goto("/sign-in")
        self.page.get_by_label("E-mail address").fill(email)
        self.page.get_by_label("Password").fill(self.demo.passwords[email])
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.get_by_role("button", name="Sign out").wait_for()

    def text(self, path: str) -> str:
        self.page.goto(path)
        return self.page.inner_text("main")


@pytest.fixture
def people(browser: Browser, demo: Demo) -> Iterator[dict[str, Reader]]:
    readers = {email: Reader(browser, demo, email) for email in (INITECH, GLOBEX, RESPONDER, MANAGER)}
    readers["visitor"] = Reader(browser, demo)
    yield readers
    for reader in readers.values():
        reader.context.close()


def working(reader: Reader, overview: str) -> dict[str, Any]:
    """Return the working of the first commitment on an overview, as its download."""
    reader.page.goto(overview)
    reader.page.get_by_role("link", name="Show the working").first.click()
    address = reader.page.get_by_role("link", name=re.compile("Download")).get_attribute("href")
    answer = reader.context.request.get(f"{reader.demo.url}{address}")
    assert answer.ok
    found: dict[str, Any] = answer.json()
    return found


def samples(demo: Demo, probe: str, columns: str, condition: str = "1") -> list[tuple[Any, ...]]:
    """Return what was measured, not generated, of a probe."""
    statement = (
        f"SELECT {columns} FROM sample JOIN probe ON probe.number = sample.probe "
        f"WHERE probe.key = ? AND sample.provenance = 0 AND {condition} ORDER BY slot"
    )
    with closing(sqlite3.connect(demo.home / "portal.sqlite")) as connection:
        return connection.execute(statement, (probe,)).fetchall()


def assert_counted(demo: Demo, service: str, requests: int) -> None:
    """The service counted each request that was answered, and no other but one whose answer came too late."""
    answered = len(samples(demo, service, "slot", "http_status IS NOT NULL"))
    too_late = len(samples(demo, service, "slot", "error = 'timeout'"))
    assert 0 < answered <= requests <= answered + too_late


def keep_shots(reader: Reader, path: str, name: str, shots: Path) -> None:
    for size, viewport in SIZES.items():
        for scheme in ("light", "dark"):
            reader.page.set_viewport_size(viewport)
            reader.page.emulate_media(color_scheme=scheme)
            reader.page.goto(path)
            reader.page.screenshot(path=shots / f"{name}-{size}-{scheme}.png", full_page=True)
    reader.page.set_viewport_size(SIZES["wide"])
    reader.page.emulate_media(color_scheme="light")


def test_an_outage_is_measured_told_paid_for_and_over(demo: Demo, people: dict[str, Reader], shots: Path) -> None:
    initech, globex, visitor = people[INITECH], people[GLOBEX], people["visitor"]
    homes = {name: people[name].page.url for name in (INITECH, GLOBEX)}
    wait_for(lambda: "Everything works" in visitor.text("/") or None, 60, "The first measurements")
    keep_shots(visitor, "/", "status", shots)
    globex_before = working(globex, homes[GLOBEX])
    before = working(initech, homes[INITECH])
    assert before["credit"]["amount_minor"] == 0

    demo.verb("break", "api")
    broken_at = time.time()
    wait_for(lambda: "API has been down" in visitor.text("/") or None, 60, "The outage on the public page")

    def paid() -> dict[str, Any] | None:
        found = working(initech, homes[INITECH])
        return found if found["credit"]["amount_minor"] > 0 else None

    first = wait_for(paid, 60, "Initech's credit")
    owed = first["credit"]["amount_minor"]
    second = wait_for(
        lambda: found if (found := working(initech, homes[INITECH]))["credit"]["amount_minor"] > owed else None,
        120,
        "The next started minute",
    )
    for found in (first, second):
        (outage,) = found["outages"]
        started_minutes = -(-outage["counted_seconds"] // MINUTE_S)
        fee_cents = int(found["contract"]["monthly_fee_exact"]) * 100
        assert found["credit"]["amount_minor"] == fee_cents * started_minutes * HALF_A_PERCENT
    assert f"{second['credit']['amount_text']}" in initech.text(homes[INITECH])
    keep_shots(initech, homes[INITECH], "initech-broken", shots)
    keep_shots(visitor, "/", "status-broken", shots)
    globex_now = working(globex, homes[GLOBEX])
    assert globex_now["credit"]["amount_minor"] == globex_before["credit"]["amount_minor"]

    responder = people[RESPONDER]
    responder.page.goto("/staff/incidents/new")
    responder.page.get_by_label("What is wrong").fill("API requests fail")
    responder.page.get_by_label("API", exact=True).check()
    responder.page.locator("textarea").fill("We are looking into it. **No data is lost.**")
    responder.page.get_by_role("button", name="Tell it now").click()
    assert "API requests fail" in visitor.text("/")
    for feed in ("/history.rss", "/history.atom"):
        read = feedparser.parse(visitor.context.request.get(f"{demo.url}{feed}").body())
        assert not read.bozo
        assert [entry for entry in read.entries if "API requests fail" in entry.title]

    initech.page.goto(f"{homes[INITECH]}/feedback")
    initech.page.locator("input[type=radio][value='4']").check()
    initech.page.locator("textarea").fill("We saw it before you told us.")
    initech.page.get_by_role("button", name="Send").click()
    assert "We saw it before you told us." in people[MANAGER].text("/staff/feedback")

    assert_counted(demo, "api", demo.requests_counted()["api"])
    demo.verb("heal", "api")
    healed_at = time.time()
    wait_for(lambda: "Everything works" in visitor.text("/") or "measurements" in visitor.text("/") or None, 60, "Calm")

    def over() -> dict[str, Any] | None:
        found = working(initech, homes[INITECH])
        (outage,) = found["outages"]
        return found if outage["end"] < found["as_of"] else None

    ended = wait_for(over, 90, "The end of the outage")
    (outage,) = ended["outages"]
    ((first_down,),) = samples(demo, "api", "min(slot)", "state = 1")
    ((first_up,),) = samples(demo, "api", "min(slot)", f"state = 0 AND slot > {first_down}")
    assert (outage["start"], outage["end"]) == (first_down, first_up)
    assert broken_at - 1 <= first_down <= broken_at + 6
    assert healed_at - 6 <= first_up <= healed_at + 6
    keep_shots(initech, homes[INITECH], "initech-healed", shots)
    for reader in people.values():
        assert reader.complaints == []
    demo.stop()
    assert "Everything has ended." in demo.output.read_text()
    for service in ("dashboard", "storage", "runners"):
        asked = (demo.home / "services" / f"{service}.log").read_text().splitlines()
        assert_counted(demo, service, len(asked))


def counted(demo: Demo, question: str) -> dict[Any, int]:
    with closing(sqlite3.connect(demo.home / "portal.sqlite")) as connection:
        return dict(connection.execute(question).fetchall())


def test_the_first_start_has_told_thirteen_months(demo: Demo) -> None:
    by_contract = "SELECT contract_id, count(DISTINCT period) FROM statement GROUP BY contract_id"
    closed = counted(demo, by_contract)
    assert len(closed) == 3
    assert set(closed.values()) <= {12, 13}
    assert counted(demo, "SELECT revision, count(*) FROM statement WHERE revision > 1 GROUP BY 1") == {2: 2}
    deeds = counted(demo, "SELECT deed, count(*) FROM ledger_transfer GROUP BY 1")
    assert deeds["accrue"] >= 12
    assert deeds["approve"] >= 8
    assert deeds["withdraw"] == 1
    assert "issue" not in deeds
    decided = counted(demo, "SELECT kind, count(*) FROM exclusion_event GROUP BY 1")
    assert (decided["approved"], decided["rejected"]) == (2, 1)
    ended = counted(demo, "SELECT kind, count(*) FROM dispute_message WHERE kind != 'message' GROUP BY 1")
    assert ended == {"accepted": 1, "rejected": 1}
    for table, least in {"incident": 6, "maintenance": 3, "claim": 3, "feedback": 5, "outage_record": 2}.items():
        assert counted(demo, f"SELECT '{table}', count(*) FROM {table}")[table] >= least
