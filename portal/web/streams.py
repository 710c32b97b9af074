"""Long tables handed out piece by piece: memory holds one piece, and no transaction outlives it.

Each piece is read in a transaction and a scope of its own, in whatever thread the server asks for it.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain
from uuid import UUID

from flask import Flask, Response, current_app
from sqlalchemy.orm import Session

from portal.database import db, reading
from portal.usecases.groundwork import scopes
from portal.web import spreadsheets
from portal.web.spreadsheets import Cell

Row = Sequence[Cell]
Piece = Callable[[Session], Iterable[Row]]
FORMS = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def answer(customer: UUID, name: str, form: str, header: Sequence[str], pieces: Iterable[Piece]) -> Response:
    """Return the rows of all pieces as a file to keep, CSV or a JSON array of objects, in the customer's scope."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]  # the application behind the proxy
    rows = (_read(app, customer, piece) for piece in pieces)
    body = _csv(header, rows) if form == "csv" else _json(header, rows)
    disposition = f'attachment; filename="{name}.{form}"'
    return Response(body, content_type=FORMS[form], headers={"Content-Disposition": disposition})


def _read(app: Flask, customer: UUID, piece: Piece) -> Sequence[Row]:
    with app.app_context(), scopes.customer(customer), reading(db.session()) as session:
        return list(piece(session))


def _csv(header: Sequence[str], pieces: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    for rows in chain(((header,),), pieces):
        file = io.StringIO()
        csv.writer(file, lineterminator="\r\n").writerows([spreadsheets.cell(one) for one in row] for row in rows)
        yield file.getvalue().encode()


def _json(header: Sequence[str], pieces: Iterable[Sequence[Row]]) -> Iterator[bytes]:
    lead = "[\n"
    for rows in pieces:
        written = (json.dumps(dict(zip(header, row, strict=True)), ensure_ascii=False, default=str) for row in rows)
        text = ",\n".join(written)
        if text:
            yield (lead + text).encode()
            lead = ",\n"
    yield b"\n]\n" if lead == ",\n" else b"[]\n"
