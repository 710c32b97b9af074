"""Tables as files: CSV that no spreadsheet runs, JSON lines, Parquet; rows are written as they come."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib import import_module
from itertools import islice
from typing import IO, Any

from portal.domain.notices.refusals import Refusal
from portal.web.spreadsheets import BEGINS_FORMULA

Value = str | int | None
Columns = Mapping[str, str]
Rows = Iterable[Sequence[Value]]
Write = Callable[[IO[bytes], Columns, Rows], int]

ROWS_AT_ONCE = 10_000
NO_PARQUET = "Parquet files need pyarrow, which is not installed. Install sla-portal[parquet], or choose csv or jsonl."


def write_csv(file: IO[bytes], columns: Columns, rows: Rows) -> int:
    """Write a heading and the rows (RFC 4180, UTF-8) and return how many rows; no text is ever run as a formula."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    written = 0
    for row in rows:
        writer.writerow([_safe(value) for value in row])
        written += 1
    text.detach()
    return written


def write_jsonl(file: IO[bytes], columns: Columns, rows: Rows) -> int:
    """Write one JSON object a line and return how many."""
    written = 0
    for row in rows:
        line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, separators=(",", ":"))
        file.write(f"{line}\n".encode())
        written += 1
    return written


def write_parquet(file: IO[bytes], columns: Columns, rows: Rows) -> int:
    """Write a Parquet file and return how many rows; raise Refusal without pyarrow."""
    try:
        pyarrow: Any = import_module("pyarrow")
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise Refusal(NO_PARQUET) from None
    types: Mapping[str, Any] = {"text": pyarrow.string(), "number": pyarrow.int64()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in columns.items()])
    written, waiting = 0, iter(rows)
    with parquet.ParquetWriter(file, schema, compression="zstd") as writer:
        while batch := list(islice(waiting, ROWS_AT_ONCE)):
            held = [dict(zip(columns, row, strict=True)) for row in batch]
            writer.write_batch(pyarrow.RecordBatch.from_pylist(held, schema=schema))
            written += len(batch)
    return written


FORMATS: Mapping[str, Write] = {"csv": write_csv, "jsonl": write_jsonl, "parquet": write_parquet}
"""How each format is written."""


def _safe(value: Value) -> Value:
    """A text as a spreadsheet shows it and does not run it (trust.md X1); numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value and value[0] in BEGINS_FORMULA else value
