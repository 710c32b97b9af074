"""Writers of SQLite have their turns: who waits is next, and who waited too long is told."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.turns import begin_in_turn, door_of

PATIENCE_MS = 60


@pytest.fixture
def writers(tmp_path: Path) -> Iterator[list[sqlite3.Connection]]:
    """Three plain connections to one database that nobody writes to."""
    made = [sqlite3.connect(tmp_path / "portal.sqlite", isolation_level=None) for _ in range(3)]
    made[0].execute("PRAGMA journal_mode=WAL")
    for one in made:
        one.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
    yield made
    for one in made:
        one.close()


def patience_ms(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA busy_timeout").fetchone()[0])


def test_who_waited_as_long_as_its_timeout_is_refused_and_can_write_later(writers: list[sqlite3.Connection]) -> None:
    first, second, _ = writers
    first.execute("BEGIN IMMEDIATE")
    door = door_of(second)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_in_turn(second, door)
    assert not second.in_transaction
    first.rollback()
    begin_in_turn(second, door)
    assert second.in_transaction
    assert patience_ms(second) == PATIENCE_MS


def test_the_door_is_free_again_when_a_turn_came_and_when_it_did_not(writers: list[sqlite3.Connection]) -> None:
    first, second, third = writers
    doors = [door_of(one) for one in writers]
    begin_in_turn(first, doors[0])
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        begin_in_turn(second, doors[1])
    first.rollback()
    begin_in_turn(third, doors[2])
    assert third.in_transaction


def test_another_mistake_than_a_lock_is_told_at_once(writers: list[sqlite3.Connection]) -> None:
    first = writers[0]
    first.execute("PRAGMA busy_timeout=60000")
    begin_in_turn(first, door_of(first))
    with pytest.raises(sqlite3.OperationalError, match="within a transaction"):
        begin_in_turn(first, door_of(first))


def test_writers_go_without_a_door_where_none_can_be_made(writers: list[sqlite3.Connection], tmp_path: Path) -> None:
    (tmp_path / "portal.sqlite-turn").mkdir()
    begin_in_turn(writers[0], door_of(writers[0]))
    assert writers[0].in_transaction
    assert door_of(sqlite3.connect(":memory:")) is None
