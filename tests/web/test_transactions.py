"""A transaction that cannot begin, go on or be finished is refused in a sentence, whoever opened it; readers go on."""

import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.database import db
from portal.web.transactions import WRITERS, WRITERS_AT_ONCE
from tests.web.conftest import Browse, World, form_token, settings_of

FULL = "database or disk is full"
NOT_SAVED = "Nothing was saved. Try again in a minute."
UNSURE = "Look whether it is there before you send it again."
FORMS = {
    "/sign-in": {"email": "gil@globex.example", "password": "a password of somebody"},
    "/forgot-password": {"email": "gil@globex.example"},
    "/account/password": {"current": "a password", "fresh": "a fresh password", "again": "a fresh password"},
    "/account/confirm": {"password": "a password"},
}


@contextmanager
def locked(world: World) -> Iterator[None]:
    """Hold the write lock of the file as another program would; the portal does not wait for it here."""
    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "checkout", _wait_no_longer)
    home = world.app.extensions["settings"].home
    with closing(sqlite3.connect(home / "portal.sqlite", isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    event.remove(engine, "checkout", _wait_no_longer)


def _wait_no_longer(connection: sqlite3.Connection, _record: object, _lender: object) -> None:
    connection.execute("PRAGMA busy_timeout=10")


@contextmanager
def giving_way(world: World) -> Iterator[None]:
    """Let every commit fail as on a full disk."""

    def fail(_connection: Connection) -> None:
        raise OperationalError("COMMIT", None, Exception(FULL))

    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fail)
    yield
    event.remove(engine, "commit", fail)


def is_proper(answer: TestResponse, sentence: str) -> bool:
    return (answer.status_code, answer.headers.get("Retry-After"), sentence in answer.text) == (503, "5", True)


def filled_in(world: World, client: FlaskClient, sign_in: Browse, path: str) -> dict[str, str]:
    if path.startswith("/account"):
        sign_in(client, world.people["globex owner"])
    return {**FORMS[path], "csrf_token": form_token(client, path)}


@pytest.mark.parametrize("path", sorted(FORMS))
def test_a_commit_of_its_own_that_fails_is_never_called_unsaved(
    world: World, client: FlaskClient, sign_in: Browse, path: str
) -> None:
    data = filled_in(world, client, sign_in, path)
    with giving_way(world):
        answer = client.post(path, data=data)
    assert is_proper(answer, UNSURE), answer.text
    assert NOT_SAVED not in answer.text


@pytest.mark.parametrize("path", sorted(FORMS))
def test_a_lock_that_stays_is_answered_with_when_to_come_back(
    world: World, client: FlaskClient, sign_in: Browse, path: str
) -> None:
    data = filled_in(world, client, sign_in, path)
    with locked(world):
        answer = client.post(path, data=data)
    assert is_proper(answer, NOT_SAVED), answer.text


def test_what_fails_after_a_commit_of_its_own_is_not_called_unsure(world: World, client: FlaskClient) -> None:
    def fail_later(_connection: Connection) -> None:
        event.listen(engine, "begin", fail_to_begin, insert=True)

    def fail_to_begin(_connection: Connection) -> None:
        raise OperationalError("BEGIN", None, Exception("database is locked"))

    data = {**FORMS["/sign-in"], "csrf_token": form_token(client)}
    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fail_later)
    answer = client.post("/sign-in", data=data)
    event.remove(engine, "commit", fail_later)
    event.remove(engine, "begin", fail_to_begin)
    assert is_proper(answer, NOT_SAVED), answer.text


def test_readers_never_wait_behind_writers_and_a_writer_too_many_is_told_when_to_come_back(
    world: World, client: FlaskClient
) -> None:
    data = {**FORMS["/sign-in"], "csrf_token": form_token(client)}
    places = world.app.extensions[WRITERS]
    taken = [places.acquire(blocking=False) for _ in range(WRITERS_AT_ONCE)]
    assert (all(taken), places.acquire(blocking=False)) == (True, False)
    assert is_proper(client.post("/sign-in", data=data), NOT_SAVED)
    assert client.get("/").status_code == 200
    places.release()
    for answer in [client.post(path, data=data) for path in ("/sign-in", "/nowhere", "/sign-in")]:
        assert answer.status_code in (404, 422)


@pytest.fixture
def silent_port() -> Iterator[int]:
    """A server that takes connections and never says a word, as one does behind a hole in the network."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


@pytest.mark.slow
def test_a_server_of_postgresql_that_says_nothing_is_away(silent_port: int, tmp_path: Path) -> None:
    app = create_app(settings_of(tmp_path, f"postgresql+psycopg://portal@127.0.0.1:{silent_port}/portal"))
    assert is_proper(app.test_client().get("/"), NOT_SAVED)
    with app.app_context():
        db.engine.dispose()
