"""What a worried customer does, in a real Chromium: why last month paid, what was measured, and what follows."""

import csv
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from portal import clock
from portal.database import db
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.store.evidence.evidence import insert_samples
from portal.store.ground.tenancy import provider_scope
from portal.store.settling.disputes import DisputeRow
from portal.store.settling.statements import StatementRow
from portal.usecases.closing import closing
from portal.usecases.judging.figures import refresh_figures
from tests import customers
from tests.customers import at
from tests.web.conftest import Browse, World, post, writing
from tests.web.serving import served

OUTAGE = range(at("2026-10-10 08:00"), at("2026-10-10 09:00"), 60)
BEFORE, UNTIL = "2026-08-31 00:00", "2026-11-02 12:00"
API = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:59"),
    ("up", "2026-10-10 09:00", UNTIL),
]
STRICT, PATIENT = 1, 1_000
pytestmark = [pytest.mark.slow, pytest.mark.timeout(240)]


def claim_within(days: int) -> dict[str, object]:
    return {"required": True, "deadline": {"type": "days_after_period_end", "days": days}}


@pytest.fixture
def closed(world: World) -> World:
    """October of Globex, closed: the API was down for an hour, measured each minute; two more contracts want claims."""
    with writing(world.app) as session:
        customers.runs(session, 1, API)
        customers.runs(session, 2, [("up", BEFORE, UNTIL)])
        failed = [Sample(1, 1, one, 60, State.DOWN, None, "status", 503, 5, 1, 2, 3, 4, 1, 11) for one in OUTAGE]
        insert_samples(session, failed)
        for name, days in (("strict", STRICT), ("patient", PATIENT)):
            agreement = customers.agreement(session, name)
            customers.version(session, agreement, customers.terms_document(name, claim=claim_within(days)))
            customers.contract(session, world.house.globex, agreement, f"globex-{name}", {"api": world.house.api})
    with world.app.app_context():
        closing.close(db.session(), "2026-10", clock.now())
    with writing(world.app) as session:
        refresh_figures(session, clock.now())
    return world


@contextmanager
def reading(browser: Browser, world: World, token: str) -> Iterator[tuple[Page, str]]:
    """A page in which somebody is signed in, and the address of Globex's overview."""
    with served(world.app) as base:
        context = browser.new_context(accept_downloads=True)
        context.add_cookies([{"name": "portal", "value": token, "url": base}])
        try:
            yield context.new_page(), f"{base}/c/{world.house.globex}"
        finally:
            context.close()


def statement(world: World) -> UUID:
    with world.app.app_context(), provider_scope():
        gold = StatementRow.contract_id == world.house.globex_contract
        question = select(StatementRow.id).where(gold).order_by(StatementRow.revision.desc())
        return db.session().scalars(question).first() or UUID(int=0)


def test_from_the_overview_to_why_last_month_paid_its_samples_and_the_same_figure_everywhere(
    browser: Browser, closed: World, client: FlaskClient, sign_in: Browse, tmp_path: Path
) -> None:
    token = sign_in(client, closed.people["globex owner"])
    with reading(browser, closed, token) as (page, overview):
        page.goto(overview)
        page.locator(f"a.square.down[href*='{statement(closed)}']").click()
        why = page.locator("main").inner_text()
        assert "99.865\xa0% of 99.9\xa0% promised: breached." in why
        assert "credit, 10\xa0% of the fee" in why
        assert "EUR 100.00" in why

        assert same_figures(page.url, token) == ("99.865", "breached", "EUR 100.00")

        strip = page.locator("[data-strip-holder]")
        strip.focus()
        strip.press("+")
        page.wait_for_url(re.compile(r"\?from="))
        page.locator('[data-zoom="all"]').click()
        page.locator('[data-zoom="all"]').wait_for(state="detached")

        page.locator("tr", has_text="the service failed").get_by_role("link", name="measurements").click()
        assert page.locator("table.samples tbody tr").count() == len(OUTAGE)
        assert page.locator("table.samples tbody tr").first.inner_text().split("\t")[2:5] == ["Down", "503", "status"]
        with page.expect_download() as handed:
            page.get_by_role("link", name="CSV").first.click()
        handed.value.save_as(tmp_path / "samples.csv")
        rows = list(csv.DictReader((tmp_path / "samples.csv").read_text().splitlines()))
        assert [int(row["slot"]) for row in rows] == list(OUTAGE)


def same_figures(working: str, token: str) -> tuple[str, str, str]:
    """What the files of the figure on this page say; every file says the same."""
    line = working.split("?")[0].split("#")[0]
    document = json.loads(fetched(f"{line}/working.json", token))
    told = next(csv.DictReader(fetched(f"{line}/working.csv", token).splitlines()))
    lines = csv.DictReader(fetched(f"{line.rsplit('/', 2)[0]}/statement.csv", token).splitlines())
    row = next(one for one in lines if one["service"] == "API")
    assert document["attained"]["display"] == told["attained_percent"] == row["attained_percent"]
    credit = f"{document['credit']['currency']} {document['credit']['amount_text']}"
    assert credit == f"{row['currency']} {row['credit']}"
    return row["attained_percent"], row["verdict"], credit


def fetched(url: str, token: str) -> str:
    with urlopen(Request(url, headers={"Cookie": f"portal={token}"})) as answer:
        text: str = answer.read().decode()
        return text


def test_a_dispute_is_answered_accepted_and_becomes_revision_2_with_its_credit(
    browser: Browser, closed: World, client: FlaskClient, sign_in: Browse
) -> None:
    token = sign_in(client, closed.people["globex owner"])
    with reading(browser, closed, token) as (page, overview):
        page.goto(f"{overview}/ledger")
        first = statement(closed)
        page.locator(f"a[href$='{first}#dispute']").first.click()
        page.get_by_label("What is not right?").fill("It was down on 12 October for eight hours, too.")
        page.get_by_role("button", name="Dispute this statement").click()
        assert "This statement is disputed." in page.locator("h1").inner_text()
        thread = page.url

        accepted(closed, client, sign_in, first)

        page.goto(thread)
        assert "The dispute is accepted." in page.locator("h1").inner_text()
        assert "We saw it too." in page.locator("main").inner_text()
        page.goto(f"{overview}/statements/{statement(closed)}")
        told = page.locator("main").inner_text()
        assert "revision 2" in told.lower()
        assert "EUR 250.00 is owed" in told
        page.goto(f"{overview}/ledger")
        account = page.locator("main").inner_text()
        assert "withdrawn" in account
        assert re.search(r"EUR 250\.00\s+Accrued", account)


def accepted(world: World, client: FlaskClient, sign_in: Browse, first: UUID) -> None:
    """Staff answer and accept the dispute, record the outage as two persons, and make the revision."""
    with world.app.app_context(), provider_scope():
        dispute = db.session().scalars(select(DisputeRow.id)).one()
    sign_in(client, world.people["manager"])
    assert post(client, f"/staff/disputes/{dispute}/messages", {"words": "We look."}).status_code == 303
    assert post(client, f"/staff/disputes/{dispute}/accept", {"words": "We saw it too."}).status_code == 303
    sign_in(client, world.people["responder"])
    record: dict[str, object] = {
        "service": "api",
        "start": "2026-10-12T10:00",
        "end": "2026-10-12T18:00",
        "severity": "down",
        "reason": "An accepted dispute.",
    }
    assert post(client, "/staff/outages", record).status_code == 303
    key = client.get("/staff/outages").text.split("/staff/outages/")[1].split("/")[0]
    sign_in(client, world.people["manager"])
    assert post(client, f"/staff/outages/{key}/accept", {"words": ""}).status_code == 303
    reason: dict[str, object] = {"reason": "A dispute was accepted."}
    assert post(client, f"/staff/statements/{first}/revise", reason).status_code == 303


def test_a_credit_is_claimed_in_the_ledger_before_its_deadline_and_not_after_it(
    browser: Browser, closed: World, client: FlaskClient, sign_in: Browse
) -> None:
    token = sign_in(client, closed.people["globex owner"])
    with reading(browser, closed, token) as (page, overview):
        page.goto(f"{overview}/ledger")
        patient, strict = (page.locator("tr", has_text=f"globex-{name}").first for name in ("patient", "strict"))
        assert "The time to claim it is over." in strict.inner_text()
        assert strict.get_by_role("button").count() == 0
        patient.get_by_role("button", name="Claim it").click()
        assert "Your claim is made." in page.locator("main").inner_text()
        page.goto(f"{overview}/ledger")
        assert "waiting" in page.locator("tr", has_text="globex-patient").first.inner_text()
