"""Days are sealed 48 hours after they are over, and what they say stays the same (decisions D10, D12, trust.md E1)."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, BadChunk, DayKey
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, State
from portal.domain.evidence.runs import derive_runs
from portal.store.evidence import evidence_days
from portal.store.evidence.chunks import ChunkRow, chunks_of_day, opened
from portal.store.evidence.evidence_days import evidence_digest, samples_between, samples_of_service
from portal.store.measuring.schedules import schedules_of_probes
from portal.store.measuring.services import ProbeRow
from portal.usecases.measuring import sealed_days
from portal.usecases.measuring.sealed_days import Fenced
from tests.measuring import count_samples, stored_runs
from tests.sealing import FIRST, INTERVAL_S, KEY, SEALED_MS, as_owner, furnish, record, seal, seal_all, told


def count_chunks(session: Session) -> int:
    with reading(session):
        return session.scalars(select(func.count()).select_from(ChunkRow)).one()


def count_hot(session: Session) -> int:
    with reading(session):
        return count_samples(session)


def runs_of(session: Session, probe: int = 1) -> list[Run]:
    with reading(session):
        return stored_runs(session, probe)


def read(session: Session, probe: int = 1) -> tuple[Sample, ...]:
    with reading(session):
        versions = schedules_of_probes(session, [probe])[probe]
        return samples_between(session, (probe, 1), (0, 2 * FIRST), versions, 0)


def digest_of(session: Session, start: int = FIRST, end: int = FIRST + 3 * DAY_S) -> str:
    with reading(session):
        return evidence_digest(session, session.scalars(select(ProbeRow.service_id)).all(), start, end)


def test_a_day_is_sealed_48_hours_after_it_is_over_and_no_second_earlier(session: Session) -> None:
    furnish(session)
    due_ms = (FIRST + 3 * DAY_S) * 1000
    assert not sealed_days.is_due(session, due_ms - 1)
    assert seal(session, due_ms - 1).days == 0
    assert sealed_days.is_due(session, due_ms)
    sealed = seal(session, due_ms)
    assert (sealed.days, sealed.samples, sealed.problems) == (1, DAY_S // INTERVAL_S, [])
    assert not sealed_days.is_due(session, due_ms)


def test_sealing_moves_every_sample_and_changes_none_no_run_and_no_digest(session: Session) -> None:
    given = furnish(session, probes=2, days=3)
    before = (read(session, 1), read(session, 2), digest_of(session), runs_of(session, 1), runs_of(session, 2))
    assert seal_all(session) == 6
    assert (count_hot(session), count_chunks(session)) == (0, 6)
    after = (read(session, 1), read(session, 2), digest_of(session), runs_of(session, 1), runs_of(session, 2))
    assert after == before
    assert before[0] + before[1] == tuple(given)


def test_open_and_sealed_days_are_read_as_one(session: Session) -> None:
    given = furnish(session, days=4)
    assert seal_all(session) == 3
    assert count_hot(session) == DAY_S // INTERVAL_S
    assert read(session) == tuple(given)
    with reading(session):
        service = session.scalars(select(ProbeRow.service_id)).one()
        found = list(samples_of_service(session, service, FIRST + 1_000, FIRST + 3 * DAY_S + 9_000))
    assert found == [one for one in given if FIRST + 1_000 <= one.slot < FIRST + 3 * DAY_S + 9_000]


def test_samples_of_a_service_come_in_the_order_of_their_slots_whichever_probe_they_are_of(session: Session) -> None:
    given = furnish(session, probes=3, days=2)
    seal(session, SEALED_MS - DAY_S * 1000, most=2)
    with reading(session):
        service = session.scalars(select(ProbeRow.service_id).distinct()).one()
        found = list(samples_of_service(session, service, FIRST, FIRST + 2 * DAY_S))
    assert found == sorted(given, key=lambda one: (one.slot, one.probe))


def test_sealing_a_few_at_a_time_goes_on_with_what_is_left(session: Session) -> None:
    furnish(session, probes=3, days=2)
    assert [seal(session, most=2).days for _ in range(5)] == [2, 2, 2, 0, 0]


def test_a_late_sample_of_a_sealed_day_makes_a_further_chunk_and_the_runs_of_its_day_anew(session: Session) -> None:
    given = furnish(session, days=2, left_out=[20])
    late = given[20]
    seal_all(session)
    before = digest_of(session)
    record(session, [late])
    arrived = digest_of(session)
    assert arrived != before
    assert runs_of(session) == list(derive_runs(given))
    assert (count_hot(session), read(session)) == (1, tuple(given))
    assert seal_all(session) == 1
    assert (count_hot(session), read(session), digest_of(session)) == (0, tuple(given), arrived)
    with reading(session):
        assert [chunk.seal.sequence for chunk in chunks_of_day(session, KEY)] == [0, 1]


def test_a_sample_for_a_slot_that_is_sealed_is_refused_and_the_first_stands(session: Session) -> None:
    given = furnish(session)
    seal_all(session)
    again = [told(1, one.slot, state=State.DEGRADED) for one in given[:3]]
    before = digest_of(session)
    record(session, again)
    assert (count_hot(session), read(session), digest_of(session)) == (0, tuple(given), before)
    assert runs_of(session) == list(derive_runs(given))


def test_a_row_that_stands_for_a_sealed_slot_all_the_same_is_not_sealed_a_second_time(session: Session) -> None:
    given = furnish(session)
    with reading(session):
        row = session.connection().exec_driver_sql(f"SELECT * FROM sample WHERE slot = {given[5].slot}").one()
    seal_all(session)
    with transaction(session):
        marks = ", ".join(["?" if session.get_bind().dialect.name == "sqlite" else "%s"] * len(row))
        session.connection().exec_driver_sql(f"INSERT INTO sample VALUES ({marks})", tuple(row))
    assert seal_all(session) == 1
    assert (count_hot(session), count_chunks(session), read(session)) == (0, 1, tuple(given))


def test_who_was_overtaken_seals_nothing_more(session: Session, rival: Session) -> None:
    furnish(session)
    old = sealed_days.begin(session, "a", SEALED_MS)
    assert old is not None
    assert sealed_days.begin(rival, "b", SEALED_MS) is None
    assert sealed_days.begin(rival, "b", SEALED_MS + sealed_days.LEASE_MS) is not None
    with pytest.raises(Fenced):
        sealed_days.seal_days(session, old, SEALED_MS)
    assert (count_chunks(rival), count_hot(rival)) == (0, DAY_S // INTERVAL_S)


def test_what_is_not_read_back_as_it_was_given_is_not_sealed(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    given = furnish(session)
    monkeypatch.setattr("portal.store.evidence.chunks.opened", lambda chunk: opened(chunk)[:-1])
    sealed = seal(session)
    assert sealed.days == 0
    assert sealed.problems == [f"Chunk 0 of {KEY.name} was not stored as it was given."]
    monkeypatch.undo()
    assert (count_chunks(session), read(session)) == (0, tuple(given))


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE chunk SET samples = samples",
        "DELETE FROM chunk",
        "UPDATE chunk SET probe = 2",
    ],
)
def test_the_database_refuses_to_change_or_delete_a_chunk(session: Session, change: str) -> None:
    furnish(session)
    seal_all(session)
    with pytest.raises(DBAPIError, match="never change"), transaction(session):
        session.connection().exec_driver_sql(change)
    assert count_chunks(session) == 1


def test_a_chunk_cannot_be_put_in_another_ones_place(session: Session) -> None:
    furnish(session)
    seal_all(session)
    verb = "INSERT OR REPLACE" if session.get_bind().dialect.name == "sqlite" else "INSERT"
    with pytest.raises(DBAPIError), transaction(session):
        session.connection().exec_driver_sql(f"{verb} INTO chunk SELECT * FROM chunk")
    if verb == "INSERT":
        with pytest.raises(DBAPIError, match=r"never change|permission denied"), transaction(session):
            session.connection().exec_driver_sql("TRUNCATE chunk")
    assert count_chunks(session) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ("UPDATE chunk SET digest = {other}", "does not have the digest"),
        ("UPDATE chunk SET content = substr(content, 1, length(content) - 9)", "cut off or changed"),
        ("UPDATE chunk SET content = {other}", "cut off or changed"),
        ("UPDATE chunk SET samples = samples + 1", "its row says"),
        ("UPDATE chunk SET day = day + 1", "chunks were exchanged"),
        ("UPDATE chunk SET probe = 2", "chunks were exchanged"),
    ],
)
def test_an_altered_chunk_is_named_and_never_read(session: Session, change: str, sentence: str) -> None:
    furnish(session)
    seal_all(session)
    other = "x'28b52ffd'" if session.get_bind().dialect.name == "sqlite" else r"'\x28b52ffd'::bytea"
    as_owner(session, change.format(other=other))
    with reading(session):
        row = session.scalars(select(ChunkRow)).one()
        chunk = chunks_of_day(session, DayKey(row.probe, row.location, row.day))[0]
        with pytest.raises(BadChunk, match=sentence) as refused:
            opened(chunk)
    assert f"Chunk 0 of probe {row.probe} at location 1 on " in str(refused.value)


def test_a_day_that_cannot_be_sealed_holds_up_no_other_day_of_anybody(session: Session) -> None:
    furnish(session, probes=2, days=3)
    seal(session, most=1)
    as_owner(session, "UPDATE chunk SET samples = samples + 1")
    with transaction(session):
        add = "INSERT INTO sample (probe, location, slot, state, boot, monotonic_ms, provenance) VALUES "
        session.connection().exec_driver_sql(
            f"{add} (1, 1, {FIRST + 1}, 0, 1, NULL, 0), (2, 1, {FIRST + 1}, 0, 1, {LEAST}, 0)"
        )
    sealed = [seal(session, most=1) for _ in range(5)]
    assert [one.days for one in sealed] == [1, 1, 1, 1, 0]
    assert [problem.split(" on ")[0].split(" at ")[0] for problem in sealed[-1].problems] == [
        "Chunk 0 of probe 1",
        "probe 2",
    ]
    with reading(session):
        assert evidence_days.hot_days(session, [1, 2], 0, 2 * FIRST) == {KEY, DayKey(2, 1, KEY.day)}


LEAST = -(2**63)
"""A reading of the clock that no sealed day can hold."""


def test_a_late_sample_for_a_day_whose_chunk_was_altered_waits_and_those_beside_it_are_stored(session: Session) -> None:
    given = furnish(session, days=2, left_out=[20, 70])
    seal_all(session)
    as_owner(session, f"UPDATE chunk SET samples = samples + 1 WHERE day = {KEY.day}")
    before = runs_of(session)
    record(session, [given[20], given[70]])
    assert count_hot(session) == 2
    changed = {run.first // DAY_S for run in {*before} ^ {*runs_of(session)}}
    assert changed == {KEY.day + 1}


def test_late_samples_of_a_day_whose_chunk_was_altered_wait_and_other_days_are_sealed(session: Session) -> None:
    furnish(session, probes=2)
    seal(session, most=1)
    as_owner(session, "UPDATE chunk SET samples = samples + 1")
    with transaction(session):
        session.connection().exec_driver_sql(
            f"INSERT INTO sample (probe, location, slot, state, boot, provenance) VALUES (1, 1, {FIRST + 1}, 0, 1, 0)"
        )
    sealed = seal(session)
    assert (sealed.days, len(sealed.problems)) == (1, 1)
    assert count_hot(session) == 1
