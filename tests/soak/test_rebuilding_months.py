"""Thirteen generated months, sealed and summed up: deriving all of it anew changes nothing (issue 5)."""

import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from demo.generated.episodes import Chance
from demo.generated.provider import configure, provider_document
from demo.generated.telling import generate
from portal import clock
from portal.database import reading
from portal.usecases.groundwork import scopes
from portal.usecases.keeping.summaries import refresh_summaries
from tests.databases import opened
from tests.sealing import seal_all
from tests.soak.figures import Figures
from tests.soak.test_migrate_killed import environment

pytestmark = [pytest.mark.soak, pytest.mark.timeout(3_600)]
SERVICES, LOCATIONS, INTERVAL_S, MONTHS = 6, 2, 300, 13
DAYS_KEPT = 400
WHOLE = text(
    "SELECT (SELECT count(*) FROM sample), (SELECT count(*) FROM chunk), (SELECT sum(samples) FROM chunk),"
    " (SELECT count(*) FROM run), (SELECT sum(first + last + count) FROM run), (SELECT count(*) FROM service_day),"
    " (SELECT sum(up_s) + 2 * sum(down_s) + 3 * sum(unknown_s) FROM service_day)"
)


def first_of_month(now: datetime, months_ago: int) -> datetime:
    """The first instant of the UTC month so many months ago."""
    day = datetime(now.year, now.month, 1, tzinfo=UTC)
    for _ in range(months_ago):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


def test_rebuilding_thirteen_generated_months_changes_nothing(
    sqlite_url: str, tmp_path: Path, figures: Figures
) -> None:
    now = clock.now()
    start, end = (clock.seconds(first_of_month(now, months)) for months in (MONTHS, 0))
    with opened(sqlite_url) as session, scopes.provider():
        configure(session, provider_document(SERVICES, LOCATIONS, INTERVAL_S), start - 1)
        sent = generate(session, Chance(seed=5, clock_steps=1), start, end)
        figures["samples told"] = sent
        figures["days sealed"] = seal_all(session, clock.seconds(now) * 1000)
        summed = 0
        while made := refresh_summaries(session, now, DAYS_KEPT):
            summed += made
        figures["days of services summed up"] = summed
        with reading(session):
            before = tuple(session.execute(WHOLE).one())
    assert before[1] == figures["days sealed"], "each day of a probe at a location is one chunk"
    variables = environment(tmp_path, sqlite_url)
    began = time.monotonic()
    told = _verb("rebuild", variables)
    figures["seconds to rebuild"] = round(time.monotonic() - began)
    figures["rebuild said"] = told
    assert told.endswith("derived anew, 0 of them changed.")
    with opened(sqlite_url) as session, reading(session):
        assert tuple(session.execute(WHOLE).one()) == before
    figures["verify said"] = _verb("verify", variables)


def _verb(name: str, variables: Mapping[str, str]) -> str:
    """Run a verb of the operators, which has to find nothing wrong, and return the last line it says."""
    command = [sys.executable, "-m", "portal.cli", name]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True)
    return done.stdout.strip().splitlines()[-1]
