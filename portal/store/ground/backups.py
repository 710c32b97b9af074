"""What a backup asks of a database: a copy of one moment, and the fingerprint of every table of that moment."""

import hashlib
import json
import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Engine, Row, create_engine, inspect, select, table, text
from sqlalchemy.pool import NullPool

from portal.database import MAY_WRITE, PROVIDER, SCOPE_SETTING, tell_scope
from portal.store.ground import row_copies
from portal.store.ground.tenancy import provider_scope

ROWS_AT_ONCE = 1_000
DIGESTS = 2**256
OF_LIBPQ = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE",
            "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT"}  # fmt: skip
EVERYBODYS = f"-c {SCOPE_SETTING}={PROVIDER}"
"""What PostgreSQL's programs tell the policies on rows, which hold the owner of the tables too."""
DEBIAN = Path("/usr/lib/postgresql")


PARTITIONS = text("SELECT relname FROM pg_class WHERE relispartition AND relkind IN ('r', 'p')")
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
State = tuple[str | None, Mapping[str, "Fingerprint"]]
"""The revision of a database and the fingerprints of its tables, of one moment."""


class CopyFailed(Exception):
    """A copy could not be made or brought in; the message says why."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A table's count of rows, and a digest of them that does not depend on their order."""

    rows: int
    digest: str


@provider_scope()
def fingerprints(connection: Connection) -> Mapping[str, Fingerprint]:
    """Return the fingerprint of every table, in the transaction of this connection."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET LOCAL TIME ZONE 'UTC'"))  # instants are fingerprinted as text
    return {name: _fingerprint(connection, name) for name in _tables(connection)}


def _tables(connection: Connection) -> Sequence[str]:
    """Every table by name; the parts of a partitioned one are rows of it."""
    names = inspect(connection).get_table_names()
    parts = connection.execute(PARTITIONS).scalars().all() if connection.dialect.name == "postgresql" else ()
    return sorted(set(names) - set(parts))


def is_empty(engine: Engine) -> bool:
    """Whether a database holds no table."""
    return not inspect(engine).get_table_names()


def revision(connection: Connection) -> str | None:
    """Return the revision a database's tables are at; None for a database that was never migrated."""
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    return connection.execute(select(text("version_num")).select_from(table("alembic_version"))).scalar_one_or_none()


def copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database that others write to, as it is in one moment, into a new single file that the disk has."""
    try:
        with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error as error:
        raise CopyFailed(f"{error}.") from None
    with target.open("rb") as file:
        os.fsync(file.fileno())


def fingerprints_of_file(path: Path) -> State:
    """Return the revision and the fingerprints of a SQLite file."""
    engine = create_engine(f"sqlite:///{path}", poolclass=NullPool)
    with engine.connect() as connection:
        return revision(connection), fingerprints(connection)


def can_dump(engine: Engine) -> bool:
    """Whether PostgreSQL's pg_dump is here and not older than the server."""
    program = _program("pg_dump")
    if program is None:
        return False
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout
    found = _VERSION.search(said)
    with engine.connect() as connection:
        server = int(connection.execute(text("SHOW server_version_num")).scalar_one())
    return found is not None and int(found[1]) >= server // 10_000


@provider_scope()
def dump_postgresql(engine: Engine, target: Path) -> State:
    """Dump a database as it is in one moment by pg_dump; return the state of that very moment."""
    with _snapshot(engine) as connection:
        snapshot = str(connection.execute(text("SELECT pg_export_snapshot()")).scalar_one())
        found = revision(connection), fingerprints(connection)
        _run(
            engine,
            "pg_dump",
            "--format=custom",
            "--no-owner",
            "--no-privileges",
            "--enable-row-security",
            f"--snapshot={snapshot}",
            f"--file={target}",
        )
    return found


@provider_scope()
def copy_rows(engine: Engine, target: Path) -> State:
    """Copy the rows of a PostgreSQL database as they are in one moment; return the state of that very moment."""
    with _snapshot(engine) as connection:
        found = revision(connection), fingerprints(connection)
        try:
            row_copies.write(connection, tuple(found[1]), target)
        except row_copies.Unreadable as error:
            raise CopyFailed(f"The rows cannot be read: {error}") from None
    return found


@provider_scope()
def load_rows(engine: Engine, source: Path) -> None:
    """Bring copied rows into the empty tables of the revision they were copied at, whole or not at all."""
    with engine.connect().execution_options(**{MAY_WRITE: True}) as connection, connection.begin():
        tell_scope(connection)
        try:
            row_copies.load(connection, source)
        except row_copies.Unreadable as error:
            raise CopyFailed(f"The tables are made, but the rows cannot be brought in: {error}") from None


def load_postgresql(engine: Engine, source: Path) -> None:
    """Bring a dump into an empty database, whole or not at all."""
    database = str(engine.url.database)
    _run(
        engine,
        "pg_restore",
        "--single-transaction",
        "--exit-on-error",
        "--no-owner",
        f"--dbname={database}",
        str(source),
    )


def _fingerprint(connection: Connection, name: str) -> Fingerprint:
    rows, total = 0, 0
    everything = select(text("*")).select_from(table(name))
    result = connection.execute(everything, execution_options={"yield_per": ROWS_AT_ONCE})
    columns = list(result.keys())
    for row in result:
        rows += 1
        total = (total + _digest(columns, row)) % DIGESTS
    return Fingerprint(rows, f"{total:064x}")


def _digest(columns: list[str], row: Row[tuple[object, ...]]) -> int:
    document = json.dumps(dict(zip(columns, row, strict=True)), sort_keys=True, default=str)
    return int.from_bytes(hashlib.sha256(document.encode()).digest())


def _snapshot(engine: Engine) -> Connection:
    return engine.connect().execution_options(isolation_level="REPEATABLE READ")


def _run(engine: Engine, name: str, *options: str) -> None:
    """Run a program of PostgreSQL; how to connect goes through its environment, where nobody else reads it."""
    program = _program(name)
    if program is None:
        raise CopyFailed(f"{name} is not installed (Debian: apt-get install postgresql-client).")
    _, values = engine.dialect.create_connect_args(engine.url)
    environment = {OF_LIBPQ[key]: str(value) for key, value in values.items() if key in OF_LIBPQ}
    done = subprocess.run(
        [program, *options],
        env={"PATH": os.environ.get("PATH", ""), "PGOPTIONS": EVERYBODYS, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"code {done.returncode}"]
        raise CopyFailed(f"{name} refused: {said[-1]}")


def _program(name: str) -> str | None:
    return shutil.which(name) or next(map(str, sorted(DEBIAN.glob(f"*/bin/{name}"), reverse=True)), None)
