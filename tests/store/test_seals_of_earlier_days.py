"""Days sealed before there were seals get theirs when the database is migrated, and then prove themselves."""

import json
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask

from portal import config
from portal.app import create_app
from portal.database import MAY_WRITE, db, reading
from portal.domain.evidence.chunk import DayKey
from portal.domain.evidence.seal_chain import broken
from portal.store.evidence.day_seals import seals_of
from portal.store.ground.tenancy import provider_scope

BEFORE = "0010"
CHUNK = "INSERT INTO chunk (probe, location, day, sequence, samples, digest, content) VALUES"
DELETION = "INSERT INTO day_deletion (probe, location, day, samples, digest, chunks, at, rule) VALUES"


@pytest.fixture
def app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without a table."""
    app = create_app(config.load(environment="development", home=tmp_path, database_url=empty_database_url))
    with app.app_context(), provider_scope():
        yield app
        db.session.remove()
        db.engine.dispose()


def test_chunks_and_recorded_deletions_of_before_are_chained_by_their_days(app: Flask) -> None:
    flask_migrate.upgrade(revision=BEFORE)
    blob = "x'{}'" if db.engine.dialect.name == "sqlite" else r"'\x{}'::bytea"
    with db.engine.connect().execution_options(**{MAY_WRITE: True}) as connection, connection.begin():
        for day, sequence, byte in ((21, 1, "02"), (21, 0, "01"), (22, 0, "03")):
            digest = blob.format(byte * 32)
            connection.exec_driver_sql(f"{CHUNK} (1, 2, {day}, {sequence}, 1, {digest}, {digest})")
        gone = json.dumps(["04" * 32])
        digest = blob.format("04" * 32)
        connection.exec_driver_sql(
            f"{DELETION} (1, 2, 20, 1, {digest}, '{gone}', '2026-11-22 00:00:00+00:00', 'a rule')"
        )
    flask_migrate.upgrade()
    with reading(db.session()):
        found = seals_of(db.session(), (1, 2))
    assert list(broken(found)) == []
    assert [(one.number, one.key, one.sequence, one.digest[0]) for one in found] == [
        (0, DayKey(1, 2, 20), 0, 4),
        (1, DayKey(1, 2, 21), 0, 1),
        (2, DayKey(1, 2, 21), 1, 2),
        (3, DayKey(1, 2, 22), 0, 3),
    ]
