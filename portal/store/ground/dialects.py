"""The one thing the two databases say differently: an insert that minds rows already there.

Inserts of many rows go to the driver as plain tuples, in the order of the table's columns: a dictionary for each row,
picked apart again for each, would cost several times what the database itself takes. Large batches go into PostgreSQL
by COPY.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, cast

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.store.ground.base import Base
from portal.store.ground.copying import copy_all_new

COPY_FROM = 200
"""From so many rows on, COPY is quicker than an insert for each row."""


def insert_into(session: Session, row: type[Base]) -> Any:
    """Return an insert into the row's table that knows on_conflict_do_nothing and on_conflict_do_update."""
    return _insert(session.get_bind().dialect.name, row)


def insert_new(session: Session, row: type[Base]) -> Any:
    """Return an insert that leaves a row alone whose key is there already."""
    return _insert_new(session.get_bind().dialect.name, row)


def insert_or_replace(session: Session, row: type[Base]) -> Any:
    """Return an insert that takes the place of a row whose key is there already."""
    return _insert_or_replace(session.get_bind().dialect.name, row)


def insert_all_new(session: Session, row: type[Base], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, each a tuple of all columns; one whose key is there already changes nothing."""
    if len(rows) >= COPY_FROM and session.get_bind().dialect.name == "postgresql":
        copy_all_new(session.connection(), cast(Table, row.__table__).name, rows)
    else:
        _insert_all(session, _insert_new, row, rows)


def insert_or_replace_all(session: Session, row: type[Base], rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, each a tuple of all columns; one whose key is there already is replaced."""
    _insert_all(session, _insert_or_replace, row, rows)


def _insert_all(
    session: Session, how: Callable[[str, type[Base]], Any], row: type[Base], rows: Sequence[tuple[object, ...]]
) -> None:
    if rows:
        connection = session.connection()
        dialect = connection.dialect.name
        connection.exec_driver_sql(_positional(dialect, how(dialect, row)), rows)


@cache
def _positional(dialect: str, insert: Any) -> str:
    """Return the text of an insert of all columns for the driver's executemany."""
    spoken: Any = sqlite if dialect == "sqlite" else postgresql
    paramstyle = "qmark" if dialect == "sqlite" else "format"
    return str(insert.compile(dialect=spoken.dialect(paramstyle=paramstyle)))


def _insert(dialect: str, row: type[Base]) -> Any:
    table = cast(Table, row.__table__)
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@cache
def _insert_new(dialect: str, row: type[Base]) -> Any:
    return _insert(dialect, row).on_conflict_do_nothing()


@cache
def _insert_or_replace(dialect: str, row: type[Base]) -> Any:
    insert, key = _insert(dialect, row), cast(Table, row.__table__).primary_key.columns.keys()
    beside = {column.name: insert.excluded[column.name] for column in row.__table__.columns if column.name not in key}
    return insert.on_conflict_do_update(index_elements=key, set_=beside)
