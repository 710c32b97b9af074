"""The database: the Flask-SQLAlchemy object, how a connection behaves, and the only commit.

SQLite is opened in WAL mode with synchronous=FULL (an acknowledgement comes after the disk has it, trust.md E5),
foreign keys and recursive triggers on. A transaction that may write begins IMMEDIATE, because one that reads first and
writes later fails at once when another writer was quicker (trust.md 8); writers have their turns (portal/turns.py).
One that only reads cannot write at all.
On PostgreSQL every transaction is told whose rows it may touch, for the policies of
portal/store/ground/row_security.py.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, MetaData, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from portal import turns

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
MAY_WRITE = "portal_may_write"
BUSY_TIMEOUT_MS = 5_000
CONNECT_TIMEOUT_S = 3
AWAY_AFTER = {
    "connect_timeout": CONNECT_TIMEOUT_S,
    "tcp_user_timeout": 5_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 2,
}
"""When libpq takes a server of PostgreSQL that says nothing at all for gone: seconds, the second in milliseconds."""
DOOR = "door"
"""Where a connection keeps the door that writers of SQLite wait at (portal/turns.py)."""
SCOPE_SETTING = "portal.scope"
PROVIDER = "provider"

told_scope: ContextVar[str] = ContextVar("told_scope", default="")
"""What transactions are told: a customer's id, PROVIDER for everybody's rows, or nothing (store/ground/tenancy.py)."""

metadata = MetaData(naming_convention=NAMING)
db = SQLAlchemy(metadata=metadata, session_options={"autoflush": False, "expire_on_commit": False})


def engine_options(address: str) -> dict[str, Any]:
    """Return the engine options for a database address."""
    if address.startswith("sqlite"):
        return {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000}, "hide_parameters": True}
    return {
        "pool_pre_ping": True,
        "pool_size": 5,
        "max_overflow": 7,
        "pool_timeout": CONNECT_TIMEOUT_S,
        "connect_args": AWAY_AFTER,
        "hide_parameters": True,
    }


def prepare_engine(engine: Engine) -> None:
    """Make every connection of this engine behave as the module says; call once, before its first use."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "close", _close_door)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "rollback_savepoint", _forget_scope)
        event.listen(engine, "before_cursor_execute", _tell_scope_before)


def _prepare_sqlite(connection: Any, record: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    record.info[DOOR] = turns.door_of(connection)


def _close_door(_connection: object, record: ConnectionPoolEntry) -> None:
    door = record.info.pop(DOOR, None)
    if door is not None:
        os.close(door)


def _begin_sqlite(connection: Connection) -> None:
    may_write = connection.get_execution_options().get(MAY_WRITE, False)
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if may_write else 'ON'}")
    if not may_write:
        connection.exec_driver_sql("BEGIN")
    else:
        _begin_writing(connection)


def _begin_writing(connection: Connection) -> None:
    driver: Any = connection.connection.driver_connection
    try:
        turns.begin_in_turn(driver, connection.info[DOOR])
    except sqlite3.OperationalError as error:
        raise OperationalError("BEGIN IMMEDIATE", None, error) from error


def _begin_postgresql(connection: Connection) -> None:
    connection.info[SCOPE_SETTING] = ""
    if not connection.get_execution_options().get(MAY_WRITE, False):
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _tell_scope_before(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
    if not statement.startswith("ROLLBACK TO"):  # until then a broken-off transaction hears nothing
        tell_scope(connection)


def tell_scope(connection: Connection) -> None:
    """Tell the transaction whose rows it may touch, before the first statement and whenever the scope has changed.

    Only what goes past SQLAlchemy, straight to the driver, has to call this.
    """
    scope = told_scope.get()
    if connection.info.get(SCOPE_SETTING) != scope:
        connection.info[SCOPE_SETTING] = scope
        connection.exec_driver_sql("SELECT set_config(%s, %s, true)", (SCOPE_SETTING, scope))


def _forget_scope(connection: Connection, *_: object) -> None:
    """What was told within a savepoint is taken back with it."""
    connection.info.pop(SCOPE_SETTING, None)


def begin(session: Session, *, write: bool) -> None:
    """Begin the session's transaction; a reading one is refused every write by the database itself."""
    session.connection(execution_options={MAY_WRITE: write})


def commit(session: Session) -> None:
    """Commit what the session holds; the only commit in the portal."""
    session.commit()


@contextmanager
def transaction(session: Session) -> Iterator[Session]:
    """Run one writing transaction: committed at the end, rolled back when anything is raised."""
    begin(session, write=True)
    try:
        yield session
        commit(session)
    finally:
        session.rollback()


@contextmanager
def reading(session: Session) -> Iterator[Session]:
    """Run one transaction that can only read."""
    begin(session, write=False)
    try:
        yield session
    finally:
        session.rollback()
