"""Backups: a folder with the data of one moment and a manifest to prove it by (trust.md P2, F25).

The manifest counts the rows of every table and names a digest of them, so whatever is restored can be compared with
what was there. A backup is finished when its manifest is written, which comes last.
"""

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from portal.domain.notices.refusals import Conflict, Refusal
from portal.store.ground import backups as store
from portal.store.ground.backups import CopyFailed, Fingerprint, State

FORMAT = "sla-portal-backup/1"
MANIFEST = "manifest.json"
SQLITE, DUMP, ROWS = "portal.sqlite", "portal.dump", "portal.rows"
FILES = {SQLITE: "sqlite", DUMP: "postgresql", ROWS: "postgresql"}
"""What a backup's file is called, and of which kind of database it is: PostgreSQL's own dump, or rows without it."""
BEFORE_MIGRATION = "backups"
Migrate = Callable[[str], None]
"""Makes the tables of a revision in an empty database."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: of which database, when, at which revision, its file and its digest, and every table."""

    made_at: str
    database: str
    file: str
    revision: str | None
    sha256: str
    tables: Mapping[str, Fingerprint]

    @property
    def rows(self) -> int:
        """How many rows there are in all tables."""
        return sum(one.rows for one in self.tables.values())


def back_up(engine: Engine, folder: Path, now: datetime) -> Manifest:
    """Write a backup of this database into a new folder; raise Conflict when the folder exists, Refusal otherwise."""
    name = _file_of(engine)
    _make_folder(folder)
    try:
        revision, tables = _copy(engine, folder / name)
        manifest = Manifest(now.isoformat(), FILES[name], name, revision, _sha256(folder / name), tables)
        document = {"format": FORMAT, **asdict(manifest)}
        (folder / MANIFEST).write_text(json.dumps(document, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    except CopyFailed as failure:
        shutil.rmtree(folder)
        raise Refusal(f"No backup was made: {failure}") from None
    except OSError as error:
        shutil.rmtree(folder)
        raise Refusal(f"No backup was made: {folder} cannot be written: {error.strerror}.") from None
    return manifest


def restore(engine: Engine, folder: Path, migrate: Migrate) -> Manifest:
    """Bring a backup into this database, which must hold nothing; raise Conflict or Refusal before anything is done.

    `migrate` makes the tables of a backup that holds rows only.
    """
    manifest = read_manifest(folder)
    if manifest.database != engine.dialect.name:
        raise Conflict(
            f"This is a backup of {manifest.database}; the settings name a database of {engine.dialect.name}."
        )
    if not store.is_empty(engine):
        raise Conflict("The database the settings name holds something. A backup is restored into an empty one only.")
    file = folder / manifest.file
    if _sha256(file) != manifest.sha256:
        raise Refusal(f"{file} is not what its manifest says: it was changed or damaged. Nothing was restored.")
    try:
        _load(engine, file, manifest, migrate)
    except CopyFailed as failure:
        raise Refusal(f"Nothing was restored: {failure}") from None
    return manifest


def differences(engine: Engine, manifest: Manifest) -> Sequence[str]:
    """Compare a database with a manifest; return one sentence for each table that differs."""
    with engine.connect() as connection:
        found = store.fingerprints(connection)
    names = sorted({*found, *manifest.tables})
    return [f"{name}: {_words(manifest.tables.get(name))} in the backup, {_words(found.get(name))} here."
            for name in names if found.get(name) != manifest.tables.get(name)]  # fmt: skip


def back_up_before_migration(engine: Engine, home: Path, newest: str | None, now: datetime) -> Path | None:
    """Copy a database that is about to change its tables; return the backup's folder, None when none is needed.

    Raises Refusal when no copy can be made, and then nothing should be migrated.
    """
    if store.is_empty(engine):
        return None
    with engine.connect() as connection:
        present = store.revision(connection)
    if present == newest:
        return None
    folder = home / BEFORE_MIGRATION / f"{now:%Y%m%dT%H%M%SZ}-before-{newest}"
    back_up(engine, folder, now)
    return folder


def read_manifest(folder: Path) -> Manifest:
    """Return the manifest of a backup; raise Refusal when there is none that can be read."""
    try:
        document: dict[str, Any] = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if document.pop("format") != FORMAT or FILES[document["file"]] != document["database"]:
            raise ValueError
        tables = {name: Fingerprint(**one) for name, one in document.pop("tables").items()}
        return Manifest(tables=tables, **document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise Refusal(f"{folder} holds no finished backup: its {MANIFEST} is missing or cannot be read.") from None


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        raise Conflict(f"{folder} exists already. A backup is written into a new folder.") from None
    except OSError as error:
        raise Refusal(f"{folder} cannot be made: {error.strerror}.") from None


def _file_of(engine: Engine) -> str:
    if engine.dialect.name == "sqlite":
        return SQLITE
    return DUMP if store.can_dump(engine) else ROWS


def _copy(engine: Engine, file: Path) -> State:
    if file.name == DUMP:
        return store.dump_postgresql(engine, file)
    if file.name == ROWS:
        return store.copy_rows(engine, file)
    store.copy_sqlite(Path(str(engine.url.database)), file)
    return store.fingerprints_of_file(file)


def _load(engine: Engine, file: Path, manifest: Manifest, migrate: Migrate) -> None:
    if manifest.file == SQLITE:
        engine.dispose()
        store.copy_sqlite(file, Path(str(engine.url.database)))
    elif manifest.file == DUMP:
        store.load_postgresql(engine, file)
    else:
        if manifest.revision is not None:
            migrate(manifest.revision)
        store.load_rows(engine, file)


def _sha256(file: Path) -> str:
    try:
        with file.open("rb") as content:
            return hashlib.file_digest(content, "sha256").hexdigest()
    except OSError as error:
        raise Refusal(f"{file} cannot be read: {error.strerror}.") from None


def _words(one: Fingerprint | None) -> str:
    return "no such table" if one is None else f"{one.rows} rows ({one.digest[:12]})"
