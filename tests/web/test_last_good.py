"""Public pages when the database is away: the last good answer, saying of when it is (trust.md F7)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Connection, event
from sqlalchemy.exc import OperationalError

from portal.app import create_app
from portal.database import db
from portal.web import access
from portal.web.prepared.answers import MAIN
from portal.web.prepared.declared import preparation_of
from tests.web.conftest import Browse, World, form_token, settings_of

PATHS = ["/", "/history", "/commitments", "/commitments/gold", "/how-we-measure", "/feeds"]
NOTE = re.compile(r'<p class="note caution" role="status">The portal cannot reach its records right now\. .*UTC')
END_OTHERS = (
    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def take_away(world: World) -> Iterator[Callable[[], None]]:
    """A function that moves the database's file away, as a lost disk would; it is back afterwards."""
    path = world.app.extensions["settings"].home / "portal.sqlite"
    aside = path.with_suffix(".aside")

    def away() -> None:
        with world.app.app_context():
            db.engine.dispose()
        path.rename(aside)
        path.mkdir()

    yield away
    path.rmdir()
    aside.rename(path)


@pytest.mark.parametrize("path", PATHS)
def test_a_public_page_read_before_is_answered_as_of_then(
    client: FlaskClient, take_away: Callable[[], None], path: str
) -> None:
    before = client.get(path)
    take_away()
    after = client.get(path)
    assert (before.status_code, after.status_code) == (200, 200)
    assert not NOTE.search(before.text)
    assert NOTE.search(after.text)
    assert after.headers["Age"].isdigit()
    assert after.headers["Cache-Control"] == "private, no-store"
    assert NOTE.sub("", after.text).count("<h1") == before.text.count("<h1")


def test_a_feed_is_answered_as_it_was(client: FlaskClient, take_away: Callable[[], None]) -> None:
    before = client.get("/history.rss")
    take_away()
    after = client.get("/history.rss")
    assert (after.status_code, after.data, after.content_type) == (200, before.data, before.content_type)


def test_a_page_never_read_before_is_unavailable_with_a_sentence(
    client: FlaskClient, take_away: Callable[[], None]
) -> None:
    take_away()
    answer = client.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "The portal cannot reach its records right now." in answer.text


def test_what_was_answered_as_of_then_does_not_become_younger(
    client: FlaskClient, take_away: Callable[[], None]
) -> None:
    client.get("/")
    take_away()
    first, second = client.get("/"), client.get("/")
    assert NOTE.findall(first.text) == NOTE.findall(second.text)
    assert len(NOTE.findall(second.text)) == 1


@pytest.mark.parametrize("path", ["/sign-in", "/history?month=2026-10"])
def test_pages_with_forms_or_questions_are_not_held(
    client: FlaskClient, take_away: Callable[[], None], path: str
) -> None:
    assert client.get(path).status_code == 200
    take_away()
    assert client.get(path).status_code in (200, 503)
    assert "Age" not in client.get(path).headers


def test_only_public_pages_are_held(world: World) -> None:
    held = [view for view in world.app.view_functions.values() if preparation_of(view) is not None]
    assert len(held) >= len(PATHS)
    assert all(view.__access__ == access.Access(None) for view in held)


def test_no_page_that_is_held_sets_a_cookie_or_carries_a_form(client: FlaskClient) -> None:
    for path in (*PATHS, "/history.rss", "/history.atom"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers
        assert "csrf_token" not in answer.text


def test_every_html_page_has_the_place_the_note_goes_to(client: FlaskClient) -> None:
    assert all(MAIN in client.get(path).text for path in PATHS)


def test_a_commit_that_breaks_off_is_not_called_unsaved(world: World, client: FlaskClient, sign_in: Browse) -> None:
    def break_off(_connection: Connection) -> None:
        raise OperationalError("COMMIT", None, Exception("server closed the connection unexpectedly"))

    sign_in(client, world.people["globex owner"])
    path = f"/c/{world.house.globex}/feedback"
    token = form_token(client, path)
    with world.app.app_context():
        engine = db.engine
    event.listen(engine, "commit", break_off)
    answer = client.post(path, data={"csrf_token": token, "subject": "service:api", "rating": "4", "words": "Fine."})
    event.remove(engine, "commit", break_off)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "Look whether it is there before you send it again." in answer.text
    assert "Nothing was saved" not in answer.text


@pytest.mark.slow
@pytest.mark.parametrize("moment", ["before_request", "after_request"])
def test_a_connection_that_dies_during_a_request_costs_no_reader_the_page(
    postgresql_url: str, tmp_path: Path, moment: str
) -> None:
    app, connections = create_app(settings_of(tmp_path, postgresql_url)), []

    def end_connections(answer: object = None) -> object:
        if connections:
            with psycopg.connect(connections[0], autocommit=True) as connection:
                connection.execute(END_OTHERS)
        return answer

    getattr(app, moment)(end_connections)
    reader = app.test_client()
    assert reader.get("/").status_code == 200
    connections.append(postgresql_url.replace("+psycopg", ""))
    assert reader.get("/").status_code == 200
    with app.app_context():
        db.engine.dispose()
