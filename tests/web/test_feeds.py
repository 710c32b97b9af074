"""Feeds: one item an update, constant ids, dates from the records, equal bytes for equal content, never broken XML."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import feedparser
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from portal.web.feeds import BYTES_MAX, NOTHING_TOLD, Feed, Item, Kind, render
from tests.customers import utc
from tests.web.conftest import World, writing

PATHS = ("/history.rss", "/history.atom")
NOW = utc("2026-11-22 12:00")
XML = (Kind.RSS, Kind.ATOM)
EMPTY = Feed("http://p.example/history.rss", "http://p.example/history", "Updates", "All of them", "Provider", ())


def tell(world: World, title: str = "API requests fail", body: str = "We are **looking**.", updates: int = 0) -> None:
    draft = Draft(title, "major", [str(world.house.api)], "investigating", body)
    with writing(world.app) as session:
        key = incidents.post(session, world.house.responder, draft, NOW)
        for number in range(updates):
            at = NOW + timedelta(minutes=number + 1)
            incidents.update(session, world.house.responder, key, "identified", f"Update {number}", at)


def items(texts: list[str]) -> tuple[Item, ...]:
    return tuple(
        Item(f"urn:x:{number}", "http://p.example/i", text, f"<p>{text}</p>", NOW + timedelta(seconds=number))
        for number, text in enumerate(texts)
    )


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_has_one_item_an_update_newest_first(world: World, client: FlaskClient, path: str) -> None:
    tell(world, updates=2)
    feed = feedparser.parse(client.get(path).data)
    assert not feed.bozo
    assert [entry.title for entry in feed.entries] == [
        "Identified: API requests fail",
        "Identified: API requests fail",
        "Investigating: API requests fail",
    ]
    oldest = feed.entries[-1]
    assert "<strong>looking</strong>" in oldest.get("summary", "") + str(oldest.get("content", ""))
    assert "Affects: API." in oldest.get("summary", "") + str(oldest.get("content", ""))
    assert datetime(*oldest.published_parsed[:6], tzinfo=UTC) == NOW
    assert len({entry.id for entry in feed.entries}) == 3
    assert all(entry.id.startswith("urn:uuid:") for entry in feed.entries)


@pytest.mark.parametrize("path", PATHS)
def test_an_item_leads_to_its_update_and_the_feed_to_its_page(world: World, client: FlaskClient, path: str) -> None:
    tell(world)
    feed = feedparser.parse(client.get(path).data)
    assert feed.feed.link == "http://127.0.0.1:8000/history"
    links = {link["rel"]: link["href"] for link in feed.feed.links}
    assert links["self"] == f"http://127.0.0.1:8000{path}"
    page, anchor = feed.entries[0].link.removeprefix("http://127.0.0.1:8000").split("#")
    assert f'id="{anchor}"' in client.get(page).text


def test_the_id_of_an_rss_item_is_no_address(world: World, client: FlaskClient) -> None:
    tell(world)
    assert etree.fromstring(client.get("/history.rss").data).find(".//guid").get("isPermaLink") == "false"


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_is_as_old_as_its_newest_item(world: World, client: FlaskClient, path: str) -> None:
    empty = client.get(path)
    assert empty.last_modified == NOTHING_TOLD
    assert datetime(*feedparser.parse(empty.data).feed.updated_parsed[:6], tzinfo=UTC) == NOTHING_TOLD
    tell(world, updates=1)
    told = client.get(path)
    assert told.last_modified == NOW + timedelta(minutes=1)
    assert told.cache_control.max_age == 30
    assert told.cache_control.public


@pytest.mark.parametrize("path", PATHS)
def test_an_unchanged_feed_is_the_same_bytes_and_not_modified(world: World, client: FlaskClient, path: str) -> None:
    tell(world)
    first, second = client.get(path), client.get(path)
    assert first.data == second.data
    for asked in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = client.get(path, headers=asked)
        assert (again.status_code, again.data) == (304, b"")
    tell(world, "Another")
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_a_feed_holds_the_fifty_newest_items(world: World, client: FlaskClient, path: str) -> None:
    tell(world, updates=60)
    entries = feedparser.parse(client.get(path).data).entries
    assert len(entries) == 50
    assert "Update 59" in str(entries[0])


@pytest.mark.parametrize("path", PATHS)
def test_script_in_a_title_or_body_is_text(world: World, client: FlaskClient, path: str) -> None:
    tell(world, "<script>alert(1)</script>", "<script>alert(1)</script> [x](javascript:alert(1))")
    entry = feedparser.parse(client.get(path).data, sanitize_html=False).entries[0]
    html = entry.get("summary", "") + "".join(one.value for one in entry.get("content", []))
    assert "<script" not in html
    assert 'href="javascript' not in html
    assert "&lt;script&gt;" in html


def test_a_page_names_both_feeds(world: World, client: FlaskClient) -> None:
    page = client.get("/").text
    for path in PATHS:
        assert f'href="{path}"' in page


@pytest.mark.parametrize("kind", XML)
@given(texts=st.lists(st.text(st.characters(codec=None)), max_size=4))
def test_any_text_makes_a_feed_that_parses_twice_the_same(kind: Kind, texts: list[str]) -> None:
    feed = replace(EMPTY, title="".join(texts), author="".join(texts) or "x", items=items(texts))
    content = render(feed, kind)
    assert content == render(feed, kind)
    assert not feedparser.parse(content).bozo
    etree.fromstring(content)


@pytest.mark.parametrize("kind", XML)
def test_a_feed_is_a_mebibyte_at_most_and_keeps_the_newest(kind: Kind) -> None:
    texts = [str(number) + '"' * 60_000 for number in range(50)]
    content = render(replace(EMPTY, items=items(texts)), kind)
    assert len(content) <= BYTES_MAX
    entries = feedparser.parse(content).entries
    assert [entry.id for entry in entries] == [f"urn:x:{number}" for number in range(len(entries))]
    assert len(entries) >= 2


@pytest.mark.slow
@pytest.mark.parametrize("piece", ['"', "&", "<", "*a*", "[](b)", "[a](https://b)", "- \n", "\u0000x"])
def test_the_longest_update_fits_alone(world: World, client: FlaskClient, piece: str) -> None:
    tell(world, body=(piece * 65_536)[:65_536].replace("\x00", " ").strip())
    for path in PATHS:
        answer = client.get(path)
        assert len(answer.data) <= BYTES_MAX
        assert len(feedparser.parse(answer.data, sanitize_html=False).entries) == 1
