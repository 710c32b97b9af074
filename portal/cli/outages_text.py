"""Outages as people keep them: a CSV file with a heading (decision D9)."""

import csv
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

from portal.domain.documents.reading import InvalidDocument, Problem
from portal.domain.documents.scalars import LARGEST_INTEGER, read_exact, read_integer, read_name, read_text
from portal.domain.evidence.records import OutageRecord
from portal.domain.notices.refusals import Refusal
from portal.domain.quantities.zones import parse_instant

READERS: Mapping[str, Callable[[str], object]] = {
    "start": parse_instant,
    "end": parse_instant,
    "severity": read_name,
    "reported_at": parse_instant,
    "affected_users": lambda text: read_integer(text, 0, LARGEST_INTEGER),
    "ratio": lambda text: read_exact(text, Fraction(0), Fraction(1)),
    "incident": lambda text: read_text(text, 200),
}
COLUMNS = tuple(READERS)
NEEDED = ("start", "end")
FIELDS = {"incident": "event"}
ROWS_MAX = 200_000


def read_outages(path: Path) -> tuple[OutageRecord, ...]:
    """Return the outages of a file; raises InvalidDocument with every row that cannot be taken, Refusal for no file."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            _check_heading(path, rows.fieldnames or ())
            return _records(list(rows))
    except OSError as error:
        raise Refusal(f"{path} cannot be read: {error.strerror}.") from None
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refusal(f"{path} is not a CSV file in UTF-8: {error}.") from None


def _check_heading(path: Path, names: Sequence[str]) -> None:
    strange = [name for name in names if name not in COLUMNS]
    missing = [name for name in NEEDED if name not in names]
    if strange or missing or len(set(names)) != len(names):
        raise Refusal(f"{path} must begin with a heading of these columns, each once: {', '.join(COLUMNS)}.")


def _records(rows: list[dict[str | None, str | None]]) -> tuple[OutageRecord, ...]:
    if len(rows) > ROWS_MAX:
        raise Refusal(f"A file of outages has at most {ROWS_MAX} rows.")
    problems: list[Problem] = []
    records = [_record(row, f"row[{n}]", problems) for n, row in enumerate(rows, start=1)]
    if problems:
        raise InvalidDocument(problems)
    return tuple(record for record in records if record is not None)


def _record(row: Mapping[str | None, str | None], path: str, problems: list[Problem]) -> OutageRecord | None:
    """The outage of one row; None when problems were noted."""
    before = len(problems)
    values: dict[str, Any] = {}
    if None in row:
        problems.append(Problem(path, "This row has more fields than the heading."))
    for name, text in row.items():
        if name is not None and text:
            try:
                values[name] = READERS[name](text)
            except ValueError as error:
                problems.append(Problem(f"{path}.{name}", f"This {error}"))
        elif name in NEEDED:
            problems.append(Problem(f"{path}.{name}", "This is missing."))
    if len(problems) == before and values["end"] <= values["start"]:
        problems.append(Problem(f"{path}.end", "An outage ends after it starts."))
    if len(problems) > before:
        return None
    return OutageRecord(**{FIELDS.get(name, name): value for name, value in values.items()})
