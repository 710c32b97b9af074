"""The evidence store: bytes a sample, a month read, and samples in beside what the databases take by themselves.

Latencies are those of bench/recorded_run.csv, measured once by real probes (bench/_recording.py). What is stored goes
in by the use case of every sample and is sealed by the worker's own. Bytes are those the database itself counts for the
table and its keys; of the sealed ones everything is counted: chunk, key, digest, index, and what pages leave empty.
"""

import csv
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

import psycopg
from sqlalchemy import text
from sqlalchemy.orm import Session

from bench._databases import KINDS, fresh
from demo.generated.provider import configure, provider_document
from portal.database import reading, transaction
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.quantities.slots import slots_between
from portal.domain.quantities.zones import parse_instant
from portal.store.evidence import evidence_days
from portal.store.evidence.evidence import sample_values
from portal.store.ground import partitions
from portal.usecases.measuring import measurement, sealed_days
from portal.usecases.measuring.measurement import Leadership

RECORDED = Path(__file__).with_name("recorded_run.csv")
START = parse_instant("2026-03-01T00:00:00Z")
DAY_S = 86_400
INTERVAL_S = 60
BATCH = 1_000
SEALED_BYTES = 4
RAW_TIMES = 2.0
MONTH = 30
SAMPLE_COLUMNS = 17
BYTES = {
    "sqlite": "SELECT sum(pgsize) FROM dbstat WHERE name = :table",
    "postgresql": """
        SELECT pg_total_relation_size(CAST(:table AS regclass)) + coalesce(sum(pg_total_relation_size(inhrelid)), 0)
        FROM pg_inherits WHERE inhparent = CAST(:table AS regclass)
    """,
}
Row = dict[str, Any]
T = TypeVar("T")


def measure(probes: int = 20, days: int = 20, times: int = 3, kinds: str = ",".join(KINDS)) -> Iterator[Row]:
    """Yield bytes, ingest and a month's reading for each database; `times` is how often ingest is measured."""
    for kind in kinds.split(","):
        with fresh(kind) as (session, url):
            yield from _ingest(session, url, kind, probes, times)
        with fresh(kind) as (session, _):
            yield _bytes(session, kind, probes, days)
        with fresh(kind) as (session, _):
            yield from _month(session, kind, times)


def _bytes(session: Session, kind: str, probes: int, days: int) -> Row:
    count = _fill(session, probes, days)
    hot = _size(session, kind, "sample")
    _seal(session, days)
    sealed = _size(session, kind, "chunk")
    return {
        "measured": f"{kind}: bytes a sample",
        "n": count,
        "hot": round(hot / count, 1),
        "sealed": {"value": round(sealed / count, 2), "budget": SEALED_BYTES},
    }


def _month(session: Session, kind: str, times: int) -> Iterator[Row]:
    """One probe's month into memory, from rows and from chunks."""
    count = _fill(session, 1, MONTH)
    read = partial(_read_month, session)
    hot_ms = _median_ms(read, times)
    _seal(session, MONTH)
    yield {"measured": f"{kind}: one probe's month", "n": count, "hot_ms": hot_ms, "sealed_ms": _median_ms(read, times)}


def _read_month(session: Session) -> int:
    with reading(session):
        found = evidence_days.records_between(session, (1, 1), START, START + MONTH * DAY_S)
        return sum(map(len, found))


def _ingest(session: Session, url: str, kind: str, probes: int, times: int) -> Iterator[Row]:
    """Batches of 1,000, each acknowledged by itself: in order of time, as probes bring them."""
    configure(session, provider_document(probes, 1, INTERVAL_S), START - 1)
    leadership = _lead(session)
    raw_s, own_s = [], []
    for day in range(times):
        samples = sorted(_samples(session, probes, 2 * day, 1), key=lambda one: one.slot)
        other = sorted(_samples(session, probes, 2 * day + 1, 1), key=lambda one: one.slot)
        if kind == "postgresql":
            with transaction(session):
                partitions.make_days(session, [samples[0].slot, other[0].slot])
        own_s.append(_seconds(partial(_record, session, leadership, samples)) / len(samples))
        raw_s.append(_seconds(partial(_raw(kind), url, [sample_values(one) for one in other])) / len(other))
    yield {
        "measured": f"{kind}: samples in",
        "n": len(samples),
        "per_s": round(1 / median(own_s)),
        "raw_per_s": round(1 / median(raw_s)),
        "times_raw": {"value": round(median(own_s) / median(raw_s), 2), "budget": RAW_TIMES},
    }


def _record(session: Session, leadership: Leadership, samples: Sequence[Sample]) -> None:
    for batch in _batches(samples):
        measurement.record(session, leadership, batch)


def _raw(kind: str) -> Callable[[str, Sequence[tuple[object, ...]]], None]:
    return _executemany if kind == "sqlite" else _copy


def _executemany(url: str, rows: Sequence[tuple[object, ...]]) -> None:
    with sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        for batch in _batches(rows):
            connection.execute("BEGIN IMMEDIATE")
            connection.executemany(f"INSERT INTO sample VALUES ({','.join('?' * SAMPLE_COLUMNS)})", batch)
            connection.execute("COMMIT")
    connection.close()


def _copy(url: str, rows: Sequence[tuple[object, ...]]) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        for batch in _batches(rows):
            with connection.cursor() as cursor, cursor.copy("COPY sample FROM STDIN") as copy:
                for row in batch:
                    copy.write_row(row)


def _fill(session: Session, probes: int, days: int) -> int:
    configure(session, provider_document(probes, 1, INTERVAL_S), START - 1)
    leadership, count = _lead(session), 0
    for day in range(days):
        samples = list(_samples(session, probes, day, 1))
        measurement.record(session, leadership, samples)
        count += len(samples)
    measurement.resign(session, leadership)
    return count


def _samples(session: Session, probes: int, first_day: int, days: int) -> Iterator[Sample]:
    schedules = measurement.timetable(session, START).schedules
    window = START + first_day * DAY_S, START + (first_day + days) * DAY_S
    found = _recorded()
    for probe in range(1, probes + 1):
        slots = chain.from_iterable(slots_between(schedules[probe], 1, *window))
        for number, slot in enumerate(slots):
            values = found[(number + 97 * probe + 31 * first_day) % len(found)]
            began_ms = slot * 1000 + values["start_offset_ms"]
            yield Sample(probe, 1, slot, INTERVAL_S, monotonic_ms=began_ms, boot=1, **values)


@cache
def _recorded() -> Sequence[Row]:
    with RECORDED.open(encoding="utf-8", newline="") as file:
        return [
            {
                "state": State(row.pop("state")),
                "error": row.pop("error") or None,
                **{name: int(cell) if cell else None for name, cell in row.items()},
            }
            for row in csv.DictReader(file)
        ]


def _batches(rows: Sequence[T]) -> Iterator[Sequence[T]]:
    waiting = iter(rows)
    while batch := tuple(islice(waiting, BATCH)):
        yield batch


def _lead(session: Session) -> Leadership:
    leadership = measurement.lead(session, "bench", START * 1000, 0)
    if leadership is None:
        raise RuntimeError("Somebody else measures in a database made for this.")
    return leadership


def _seal(session: Session, days: int) -> None:
    now_ms = (START + (days + 3) * DAY_S) * 1000
    lease = sealed_days.begin(session, "bench", now_ms)
    if lease is None:
        raise RuntimeError("Somebody else seals in a database made for this.")
    while sealed_days.seal_days(session, lease, now_ms).days:
        pass


def _size(session: Session, kind: str, table: str) -> int:
    with reading(session):
        return int(session.execute(text(BYTES[kind]), {"table": table}).scalar_one())


def _median_ms(work: Callable[[], object], times: int) -> float:
    return round(median(_seconds(work) for _ in range(times)) * 1000, 1)


def _seconds(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before
