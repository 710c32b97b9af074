"""Feeds; feedgen is called here only: dates from the records, text cleaned, equal bytes for equal content (X2)."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from feedgen.entry import FeedEntry
from feedgen.feed import FeedGenerator

BYTES_MAX = 1024 * 1024
NOTHING_TOLD = datetime(2000, 1, 1, tzinfo=UTC)
NO_WORDS = "(without words)"
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Kind(StrEnum):
    """The three formats, by media type."""

    RSS = "application/rss+xml"
    ATOM = "application/atom+xml"
    JSON = "application/feed+json"


@dataclass(frozen=True, slots=True)
class Item:
    """One item: a constant id (a URN), where it leads, what it says, and when it was published."""

    id: str
    address: str
    title: str
    html: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its own address, the page it belongs to, and its items, newest first."""

    address: str
    page: str
    title: str
    subtitle: str
    author: str
    items: tuple[Item, ...]
    language: str = "en"

    @property
    def updated(self) -> datetime:
        """When its newest item was published; a fixed instant long ago while it has none."""
        return max((item.published_at for item in self.items), default=NOTHING_TOLD)


def render(feed: Feed, kind: Kind) -> bytes:
    """Return a feed of at most 1 MiB: the oldest items are left out until it fits."""
    items = feed.items
    while True:
        content = _json(feed, items) if kind is Kind.JSON else _generate(feed, items, kind)
        if len(content) <= BYTES_MAX or not items:
            return content
        items = items[: min(len(items) - 1, len(items) * BYTES_MAX // len(content))]


def cleaned(text: str) -> str:
    """Return a text without the characters XML cannot hold."""
    return _NOT_XML.sub("", text)


def _line(text: str) -> str:
    """A title must not be empty, or feedgen raises."""
    return cleaned(text).strip() or NO_WORDS


def _json(feed: Feed, items: Sequence[Item]) -> bytes:
    """Return a JSON Feed (jsonfeed.org, version 1.1)."""
    body = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": _line(feed.title),
        "home_page_url": feed.page,
        "feed_url": feed.address,
        "description": _line(feed.subtitle),
        "authors": [{"name": _line(feed.author)}],
        "language": feed.language,
        "items": [
            {
                "id": item.id,
                "url": item.address,
                "title": _line(item.title),
                "content_html": cleaned(item.html),
                "date_published": item.published_at.astimezone(UTC).isoformat(),
            }
            for item in items
        ],
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _generate(feed: Feed, items: Sequence[Item], kind: Kind) -> bytes:
    generator = FeedGenerator()
    generator.id(feed.address)
    generator.title(_line(feed.title))
    generator.subtitle(_line(feed.subtitle))
    generator.description(_line(feed.subtitle))
    generator.author(name=_line(feed.author))
    generator.language(feed.language)
    generator.generator("sla-portal")
    generator.updated(feed.updated)
    generator.link(href=feed.address, rel="self", type=kind.value)
    generator.link(href=feed.page, rel="alternate", type="text/html")  # last: RSS takes the last one as its page
    for item in items:
        generator.add_entry(_entry(item), order="append")
    content: bytes = generator.rss_str() if kind is Kind.RSS else generator.atom_str()
    return content


def _entry(item: Item) -> FeedEntry:
    entry = FeedEntry()
    entry.id(item.id)
    entry.guid(item.id, permalink=False)
    entry.title(_line(item.title))
    entry.link(href=item.address, rel="alternate", type="text/html")
    entry.content(cleaned(item.html), type="html")
    entry.published(item.published_at)
    entry.updated(item.published_at)
    return entry
