"""One number: what a statement and its working say is the same on the page, in CSV and in JSON, whatever happened."""

import csv
import json
import random
import re
from collections.abc import Iterator
from html import unescape
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from portal import clock
from portal.database import db
from portal.domain.quantities.exact import parse_exact, truncate
from portal.store.statements import StatementRow
from portal.store.tenancy import provider_scope
from portal.usecases.closing import closing
from tests import customers
from tests.customers import INTERVAL_S, at
from tests.web.conftest import Browse, World, writing

MONTHS = [f"2026-{number:02}" for number in range(4, 11)]
MANY = 20


def story(draw: random.Random, start: int, end: int) -> Iterator[tuple[str, int, int]]:
    """Runs from start to end: up for days, then down, slow, not known or not measured for minutes to hours."""
    at_ = start
    while at_ < end:
        calm = draw.randrange(60, 15_000) * INTERVAL_S
        yield "up", at_, at_ + calm
        bad = draw.randrange(1, 200) * INTERVAL_S
        kind = draw.choice(("down", "down", "degraded", "unknown", "gap"))
        if kind != "gap":
            yield kind, at_ + calm + INTERVAL_S, at_ + calm + bad
        at_ += calm + bad + INTERVAL_S


@pytest.fixture
def year(world: World) -> World:
    """Seven months of two customers, closed, with outages, slow times and gaps of chance."""
    draw = random.Random(9)
    with writing(world.app) as session:
        for probe in (1, 2):
            told = list(story(draw, at("2026-03-30 00:00"), at("2026-11-03 00:00")))
            customers.runs_at(session, probe, told)
    with world.app.app_context():
        for month in MONTHS:
            closing.close(db.session(), month, clock.now())
    return world


def figures_of(found: str) -> set[str]:
    """The words of a page between its tags."""
    return {unescape(one).strip() for one in re.split(r"<[^>]+>", found) if one.strip()}


@pytest.mark.slow
def test_the_figures_of_random_statements_are_the_same_on_the_page_in_csv_and_in_json(
    year: World, client: FlaskClient, sign_in: Browse
) -> None:
    seen = 0
    for name in ("globex", "initech"):
        sign_in(client, year.people[f"{name} owner"])
        base = f"/c/{getattr(year.house, name)}/statements"
        for key in statements(year, getattr(year.house, name)):
            seen += 1
            page = figures_of(client.get(f"{base}/{key}").text)
            rows = list(csv.DictReader(client.get(f"{base}/{key}/statement.csv").text.splitlines()))
            body = json.loads(client.get(f"{base}/{key}/statement.json").data)
            assert as_shown(body["credit"]) in page
            for row, line in zip(rows, body["commitments"], strict=True):
                attained = line["parts"][0]["attained"]
                assert row["attained_percent"] == ("" if attained is None else attained["display"])
                assert {f"{row['promised_percent']} %", row["credit"] or "–"} <= page
                assert attained is None or f"{attained['display']} %" in page
                same_working(client, f"{base}/{key}/{line['service']}/{line['commitment']}", row)
    assert seen >= len(MONTHS)
    assert seen <= MANY


def as_shown(credit: dict[str, str]) -> str:
    """An amount as an English page writes it, its thousands grouped."""
    whole, point, rest = credit["amount_text"].partition(".")
    return f"{credit['currency']} {int(whole):,}{point}{rest}"


def same_working(client: FlaskClient, path: str, row: dict[str, str]) -> None:
    """The receipt, the document and the table of pieces of one figure; the pieces are added up by hand."""
    page = figures_of(client.get(path).text)
    working = json.loads(client.get(f"{path}/working.json").data)
    pieces = list(csv.DictReader(client.get(f"{path}/working.csv").text.splitlines()))
    totals = working["totals"]
    by_class: dict[str, int] = {}
    for one in pieces:
        by_class[one["class"]] = by_class.get(one["class"], 0) + int(one["seconds"])
    assert sum(by_class.values()) == totals["period"]
    assert by_class.get("unknown", 0) == totals["unknown"]
    assert sum(parse_exact(one["weight"]) * int(one["seconds"]) for one in pieces) == parse_exact(totals["downtime"])
    assert {f"{totals['period']:,} s", f"{totals['eligible']:,} s"} <= page
    for seconds in by_class.values():
        assert f"{seconds:,} s" in page
    if totals["eligible"]:
        attained = (totals["eligible"] - parse_exact(totals["downtime"])) * 100 / totals["eligible"]
        assert row["attained_percent"] == truncate(attained, working["contract"]["display_decimals"])
        assert f"{row['attained_percent']} %" in page
    if working["credit"]["amount_text"] is not None:
        assert as_shown(working["credit"]) in page


def statements(world: World, customer: UUID) -> list[UUID]:
    """The statements of a customer, ten at most, by chance."""
    with world.app.app_context(), provider_scope():
        question = select(StatementRow.id).where(StatementRow.customer_id == customer).order_by(StatementRow.id)
        found = list(db.session().scalars(question))
    return random.Random(4).sample(found, min(len(found), MANY // 2))
