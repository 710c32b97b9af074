"""`sla-portal close` killed anywhere and run again ends with the statements and the ledger of an undisturbed run."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, text

from portal import clock
from portal.usecases.closing import closing
from tests.databases import OWNER, as_role, opened
from tests.many_contracts import build, made, month_before_last
from tests.soak.figures import Figures

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

ROUNDS = 50
BETWEEN_AT_LEAST = 40
CONTRACTS = closing.BATCH * 130
LONGEST_S = 0.03
NOW = clock.now()
MONTH = month_before_last(NOW)


def environment(home: Path, url: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
    own = {"SLA_PORTAL_ENVIRONMENT": "development", "SLA_PORTAL_HOME": str(home), "SLA_PORTAL_DATABASE_URL": url}
    return {**kept, **own}


def committed(engine: Engine) -> int:
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET portal.scope = 'provider'"))
        return int(connection.execute(text("SELECT count(*) FROM statement")).scalar_one())


def kill_once(engine: Engine, variables: Mapping[str, str], dice: random.Random) -> tuple[int, int]:
    """Start a close, kill it soon after its next commit; return how many statements there were before and after."""
    before = committed(engine)
    command = [sys.executable, "-m", "portal.cli", "close", f"{MONTH:%Y-%m}"]
    process = subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and committed(engine) == before:
        time.sleep(0.002)
    time.sleep(dice.uniform(0, LONGEST_S))
    process.kill()
    process.wait()
    return before, committed(engine)


def test_a_close_killed_fifty_times_leaves_what_an_undisturbed_one_leaves(
    durable_url: str, sqlite_template: Path, tmp_path: Path, figures: Figures
) -> None:
    undisturbed = tmp_path / "undisturbed.sqlite"
    undisturbed.write_bytes(sqlite_template.read_bytes())
    with opened(f"sqlite:///{undisturbed}") as session:
        build(session, CONTRACTS, MONTH)
        closing.close(session, f"{MONTH:%Y-%m}", NOW)
        expected = made(session)
    with opened(durable_url) as session:
        build(session, CONTRACTS, MONTH)
    variables, dice = environment(tmp_path, durable_url), random.Random(20261122)
    engine = create_engine(as_role(durable_url, OWNER))
    falls: Counter[str] = Counter()
    for _ in range(ROUNDS):
        before, after = kill_once(engine, variables, dice)
        falls["between the first and the last commit" if 0 < after < CONTRACTS else "outside"] += 1
        falls["with nothing more committed"] += after == before
        assert after % closing.BATCH == 0
    engine.dispose()
    subprocess.run([sys.executable, "-m", "portal.cli", "close", f"{MONTH:%Y-%m}"], env=variables, check=True)
    with opened(durable_url) as session:
        assert made(session) == expected
    figures["rounds"] = ROUNDS
    figures["contract periods"] = CONTRACTS
    figures |= dict(falls)
    assert falls["between the first and the last commit"] >= BETWEEN_AT_LEAST
