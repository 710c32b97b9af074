"""A page in Japanese says nothing in English but what people wrote and what terms bind in."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from jinja2 import Environment

from portal.domain.evaluation.result import Status
from portal.domain.people.languages import Language
from portal.store.people import people
from portal.web import languages
from tests.web.canaries import address, plant, rules
from tests.web.catalogues import ROOT
from tests.web.conftest import writing

TEMPLATES = ROOT / "templates"
WORD = re.compile(r"[A-Za-z][A-Za-z']+")
UNREAD = re.compile(r'<(script|style)\b.*?</\1>|<[^>]*\blang="en".*?</[a-z]+>', re.DOTALL)
SAID_TO_EARS = re.compile(r'(?:aria-label|title|alt|placeholder)="([^"]*)"')
SENTENCE = re.compile(r"[A-Za-z][A-Za-z'-]*(?: [A-Za-z][A-Za-z'-]*){1,}")
WRITTEN = (
    "API requests fail",
    "We are looking",
    "A new database",
    "We exchange it",
    "The network told us",
    "has asked for it",
    "goes to court",
    "needs it",
    "is excused",
    "canary-globex",
    "Northwind Cloud",
    "Object storage",
    "This machine",
    "One wish",
)
"""What the people of the canaries' house wrote, and what things are called there."""
DESKS = re.compile(r"(staff|patterns|closing|drafts|outages)/.*|.*/(desk|new|change|tell|entry|answer|inbox)\.html")
"""Templates that only staff reads, in English."""
SHORT = frozenset({"CSV", "JSON", "PDF", "RSS", "Atom", "Feed", "TLS"})
INNER = {
    "components/field.html": {"aria", "describedby", "invalid", "true"},
    "components/incident.html": {"okmaintdowndegradedunknown", "resolved"},
    "customers/receipt.html": {"from", "amp", "until", "time"},
}
"""What stands between elements only because a macro makes an attribute of it."""


def sentences(page: str) -> Iterator[str]:
    """Two English words in a row that a reader sees or hears, which nobody wrote."""
    seen = UNREAD.sub(" ", page)
    for text in [*re.split(r"<[^>]+>", seen), *SAID_TO_EARS.findall(seen)]:
        yield from (found for found in SENTENCE.findall(text) if not any(one in found for one in WRITTEN))


def own_words(template: str) -> set[str]:
    """The words of a template that stand there as they are, between elements or in what is read aloud."""
    kept = ""
    for _, kind, text in Environment(autoescape=True).lex(template):
        kept += text if kind == "data" else " " if kind == "variable_end" else ""
    seen = UNREAD.sub(" ", kept)
    return set(WORD.findall(" ".join([re.sub(r"<[^>]*>", " ", seen), *SAID_TO_EARS.findall(seen)])))


def test_no_template_for_customers_or_visitors_has_a_word_of_its_own() -> None:
    found = {
        name: words
        for path in sorted(TEMPLATES.rglob("*.html"))
        if not DESKS.fullmatch(name := path.relative_to(TEMPLATES).as_posix())
        and (words := own_words(path.read_text()) - SHORT - INNER.get(name, set()))
    }
    assert found == {}


@pytest.mark.slow
def test_no_page_of_a_customer_falls_back_to_english(app: Flask) -> None:
    planted = plant(app)
    with writing(app) as session:
        people.set_language(session, planted.people["owner"].id, Language.JAPANESE)
    client, _ = planted.browser("owner")
    found, pages = {}, 0
    for rule, method in rules(app):
        if method == "GET" and rule.rule.startswith("/c/"):
            answer = client.get(address(app, rule, planted.globex.arguments))
            if answer.mimetype == "text/html" and answer.status_code in (200, 202):
                pages += 1
                found |= dict.fromkeys(sentences(answer.text), rule.rule)
    assert pages > 20
    assert not found, found


@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("template", ["statements/parts.html", "papers/parts.html"])
def test_every_verdict_is_said_in_the_language_of_the_reader(app: Flask, template: str, status: Status) -> None:
    said = {}
    with app.test_request_context():
        for language in Language:
            with languages.spoken(language):
                said[language] = app.jinja_env.get_template(template).make_module().verdict(status)
    assert len(set(said.values())) == len(Language), said
    assert list(sentences(said[Language.JAPANESE])) == []
