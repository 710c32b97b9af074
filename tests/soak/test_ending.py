"""The portal told to end under load: what it took it keeps, and every process ends by itself (issue 3 Operating)."""

from pathlib import Path

import pytest

from tests.soak import records
from tests.soak.figures import Figures
from tests.soak.load import load
from tests.soak.portal import running
from tests.soak.records import Watcher
from tests.soak.world import World
from tests.worker.targets import CountingServer, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
ENDS = 5
WRITERS = 4


def test_web_and_worker_told_to_end_under_load_keep_everything_and_end_by_themselves(
    world: World, target: CountingServer, tmp_path: Path, figures: Figures
) -> None:
    watcher, codes = Watcher(world.url), []
    watcher.start()
    with running(world.url, tmp_path / "home", "web") as portal, load(portal, world, WRITERS) as book:
        portal.processes["web"].end()
        for _ in range(ENDS):
            portal.start("web", "worker")
            acknowledged, seen = book.total, len(watcher.seen)
            wait_until(lambda a=acknowledged, s=seen: book.total > a and len(watcher.seen) > s, 60)  # type: ignore[misc]
            codes += [portal.processes[name].end() for name in ("worker", "web")]
    watcher.end()
    assert set(codes) == {0}, codes
    figures["ends of web and worker"] = ENDS
    figures |= records.check(world.url, book, watcher.seen)
    figures["probes asked / samples stored"] = f"{len(target.asked)} / {records.count_measured(world.url)}"
    assert len(target.asked) == records.count_measured(world.url)
