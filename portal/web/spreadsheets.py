"""Tables as CSV: quoted as RFC 4180 says, and no text cell is ever taken for a formula (trust.md X1)."""

import csv
import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from flask import Response

Cell = str | int | Decimal | None
BEGINS_FORMULA = frozenset("=+-@\t\r\n\0＝＋－＠")
"""What a spreadsheet may read as the beginning of a formula, full-width forms included."""


def answer(name: str, header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Response:
    """Return a table as a file to keep; numbers stay numbers, text that looks like a formula gets an apostrophe."""
    body = text_of(header, rows)
    disposition = f'attachment; filename="{name}.csv"'
    return Response(body, content_type="text/csv; charset=utf-8", headers={"Content-Disposition": disposition})


def text_of(header: Sequence[str], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV text with line ends as RFC 4180 wants them."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([cell(one) for one in row] for row in rows)
    return file.getvalue()


def cell(value: Cell) -> str | int | Decimal:
    """Return a value as it may stand in a cell: text that looks like a formula gets an apostrophe."""
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    text = value.replace("\0", "")
    return f"'{text}" if value[:1] in BEGINS_FORMULA and value else text
