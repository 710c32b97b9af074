"""`sla-portal migrate` killed at any moment leaves the old tables or the new ones, never some (trust.md F25)."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from portal.database import metadata
from portal.store import all_rows
from portal.store.ground.backups import PARTITIONS
from tests.soak.figures import Figures

pytestmark = [pytest.mark.soak, pytest.mark.timeout(600)]

KILLS = 12
COMMAND = [sys.executable, "-m", "portal.cli", "migrate"]


def environment(home: Path, url: str) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
    own = {"SLA_PORTAL_ENVIRONMENT": "development", "SLA_PORTAL_HOME": str(home), "SLA_PORTAL_DATABASE_URL": url}
    return {**kept, **own}


def tables(url: str) -> set[str]:
    """The tables by name, without the parts of partitioned ones."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            parts = connection.execute(PARTITIONS).scalars().all() if engine.dialect.name == "postgresql" else ()
            return set(inspect(connection).get_table_names()) - set(parts)
    finally:
        engine.dispose()


def duration_s(folder: Path) -> float:
    """How long a whole migration takes here and now."""
    began = time.monotonic()
    subprocess.run(
        COMMAND, env=environment(folder, f"sqlite:///{folder / 'first.sqlite'}"), check=True, capture_output=True
    )
    return time.monotonic() - began


def killed_after(seconds: float, variables: Mapping[str, str]) -> bool:
    """Start a migration and kill it then; return whether it was still running."""
    process = subprocess.Popen(COMMAND, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return True
    return False


def test_a_killed_migration_leaves_all_tables_or_none_and_the_next_one_finishes(
    empty_database_url: str, tmp_path: Path, figures: Figures
) -> None:
    all_rows.load()
    whole = {*metadata.tables, "alembic_version"}
    variables = environment(tmp_path, empty_database_url)
    dice, usual_s = random.Random(), duration_s(tmp_path)
    kills = 0
    for _ in range(KILLS):
        kills += killed_after(usual_s * dice.uniform(0.5, 1.0), variables)
        found = tables(empty_database_url)
        assert found in (set(), whole), found
        if found:
            break
    assert kills > 0
    subprocess.run(COMMAND, env=variables, check=True, capture_output=True)
    assert tables(empty_database_url) == whole
    figures["kills of a migration / tables between none and all"] = f"{kills} / 0"
