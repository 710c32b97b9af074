"""Every key of the schema has words: two documents that differ in one value alone never read the same."""

import ast
import copy
import re
import types
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import pytest

from portal.domain.documents.reading import InvalidDocument
from portal.domain.promises.terms import Terms, parse_terms, to_document
from portal.usecases.wording.promise import terms_words
from tests.usecases.wording.agreements import Document, Focus, every_kind

CHOICES = re.compile(r"must be one of: (.*)\.$")
PATHS = Iterator[tuple[tuple[str | int, ...], Any]]
FIGURE = re.compile(r"[0-9./]+( [A-Z]{3})?")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-")
FIGURES = ("7", "1/3", "98.5", "7.00 EUR", "7.00 USD", None)
DATES = ("2026-02-03", "2026-07-03", "2026-07-03T10:00:00Z")
NAMES = ("Asia/Tokyo", "other", "30")
ABSENT = (7, "7", "7.00 EUR", "7.00 USD", "2026-07-03T10:00:00Z", "other", {}, {"sites": []})
RENAMED = "renamed"
PROMISES = Path(__file__).parents[3] / "portal" / "domain" / "promises"
READERS = ("terms", "commitment", "methodology_reading", "credit_schedule_reading", "settlement", "period_rule")
ASKING = {"read", "maybe", "child", "maybe_child", "children", "items", "listed", "named", "has"}


def walked(document: Document, focus: Focus) -> PATHS:
    """Every leaf, and every list and object as a whole, with its path, inside the part a document is there for."""
    waiting: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, dict):
            waiting.extend(((*path, key), item) for key, item in value.items())
        if isinstance(value, list):
            waiting.extend(((*path, n), item) for n, item in enumerate(value))
        if path and path[: len(focus)] == focus:
            yield path, value


def changed(document: Document, path: tuple[str | int, ...], value: Any) -> Document:
    found = copy.deepcopy(document)
    holder: Any = found
    for step in path[:-1]:
        holder = holder[step]
    holder[path[-1]] = value
    return found


def alternatives(document: Document, path: tuple[str | int, ...], value: Any) -> Iterator[Any]:
    """Other values for a place: those the reader's own refusal names, else neighbours of every plain type."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield from (value + 1, value + 59, None, "period_days")
    elif isinstance(value, list):
        yield from (value[:-1], [*value[:-1], *value[:-1]], [["10:00", "11:00"]])
    elif isinstance(value, dict):
        yield from ({RENAMED if n == 0 else key: item for n, (key, item) in enumerate(value.items())}, {}, None)
        yield value | {"another": {}}
    elif value is None:
        yield from ABSENT
    elif FIGURE.fullmatch(value):
        yield from FIGURES
    elif DATE.match(value):
        yield from DATES
    else:
        yield from choices(document, path) or NAMES


def choices(document: Document, path: tuple[str | int, ...]) -> list[str]:
    try:
        parse_terms(changed(document, path, "?"))
    except InvalidDocument as refused:
        for problem in refused.problems:
            if found := CHOICES.search(problem.sentence):
                return found[1].split(", ")
    return []


def read(document: Document) -> Terms | None:
    try:
        return parse_terms(document)
    except InvalidDocument:
        return None


def variants(document: Document, focus: Focus) -> Iterator[tuple[tuple[str | int, ...], Terms]]:
    """Every valid version of a document in which one value is another."""
    for path, value in walked(document, focus):
        for other in alternatives(document, path, value):
            terms = read(changed(document, path, other))
            if terms is not None:
                yield path, terms


@pytest.mark.slow
def test_every_key_has_words_and_documents_that_differ_in_one_value_read_differently() -> None:
    changing: set[tuple[str, str]] = set()
    heard: dict[str, Terms] = {}
    for focus, base in every_kind():
        plain = parse_terms(base)
        assert heard.setdefault(repr(terms_words(plain)), plain) == plain, focus
        for path, terms in variants(to_document(plain), focus):
            assert heard.setdefault(repr(terms_words(terms)), terms) == terms, path
            changing |= differing(plain, terms)
    assert keys_of_the_schema() - changing == set()


def test_every_key_a_document_may_hold_is_walked() -> None:
    walked_keys = {
        path[-1] for focus, base in every_kind() for path, _ in walked(to_document(parse_terms(base)), focus)
    }
    assert keys_asked_for() - walked_keys == set()


def keys_asked_for() -> set[str]:
    """Every key that the readers of terms ask a document for, found in what they are written as."""
    nodes = (one for name in READERS for one in ast.walk(ast.parse((PROMISES / f"{name}.py").read_text())))
    calls = [one for one in nodes if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute) and one.args]
    asked = [one.args[0] for one in calls if one.func.attr in ASKING]
    return {one.value for one in asked if isinstance(one, ast.Constant)}


def differing(one: Any, other: Any) -> set[tuple[str, str]]:
    """The fields, as (class, name), in which two values differ, as deep as both have the same shape."""
    if is_dataclass(one) and type(one) is type(other):
        found = set()
        for field in fields(one):
            before, after = getattr(one, field.name), getattr(other, field.name)
            if before != after:
                found |= {(type(one).__name__, field.name)} | differing(before, after)
        return found
    if isinstance(one, tuple) and isinstance(other, tuple):
        return set().union(*(differing(*pair) for pair in zip(one, other, strict=False)))
    return set()


def keys_of_the_schema() -> set[tuple[str, str]]:
    """Every field of every class that terms are made of, found by their types."""
    waiting, known = [Terms], {Terms}
    found: set[tuple[str, str]] = set()
    while waiting:
        kind = waiting.pop()
        for name, hint in get_type_hints(kind).items():
            found.add((kind.__name__, name))
            for part in classes(hint):
                if part not in known:
                    known.add(part)
                    waiting.append(part)
    bases = {kind.__name__ for kind in known if kind.__subclasses__()}
    return {(kind, name) for kind, name in found if name != "type" and kind not in bases}


def classes(hint: Any) -> Iterator[Any]:
    if get_origin(hint) in (Union, types.UnionType, tuple):
        for part in get_args(hint):
            yield from classes(part)
    elif is_dataclass(hint):
        yield hint
        yield from (part for part in hint.__subclasses__() if part.__module__.startswith("portal."))
