"""Real worker processes on one database: paused, killed, ended (trust.md E5, E7, F1, F12)."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select, text

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.evidence.runs import derive_runs
from portal.domain.quantities.slots import offset
from portal.store.evidence.evidence import SampleRow
from portal.store.ground.leases import LeaseRow
from portal.usecases.measuring.measurement import LEASE
from tests.databases import sessions
from tests.measuring import add_probes, add_service, stored_runs
from tests.worker.targets import CountingServer, counting_server, wait_until

LEASE_S = 2
INTERVAL_S = 2
PROBES = 20
RUN_WORKER = "from portal.config import load; from portal.worker import work; work(load())"

PATIENCE_S = 120
"""How long a worker may take to start or to end on a busy machine."""

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@contextmanager
def worker_process(url: str, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    home.mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "SLA_PORTAL_ENVIRONMENT": "development",
        "SLA_PORTAL_HOME": str(home),
        "SLA_PORTAL_DATABASE_URL": url,
        "SLA_PORTAL_LEASE_SECONDS": str(LEASE_S),
    }
    with (home / "log").open("ab") as log:
        process = subprocess.Popen([sys.executable, "-c", RUN_WORKER], env=environment, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGCONT)
        process.terminate()
        process.wait(PATIENCE_S)


@pytest.fixture
def server(engine: Engine) -> Iterator[CountingServer]:
    with counting_server() as server, sessions(engine)() as session:
        targets = [server.target(number) for number in range(1, PROBES + 1)]
        add_probes(session, add_service(session), targets, interval_s=INTERVAL_S)
        yield server


def count(engine: Engine) -> int:
    with sessions(engine)() as session:
        return session.scalars(select(func.count()).select_from(SampleRow)).one()


def epoch(engine: Engine) -> int:
    with sessions(engine)() as session:
        return session.scalar(select(LeaseRow.epoch).where(LeaseRow.name == LEASE)) or 0


def is_writable(engine: Engine) -> bool:
    """Whether no other process is in the middle of a transaction that writes."""
    if engine.dialect.name != "sqlite":
        with engine.connect() as connection:
            open_ones = (
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_xid IS NOT NULL"
            )
            return connection.exec_driver_sql(open_ones).scalar_one() == 0
    with closing(sqlite3.connect(str(engine.url.database), timeout=0.2, isolation_level=None)) as connection:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            return False
        connection.execute("ROLLBACK")
        return True


def pause_between_transactions(process: subprocess.Popen[bytes], engine: Engine) -> None:
    """Stop a process where it holds no lock: one that sleeps with SQLite's lock keeps everybody waiting, as it must."""

    def is_paused() -> bool:
        process.send_signal(signal.SIGSTOP)
        if is_writable(engine):
            return True
        process.send_signal(signal.SIGCONT)
        return False

    wait_until(is_paused)


def asked_slots(server: CountingServer) -> Counter[tuple[int, int]]:
    """How often each (probe, slot) was asked: a start is never later than half an interval after its slot."""
    asked: Counter[tuple[int, int]] = Counter()
    for path, at in server.asked:
        probe = int(path.removeprefix("/"))
        asked[probe, int((at - offset(probe, 1, INTERVAL_S)) // INTERVAL_S)] += 1
    return asked


def check_runs(engine: Engine) -> None:
    with sessions(engine)() as session:
        rows = session.scalars(select(SampleRow)).all()
        for probe in range(1, PROBES + 1):
            samples = [
                Sample(probe, 1, row.slot, INTERVAL_S, list(State)[row.state], row.reason)
                for row in rows
                if row.probe == probe
            ]
            assert stored_runs(session, probe) == list(derive_runs(samples))


def test_a_leader_paused_for_three_leases_sends_no_slot_a_second_time(
    database_url: str, engine: Engine, server: CountingServer, tmp_path: Path
) -> None:
    with worker_process(database_url, tmp_path / "a") as first:
        wait_until(lambda: count(engine) > PROBES)
        with worker_process(database_url, tmp_path / "b"):
            time.sleep(1.5)
            pause_between_transactions(first, engine)
            wait_until(lambda: epoch(engine) > 1)
            time.sleep(3 * LEASE_S)
            first.send_signal(signal.SIGCONT)
            before = count(engine)
            # On a busy machine the lease may change hands again: who leads is nobody's promise, one sending a slot is.
            wait_until(lambda: count(engine) > before + 2 * PROBES)
    assert max(asked_slots(server).values()) == 1
    check_runs(engine)


def test_a_worker_that_is_killed_loses_nothing_that_was_stored(
    database_url: str, engine: Engine, server: CountingServer, tmp_path: Path
) -> None:
    seen: set[tuple[int, int]] = set()
    for _ in range(2):
        with worker_process(database_url, tmp_path / "a") as process:
            before = count(engine)
            wait_until(lambda before=before: count(engine) > before + PROBES)  # type: ignore[misc]
            with sessions(engine)() as session:
                seen |= {(row.probe, row.slot) for row in session.scalars(select(SampleRow))}
            process.kill()
    with sessions(engine)() as session:
        kept = {(row.probe, row.slot) for row in session.scalars(select(SampleRow))}
        if engine.dialect.name == "sqlite":
            assert session.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    assert seen <= kept
    assert epoch(engine) == 2
    assert max(asked_slots(server).values()) == 1
    check_runs(engine)


def test_a_worker_that_is_told_to_end_stores_what_it_asked(
    database_url: str, engine: Engine, server: CountingServer, tmp_path: Path
) -> None:
    with worker_process(database_url, tmp_path / "a") as process:
        wait_until(lambda: count(engine) > PROBES)
        process.terminate()
        assert process.wait(PATIENCE_S) == 0
    assert count(engine) == len(server.asked)
