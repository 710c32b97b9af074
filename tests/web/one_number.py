"""Whether a statement of a simulated year says one number: in Chromium, in its PDF, in CSV and in JSON.

What JSON holds is what was stored; every other surface is asked whether it says just that. The figures of each working
are added up by hand from its pieces.
"""

import csv
import json
import random
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from demo.generated.year.provider import DOMAIN
from demo.generated.year.size import Size
from demo.generated.year.telling import tell_year
from portal.database import db, reading
from portal.domain.quantities.exact import parse_exact, truncate
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import CustomerRow
from portal.store.settling.papers import PaperOrderRow
from portal.store.settling.statements import StatementRow
from portal.usecases.groundwork import scopes
from portal.usecases.people import users
from portal.web import formats
from portal.worker.printing import Printing
from tests.signing_in import signed_in
from tests.web import pdfs
from tests.web.conftest import post, writing
from tests.web.serving import served

SEED = 9
MARKS = re.compile("[●■○]")
"""What stands before a verdict on paper, beside its colour."""
VERDICTS = {
    "met": "Kept",
    "breached": "Breached",
    "insufficient_data": "Not enough data",
    "not_applicable": "Nothing to judge",
}


def size(months: int) -> Size:
    """Three customers with an agreement, a currency and a zone each; outages, gaps, exclusions, rulings, disputes."""
    return Size(3, 3, months, SEED, date(2026, 10 - months, 1), 3_600, 1, bought=(1, 3, 3))


@dataclass(frozen=True, slots=True)
class Chosen:
    """One statement of the year and its place in the portal: the page, and who reads it."""

    page: str
    owner: str
    body: dict[str, Any]

    @property
    def owes(self) -> bool:
        """Whether anything is owed by it."""
        return bool(self.body["credit"]["amount_minor"])

    @property
    def is_missed(self) -> bool:
        """Whether a promise of it was broken, or cannot be judged."""
        return any(line["status"] in ("breached", "insufficient_data") for line in self.body["commitments"])


def told(app: Flask, months: int, most: int) -> list[Chosen]:
    """Tell a year and draw statements of it by lot, revisions among them; half of those where not all was kept."""
    with app.app_context():
        tell_year(db.session(), size(months))
    with app.app_context(), provider_scope(), reading(db.session()) as session:
        key = (StatementRow.period, CustomerRow.key, StatementRow.revision)
        question = select(StatementRow, CustomerRow.key).join(CustomerRow, CustomerRow.id == StatementRow.customer_id)
        found = [_chosen(row, customer) for row, customer in session.execute(question.order_by(*key))]
    draw = random.Random(SEED)
    missed = [one for one in found if one.is_missed]
    first = draw.sample(missed, min(len(missed), (most + 1) // 2))
    return first + draw.sample([one for one in found if one not in first], most - len(first))


def _chosen(row: StatementRow, customer: str) -> Chosen:
    owner = f"owner-{customer.removeprefix('customer-')}@{DOMAIN}"
    return Chosen(f"/c/{row.customer_id}/statements/{row.id}", owner, json.loads(row.body))


@contextmanager
def reading_as(browser: Browser, app: Flask, owner: str) -> Iterator[tuple[FlaskClient, Page]]:
    """A test client and a page of Chromium in which an owner is signed in."""
    with writing(app) as session:
        token = signed_in(session, users.person(session, owner))
    client = app.test_client()
    client.set_cookie("portal", token)
    with served(app) as base:
        context = browser.new_context(base_url=base)
        context.add_cookies([{"name": "portal", "value": token, "url": base}])
        try:
            yield client, context.new_page()
        finally:
            context.close()


def print_ordered(app: Flask) -> None:
    """Print, with the real press, everything that was ordered."""

    @contextmanager
    def sessions() -> Iterator[Session]:
        with app.app_context(), scopes.provider():
            yield db.session()

    press = Printing(sessions, lambda: True)
    while _orders(app):
        press.tick()


def _orders(app: Flask) -> list[UUID]:
    with app.app_context(), provider_scope(), reading(db.session()) as session:
        return list(session.scalars(select(PaperOrderRow.id).where(PaperOrderRow.problem.is_(None))))


def say_one_number(browser: Browser, app: Flask, chosen: list[Chosen], folder: Path) -> int:
    """Compare every figure of every statement; return how many there were."""
    for owner in sorted({one.owner for one in chosen}):
        with reading_as(browser, app, owner) as (client, _):
            for one in chosen:
                if one.owner == owner:
                    assert post(client, f"{one.page}.pdf", {}, one.page).status_code == 303
    print_ordered(app)
    checked = 0
    for owner in sorted({one.owner for one in chosen}):
        with reading_as(browser, app, owner) as (client, page):
            for one in chosen:
                if one.owner == owner:
                    checked += statement_says(client, page, one, folder / "paper.pdf")
    return checked


def statement_says(client: FlaskClient, page: Page, one: Chosen, paper: Path) -> int:
    """Compare the page, the PDF, the CSV and the JSON of a statement, and those of its workings."""
    document = json.loads(client.get(f"{one.page}/statement.json").data)
    assert document == one.body
    rows = list(csv.DictReader(client.get(f"{one.page}/statement.csv").text.splitlines()))
    paper.write_bytes(client.get(f"{one.page}.pdf").data)
    printed = [MARKS.sub("", pdfs.squeezed(line)) for line in pdfs.text_of(paper).splitlines()]
    page.goto(one.page)
    shown = [row.inner_text() for row in page.locator("main table").first.locator("tbody tr").all()]
    credit = amount(document["credit"]["amount_text"], document["credit"]["currency"])
    assert credit in page.locator("p.figure").inner_text()
    assert pdfs.squeezed(f"Credit for this period{credit}") in printed
    assert sum_of(rows) == parse_exact(document["credit"]["amount_text"]) or document["credit"]["cap_percent_exact"]
    figures = 1
    rest = iter(rows)
    for text, line in zip(shown, document["commitments"], strict=True):
        row = next(rest)
        cells = expected(line, row)
        assert text.split("\t")[1:5] == cells
        assert any(line.endswith(pdfs.squeezed("".join(cells))) for line in printed), cells
        figures += 4 + working_says(client, page, f"{one.page}/{line['service']}/{line['commitment']}", row)
    assert next(rest, None) is None
    return figures


def expected(line: dict[str, Any], row: dict[str, str]) -> list[str]:
    """What a line's four cells must hold by its JSON, of which its CSV must say the same."""
    (part,) = line["parts"] if line["governing"] is None else [line["parts"][line["governing"]]]
    attained = "" if part["attained"] is None else part["attained"]["display"]
    assert (row["promised_percent"], row["attained_percent"]) == (part["target_percent"], attained)
    assert (row["terms_version"], row["start_utc"]) == (str(part["version"]), formats.iso(part["start"]))
    return [
        f"{part['target_percent']}\xa0%",
        f"{attained}\xa0%" if attained else "–",
        VERDICTS[line["status"]],
        amount(row["credit"], row["currency"]) if row["credit"] else "–",
    ]


def amount(decimal: str, currency: str) -> str:
    """An amount as an English page writes it, its thousands grouped."""
    whole, point, rest = decimal.partition(".")
    return f"{currency} {int(whole):,}{point}{rest}"


def sum_of(rows: list[dict[str, str]]) -> Fraction:
    """What the lines of a table owe together."""
    return sum((parse_exact(row["credit"]) for row in rows if row["credit"]), start=Fraction(0))


def working_says(client: FlaskClient, page: Page, path: str, row: dict[str, str]) -> int:
    """The receipt, the document and the table of pieces of one figure; the pieces are added up by hand."""
    working = json.loads(client.get(f"{path}/working.json").data)
    pieces = list(csv.DictReader(client.get(f"{path}/working.csv").text.splitlines()))
    page.goto(path)
    words = page.locator("main").inner_text()
    totals, by_class = working["totals"], dict[str, int]()
    for one in pieces:
        by_class[one["class"]] = by_class.get(one["class"], 0) + int(one["seconds"])
    assert sum(by_class.values()) == totals["period"]
    assert by_class.get("unknown", 0) == totals["unknown"]
    assert sum(parse_exact(one["weight"]) * int(one["seconds"]) for one in pieces) == parse_exact(totals["downtime"])
    for seconds in (totals["period"], totals["eligible"], *by_class.values()):
        assert f"{seconds:,} s" in words
    if totals["eligible"]:
        attained = (totals["eligible"] - parse_exact(totals["downtime"])) * 100 / totals["eligible"]
        if working["attained"] is not None:
            assert row["attained_percent"] == truncate(attained, working["contract"]["display_decimals"])
            assert f"{row['attained_percent']}\xa0%" in words
    if working["credit"]["amount_text"] is not None:
        assert amount(working["credit"]["amount_text"], working["credit"]["currency"]) in words
    return 3 + len(by_class)
