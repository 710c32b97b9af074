"""COPY: the quickest way of many rows into PostgreSQL, meaning what an insert means that leaves known rows alone."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError, IntegrityError

INCOMING = sql.Identifier("pg_temp", "incoming")
Rows = Sequence[tuple[object, ...]]


def copy_all_new(connection: Connection, name: str, rows: Rows) -> None:
    """Copy rows, each a tuple of all columns, into the table of this name; where a key is known nothing changes.

    They are taken to be new; when one is not, all go by way of a table of this transaction. What the database refuses
    is raised as SQLAlchemy raises it.
    """
    table = sql.Identifier(name)
    try:
        with connection.begin_nested(), _driver(connection) as driver:
            _copy(driver, table, rows)
    except IntegrityError:
        with _driver(connection) as driver:
            _copy_by_way_of_another(driver, table, rows)


def _copy_by_way_of_another(driver: psycopg.Connection[Any], table: sql.Identifier, rows: Rows) -> None:
    driver.execute(sql.SQL("CREATE TEMPORARY TABLE incoming (LIKE {})").format(table))
    _copy(driver, INCOMING, rows)
    driver.execute(sql.SQL("INSERT INTO {} SELECT * FROM {} ON CONFLICT DO NOTHING").format(table, INCOMING))
    driver.execute(sql.SQL("DROP TABLE {}").format(INCOMING))


def _copy(driver: psycopg.Connection[Any], table: sql.Identifier, rows: Rows) -> None:
    with driver.cursor() as cursor, cursor.copy(sql.SQL("COPY {} FROM STDIN").format(table)) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def _driver(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    """Lend the driver's own connection; what it raises becomes what SQLAlchemy raises, and a dead one is given up."""
    driver = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
    try:
        yield driver
    except psycopg.Error as error:
        if driver.closed:
            connection.invalidate(error)
        raise DBAPIError.instance(
            "COPY", None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed
        ) from error
