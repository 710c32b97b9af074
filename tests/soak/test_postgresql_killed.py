"""The whole PostgreSQL server killed under load: the portal goes on by itself (trust.md F2, F7)."""

import random
import time
from pathlib import Path

import pytest

from tests.databases import TEMPLATE, PostgresServer
from tests.soak import records
from tests.soak.conftest import DURABLE, world_in
from tests.soak.figures import Figures
from tests.soak.load import load, reading
from tests.soak.portal import running
from tests.soak.records import Watcher
from tests.worker.targets import CountingServer, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1200)]
KILLS = 5
WRITERS = 4
AWAY_S = 3.0
SEED = 20261122


def test_postgresql_killed_five_times_loses_nothing_and_the_portal_recovers(
    target: CountingServer, tmp_path: Path, figures: Figures
) -> None:
    dice, server = random.Random(SEED), PostgresServer(DURABLE)
    try:
        server.start()
        with server.database(TEMPLATE) as url:
            _kill_under_load(server, url, target, tmp_path / "home", dice, figures)
    finally:
        server.stop()


def _kill_under_load(
    server: PostgresServer, url: str, target: CountingServer, home: Path, dice: random.Random, figures: Figures
) -> None:
    world, watcher = world_in(url, target), Watcher(url)
    watcher.start()
    back_s: list[float] = []
    with running(url, home, "web", "worker") as portal:
        with load(portal, world, WRITERS) as book, reading(portal) as readers:
            for _ in range(KILLS):
                acknowledged, seen = book.total, len(watcher.seen)
                wait_until(lambda a=acknowledged, s=seen: book.total > a + 5 and len(watcher.seen) > s, 60)  # type: ignore[misc]
                time.sleep(dice.uniform(0.1, 0.4))
                server.crash()
                time.sleep(AWAY_S)
                server.launch()
                began, acknowledged, seen = time.monotonic(), book.total, len(watcher.seen)
                wait_until(lambda a=acknowledged: book.total > a, 60)  # type: ignore[misc]
                back_s.append(time.monotonic() - began)
                wait_until(lambda s=seen: len(watcher.seen) > s, 60)  # type: ignore[misc]
        assert portal.processes["web"].runs
        assert portal.processes["worker"].runs
    watcher.end()
    figures["kills of every process of PostgreSQL"] = KILLS
    figures |= records.check(url, book, watcher.seen)
    assert book.statuses["503"] > 0
    assert not readers.failed, readers.failed
    assert readers.as_of > 0
    figures["first form taken after the restart"] = f"at most {max(back_s):.1f} s"
    figures["public pages answered / of them as of then"] = f"{readers.statuses[200]} / {readers.as_of}"
    figures["slowest public page"] = f"{readers.longest_s:.1f} s"
