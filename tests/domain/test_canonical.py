"""The canonical bytes of a document and its digest."""

import hashlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.documents.canonical import canonical_bytes, digest
from portal.domain.documents.reading import InvalidDocument, require_plain

text = st.text('aZ0é€😀\ufb33\n\\"\x0f', max_size=4)
scalars = st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | text
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4))
documents = st.dictionaries(text, values, max_size=5)


@settings(max_examples=25)
@given(documents)
def test_canonical_bytes_are_json_that_reads_back_the_same(document: dict[str, Any]) -> None:
    assert json.loads(canonical_bytes(document)) == document


@settings(max_examples=25)
@given(documents)
def test_the_order_of_keys_does_not_matter(document: dict[str, Any]) -> None:
    assert canonical_bytes(dict(reversed(document.items()))) == canonical_bytes(document)


def test_keys_are_ordered_by_utf_16_units_and_nothing_is_escaped_without_need() -> None:
    document = {"\ufb33": 1, "\U0001f600": 2, "é": "\u20ac\n\u000f", "1": [True, None], "": {}}
    expected = '{"":{},"1":[true,null],"é":"€\\n\\u000f","😀":2,"\ufb33":1}'
    assert canonical_bytes(document) == expected.encode()


def test_the_digest_is_the_sha256_of_the_bytes() -> None:
    assert digest({"a": 1}) == "sha256:" + hashlib.sha256(b'{"a":1}').hexdigest()


@pytest.mark.parametrize(
    ("value", "path"),
    [(1.5, "a"), (float("nan"), "a"), (2**53, "a"), (b"x", "a"), ([1, [0.5]], "a[1][0]"), ("\ud800", "a")],
)
def test_what_has_no_exact_form_is_refused_with_its_path(value: object, path: str) -> None:
    with pytest.raises(InvalidDocument) as refused:
        canonical_bytes({"a": value})
    assert refused.value.problems[0].path == path


def test_a_key_that_is_no_text_is_refused() -> None:
    document: Any = {1: "a"}
    with pytest.raises(InvalidDocument, match="Every key"):
        canonical_bytes(document)


def nested(levels: int) -> dict[str, Any]:
    document: dict[str, Any] = {}
    for _ in range(levels):
        document = {"a": document}
    return document


def test_deep_nesting_is_refused_without_a_crash() -> None:
    for check in (canonical_bytes, require_plain):
        with pytest.raises(InvalidDocument, match="nested"):
            check(nested(10_000))


def test_a_flood_of_values_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="more than"):
        require_plain({"a": list(range(200_000))})


@pytest.mark.parametrize("bad", ["a\x00b", "\x1b[31m", "line\nbreak", "\ud800", "\x85"])
def test_control_characters_are_refused_in_values_and_keys(bad: str) -> None:
    for document in ({"a": bad}, {bad: "a"}):
        with pytest.raises(InvalidDocument, match="control character"):
            require_plain(document)


def test_a_strange_key_is_quoted_and_clipped_in_its_path() -> None:
    with pytest.raises(InvalidDocument) as refused:
        require_plain({"<script>" * 50: 0.5})
    (problem,) = refused.value.problems
    assert len(problem.path) <= 80
    assert problem.path.startswith("'<script>")
