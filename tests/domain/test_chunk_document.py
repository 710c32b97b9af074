"""docs/evidence.md describes the canonical bytes: the reader printed there, and nothing of the portal, reads them."""

import ast
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hypothesis import given, settings

from portal.domain.evidence.chunk import FIELDS, PROVENANCES, STATES, Record, encode
from tests.domain.test_chunk import KEY, minutes, records

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "evidence.md"
LINES_MOST = 60


def listing() -> str:
    found = re.search(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert found
    return found[1]


def reader() -> Callable[[bytes], Any]:
    names: dict[str, Any] = {}
    exec(compile(listing(), str(DOCUMENT), "exec"), names)
    return names["read_chunk"]  # type: ignore[no-any-return]


def described(record: Record) -> dict[str, object]:
    fields = dict(zip(FIELDS, record, strict=True))
    return {**fields, "state": STATES[fields["state"]].value, "provenance": PROVENANCES[fields["provenance"]]}


def test_the_reader_is_short_and_knows_the_standard_library_alone() -> None:
    imported = {
        alias.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(ast.parse(listing()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {name.split(".")[0] for name in imported} <= sys.stdlib_module_names
    assert len([line for line in listing().splitlines() if line.strip()]) <= LINES_MOST


@settings(max_examples=60)
@given(records())
def test_the_reader_reads_whatever_a_chunk_can_hold(given: list[Record]) -> None:
    found = reader()(encode(KEY, given))
    assert found == (KEY.probe, KEY.location, KEY.day, [described(record) for record in given])


def test_the_reader_reads_a_whole_day() -> None:
    assert len(reader()(encode(KEY, minutes()))[3]) == len(minutes())


def test_the_document_names_the_columns_in_their_order() -> None:
    assert ", ".join(FIELDS) in DOCUMENT.read_text()
