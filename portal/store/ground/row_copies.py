"""Copies of rows where PostgreSQL's own programs are missing: an archive with one entry a table, as COPY writes it.

`tables.json` names the tables, those that are referred to first, and their columns. Tables, triggers and rights are not
in it: the migrations of the revision the copy was made at make them again.
"""

import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any, Protocol, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection, inspect

COLUMNS = "tables.json"
REVISION = "alembic_version"
QUICK = 1
BLOCK_BYTES = 1024 * 1024


class Unreadable(Exception):
    """The rows could not be copied or brought in; the message says why."""


class Driver(Protocol):
    """What is asked of the driver's own connection."""

    def cursor(self) -> AbstractContextManager["psycopg.Cursor[Any]"]:
        """Return a cursor that closes with its block."""


def write(connection: Connection, tables: Sequence[str], target: Path) -> None:
    """Copy these tables, as they are in the transaction of this connection, into a new file that the disk has."""
    columns = {name: _columns(connection, name) for name in _in_order(connection) if name in tables}
    try:
        with zipfile.ZipFile(target, "x", zipfile.ZIP_DEFLATED, compresslevel=QUICK) as archive:
            archive.writestr(COLUMNS, json.dumps(columns))
            for name, names in columns.items():
                with archive.open(name, "w", force_zip64=True) as entry:
                    _copy_out(connection, name, names, entry)
    except psycopg.Error as error:
        raise Unreadable(str(error).strip()) from None
    with target.open("rb") as file:
        os.fsync(file.fileno())


def load(connection: Connection, source: Path) -> None:
    """Bring the rows of a copy into empty tables, in the transaction of this connection."""
    try:
        with zipfile.ZipFile(source) as archive:
            columns: Mapping[str, Sequence[str]] = json.loads(archive.read(COLUMNS))
            for name, names in columns.items():
                with archive.open(name) as entry:
                    _copy_in(connection, name, names, entry)
    except (psycopg.Error, zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Unreadable(str(error).strip()) from None


def _in_order(connection: Connection) -> Sequence[str]:
    found = inspect(connection).get_sorted_table_and_fkc_names()
    return [name for name, _ in found if name is not None and name != REVISION]


def _columns(connection: Connection, name: str) -> Sequence[str]:
    return [one["name"] for one in inspect(connection).get_columns(name) if "computed" not in one]


def _copy_out(connection: Connection, name: str, columns: Sequence[str], target: IO[bytes]) -> None:
    question = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(_names(columns), sql.Identifier(name))
    with _driver(connection).cursor() as cursor, cursor.copy(question) as copy:
        for block in copy:
            target.write(block)


def _copy_in(connection: Connection, name: str, columns: Sequence[str], source: IO[bytes]) -> None:
    """By way of a table of this transaction, because COPY itself does not enter tables with policies on their rows."""
    names, table, incoming = _names(columns), sql.Identifier(name), sql.Identifier("incoming")
    with _driver(connection).cursor() as cursor:
        cursor.execute(sql.SQL("CREATE TEMPORARY TABLE {} AS SELECT {} FROM {} LIMIT 0").format(incoming, names, table))
        with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(incoming, names)) as copy:
            while block := source.read(BLOCK_BYTES):
                copy.write(block)
        cursor.execute(sql.SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(table, names, names, incoming))
        cursor.execute(sql.SQL("DROP TABLE {}").format(incoming))


def _names(columns: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _driver(connection: Connection) -> Driver:
    return cast(Driver, connection.connection.driver_connection)
