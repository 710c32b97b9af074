"""Sealing killed at any moment, and sealing on a disk that is full, lose no sample (trust.md F1, F4, issue 5)."""

import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S
from portal.store.evidence.evidence_days import evidence_digest
from portal.store.measuring.services import ProbeRow
from portal.usecases.keeping import evidence_faults
from tests.databases import opened
from tests.sealing import furnish
from tests.soak.figures import Figures
from tests.soak.test_disk import ROOMY, fill, small_disk
from tests.soak.test_migrate_killed import environment

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
SEAL = [sys.executable, "-m", "portal.cli", "seal"]
FIRST = 20_000 * DAY_S
KILLS, PROBES, DAYS = 30, 10, 45
SEED = 20261122
START_S = 120
POLL_S = 0.02
COUNTS = text("SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM chunk), (SELECT sum(samples) FROM chunk)")
LATER = text("UPDATE lease SET until_ms = 0 WHERE name = 'sealing'")


@pytest.fixture(autouse=True)
def _long_ago(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.sealing.FIRST", FIRST)


def counts(url: str) -> tuple[int, int, int]:
    """Samples in rows, chunks, and samples in chunks."""
    with opened(url) as session, reading(session):
        hot, chunks, sealed = session.execute(COUNTS).one()
    return hot, chunks, sealed or 0


def digest(url: str) -> str:
    with opened(url) as session, reading(session):
        services = session.query(ProbeRow.service_id).distinct().all()
        return evidence_digest(session, [one[0] for one in services], FIRST, FIRST + DAYS * DAY_S)


def kill_behind(chunks: int, wait_s: float, url: str, variables: Mapping[str, str]) -> None:
    """Start sealing and kill it shortly after so many chunks are there."""
    process = subprocess.Popen(SEAL, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + START_S
        while process.poll() is None and counts(url)[1] < chunks:
            assert time.monotonic() < deadline, "nothing was sealed"
            time.sleep(POLL_S)
        time.sleep(wait_s)
        ended = process.poll()
    finally:
        process.kill()
        _, said = process.communicate()
    assert ended is None, f"sealing ended too early: {said.decode()}"


def test_thirty_kills_while_sealing_leave_the_same_digest_and_every_sample(
    durable_url: str, tmp_path: Path, figures: Figures
) -> None:
    with opened(durable_url) as session:
        stored = len(furnish(session, probes=PROBES, days=DAYS))
    whole, dice, variables = digest(durable_url), random.Random(SEED), environment(tmp_path, durable_url)
    fell: list[int] = []
    while len(fell) < KILLS:
        target = counts(durable_url)[1] + dice.randint(1, PROBES * DAYS // KILLS - 3)
        kill_behind(target, dice.uniform(0, 0.02), durable_url, variables)
        hot, chunks, sealed = counts(durable_url)
        assert hot + sealed == stored
        assert digest(durable_url) == whole
        fell.append(chunks)
        with opened(durable_url) as session, transaction(session):
            session.execute(LATER)  # as long as a lease lasts has passed
    subprocess.run(SEAL, env=variables, check=True, capture_output=True)
    assert counts(durable_url) == (0, PROBES * DAYS, stored)
    assert digest(durable_url) == whole
    with opened(durable_url) as session:
        assert not [
            one for pair in evidence_faults.pairs(session) for one in evidence_faults.check(session, pair).faults
        ]
    figures["samples / days sealed"] = f"{stored} / {PROBES * DAYS}"
    figures["kills fell behind day"] = ", ".join(map(str, fell))
    figures["lost samples / other digests"] = "0 / 0"


def test_a_disk_that_is_full_while_sealing_loses_nothing_and_sealing_goes_on_when_there_is_space(
    sqlite_url: str, tmp_path: Path, figures: Figures
) -> None:
    with opened(sqlite_url) as session:
        stored = len(furnish(session, probes=2, days=DAYS))
    whole = digest(sqlite_url)
    with small_disk(tmp_path / "disk") as disk:
        subprocess.run(["mount", "-o", f"remount,size={ROOMY}", str(disk)], check=True)
        url = f"sqlite:///{disk / 'portal.sqlite'}"
        shutil.copyfile(sqlite_url.removeprefix("sqlite:///"), disk / "portal.sqlite")
        used = counts(url)
        filled = _fill_all_but(disk, 400_000)
        variables = environment(tmp_path / "home", url)
        full = subprocess.run(SEAL, env=variables, capture_output=True, text=True, check=False)
        assert full.returncode == 1
        assert "full" in full.stderr
        assert "Traceback" not in full.stderr
        (disk / "filling").unlink()
        between = counts(url)
        assert between[0] + between[2] == stored
        assert digest(url) == whole
        with opened(url) as session, transaction(session):
            session.execute(LATER)
        subprocess.run(SEAL, env=variables, check=True, capture_output=True)
        assert counts(url) == (0, 2 * DAYS, stored)
        assert digest(url) == whole
    figures["disk"] = f"{ROOMY}, filled with {filled} bytes"
    figures["days sealed before it was full / of all"] = f"{between[1] - used[1]} / {2 * DAYS}"
    figures["said"] = full.stderr.strip()


def _fill_all_but(disk: Path, left: int) -> int:
    """Fill a disk to its last block, then give some bytes back."""
    filled = fill(disk)
    with (disk / "filling").open("ab") as file:
        file.truncate(filled - left)
    return filled - left
