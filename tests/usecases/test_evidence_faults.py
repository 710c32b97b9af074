"""`verify` names the first sample, chunk or run that does not fit, whoever changed it (trust.md P3, F30)."""

import hashlib

import pytest
import zstandard
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, FIELDS, Record, decode, encode
from portal.store.evidence.chunks import ChunkRow
from portal.store.evidence.evidence import Gap, save_gap
from portal.usecases.keeping import evidence_faults
from portal.usecases.keeping.evidence_faults import Checked
from tests.sealing import DAY, FIRST, INTERVAL_S, as_owner, furnish, record, seal_all, told

EXCHANGED = (
    "UPDATE chunk SET day = -1 WHERE day = {day};"
    "UPDATE chunk SET day = {day} WHERE day = {day} + 1;"
    "UPDATE chunk SET day = {day} + 1 WHERE day = -1"
)
FREE_SEALS = {
    "sqlite": [f"DROP TRIGGER day_seal_no_{change}" for change in ("update", "delete", "replace")],
    "postgresql": ["ALTER TABLE day_seal DISABLE TRIGGER day_seal_only_grows"],
}
TOTAL = FIELDS.index("total_ms")
NAME = "probe 1 at location 1 on 2026-11-22"


def checks(session: Session) -> list[Checked]:
    return [evidence_faults.check(session, pair) for pair in evidence_faults.pairs(session)]


def faults(session: Session) -> list[str]:
    return [fault.sentence for one in checks(session) for fault in one.faults]


def rewritten(session: Session, change: object) -> str:
    """The statement that makes the first sample of the first chunk another one, digest and all."""
    with reading(session):
        row = session.scalars(select(ChunkRow).order_by(ChunkRow.probe, ChunkRow.day)).first()
        assert row is not None
        key, records = decode(zstandard.ZstdDecompressor().decompress(row.content))
    content = encode(key, change(records))  # type: ignore[operator]
    packed, digest = zstandard.ZstdCompressor().compress(content).hex(), hashlib.sha256(content).hexdigest()
    sqlite = session.get_bind().dialect.name == "sqlite"
    blobs = [f"x'{one}'" if sqlite else rf"'\x{one}'::bytea" for one in (packed, digest)]
    count = len(decode(content)[1])
    where = f"probe = {key.probe} AND location = {key.location} AND day = {key.day}"
    return f"UPDATE chunk SET content = {blobs[0]}, digest = {blobs[1]}, samples = {count} WHERE {where}"


def test_evidence_as_it_was_stored_and_sealed_has_no_fault(session: Session) -> None:
    given = furnish(session, probes=2, days=4, left_out=[30])
    assert faults(session) == []
    seal_all(session)
    record(session, [given[30]])
    assert faults(session) == []
    seal_all(session)
    found = checks(session)
    assert [one.faults for one in found] == [[], []]
    assert [(one.days, one.samples, one.missing) for one in found] == [(4, len(given) // 2, 0)] * 2


def test_slots_without_a_sample_are_counted_and_told_apart_by_gaps_written_down(session: Session) -> None:
    furnish(session, left_out=[3, 4, 9])
    with transaction(session):
        save_gap(session, Gap(0, FIRST + 3 * INTERVAL_S, FIRST + 5 * INTERVAL_S + 1, "probe_gap"))
    (found,) = checks(session)
    assert (found.missing, found.explained, found.faults) == (3, 2, [])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE chunk SET digest = content WHERE day = {day}", f"Chunk 0 of {NAME} does not have the digest"),
        ("UPDATE chunk SET content = digest WHERE day = {day}", f"Chunk 0 of {NAME} cannot be decompressed"),
        ("UPDATE chunk SET samples = 3 WHERE day = {day}", f"Chunk 0 of {NAME} holds 48 samples"),
        ("UPDATE chunk SET sequence = 1 WHERE day = {day}", f"Chunk 0 of {NAME} is missing"),
        ("DELETE FROM chunk WHERE day = {day}", f"{NAME}, slot 2026-11-22T00:"),
        (EXCHANGED, f"Chunk 0 of {NAME} holds the samples of probe 1 at location 1 on 2026-11-23"),
        ("UPDATE chunk SET probe = 2 WHERE day = {day}", f"{NAME}, slot 2026-11-22T00:"),
        ("UPDATE run SET state = 2", f"{NAME}, slot 2026-11-22T00:"),
        ("DELETE FROM run", f"{NAME}, slot 2026-11-22T00:"),
        ("UPDATE run SET count = count + 1", f"{NAME}, slot 2026-11-22T00:"),
    ],
)
def test_a_change_by_the_owner_of_the_database_is_named_first(session: Session, change: str, sentence: str) -> None:
    furnish(session, days=3)
    seal_all(session)
    as_owner(session, *change.format(day=DAY).split(";"))
    assert faults(session)[0].startswith(sentence)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda records: [(records[0][0], 2, *records[0][2:]), *records[1:]], "the runs say something else"),
        (lambda records: records[1:], "a run counts a sample here, and there is none"),
        (lambda records: [(FIRST, *records[0][1:]), *records], "no schedule of the probe has this slot"),
        (lambda records: [*records[:5], *records[6:]], "a run counts a sample here, and there is none"),
    ],
)
def test_a_sealed_sample_changed_deleted_or_added_with_its_digest_is_found_by_the_runs(
    session: Session, change: object, sentence: str
) -> None:
    furnish(session, days=2)
    seal_all(session)
    as_owner(session, rewritten(session, change))
    (first, *_) = faults(session)
    assert first.startswith(f"{NAME}, slot 2026-11-22T0")
    assert sentence in first


def slower(records: list[Record]) -> list[Record]:
    """The same samples, the first latency of which is 900 ms: no run knows of latencies."""
    at = next(place for place, one in enumerate(records) if one[TOTAL] is not None)
    record = records[at]
    return [*records[:at], (*record[:TOTAL], 900, *record[TOTAL + 1 :]), *records[at + 1 :]]


def test_a_latency_altered_with_its_digest_is_found_by_the_seal(session: Session) -> None:
    furnish(session, days=3)
    seal_all(session)
    as_owner(session, rewritten(session, slower))
    assert faults(session) == [f"Chunk 0 of {NAME} is not what was sealed: its seal has another digest."]


def test_an_altered_seal_breaks_the_chain_where_it_stands(session: Session) -> None:
    furnish(session, days=3)
    seal_all(session)
    as_owner(session, rewritten(session, slower), *FREE_SEALS[session.get_bind().dialect.name],
             "UPDATE day_seal SET digest = (SELECT digest FROM chunk WHERE chunk.day = day_seal.day)")  # fmt: skip
    assert faults(session) == ["Seal 0 of probe 1 at location 1 does not follow from those before it."]


def test_a_seal_that_is_gone_from_the_middle_breaks_the_chain(session: Session) -> None:
    furnish(session, days=3)
    seal_all(session)
    as_owner(session, *FREE_SEALS[session.get_bind().dialect.name], "DELETE FROM day_seal WHERE number = 1")
    assert faults(session) == [
        "Seal 2 of probe 1 at location 1 does not follow from those before it.",
        "Chunk 0 of probe 1 at location 1 on 2026-11-23 is there, and no seal of it.",
    ]


def test_sealed_days_that_are_gone_with_their_runs_are_missed_by_their_seals(session: Session) -> None:
    furnish(session, days=2)
    seal_all(session)
    as_owner(session, "DELETE FROM chunk", "DELETE FROM run")
    assert faults(session) == [
        f"{NAME} was sealed, and not all of it is there.",
        "probe 1 at location 1 on 2026-11-23 was sealed, and not all of it is there.",
    ]


def test_the_application_cannot_change_a_seal(session: Session) -> None:
    furnish(session)
    seal_all(session)
    for change in ("UPDATE day_seal SET number = 1", "DELETE FROM day_seal"):
        with pytest.raises(DBAPIError, match=r"never change|permission denied"), transaction(session):
            session.connection().exec_driver_sql(change)


def test_a_sample_that_stands_in_a_row_and_in_a_chunk_is_named(session: Session) -> None:
    given = furnish(session)
    seal_all(session)
    with transaction(session):
        values = f"1, 1, {given[7].slot}, 0, 1, 0"
        columns = "probe, location, slot, state, boot, provenance"
        session.connection().exec_driver_sql(f"INSERT INTO sample ({columns}) VALUES ({values})")
    assert faults(session)[0].endswith("there are two samples of this slot.")


def test_a_row_between_two_slots_of_the_schedule_is_named(session: Session) -> None:
    given = furnish(session)
    record(session, [told(1, given[0].slot + 5)], at=FIRST + 2 * DAY_S)
    assert "no schedule of the probe has this slot" in faults(session)[0]
