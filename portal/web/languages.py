"""In which language a page is read: a public one by its address, a signed-in one by the account (decision D15).

Every public page stands under `/`, `/de/` and `/ja/`. Nothing is negotiated and nothing is remembered, so each address
has one answer. What machines read (feeds, files, health) has one address only.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import flask_babel
from flask import Flask, current_app, g, has_request_context, request, url_for
from werkzeug.routing import Rule

from portal.domain.people.languages import Language
from portal.web.going import safe_path

USUAL = Language.ENGLISH
PREFIXED = tuple(one for one in Language if one is not USUAL)
PREFIX = f"/<any({', '.join(PREFIXED)}):language>"
ONE_TONGUE = frozenset({"static", "patterns.show", "health.show", "health.ready"})


@dataclass(frozen=True, slots=True)
class Address:
    """The page at hand in one language: its path, and its full address for search engines."""

    language: Language
    path: str
    full: str
    is_current: bool


def prepare(app: Flask, folder: str) -> None:
    """Give every public page of this app its addresses; call when all blueprints are registered."""
    flask_babel.Babel(
        app,
        configure_jinja=False,
        default_locale=USUAL.value,
        default_translation_directories=folder,
        locale_selector=lambda: current().value,
    )
    for rule in list(app.url_map.iter_rules()):
        if _is_for_people(app, rule):
            methods = (rule.methods or set()) - {"HEAD", "OPTIONS"}
            app.add_url_rule(PREFIX + rule.rule, endpoint=rule.endpoint, methods=sorted(methods))
    app.url_value_preprocessor(_take_language)
    app.url_defaults(_keep_language)


def current() -> Language:
    """Return the language of the answer at hand; English where nobody reads."""
    try:
        here = g._get_current_object()  # asked for often: looked up once
    except RuntimeError:
        return USUAL
    chosen: Language | None = here.get("language")
    if chosen is None and has_request_context():
        chosen = here.language = of_path(request.path)
    return chosen or USUAL


def choose(language: str) -> None:
    """Answer in this language from now on: the reader's account says so."""
    g.language = Language(language)
    flask_babel.refresh()


@contextmanager
def spoken(language: Language) -> Iterator[None]:
    """Say everything in this language meanwhile, as the worker does for a paper."""
    before = g.get("language")
    choose(language)
    try:
        yield
    finally:
        g.language = before
        flask_babel.refresh()


def of_path(path: str) -> Language:
    """Return the language a path begins with."""
    first = path.split("/", 2)[1:2]
    return next((one for one in PREFIXED if first == [one.value]), USUAL)


def addresses() -> tuple[Address, ...]:
    """Return the public page at hand in every language; a page that is none, such as an error, leads to the first page.

    A signed-in page has no other address: its language is the account's.
    """
    endpoint = request.endpoint
    if endpoint is None or request.routing_exception is not None:
        return tuple(_address(one, "status.show", {}, "") for one in Language)
    if not current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        return ()
    return tuple(_address(one, endpoint, request.view_args or {}, _query()) for one in Language)


def _query() -> str:
    """The question asked of the page at hand, without a `next` that leads elsewhere (trust.md W4)."""
    asked = request.args.items(multi=True)
    return urlencode([(name, value) for name, value in asked if name != "next" or safe_path(value)])


def _address(language: Language, endpoint: str, arguments: dict[str, Any], query: str) -> Address:
    path = url_for(endpoint, **{**arguments, "language": language.value})
    full = f"{current_app.extensions['settings'].external_url}{path}"
    return Address(language, f"{path}?{query}" if query else path, full, language is current())


def _is_for_people(app: Flask, rule: Rule) -> bool:
    """Whether a rule is a public page; names with a dot are files, which machines read."""
    access = getattr(app.view_functions[rule.endpoint], "__access__", None)
    is_file = "." in rule.rule.rsplit("/", 1)[-1]
    return access is not None and access.permission is None and rule.endpoint not in ONE_TONGUE and not is_file


def _take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Views take no language: it is the page's, not theirs."""
    if values is not None:
        values.pop("language", None)


def _keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Keep the reader's language in every address that has one; English is the address without."""
    if not current_app.url_map.is_endpoint_expecting(endpoint, "language"):
        return
    language = values.setdefault("language", current().value)
    if language == USUAL:
        del values["language"]
