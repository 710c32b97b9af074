"""Evidence as files: what comes out is what went in, sealed or not, in every format (trust.md X1)."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow.parquet
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.cli.table_files import FORMATS
from portal.database import begin, reading
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.notices.refusals import Invalid
from portal.store.ground.tenancy import provider_scope
from portal.usecases.keeping.evidence_export import COLUMNS, evidence_rows, range_of
from portal.usecases.measuring import measurement, sealed_days
from tests import customers
from tests.customers import House, at, utc
from tests.usecases.test_importing import TWO_OUTAGES, take

DAY = at("2026-10-05 00:00")
NOW = utc("2026-11-22 12:00:30")
SAMPLES = [
    Sample(1, 1, DAY + 60, 60, State.UP, None, None, 200, 3, 1, 2, 0, 40, 1, 44, 3_000, 1),
    Sample(1, 1, DAY + 120, 60, State.DOWN, error="refused", start_offset_ms=2, total_ms=1, monotonic_ms=4_000, boot=1),
    Sample(1, 1, DAY + 180, 60, State.UNKNOWN, reason="overrun", boot=1),
    Sample(1, 1, DAY + 240, 60, State.DEGRADED, error="slow", http_status=200, total_ms=900, provenance="generated"),
    Sample(1, 1, DAY + 86_400, 60, State.UP, total_ms=5),
]


@pytest.fixture
def house(session: Session) -> Iterator[House]:
    begin(session, write=True)
    with provider_scope():
        house = customers.build(session)
        session.commit()
        leadership = measurement.lead(session, "a", int(NOW.timestamp()) * 1000, 15_000)
        assert leadership is not None
        measurement.record(session, leadership, SAMPLES)
        measurement.resign(session, leadership)
        yield house


def seal(session: Session) -> None:
    now_ms = int(NOW.timestamp()) * 1000
    lease = sealed_days.begin(session, "a", now_ms)
    assert lease is not None
    assert sealed_days.seal_days(session, lease, now_ms, most=1).samples == 4, "the first day; the second stays hot"
    sealed_days.end(session, lease)


def decoded(form: str, data: bytes) -> list[dict[str, Any]]:
    if form == "jsonl":
        return [json.loads(line) for line in data.splitlines()]
    if form == "parquet":
        found: list[dict[str, Any]] = pyarrow.parquet.read_table(io.BytesIO(data)).to_pylist()
        return found
    rows = csv.DictReader(io.StringIO(data.decode(), newline=""), strict=True)
    return [{name: text or None for name, text in row.items()} for row in rows]


def exported(
    session: Session, kind: str, form: str, start: int = DAY, end: int = DAY + 2 * 86_400
) -> list[dict[str, Any]]:
    file = io.BytesIO()
    with reading(session):
        written = FORMATS[form](file, COLUMNS[kind], evidence_rows(session, kind, range_of(session, "api", start, end)))
    rows = decoded(form, file.getvalue())
    assert len(rows) == written
    return rows


def sample_of(row: dict[str, Any]) -> Sample:
    assert (row.pop("probe"), row.pop("location")) == ("api-probe", "here")
    numbers = [name for name, what in COLUMNS["samples"].items() if what == "number"]
    values = row | {name: None if row[name] is None else int(row[name]) for name in numbers}
    return Sample(1, 1, **(values | {"state": State(row["state"])}))


@pytest.mark.parametrize("form", FORMATS)
def test_samples_come_back_as_they_were_recorded_before_and_after_sealing(
    session: Session, house: House, form: str
) -> None:
    hot = exported(session, "samples", form)
    seal(session)
    sealed = exported(session, "samples", form)
    assert sealed == hot
    assert [sample_of(row) for row in sealed] == SAMPLES


def test_a_range_holds_what_begins_in_it(session: Session, house: House) -> None:
    slots = [row["slot"] for row in exported(session, "samples", "jsonl", DAY + 120, DAY + 240)]
    assert slots == [DAY + 120, DAY + 180]
    runs = exported(session, "runs", "jsonl", DAY + 120, DAY + 240)
    assert [(row["first"], row["state"], row["provenance"]) for row in runs] == [
        (DAY + 120, "down", "measured"),
        (DAY + 180, "unknown", "measured"),
    ]


def test_what_was_told_comes_out_with_where_it_came_from(session: Session, house: House) -> None:
    take(session, "outages", TWO_OUTAGES)
    take(session, "counts", "2026-10-05T00:00:00Z,fast,10,8\n")
    take(session, "counts", "2026-10-05T00:00:00Z,fast,10,9\n2026-10-05T00:00:00Z,slow,4,4\n")
    take(
        session,
        "tickets",
        "t1,2026-10-05T10:00:00Z,,2026-10-05T10:05:00Z/2026-10-05T10:10:00Z\n",
        contract="globex-gold",
    )
    first, second = exported(session, "outages", "jsonl")
    assert (first["ratio"], first["incident"], second["incident"]) == ("1/4", "incident-7", None)
    assert len(first["source"]) == 64
    fast, slow = exported(session, "counts", "parquet")
    assert (fast["slot"], fast["class"], fast["total"], fast["good"], fast["revision"]) == (DAY, "fast", 10, 9, 2)
    assert (slow["class"], slow["revision"], slow["source"]) == ("slow", 1, fast["source"])
    assert (len(fast["source"]), fast["recorded_at"], fast["provenance"]) == (64, int(NOW.timestamp()), "imported")
    (ticket,) = exported(session, "tickets", "csv")
    assert (ticket["id"], ticket["contract"], ticket["responded"]) == ("t1", str(house.globex_contract), None)
    assert ticket["pauses"] == f"{DAY + 36_300}/{DAY + 36_600}"
    assert {row["provenance"] for row in [first, second, ticket]} == {"imported"}


@pytest.mark.parametrize(("service", "end"), [("nothing", DAY + 1), ("api", DAY)])
def test_no_service_and_no_range_are_refused(session: Session, house: House, service: str, end: int) -> None:
    with reading(session), pytest.raises(Invalid):
        range_of(session, service, DAY, end)


@given(st.lists(st.tuples(st.text(max_size=12) | st.none(), st.integers(-(2**62), 2**62) | st.none()), max_size=8))
def test_no_text_of_a_csv_file_is_run_as_a_formula(rows: Sequence[tuple[str | None, int | None]]) -> None:
    told = [(None if text is None else text.encode("utf-8", "replace").decode(), number) for text, number in rows]
    file = io.BytesIO()
    assert FORMATS["csv"](file, {"words": "text", "n": "number"}, told) == len(rows)
    read = list(csv.reader(io.StringIO(file.getvalue().decode(), newline=""), strict=True))[1:]
    for (text, number), (cell, digits) in zip(told, read, strict=True):
        assert not cell.startswith(tuple("=+-@\t\r\n\0＝＋－＠"))
        assert cell in (text or "", f"'{text}")
        assert digits == ("" if number is None else str(number))
