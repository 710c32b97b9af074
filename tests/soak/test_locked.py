"""SQLite locked by another program: writers wait, then are told when to come back; readers notice nothing (F6)."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from portal.database import BUSY_TIMEOUT_MS
from tests.soak import records
from tests.soak.conftest import world_in
from tests.soak.figures import Figures
from tests.soak.load import Book, load, reading
from tests.soak.portal import running
from tests.soak.world import World
from tests.worker.targets import CountingServer, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(300)]
WRITERS = 8
SHORTER_S, LONGER_S = 3.0, 10.0
AT_ALL_S = 3 * BUSY_TIMEOUT_MS / 1000
"""What a refusal may take at most on a busy machine; it waits for the lock a third of that, and for a free thread."""


@pytest.fixture
def sqlite_world(sqlite_url: str, target: CountingServer) -> World:
    return world_in(sqlite_url, target)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the write lock of a file as another program would."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def test_writers_wait_for_a_lock_of_three_seconds(sqlite_world: World, tmp_path: Path, figures: Figures) -> None:
    book = _lock_under_load(sqlite_world, tmp_path, SHORTER_S, figures)
    assert book.longest_s[303] > SHORTER_S / 2


def test_writers_are_refused_during_a_lock_of_ten_seconds_and_readers_are_not(
    sqlite_world: World, tmp_path: Path, figures: Figures
) -> None:
    book = _lock_under_load(sqlite_world, tmp_path, LONGER_S, figures)
    assert book.statuses["503"] > 0
    assert book.longest_s[503] < AT_ALL_S
    figures["slowest refusal with 503"] = f"{book.longest_s[503]:.1f} s (may wait {BUSY_TIMEOUT_MS / 1000:.0f} s)"


def _lock_under_load(world: World, home: Path, seconds: float, figures: Figures) -> Book:
    with (
        running(world.url, home, "web") as portal,
        reading(portal) as readers,
        load(portal, world, WRITERS) as book,
    ):
        wait_until(lambda: book.total > WRITERS)
        with locked(home / "portal.sqlite"):
            time.sleep(seconds)
        acknowledged = book.total
        wait_until(lambda: book.total > acknowledged + WRITERS)
    assert not readers.failed, readers.failed
    figures["locked for"] = f"{seconds:.0f} s, {WRITERS} writers"
    figures |= records.check(world.url, book, set())
    figures["slowest yes"] = f"{book.longest_s[303]:.1f} s"
    figures["public pages answered / failed"] = f"{readers.statuses[200]} / {sum(readers.failed.values())}"
    figures["slowest public page"] = f"{readers.longest_s:.1f} s"
    return book
