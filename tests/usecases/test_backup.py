"""A backup of a portal in use can be restored into an empty place and proven to be what was there."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import flask_migrate
import pytest
from sqlalchemy import Engine, create_engine, inspect, text

from portal import config
from portal.app import create_app
from portal.cli.opening import migrate_database
from portal.config import Settings
from portal.database import db, transaction
from portal.domain.notices.refusals import Conflict, Refusal
from portal.store.ground import backups
from portal.usecases.groundwork import scopes
from portal.usecases.groundwork.audit import Deed, Thing, note
from portal.usecases.operating.backup import Manifest, back_up, differences, read_manifest, restore
from tests import customers
from tests.databases import PostgresServer, prepared_engine, sessions

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
WRITES_BEFORE = 20


@pytest.fixture
def empty_engine(engine: Engine, request: pytest.FixtureRequest) -> Iterator[Engine]:
    """An engine on an empty database of the same kind."""
    fresh = prepared_engine(str(request.getfixturevalue(f"empty_{engine.dialect.name}_url")))
    yield fresh
    fresh.dispose()


def write(engine: Engine, number: int) -> None:
    with sessions(engine)() as session, transaction(session):
        note(session, None, Deed.SIGNED_IN, Thing("person", str(number)), NOW, after={"number": number, "words": "ä\n"})


def make_tables(revision: str) -> None:
    flask_migrate.upgrade(revision=revision)


def no_tables(revision: str) -> None:
    raise AssertionError("This backup brings its tables itself.")


def backed_up(engine: Engine, folder: Path) -> Manifest:
    for number in range(3):
        write(engine, number)
    return back_up(engine, folder, NOW)


def test_a_backup_taken_while_others_write_is_restored_and_verifies_equal(
    engine: Engine, empty_engine: Engine, tmp_path: Path
) -> None:
    stop, started = threading.Event(), threading.Event()

    def keep_writing() -> None:
        number = 0
        while not stop.is_set():
            write(engine, number)
            number += 1
            if number == WRITES_BEFORE:
                started.set()

    writer = threading.Thread(target=keep_writing)
    writer.start()
    try:
        assert started.wait(60)
        manifest = back_up(engine, tmp_path / "backup", NOW)
    finally:
        stop.set()
        writer.join()
    assert manifest.tables["audit_entry"].rows >= WRITES_BEFORE
    assert restore(empty_engine, tmp_path / "backup", no_tables) == manifest
    assert differences(empty_engine, manifest) == []


def test_a_row_more_or_another_value_is_a_difference(engine: Engine, empty_engine: Engine, tmp_path: Path) -> None:
    manifest = backed_up(engine, tmp_path / "backup")
    restore(empty_engine, tmp_path / "backup", no_tables)
    write(empty_engine, 7)
    (sentence,) = differences(empty_engine, manifest)
    assert sentence.startswith("audit_entry: 3 rows (")
    assert ") in the backup, 4 rows (" in sentence


def test_what_was_restored_still_only_grows(engine: Engine, empty_engine: Engine, tmp_path: Path) -> None:
    backed_up(engine, tmp_path / "backup")
    restore(empty_engine, tmp_path / "backup", no_tables)
    tables = "sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit_entry'"
    if empty_engine.dialect.name == "postgresql":
        tables = "pg_trigger WHERE tgname = 'audit_entry_only_grows' AND tgenabled = 'A'"
    with empty_engine.connect() as connection:
        count = connection.execute(text(f"SELECT count(*) FROM {tables}")).scalar_one()
    assert count == (3 if empty_engine.dialect.name == "sqlite" else 1)


def test_one_flipped_byte_is_found_before_anything_is_restored(
    engine: Engine, empty_engine: Engine, tmp_path: Path
) -> None:
    backed_up(engine, tmp_path / "backup")
    (file,) = (path for path in (tmp_path / "backup").iterdir() if path.name != "manifest.json")
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    with pytest.raises(Refusal, match="Nothing was restored"):
        restore(empty_engine, tmp_path / "backup", no_tables)
    assert inspect(empty_engine).get_table_names() == []


def test_a_backup_never_overwrites(engine: Engine, tmp_path: Path) -> None:
    manifest = backed_up(engine, tmp_path / "backup")
    with pytest.raises(Conflict, match="exists already"):
        back_up(engine, tmp_path / "backup", NOW)
    with pytest.raises(Conflict, match="an empty one only"):
        restore(engine, tmp_path / "backup", no_tables)
    assert read_manifest(tmp_path / "backup") == manifest


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": "sla-portal-backup/2"}'])
def test_an_unfinished_or_foreign_backup_is_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(Refusal, match="no finished backup"):
        read_manifest(tmp_path)


def of_old(url: str) -> None:
    """Make a database in use whose tables are not those of today."""
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE of_old (id INTEGER PRIMARY KEY)"))
        connection.execute(text("INSERT INTO of_old VALUES (7)"))
    engine.dispose()


def settings_of(url: str, home: Path) -> Settings:
    return config.load(environment="development", home=home, database_url=url)


def test_a_database_in_use_is_backed_up_before_it_is_migrated_and_only_then(
    empty_database_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = settings_of(empty_database_url, tmp_path)
    of_old(empty_database_url)
    migrate_database(settings)
    migrate_database(settings)
    (kept,) = (tmp_path / "backups").iterdir()
    assert capsys.readouterr().out == f"What was there is kept in {kept}.\n"
    document = json.loads((kept / "manifest.json").read_text())
    assert document["tables"].keys() == {"of_old"}
    assert document["tables"]["of_old"]["rows"] == 1


def test_a_new_database_needs_no_backup(empty_database_url: str, tmp_path: Path) -> None:
    migrate_database(settings_of(empty_database_url, tmp_path))
    assert not (tmp_path / "backups").exists()


def test_without_a_backup_nothing_is_migrated_unless_that_is_asked_for(empty_database_url: str, tmp_path: Path) -> None:
    settings = settings_of(empty_database_url, tmp_path)
    of_old(empty_database_url)
    (tmp_path / "backups").write_text("a file where the folder would be")
    with pytest.raises(Refusal, match=r"cannot be made.* Nothing was migrated. .* --without-backup"):
        migrate_database(settings)
    engine = create_engine(empty_database_url)
    assert inspect(engine).get_table_names() == ["of_old"]
    migrate_database(settings, with_backup=False)
    assert "audit_entry" in inspect(engine).get_table_names()
    engine.dispose()


@pytest.fixture
def without_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without the programs of PostgreSQL."""
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    monkeypatch.setattr(backups, "DEBIAN", tmp_path / "nothing")


@pytest.fixture
def migrated(empty_postgresql_url: str, tmp_path: Path) -> Iterator[Engine]:
    """A PostgreSQL database that was migrated, with something in it."""
    migrate_database(settings_of(empty_postgresql_url, tmp_path))
    engine = prepared_engine(empty_postgresql_url)
    with sessions(engine)() as session, scopes.provider(), transaction(session):
        customers.build(session)
    write(engine, 1)
    yield engine
    engine.dispose()


def test_without_the_programs_of_postgresql_rows_are_copied_and_restored_equal(
    migrated: Engine, postgres_server: PostgresServer, without_programs: None, tmp_path: Path
) -> None:
    manifest = back_up(migrated, tmp_path / "backup", NOW)
    assert (manifest.file, manifest.tables["customer"].rows) == ("portal.rows", 2)
    with postgres_server.database("template0") as url:
        app = create_app(settings_of(url, tmp_path))
        with app.app_context(), scopes.provider():
            restored = restore(
                db.engine, tmp_path / "backup", lambda revision: flask_migrate.upgrade(revision=revision)
            )
            assert (restored, differences(db.engine, manifest)) == (manifest, [])
            db.engine.dispose()


def test_rows_that_break_off_leave_no_row_behind(
    migrated: Engine, postgres_server: PostgresServer, without_programs: None, tmp_path: Path
) -> None:
    back_up(migrated, tmp_path / "backup", NOW)
    with postgres_server.database("template0") as url:
        app = create_app(settings_of(url, tmp_path))
        with app.app_context(), scopes.provider():

            def with_a_row_too_many(revision: str) -> None:
                make_tables(revision)
                with sessions(db.engine)() as session, transaction(session):
                    customers.build(session)

            with pytest.raises(Refusal, match="The tables are made, but the rows cannot be brought in"):
                restore(db.engine, tmp_path / "backup", with_a_row_too_many)
            with db.engine.connect() as connection:
                assert connection.execute(text("SELECT count(*) FROM audit_entry")).scalar_one() == 0
            db.engine.dispose()
