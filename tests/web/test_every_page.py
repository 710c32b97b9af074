"""Every GET rule of the url map in a real browser: nothing for axe to find, no complaint, nothing asked of others.

All rules and all states, in both colour schemes and at two widths, are part of the long suite. Pictures of everything
stand in var/shots.
"""

import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser

from portal.web.access import public
from tests.journeys.served import served
from tests.signing_in import signed_in
from tests.web.access_matrix import Matrix, reviewed
from tests.web.canaries import Planted, address, rules
from tests.web.conftest import writing
from tests.web.furnishing import furnish
from tests.web.shots import FOLDER, Look, faults_of

TOLD: dict[str, Any] = tomllib.loads(Path(__file__).with_name("states.toml").read_text())
LOOKS = tuple(product(TOLD["schemes"], TOLD["widths"]))
PARTS = 2
HTML = "text/html"


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


def pages(planted: Planted, *, is_each_language: bool, wanted: Collection[str] = ()) -> Iterator[Shown]:
    """Every GET rule, or each that is wanted, with its address and its reader; files are left out once answered."""
    matrix = reviewed()
    for rule, method in rules(planted.app):
        plain = rule.rule.removeprefix(PREFIX)
        if method != "GET" or plain in TOLD["unseen"] or (plain != rule.rule and not is_each_language):
            continue
        if wanted and rule.rule not in wanted:
            continue
        query = TOLD["queries"].get(plain, "")
        who = "nobody" if query else reader_of(rule.rule, matrix)
        assert who is not None, f"No state of states.toml covers {rule.rule}: nobody is let in."
        path = address(planted.app, rule, planted.globex.arguments) + query
        with planted.browser(who)[0].get(path) as answer:
            status, is_page = answer.status_code, answer.mimetype == HTML
        assert status in SEEN, (path, who)
        if is_page:
            yield Shown(rule.rule, path, who, status)


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
    assert faults_of_rules(planted, browser, (), scheme, width, is_twice=True) == []


def looked_at(planted: Planted, page: Shown, scheme: str, width: int) -> Look:
    return Look(scheme, width, planted.tokens.get(page.who, ""))


@pytest.mark.soak
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("state", list(TOLD["states"]))
def test_every_state_is_clean(app: Flask, browser: Browser, state: str) -> None:
    assert faults_in(app, browser, state, LOOKS) == []


def faults_in(app: Flask, browser: Browser, state: str, looks: Iterable[tuple[str, int]]) -> list[str]:
    """Furnish an empty portal as a state says; return every fault of its pages in these looks."""
    told = TOLD["states"][state]
    app.add_url_rule("/broken", view_func=public(broken))
    furnished = furnish(app, told)
    token, faults = "", []
    if "reader" in told:
        with writing(app) as session:
            token = signed_in(session, furnished.people[told["reader"]], is_confirmed=True)
    with served(app) as base:
        for page, (scheme, width) in product(told["pages"], looks):
            path, look = page.format_map(furnished.arguments), Look(scheme, width, token)
            faults += faults_of(browser, base, path, look, shot_of(state, page, look), told.get("status", 200))
    return faults


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 320)])
def test_the_pages_that_matter_most_are_clean(planted: Planted, browser: Browser, scheme: str, width: int) -> None:
    assert faults_of_rules(planted, browser, TOLD["first"]["rules"], scheme, width) == []


def faults_of_rules(
    planted: Planted, browser: Browser, wanted: Collection[str], scheme: str, width: int, **look: bool
) -> list[str]:
    """Open every page, or those of some rules, in one look; return every fault."""
    faults = []
    with served(planted.app) as base:
        for page in pages(planted, is_each_language=not wanted, wanted=wanted):
            seen = replace(looked_at(planted, page, scheme, width), **look)
            faults += faults_of(browser, base, page.path, seen, shot_of("furnished", page.path, seen), page.status)
    return faults


def broken() -> str:
    raise RuntimeError("a defect")
