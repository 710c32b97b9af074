"""CSV files of any size, row by row: what cannot be read is one bad row, not the end of the file."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import IO, Any

from portal.domain.notices.refusals import Refusal
from portal.usecases.keeping.import_rows import Row

LINE_LONGEST = 65_536
UNREADABLE = "\x00\n"
"""Stands for a line that is too long."""

_FOREIGN = re.compile(r"[\ud800-\udfff]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


def rows_of(file: IO[bytes], name: str, columns: Sequence[str]) -> Iterator[Row]:
    """Yield the rows below the heading, which names each column once, in any order; empty lines are passed over.

    Takes UTF-8 with or without a byte order mark and any line ends. Raises Refusal for another heading.
    """
    lines = io.TextIOWrapper(file, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        reader = csv.reader(_lines(lines), strict=True)
        heading = _heading(reader)
        if sorted(heading) != sorted(columns):
            raise Refusal(f"{name} must be a CSV file in UTF-8 that begins with the heading {','.join(columns)}.")
        while (row := _next(reader, heading)) is not None:
            if row.cells or row.problem:
                yield row
    finally:
        lines.detach()


def _heading(reader: Any) -> Sequence[str]:
    try:
        return [cell.strip() for cell in next(reader, [])]
    except csv.Error:
        return []


def _next(reader: Any, heading: Sequence[str]) -> Row | None:
    try:
        cells = next(reader, None)
    except csv.Error as error:
        return Row(reader.line_num, {}, f"is no CSV: {error}.")
    if cells is None:
        return None
    if not cells:
        return Row(reader.line_num, {})
    return _row(reader.line_num, cells, heading)


def _row(line: int, cells: Sequence[str], heading: Sequence[str]) -> Row:
    text = "".join(cells)
    if text == UNREADABLE.strip("\n"):
        return Row(line, {}, f"is longer than {LINE_LONGEST} characters.")
    if _FOREIGN.search(text):
        return Row(line, {}, "is not UTF-8; save the file as CSV in UTF-8.")
    if _CONTROL.search(text):
        return Row(line, {}, "holds a control character.")
    if len(cells) != len(heading):
        return Row(line, {}, f"has {len(cells)} fields; the heading has {len(heading)}.")
    return Row(line, {name: cell.strip() for name, cell in zip(heading, cells, strict=True)})


def _lines(text: io.TextIOWrapper) -> Iterator[str]:
    """The lines, none of them longer than memory should hold."""
    while line := text.readline(LINE_LONGEST + 1):
        if len(line) <= LINE_LONGEST:
            yield line
            continue
        while line and not line.endswith(("\n", "\r")):
            line = text.readline(LINE_LONGEST)
        yield UNREADABLE
