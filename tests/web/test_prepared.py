"""Prepared pages: made once when what they show changes, fresh within a second, only looked up by requests."""

import gzip
import re
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal import clock
from portal.app import create_app
from portal.database import db, transaction
from portal.store.ground import public_changes
from portal.store.ground.leases import LeaseRow
from portal.store.people.providers import ProviderRow
from portal.usecases.measuring.measurement import LEASE
from portal.usecases.status import incidents
from portal.usecases.status.freshness import Mark
from portal.usecases.status.incidents import Draft
from portal.web.prepared.answers import Rendered, takes_gzip
from portal.web.prepared.declared import Preparation, preparation_of
from portal.web.prepared.door import SHELF
from portal.web.prepared.shelf import BYTES_MOST, Shelf
from portal.web.prepared.watch import Watch, watch
from portal.web.security import HEADERS
from tests.customers import utc
from tests.databases import opened
from tests.web.canaries import Planted, address, rules
from tests.web.conftest import Browse, World, settings_of, writing

PATHS = (
    "/",
    "/history",
    "/commitments",
    "/commitments/gold",
    "/how-we-measure",
    "/feeds",
    "/history.rss",
    "/exclusions",
)
NOW = utc("2026-11-22 12:00")
MARK = Mark("one", 0, None)
ANY = Preparation(0, False)
MEASURED = frozenset({"lease", "public_change", "run", "sample"})
"""What changes by the second: pages show it as of their minute, or as soon as a state may have changed."""
FRESH_S = 1.0
AS_OF = re.compile(r"As of \d+ \w+ \d{4}, \d\d:\d\d")
"""The minute a page was made in: two that are made one after the other may differ in it."""


def tell(session: Session, world: World, title: str = "API requests fail") -> None:
    incidents.post(session, world.house.responder, Draft(title, "major", [], "investigating", "We look."), NOW)


@contextmanager
def statements(app: Flask) -> Iterator[list[str]]:
    """What this application asks its database meanwhile."""
    found: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.fixture
def watched(world: World) -> Iterator[World]:
    """A portal somebody watches over, as in production."""
    watching = watch(world.app)
    try:
        yield world
    finally:
        watching.end()


def test_a_request_for_what_is_prepared_asks_the_database_nothing(watched: World) -> None:
    reader = watched.app.test_client()
    first = reader.get("/")
    with statements(watched.app) as asked:
        again = [reader.get("/", headers={"Accept-Encoding": coding}) for coding in ("", "gzip") for _ in range(20)]
    assert {one.status_code for one in again} == {200}
    assert {one.headers["ETag"] for one in again} <= {first.headers["ETag"], reader.get("/").headers["ETag"]}
    assert len(asked) <= 8 * len(("BEGIN", "PRAGMA", "lease", "mark"))  # looks of the watch, not of forty requests


@pytest.mark.slow
def test_what_another_process_tells_is_on_the_page_within_a_second_and_no_request_makes_it(
    watched: World, sqlite_url: str
) -> None:
    reader, shelf = watched.app.test_client(), watched.app.extensions[SHELF]
    for path in ("/", "/history.rss"):
        assert "Fire" not in reader.get(path).text
    made = shelf.counts.asked
    with opened(sqlite_url) as elsewhere, transaction(elsewhere):
        tell(elsewhere, watched, "Fire")
    told = time.monotonic()
    while "Fire" not in reader.get("/").text or "Fire" not in reader.get("/history.rss").text:
        assert time.monotonic() - told <= FRESH_S
        time.sleep(0.01)
    assert shelf.counts.asked == made


@pytest.mark.slow
def test_whoever_posts_finds_it_on_the_page_at_once(watched: World, sign_in: Browse) -> None:
    responder, reader = watched.app.test_client(), watched.app.test_client()
    reader.get("/")
    sign_in(responder, watched.people["responder"])
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', responder.get("/staff/incidents/new").text)
    assert token
    form = {"csrf_token": token[1], "title": "Flood", "impact": "major", "status": "identified", "body": "Water."}
    assert responder.post("/staff/incidents", data=form).status_code == 303
    assert "Flood" in reader.get("/").text


def test_cold_readers_wait_for_one_who_makes_the_page() -> None:
    made, begun = [], threading.Event()

    def slowly(path: str) -> Rendered:
        made.append(path)
        begun.wait(5)
        return Rendered("200 OK", (), b"made once")

    shelf = Shelf(slowly, lambda: MARK)
    shelf.look()
    with ThreadPoolExecutor(32) as readers:
        found = [readers.submit(shelf.fetch, "/", ANY) for _ in range(32)]
        time.sleep(0.1)
        begun.set()
        assert {one.result()[0].rendered.body for one in found} == {b"made once"}
    assert made == ["/"]


def test_an_answer_begun_before_a_change_is_not_taken_for_one_made_after_it() -> None:
    marks, versions = [MARK], iter([b"before", b"after", b"never"])

    def changes_meanwhile(_path: str) -> Rendered:
        body = next(versions)
        if body == b"before":
            marks[0] = replace(MARK, change="two")
            shelf.look()
        return Rendered("200 OK", (), body)

    shelf = Shelf(changes_meanwhile, lambda: marks[0])
    shelf.fetch("/", ANY)
    assert [shelf.fetch("/", ANY)[0].rendered.body for _ in range(2)] == [b"after", b"after"]


def test_what_was_read_last_is_made_anew_first_also_when_the_next_change_comes_meanwhile() -> None:
    marks, made, done = [MARK], list[str](), threading.Event()

    def makes(path: str) -> Rendered:
        if marks[0] != MARK:
            made.append(path)
            if len(made) == 1:
                marks[0] = replace(MARK, change="three")
                shelf.look()
            elif len(made) == 3:
                done.set()
        return Rendered("200 OK", (), path.encode())

    shelf = Shelf(makes, lambda: marks[0])
    for path in ("/b", "/a"):
        shelf.fetch(path, ANY)
        time.sleep(0.002)
    marks[0] = replace(MARK, change="two")
    shelf.look()
    watching = Watch(shelf).begin()
    assert done.wait(30)
    watching.end()
    assert made == ["/a", "/a", "/b"]


def test_no_more_is_held_than_the_bound_and_what_nobody_read_goes_first() -> None:
    half = bytes(BYTES_MOST // 2 - 100_000)
    shelf = Shelf(lambda _path: Rendered("200 OK", (), half), lambda: MARK)
    for path in ("/a", "/b", "/a", "/c"):
        shelf.fetch(path, ANY)
        time.sleep(0.002)
    assert shelf.find("/b") is None
    assert shelf.find("/a")
    assert shelf.find("/c")


@pytest.mark.parametrize("path", PATHS)
def test_an_answer_is_compressed_for_those_who_take_it_and_unchanged_for_those_who_have_it(
    client: FlaskClient, path: str
) -> None:
    for _ in range(2):  # a minute may begin between the first two
        plain = client.get(path, headers={"Accept-Encoding": "identity"})
        packed = client.get(path, headers={"Accept-Encoding": "br, gzip"})
        if plain.headers["ETag"] == packed.headers["ETag"]:
            break
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
    known = {"If-None-Match": plain.headers["ETag"], "Accept-Encoding": "gzip"}
    for unchanged in (client.get(path, headers=known), client.head(path, headers=known)):
        assert (unchanged.status_code, unchanged.data) == (304, b"")
        assert HEADERS.items() <= dict(unchanged.headers).items()
        assert "Content-Type" not in unchanged.headers
    head = client.head(path)
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(plain.data)))
    for answer in (plain, packed, head):
        assert "Set-Cookie" not in answer.headers
        assert answer.headers["Cache-Control"].startswith("public")


@pytest.mark.parametrize(
    ("accepted", "takes"),
    [
        ("", False),
        ("gzip", True),
        ("GZIP", True),
        ("*", True),
        ("gzip;q=0", False),
        ("br;q=1, *;q=0", False),
        ("br", False),
    ],
)
def test_gzip_is_given_only_where_it_is_taken(accepted: str, takes: bool) -> None:
    assert takes_gzip(accepted) is takes


def test_everybody_gets_the_same_bytes_whoever_they_are_and_whatever_they_add(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    nobody = client.get("/history.rss")
    sign_in(client, world.people["manager"])
    for asked in ("/history.rss", "/history.rss?x=1"):
        signed_in = client.get(asked)
        assert (signed_in.data, signed_in.headers["ETag"]) == (nobody.data, nobody.headers["ETag"])
    assert len([one for one in world.app.extensions[SHELF]._answers if "rss" in one]) == 1
    assert client.get("/history?month=2026-10").data != client.get("/history").data


def test_what_is_not_there_is_not_kept(world: World, client: FlaskClient) -> None:
    path = f"/incidents/{world.house.globex}"
    assert [client.get(path).status_code for _ in range(2)] == [404, 404]
    assert world.app.extensions[SHELF].find(path) is None


def test_every_table_a_prepared_answer_reads_is_watched(planted: Planted) -> None:
    read: dict[str, set[str]] = {}
    for rule, method in rules(planted.app):
        if method == "GET" and preparation_of(planted.app.view_functions[rule.endpoint]) is not None:
            with statements(planted.app) as asked:
                answer = planted.app.test_client().get(address(planted.app, rule, planted.globex.arguments))
            assert answer.status_code == 200, rule.rule
            read[rule.rule] = {name for one in asked for name in re.findall(r"(?:FROM|JOIN) (\w+)", one)}
    known = public_changes.WATCHED | MEASURED
    unwatched = {where: found & set(db.metadata.tables) - known for where, found in read.items()}
    assert {where: tables for where, tables in unwatched.items() if tables} == {}


def change_provider(session: Session) -> None:
    session.query(ProviderRow).one().contact = "new@northwind.example"


def change_nothing(session: Session) -> None:
    session.query(ProviderRow).one()


@pytest.mark.parametrize(("act", "changes"), [(change_provider, True), (change_nothing, False)])
def test_a_commit_gives_a_new_mark_when_something_public_was_written(
    world: World, act: Callable[[Session], None], changes: bool
) -> None:
    marks = []
    for do in (act, lambda _session: None):
        with writing(world.app) as session:
            marks.append(public_changes.mark(session))
            do(session)
    assert (marks[0] != marks[1]) is changes


def test_what_is_rolled_back_changes_no_mark(session: Session) -> None:
    session.add(ProviderRow(name="A", timezone="UTC", contact=""))
    session.connection(execution_options={"portal_may_write": True})
    session.flush()
    session.rollback()
    session.connection(execution_options={"portal_may_write": True})
    session.commit()
    assert public_changes.mark(session) == ""


def test_a_portal_with_two_web_workers_shows_the_same_in_both(world: World, sqlite_url: str, tmp_path: Path) -> None:
    other = create_app(settings_of(tmp_path, sqlite_url))
    readers = (world.app.test_client(), other.test_client())
    assert len({AS_OF.sub("", reader.get("/history").text) for reader in readers}) == 1
    with writing(other) as session:
        tell(session, world, "Storm")
    assert all("Storm" in reader.get("/history").text for reader in readers)
    with other.app_context():
        db.engine.dispose()


def test_every_page_says_as_of_when_and_in_red_when_nothing_measures_any_more(
    world: World, client: FlaskClient, sign_in: Browse
) -> None:
    sign_in(client, world.people["globex owner"])
    pages = ("/history", "/commitments", f"/c/{world.house.globex}", "/account")
    for path in pages:
        text = client.get(path).text
        assert re.search(r"As of \d+ \w+ \d{4}, \d\d:\d\d", text), path
        assert "Measurements are stale" not in text
    with writing(world.app) as session:
        session.add(LeaseRow(name=LEASE, holder="gone", epoch=1, until_ms=0, claimed_until=clock.seconds(NOW)))
    for path in pages:
        assert "Measurements are stale since 22 November 2026, 13:00:00." in client.get(path).text, path
