"""What was noted stays as it was noted: both databases refuse every change, whoever connects and however."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import Connection, Engine, create_engine, inspect, text
from sqlalchemy.exc import DBAPIError

from portal import config
from portal.app import create_app
from portal.database import db, transaction
from portal.store.ground.tenancy import provider_scope
from portal.store.people.audit import AuditRow
from portal.usecases.groundwork.audit import Deed, Thing, entries, note
from tests.databases import OWNER, as_role, prepared_engine, sessions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHANGES = {
    "update": "UPDATE audit_entry SET what = 'nothing'",
    "update of the key": "UPDATE audit_entry SET id = '00000000000000000000000000000001'",
    "delete": "DELETE FROM audit_entry",
}
OF_SQLITE = {
    "replace": "INSERT OR REPLACE INTO audit_entry SELECT * FROM audit_entry",
    "upsert": "INSERT INTO audit_entry SELECT * FROM audit_entry WHERE true ON CONFLICT DO UPDATE SET what = 'nothing'",
}
OF_POSTGRESQL = {
    "truncate": "TRUNCATE audit_entry",
    "truncate of everything": "TRUNCATE user_account CASCADE",
    "upsert": "INSERT INTO audit_entry SELECT * FROM audit_entry ON CONFLICT (id) DO UPDATE SET what = 'nothing'",
}


@pytest.fixture(params=["sqlite_url", "postgresql_url", "empty_sqlite_url", "empty_postgresql_url"])
def noted_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with one note, its tables created by the rows, or by the migrations where it is empty."""
    url = str(request.getfixturevalue(request.param))
    if request.param.startswith("empty"):
        migrate(url, tmp_path)
    engine = prepared_engine(url)
    with sessions(engine)() as session, transaction(session):
        note(session, None, Deed.ADDED_PERSON, Thing("person", "1"), NOW, after={"role": "owner"})
    engine.dispose()
    return url


@pytest.fixture
def bare(noted_url: str) -> Iterator[Connection]:
    """A plain connection of whoever owns the tables, with none of the portal's pragmas, that sees everybody's rows."""
    engine = create_engine(as_role(noted_url, OWNER))
    with engine.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET portal.scope = 'provider'")
            connection.commit()
        yield connection
    engine.dispose()


def migrate(url: str, home: Path) -> None:
    app = create_app(config.load(environment="development", home=home, database_url=url))
    with app.app_context():
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


def stored(connection: Connection) -> list[tuple[object, ...]]:
    return [tuple(row) for row in connection.execute(text("SELECT * FROM audit_entry"))]


def test_a_bare_connection_cannot_change_or_remove_a_note(bare: Connection) -> None:
    before = stored(bare)
    assert len(before) == 1
    statements = CHANGES | (OF_SQLITE if bare.dialect.name == "sqlite" else OF_POSTGRESQL)
    bare.rollback()
    if bare.dialect.name == "sqlite":
        bare.exec_driver_sql("PRAGMA recursive_triggers=OFF")
        bare.exec_driver_sql("PRAGMA foreign_keys=OFF")
    for name, statement in statements.items():
        with pytest.raises(DBAPIError, match="never change"):
            bare.execute(text(statement))
        bare.rollback()
        assert stored(bare) == before, name
        bare.rollback()


def test_a_note_comes_back_as_it_was_kept(engine: Engine) -> None:
    with provider_scope(), sessions(engine)() as session:
        with transaction(session):
            note(
                session,
                None,
                Deed.CHANGED_ROLES,
                Thing("person", "7"),
                NOW,
                before={"staff": None},
                after={"staff": "manager"},
            )
        (entry,) = entries(session).entries
        assert (entry.at, entry.by, entry.what) == (NOW, "the command line", "changed a person's roles")
        assert entry.thing == "person 7"
        assert entry.changes == ("staff: none → manager",)


def test_notes_come_in_pages_of_fifty_latest_first(engine: Engine) -> None:
    with provider_scope(), sessions(engine)() as session:
        with transaction(session):
            for number in range(53):
                note(session, None, Deed.SIGNED_IN, Thing("person", str(number)), NOW)
        first = entries(session)
        rest = entries(session, first.after)
    seen = [entry.thing for entry in (*first.entries, *rest.entries)]
    assert seen == [f"person {number}" for number in reversed(range(53))]
    assert (len(first.entries), rest.after) == (50, None)


def test_a_note_whose_transaction_is_given_up_was_never_made(engine: Engine) -> None:
    with provider_scope(), sessions(engine)() as session:
        with pytest.raises(KeyError), transaction(session):
            note(session, None, Deed.SIGNED_IN, Thing("person", "1"), NOW)
            raise KeyError
        assert entries(session).entries == ()


def test_a_row_holds_ids_only(engine: Engine) -> None:
    columns = {column["name"] for column in inspect(engine).get_columns(AuditRow.__tablename__)}
    assert columns == {"id", "at", "user_id", "what", "object_kind", "object_id", "customer_id", "before", "after"}
