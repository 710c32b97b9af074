"""One worker in this process: what it sends, stores and survives. Its clock can be set, its ticks come by hand."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select
from structlog.testing import capture_logs

from portal.config import Environment, Settings
from portal.database import transaction
from portal.store.evidence.evidence import GapRow, SampleRow
from portal.store.ground.leases import LeaseRow
from portal.store.ground.tenancy import provider_scope
from portal.store.settling.figures import CurrentFigureRow
from portal.worker.measuring import Worker
from probes.clock import Clock
from probes.results import Fault, Result, State
from tests.customers import build
from tests.databases import prepared_engine, sessions
from tests.measuring import add_probes, add_service
from tests.worker.targets import CountingServer, accepting_server, counting_server, wait_until

INTERVAL_S = 1


class SetClock(Clock):
    """The machine's clocks, with a wall clock that can be set."""

    offset_ms = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.offset_ms


@pytest.fixture
def server() -> Iterator[CountingServer]:
    with counting_server() as server:
        yield server


@pytest.fixture
def clock() -> SetClock:
    return SetClock()


def settings(tmp_path: Path, **changes: object) -> Settings:
    return Settings(environment=Environment.DEVELOPMENT, home=tmp_path, lease_seconds=2, **changes)  # type: ignore[arg-type]


@pytest.fixture
def worker(engine: Engine, tmp_path: Path, clock: SetClock) -> Iterator[Worker]:
    worker = Worker(settings(tmp_path), sessions(engine), clock)
    worker.start()
    yield worker
    worker.stop()


def rows(engine: Engine) -> list[SampleRow]:
    with sessions(engine)() as session:
        return list(session.scalars(select(SampleRow).order_by(SampleRow.slot)))


def figures(engine: Engine) -> int:
    with sessions(engine)() as session:
        return session.scalars(select(func.count()).select_from(CurrentFigureRow)).one()


def gaps(engine: Engine) -> list[GapRow]:
    with sessions(engine)() as session:
        return list(session.scalars(select(GapRow)))


def plan(engine: Engine, server: CountingServer, count: int = 1, interval_s: int = INTERVAL_S) -> None:
    with sessions(engine)() as session:
        targets = [server.target(number) for number in range(count)]
        add_probes(session, add_service(session), targets, interval_s=interval_s)


def tick_for(worker: Worker, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        worker.tick()
        time.sleep(0.1)


@pytest.mark.slow
def test_every_request_becomes_one_row_and_equal_rows_one_run(
    worker: Worker, engine: Engine, server: CountingServer
) -> None:
    plan(engine, server, count=3)
    tick_for(worker, 3.0)
    worker.stop()
    stored = rows(engine)
    assert len(stored) == len(server.asked) >= 6
    assert {(row.state, row.http_status, row.boot) for row in stored} == {(0, 200, 1)}
    assert len({(row.probe, row.slot) for row in stored}) == len(stored)


@pytest.mark.slow
def test_a_schedule_added_later_is_followed_without_a_restart(
    worker: Worker, engine: Engine, server: CountingServer
) -> None:
    tick_for(worker, 0.3)
    plan(engine, server)
    tick_for(worker, 2.0)
    assert server.asked


@pytest.mark.slow
def test_a_target_outside_the_allow_list_is_unknown_and_never_asked(
    worker: Worker, engine: Engine, server: CountingServer
) -> None:
    with sessions(engine)() as session:
        add_probes(session, add_service(session), [("http", {"address": "http://10.0.0.1/"})], interval_s=1)
    tick_for(worker, 2.0)
    worker.stop()
    assert {(row.state, row.reason) for row in rows(engine)} == {(3, "address_refused")}


@pytest.mark.slow
def test_results_of_another_probe_of_a_slot_to_come_or_of_one_that_has_its_result_are_told_and_left_out(
    worker: Worker, engine: Engine, server: CountingServer
) -> None:
    plan(engine, server)
    tick_for(worker, 2.5)
    wait_until(lambda: not worker.in_flight)
    worker.tick()
    before = {(row.probe, row.location, row.slot): row.state for row in rows(engine)}
    (probe, location, slot), state = next(iter(before.items()))
    strangers = [(99, location, slot), (probe, 99, slot), (probe, location, slot + 3_600), (probe, location, slot)]
    with capture_logs() as logs:
        for stranger in strangers:
            worker.deliver(Result(*stranger, State.DOWN, error=Fault.REFUSED))
        tick_for(worker, 1.5)
        worker.stop()
    after = {(row.probe, row.location, row.slot): row.state for row in rows(engine)}
    told = [line for line in logs if line["event"] == "results left out that nobody waits for"]
    assert [(line["results"], line["first"]) for line in told] == [(4, strangers[0])]
    assert before.items() <= after.items()
    assert after[probe, location, slot] == state
    assert not {one for one in after if one in strangers[:3]}
    assert len(after) == len(server.asked)


@pytest.mark.slow
def test_an_end_in_order_lets_the_next_worker_lead_at_once(worker: Worker, engine: Engine) -> None:
    worker.tick()
    worker.stop()
    with sessions(engine)() as session:
        assert session.scalars(select(LeaseRow.until_ms)).one() == 0


@pytest.mark.slow
def test_a_clock_set_back_by_an_hour_stops_nothing_and_fills_no_slot_twice(
    worker: Worker, engine: Engine, server: CountingServer, clock: SetClock
) -> None:
    plan(engine, server)
    tick_for(worker, 2.0)
    before = {row.slot: row.total_ms for row in rows(engine)}
    clock.offset_ms = -3_600_000
    asked = len(server.asked)
    tick_for(worker, 2.5)
    worker.stop()
    after = {row.slot: row.total_ms for row in rows(engine)}
    assert len(server.asked) > asked
    assert before.items() <= after.items()
    assert len(rows(engine)) == len(after) > len(before)
    assert [gap.reason for gap in gaps(engine)] == ["clock_step"]


@pytest.mark.slow
@pytest.mark.parametrize("forward_s", [3_600, 2_592_000])
def test_a_clock_set_forward_ends_in_one_gap_and_no_storm(
    worker: Worker, engine: Engine, server: CountingServer, clock: SetClock, forward_s: int
) -> None:
    plan(engine, server, count=5, interval_s=5)
    tick_for(worker, 0.5)
    asked = len(server.asked)
    clock.offset_ms = forward_s * 1000
    worker.tick()
    worker.tick()
    wait_until(lambda: worker.in_flight == 0)
    worker.tick()
    assert len(server.asked) - asked <= 5 * 2
    (gap,) = gaps(engine)
    assert gap.reason == "clock_step"
    assert forward_s - 5 <= gap.until - gap.first <= forward_s + 5


@pytest.mark.slow
def test_results_are_kept_while_the_database_is_locked(sqlite_url: str, tmp_path: Path, server: CountingServer) -> None:
    engine = prepared_engine(sqlite_url)
    plan(engine, server, count=10, interval_s=2)
    worker = Worker(settings(tmp_path), sessions(engine))
    worker.start()
    while not server.asked:
        tick_for(worker, 0.1)
    wait_until(lambda: worker.in_flight == 0)
    sent = len(server.asked)
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN IMMEDIATE")
        worker.tick()  # waits for the lock and gives up
        assert len(server.asked) == sent
        other.rollback()
    worker.tick()
    worker.stop()
    assert len(rows(engine)) == len(server.asked)
    engine.dispose()


@pytest.mark.slow
def test_the_leader_keeps_the_figures_fresh_and_another_worker_leaves_them_alone(
    worker: Worker, engine: Engine, tmp_path: Path
) -> None:
    with sessions(engine)() as session, transaction(session):
        build(session)
    idle = Worker(settings(tmp_path), sessions(engine))
    worker.tick()
    idle.tick()
    with provider_scope():
        idle.refresh()
        assert figures(engine) == 0
        worker.refresh()
        assert figures(engine) > 0
    idle.stop()


@pytest.mark.slow
def test_thousands_of_probes_due_at_once_are_each_sent_once_and_in_time(
    worker: Worker, engine: Engine, clock: SetClock
) -> None:
    with accepting_server() as server:
        with sessions(engine)() as session:
            target: tuple[str, dict[str, object]] = ("tcp", {"address": f"127.0.0.1:{server.port}"})
            add_probes(session, add_service(session), [target] * 5_000, interval_s=120, timeout_ms=20_000)
        worker.tick()
        clock.offset_ms = 45_000
        worker.tick()
        wait_until(lambda: worker.in_flight == 0)
        worker.stop()
        stored = rows(engine)
        wait_until(lambda: server.accepted == len(stored))
    assert len({row.probe for row in stored}) == len(stored) > 1_500
    assert {(row.state, row.reason) for row in stored} == {(0, None)}
