"""Whose turn it is to write to a SQLite database, among all threads and processes that want to.

SQLite lets one write at a time and has no queue: whoever waits asks again now and then, and whoever just wrote and
writes again is always quicker. Here the next writer stands alone at the door: it holds an advisory lock on an empty
file beside the database while it waits for SQLite's own, and everybody else waits for that. The file guards nothing:
where it cannot be made, on a full disk for one, writers go without it.
"""

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

ASK_AGAIN_S = 0.003
SUFFIX = "-turn"
PRIMARY_CODE = 0xFF
"""An error code of SQLite without its particulars."""


def door_of(connection: sqlite3.Connection) -> int | None:
    """Open the file beside the connection's database and return its descriptor; None where there can be none."""
    path = next((row[2] for row in connection.execute("PRAGMA database_list") if row[1] == "main"), "")
    if not path:
        return None
    with suppress(OSError):
        return os.open(f"{path}{SUFFIX}", os.O_RDONLY | os.O_CREAT | os.O_CLOEXEC, 0o644)
    return None


def begin_in_turn(connection: sqlite3.Connection, door: int | None) -> None:
    """Begin IMMEDIATE when it is this one's turn; raise sqlite3.OperationalError when its busy timeout passes first."""
    (patience_ms,) = connection.execute("PRAGMA busy_timeout").fetchone()
    deadline = time.monotonic() + patience_ms / 1000
    connection.execute("PRAGMA busy_timeout=0")
    try:
        with _at_the_door(door, deadline):
            while not _has_begun(connection, deadline):
                time.sleep(ASK_AGAIN_S)
    finally:
        connection.execute(f"PRAGMA busy_timeout={patience_ms}")


def _has_begun(connection: sqlite3.Connection, deadline: float) -> bool:
    try:
        connection.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
            raise
        return False
    return True


@contextmanager
def _at_the_door(door: int | None, deadline: float) -> Iterator[None]:
    """Stand at the door alone, or once the deadline has passed beside whoever stands there."""
    if door is None:
        yield
        return
    while not _is_ours(door) and time.monotonic() < deadline:
        time.sleep(ASK_AGAIN_S)
    try:
        yield
    finally:
        fcntl.flock(door, fcntl.LOCK_UN)


def _is_ours(door: int) -> bool:
    try:
        fcntl.flock(door, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
