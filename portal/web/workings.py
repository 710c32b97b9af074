"""A working's pieces of time as CSV, as `sla-working/1` has them (docs/working.md)."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from flask import Response

from portal.web import formats, spreadsheets
from portal.web.spreadsheets import Cell

HEADER = (
    "start_utc", "end_utc", "seconds", "class", "reason", "weight", "held_seconds", "locations", "exclusions",
    "attained_percent", "status",
)  # fmt: skip


def table(name: str, documents: Iterable[Mapping[str, Any]]) -> Response:
    """Return every piece of the workings as a file to keep, one after the other."""
    return spreadsheets.answer(name, HEADER, (row for one in documents for row in _rows(one)))


def _rows(document: Mapping[str, Any]) -> Iterator[Sequence[Cell]]:
    attained = None if document["attained"] is None else document["attained"]["display"]
    for one in document["intervals"]:
        yield (
            formats.iso(one["start"]),
            formats.iso(one["end"]),
            one["end"] - one["start"],
            one["class"],
            one["reason"],
            one["weight_exact"],
            one["held_seconds"],
            " ".join(one["locations"]),
            " ".join(_covering(one, document["exclusions"])) if one["class"] == "excluded" else None,
            attained,
            document["status"],
        )


def _covering(one: Mapping[str, Any], exclusions: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (
        found["id"]
        for found in exclusions
        if found["accepted"] and found["start"] < one["end"] and found["end"] > one["start"]
    )
