"""Ready means: the database answers, its tables are this version's, and a worker measures."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from portal import clock
from portal.app import create_app
from portal.database import db
from portal.store.ground import leases
from portal.usecases.measuring.measurement import LEASE
from tests.web.conftest import settings_of, writing

LONG_MS = 60_000


@pytest.fixture
def migrated(app: Flask) -> Flask:
    """A portal whose tables are at this version's revision."""
    with app.app_context():
        connection = db.engine.raw_connection()
        connection.cursor().execute("CREATE TABLE alembic_version (version_num TEXT)")
        connection.cursor().execute(f"INSERT INTO alembic_version VALUES ('{app.extensions['newest_revision']}')")
        connection.commit()
        connection.close()
    return app


@pytest.fixture
def away(tmp_path: Path) -> Iterator[Flask]:
    """A portal whose database is not there."""
    app = create_app(settings_of(tmp_path, f"sqlite:///{tmp_path / 'no folder' / 'portal.sqlite'}"))
    yield app
    with app.app_context():
        db.engine.dispose()


def lead(app: Flask, from_ms: int) -> None:
    with writing(app) as session:
        assert leases.take(session, LEASE, "a worker", from_ms, from_ms + LONG_MS)


def asked(app: Flask) -> tuple[int, str]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.text


def test_with_a_worker_that_measures_it_is_ready(migrated: Flask) -> None:
    lead(migrated, clock.seconds(clock.now()) * 1000)
    assert asked(migrated) == (200, "ready\n")


def test_without_a_worker_or_with_one_that_stopped_it_is_not(migrated: Flask) -> None:
    assert asked(migrated) == (503, "not ready: worker\n")
    lead(migrated, clock.seconds(clock.now()) * 1000 - 2 * LONG_MS)
    assert asked(migrated) == (503, "not ready: worker\n")


def test_a_clock_behind_what_was_measured_is_told(migrated: Flask) -> None:
    lead(migrated, clock.seconds(clock.now()) * 1000 + LONG_MS)
    assert asked(migrated) == (503, "not ready: clock\n")


def test_with_tables_of_another_version_it_is_not_ready(app: Flask) -> None:
    assert asked(app) == (503, "not ready: migrations, worker\n")


def test_with_the_database_away_it_is_not_ready_and_still_healthy(away: Flask) -> None:
    assert asked(away) == (503, "not ready: database\n")
    assert away.test_client().get("/healthz").status_code == 200
