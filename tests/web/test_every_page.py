"""Every GET rule of the url map in a real browser: nothing for axe to find, no complaint, nothing asked of others.

All rules and all states, in both colour schemes and at two widths, are part of the long suite. Pictures of everything
stand in var/shots.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from demo.generated.episodes import Chance
from demo.generated.provider import configure, provider_document
from demo.generated.telling import generate
from portal import clock
from portal.database import db
from portal.store.leases import LeaseRow
from portal.store.tenancy import provider_scope
from portal.usecases.excluding import maintenance
from portal.usecases.excluding.maintenance import Plan
from portal.usecases.measuring.measurement import LEASE
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from portal.web.access import public
from tests import customers
from tests.journeys.served import served
from tests.web.access_matrix import Matrix, reviewed
from tests.web.canaries import Planted, address, plant, rules
from tests.web.conftest import writing
from tests.web.shots import FOLDER, Look, faults_of, opened

TOLD: dict[str, Any] = tomllib.loads(Path(__file__).with_name("states.toml").read_text())
LOOKS = tuple(product(TOLD["schemes"], TOLD["widths"]))
PARTS = 2
DAY_S = 86_400
STATUS = {"not_found": 404, "broken": 500}
HTML = "text/html"


@pytest.fixture
def planted(app: Flask) -> Planted:
    """The house of the canaries."""
    return plant(app)


PREFIX = "/<any(de, ja):language>"
SEEN = (200, 202)


@dataclass(frozen=True, slots=True)
class Shown:
    """One page: its rule, its address, who reads it, and what it answers."""

    rule: str
    path: str
    who: str
    status: int


def reader_of(rule: str, matrix: Matrix) -> str | None:
    """The first reader whom the reviewed matrix lets in; None when nobody is, or the rule is not reviewed yet."""
    row = matrix.get((rule, "GET"), {})
    return next((who for who in TOLD["readers"] if row.get(who) in SEEN), None)


def pages(planted: Planted, *, is_each_language: bool) -> Iterator[Shown]:
    """Every GET rule with its address and its reader; files are left out once they were answered."""
    matrix = reviewed()
    for rule, method in rules(planted.app):
        plain = rule.rule.removeprefix(PREFIX)
        if method != "GET" or plain in TOLD["unseen"] or (plain != rule.rule and not is_each_language):
            continue
        query = TOLD["queries"].get(plain, "")
        who = "nobody" if query else reader_of(rule.rule, matrix)
        assert who is not None, f"No state of states.toml covers {rule.rule}: nobody is let in."
        path = address(planted.app, rule, planted.globex.arguments) + query
        answer = planted.browser(who)[0].get(path)
        assert answer.status_code in SEEN, (path, who)
        if answer.mimetype == HTML:
            yield Shown(rule.rule, path, who, answer.status_code)


def shot_of(state: str, path: str, look: Look) -> Path:
    name = re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "status"
    return FOLDER / state / f"{name[:80]}-{look.scheme}-{look.width}.png"


@pytest.mark.soak
@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_clean_in_one_look(planted: Planted, browser: Browser, part: int) -> None:
    faults = []
    with served(planted.app) as base:
        for number, page in enumerate(pages(planted, is_each_language=False)):
            if number % PARTS == part:
                look = looked_at(planted, page, *LOOKS[number // PARTS % len(LOOKS)])
                faults += faults_of(browser, base, page.path, look, shot_of("furnished", page.path, look), page.status)
    assert faults == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize(("scheme", "width"), LOOKS)
def test_every_page_is_clean_in_every_look(planted: Planted, browser: Browser, scheme: str, width: int) -> None:
    faults = []
    with served(planted.app) as base:
        for page in pages(planted, is_each_language=True):
            look = replace(looked_at(planted, page, scheme, width), is_twice=True)
            faults += faults_of(browser, base, page.path, look, shot_of("furnished", page.path, look), page.status)
    assert faults == []


def looked_at(planted: Planted, page: Shown, scheme: str, width: int) -> Look:
    return Look(scheme, width, planted.tokens.get(page.who, ""))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("state", list(TOLD["states"]))
def test_every_state_of_the_public_pages_is_clean(app: Flask, browser: Browser, state: str) -> None:
    told = TOLD["states"][state]
    app.add_url_rule("/broken", view_func=public(broken))
    furnish(app, told)
    faults = []
    with served(app) as base:
        for path, (scheme, width) in product(told["pages"], LOOKS):
            look = Look(scheme, width)
            faults += faults_of(browser, base, path, look, shot_of(state, path, look), STATUS.get(state, 200))
    assert faults == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_without_scripts_every_page_is_readable_and_a_form_still_works(planted: Planted, browser: Browser) -> None:
    with (
        served(planted.app) as base,
        opened(browser, base, Look("light", 1280, planted.tokens["owner"], scripts=False)) as seen,
    ):
        customer = planted.globex.customer
        for path in ("/", "/commitments", "/history", f"/c/{customer}", "/account"):
            seen.page.goto(path)
            assert len(seen.page.inner_text("main")) > 100, path
        seen.page.goto(f"/c/{customer}/feedback")
        form = seen.page.locator("main form").first
        form.locator("textarea").first.fill("Readable without scripts.")
        form.locator("input[type=radio]").first.check()
        form.locator("button").first.click()
        assert "Readable without scripts." in seen.page.inner_text("main")
        assert seen.faults == []


def broken() -> str:
    raise RuntimeError("a defect")


def furnish(app: Flask, told: dict[str, Any]) -> None:
    """Put into an empty portal what a state says."""
    if "services" not in told:
        return
    now = clock.now()
    end = clock.seconds(now) - (DAY_S // 2 if told.get("stale") else 0)
    with app.app_context(), provider_scope():
        configure(db.session(), provider_document(told["services"], 2, 300), end - 3 * DAY_S - 1)
        generate(db.session(), Chance(seed=1), end - 3 * DAY_S, end)
    with writing(app) as session:
        person = customers.build(session).manager if told.get("incident") or told.get("maintenance") else None
        if not told.get("stale"):
            session.get_one(LeaseRow, LEASE).claimed_until = end + DAY_S
        services = incidents.services(session)[:2]
        if person and told.get("incident"):
            chosen = [str(one.id) for one in services]
            incidents.post(session, person, Draft("Requests fail", "major", chosen, "identified", "We **look**."), now)
        if person and told.get("maintenance"):
            keys = tuple(one.id for one in services)
            plan = Plan("Upgrade", "scheduled_maintenance", end - 60, end + 3600, keys, "Faster disks.")
            maintenance.announce(session, person, plan, now)
