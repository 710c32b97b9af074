"""Whatever stands in a configuration file, reading it ends in a configuration or in problems with sentences."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.documents.reading import InvalidDocument, Problem
from portal.usecases.configuration.entries import Present
from portal.usecases.configuration.reading import read_configuration
from tests.usecases.configurations import whole

SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.sampled_from(["", "0", "1"])
)
LISTS = st.lists(SCALARS, max_size=3)
VALUES = SCALARS | LISTS | st.dictionaries(st.text(max_size=8), SCALARS | LISTS, max_size=3)


def problems(document: object) -> tuple[Problem, ...]:
    try:
        read_configuration(document, Present(), {})
    except InvalidDocument as invalid:
        return invalid.problems or (Problem("", ""),)
    return ()


def places(document: Any) -> list[tuple[Any, Any]]:
    """Every container of a document with every key in it."""
    found = []
    waiting = [document]
    while waiting:
        node = waiting.pop()
        keys = node.keys() if isinstance(node, dict) else range(len(node)) if isinstance(node, list) else ()
        found += [(node, key) for key in keys]
        waiting += [node[key] for key in keys]
    return found


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_any_value_at_any_place_is_read_or_refused_in_sentences(data: st.DataObject) -> None:
    document = whole()
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(places(document)))
        container[key] = data.draw(VALUES)
    for problem in problems(document):
        assert problem.sentence.endswith((".", "?")), problem


@settings(max_examples=50, deadline=None)
@given(VALUES)
def test_any_document_at_all_is_read_or_refused(document: object) -> None:
    assert all(problem.sentence for problem in problems(document))
