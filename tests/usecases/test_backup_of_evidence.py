"""A backup holds sealed days, rows and runs alike, and what is restored proves itself (trust.md P2)."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S
from portal.store.evidence.deletions import DayDeletion, record_deletion
from portal.store.evidence.evidence_days import day_digests, evidence_digest
from portal.store.measuring.services import ProbeRow
from portal.usecases.keeping import evidence_faults
from portal.usecases.operating.backup import back_up, differences, restore
from tests.databases import opened, prepared_engine
from tests.sealing import FIRST, KEY, furnish, seal_all

NOW = datetime(2026, 11, 28, tzinfo=UTC)


def no_tables(revision: str) -> None:
    raise AssertionError("This backup brings its tables itself.")


def digest(session: Session) -> str:
    with reading(session):
        services = session.scalars(select(ProbeRow.service_id).distinct()).all()
        return evidence_digest(session, services, FIRST, FIRST + 5 * DAY_S)


def test_sealed_days_are_in_the_manifest_and_in_what_is_restored(
    engine: Engine, session: Session, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    furnish(session, probes=2, days=4)
    seal_all(session)
    before = digest(session)
    manifest = back_up(engine, tmp_path / "backup", NOW)
    assert (manifest.tables["chunk"].rows, manifest.tables["day_deletion"].rows) == (6, 0)
    url = str(request.getfixturevalue(f"empty_{engine.dialect.name}_url"))
    fresh = prepared_engine(url)
    restore(fresh, tmp_path / "backup", no_tables)
    assert differences(fresh, manifest) == []
    fresh.dispose()
    with opened(url) as restored:
        assert digest(restored) == before
        found = [evidence_faults.check(restored, pair) for pair in evidence_faults.pairs(restored)]
    assert [(one.samples, one.faults) for one in found] == [(192, []), (192, [])]


def test_a_chunk_that_is_missing_is_a_difference_from_the_manifest(
    engine: Engine, session: Session, tmp_path: Path
) -> None:
    furnish(session)
    seal_all(session)
    manifest = back_up(engine, tmp_path / "backup", NOW)
    with reading(session):
        found = day_digests(session, [1], KEY.start, KEY.end)[KEY]
    with transaction(session):
        record_deletion(session, DayDeletion(KEY, 48, found, (found.hex(),), NOW, "a test"))
        session.connection().exec_driver_sql("DELETE FROM chunk")
    assert [one.split(":")[0] for one in differences(engine, manifest)] == ["chunk", "day_deletion"]
