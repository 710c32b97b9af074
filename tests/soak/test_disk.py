"""A disk that is full, and one that fails to keep what it was given (trust.md F4, F5)."""

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from portal import clock
from portal.domain.notices.refusals import Refusal
from portal.usecases.operating.backup import back_up
from tests.databases import prepared_engine
from tests.soak import records
from tests.soak.conftest import world_in
from tests.soak.figures import Figures
from tests.soak.load import load, reading
from tests.soak.portal import Portal, running
from tests.soak.records import Watcher
from tests.soak.world import World
from tests.worker.targets import CountingServer, wait_until

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]
FULL, ROOMY = "6m", "64m"
BLOCK = 4096
WRITERS = 4
ANSWERS_WHILE_FULL = 20
SYNCS, WRITES = (1, 2, 3, 5, 8, 13), (20, 60)
FAILING_TIMES = 4


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Lend a disk of 6 MB; needs root, and says so."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={FULL}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert mounted.returncode == 0, f"Could not be done: a small disk needs root ({mounted.stderr.strip()})."
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(disk: Path) -> int:
    """Fill a disk to its last block and return by how many bytes."""
    written = 0
    with (disk / "filling").open("wb", buffering=0) as file:
        while True:
            try:
                written += file.write(b"x" * BLOCK)
            except OSError:
                return written


def test_a_full_disk_refuses_writers_keeps_public_pages_and_loses_nothing(
    sqlite_url: str, target: CountingServer, tmp_path: Path, figures: Figures
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), disk / "portal.sqlite")
        world = world_in(f"sqlite:///{disk / 'portal.sqlite'}", target)
        watcher = Watcher(world.url)
        watcher.start()
        with running(world.url, tmp_path / "home", "web", "worker") as portal, reading(portal) as readers:
            with load(portal, world, WRITERS) as book:
                wait_until(lambda: book.total > WRITERS and len(watcher.seen) > 0)
                filled = fill(disk)
                wait_until(lambda: book.statuses["503"] > ANSWERS_WHILE_FULL)
                refused, read = book.statuses["503"], readers.statuses[200]
                wait_until(lambda: readers.statuses[200] > read)
                (disk / "filling").unlink()
                subprocess.run(["mount", "-o", f"remount,size={ROOMY}", str(disk)], check=True)
                acknowledged, seen = book.total, len(watcher.seen)
                wait_until(lambda: book.total > acknowledged + WRITERS and len(watcher.seen) > seen)
            assert all(process.runs for process in portal.processes.values()), portal.log()
        watcher.end()
        figures["disk"] = f"{FULL}, filled with {filled} bytes, then {ROOMY}"
        figures |= records.check(world.url, book, watcher.seen)
    assert not readers.failed, readers.failed
    figures["refused while full"] = refused
    figures["public pages answered / of them as of then"] = f"{readers.statuses[200]} / {readers.as_of}"


def failing(calls: str, error: str, first: int, log: Path) -> list[str]:
    """Return what to start a program with so that some such calls of each thread fail; needs strace, and says so."""
    strace = shutil.which("strace")
    assert strace, "Could not be done: failing calls need strace (Debian: apt-get install strace)."
    which = f"error={error}:when={first}..{first + FAILING_TIMES - 1}"
    return [strace, "-f", "-qq", "-o", str(log), "-e", f"trace={calls}", "-e", f"inject={calls}:{which}"]


@pytest.mark.parametrize("first", SYNCS)
def test_a_failing_sync_is_never_acknowledged_and_corrupts_nothing(
    first: int, sqlite_url: str, target: CountingServer, tmp_path: Path, figures: Figures
) -> None:
    _load_while_failing("fdatasync,fsync", "EIO", first, world_in(sqlite_url, target), tmp_path, figures)


@pytest.mark.parametrize("first", WRITES)
def test_a_disk_that_is_full_for_some_writes_only_loses_and_corrupts_nothing(
    first: int, sqlite_url: str, target: CountingServer, tmp_path: Path, figures: Figures
) -> None:
    _load_while_failing("pwrite64", "ENOSPC", first, world_in(sqlite_url, target), tmp_path, figures)


def _load_while_failing(calls: str, error: str, first: int, world: World, folder: Path, figures: Figures) -> None:
    log = folder / "calls"
    portal = Portal(world.url, folder / "home", failing(calls, error, first, log))
    try:
        portal.start("web")
        with load(portal, world, 2) as book:
            wait_until(lambda: _injected(log) >= 1 and book.total > 2 * first + FAILING_TIMES, 120)
    finally:
        portal.kill()
    figures["first failing call of each thread"] = f"{first}, {error}"
    figures["calls / failed"] = f"{log.read_text(errors='replace').count(' = ')} / {_injected(log)}"
    figures |= records.check(world.url, book, set())
    assert book.statuses["503"] > 0


def _injected(log: Path) -> int:
    return log.read_text(errors="replace").count("(INJECTED)") if log.exists() else 0


def test_a_backup_onto_a_full_disk_is_refused_and_leaves_nothing(
    sqlite_url: str, tmp_path: Path, figures: Figures
) -> None:
    with small_disk(tmp_path / "disk") as disk:
        fill(disk)
        engine = prepared_engine(sqlite_url)
        try:
            with pytest.raises(Refusal, match="No backup was made") as refused:
                back_up(engine, disk / "backup", clock.now())
        finally:
            engine.dispose()
        assert [path.name for path in disk.iterdir()] == ["filling"]
    figures["said"] = refused.value.sentence.partition(": ")[2]
