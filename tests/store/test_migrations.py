"""The chain of migrations and the rows of the store say the same, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import Connection, create_engine, inspect
from sqlalchemy.exc import IntegrityError

from portal import config
from portal.app import create_app
from portal.database import db, metadata
from portal.store.ground.partitions import is_partition


@pytest.fixture
def app(empty_database_url: str, tmp_path: Path) -> Iterator[Flask]:
    """The application on a database without a table."""
    app = create_app(config.load(environment="development", home=tmp_path, database_url=empty_database_url))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def outside(app: Flask, empty_database_url: str) -> Iterator[Connection]:
    """A plain connection to the same database, without the portal's own ways."""
    engine = create_engine(empty_database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_the_whole_chain_makes_exactly_the_tables_of_the_store(app: Flask, outside: Connection) -> None:
    flask_migrate.upgrade()
    options = {"compare_type": True, "include_name": lambda name, kind, _: kind != "table" or not is_partition(name)}
    context = MigrationContext.configure(outside, opts=options)
    assert compare_metadata(context, metadata) == []


def test_a_second_run_changes_nothing(app: Flask, outside: Connection) -> None:
    flask_migrate.upgrade()
    flask_migrate.upgrade()
    assert outside.exec_driver_sql("SELECT count(*) FROM alembic_version").scalar_one() == 1


def test_going_back_to_the_beginning_leaves_no_table(app: Flask, outside: Connection) -> None:
    flask_migrate.upgrade()
    flask_migrate.downgrade(revision="base")
    assert inspect(outside).get_table_names() == ["alembic_version"]


def test_migrated_tables_are_the_same_kind_of_table_as_created_ones(
    app: Flask, outside: Connection, request: pytest.FixtureRequest
) -> None:
    flask_migrate.upgrade()
    if outside.dialect.name != "sqlite":
        assert inspect(outside).get_pk_constraint("sample")["constrained_columns"] == ["probe", "location", "slot"]
        return
    statement = "SELECT name, sql LIKE '%WITHOUT ROWID%' FROM sqlite_master WHERE type = 'table'"
    created = create_engine(str(request.getfixturevalue("sqlite_url")))
    with created.connect() as other:
        expected = dict(other.exec_driver_sql(statement).all())
    created.dispose()
    migrated = dict(outside.exec_driver_sql(statement).all())
    assert {**expected, "alembic_version": 0} == migrated


def test_after_a_migration_foreign_keys_bind_again(app: Flask) -> None:
    flask_migrate.upgrade()
    with db.engine.connect().execution_options(portal_may_write=True) as connection, pytest.raises(IntegrityError):
        connection.exec_driver_sql(
            "INSERT INTO membership (user_id, customer_id, role) VALUES "
            "('01999999999970008000000000000001', '01999999999970008000000000000002', 'owner')"
        )


def test_a_broken_revision_leaves_nothing_behind(
    app: Flask, outside: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("alembic.op.create_index", refuse)
    monkeypatch.setattr("alembic.operations.base.BatchOperations.create_index", refuse)
    with pytest.raises(OSError, match="the disk is full"):
        flask_migrate.upgrade()
    assert inspect(outside).get_table_names() == []
