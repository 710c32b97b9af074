"""The portal's processes killed under load (trust.md F1, issue 3 Faults)."""

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.soak import records
from tests.soak.figures import Figures
from tests.soak.load import Book, load
from tests.soak.portal import running
from tests.soak.records import Watcher
from tests.soak.world import World
from tests.worker.targets import wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
KILLS = 30
WRITERS = 4
SEED = 20261122


def test_thirty_kills_of_web_and_worker_lose_nothing_acknowledged(
    world: World, tmp_path: Path, figures: Figures
) -> None:
    dice, watcher = random.Random(SEED), Watcher(world.url)
    watcher.start()
    longest_s = 0.0
    with running(world.url, tmp_path / "home", "web", "worker") as portal:
        with load(portal, world, WRITERS) as book:
            for _ in range(KILLS):
                wait_until(_grows(book, watcher), 60)
                time.sleep(dice.uniform(0.1, 0.4))
                portal.kill()
                began = time.monotonic()
                portal.start("web", "worker")
                longest_s = max(longest_s, time.monotonic() - began)
            wait_until(_grows(book, watcher), 60)
        portal.kill()
    watcher.end()
    figures["kills of web and worker"] = KILLS + 1
    figures |= records.check(world.url, book, watcher.seen)
    figures["longest wait for pages after a kill"] = f"{longest_s:.1f} s"


def _grows(book: Book, watcher: Watcher) -> Callable[[], bool]:
    acknowledged, seen = book.total, len(watcher.seen)
    return lambda: book.total > acknowledged and len(watcher.seen) > seen
