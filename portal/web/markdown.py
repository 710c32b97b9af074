"""Markdown from people to safe HTML: no raw HTML, no images, links to https and mailto only (trust.md W2)."""

import re
from functools import lru_cache

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {"a", "blockquote", "br", "code", "em", "h4", "hr", "li", "ol", "p", "pre", "strong", "ul"}
SCHEMES = {"https", "mailto"}
SAFE_ADDRESS = re.compile(r"(?:https://|mailto:)[^\s\\]+\Z", re.IGNORECASE)
HEADING = "h4"
KEPT = 128

_parser = MarkdownIt("commonmark", {"html": False}).disable(["image", "html_block", "html_inline"])


@lru_cache(maxsize=KEPT)
def render(text: str) -> Markup:
    """Return a text written in Markdown as HTML that holds nothing a stranger could run or follow unawares."""
    tokens = _parser.parse(text)
    for token in tokens:
        _lower_heading(token)
    html = _parser.renderer.render(tokens, _parser.options, {})
    return Markup(_cleaned(html))  # noqa: S704  # the one place: what nh3 returns is its allow list and nothing else


def _cleaned(html: str) -> str:
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}},
        attribute_filter=_safe_attribute,
        url_schemes=SCHEMES,
        link_rel="nofollow noopener noreferrer",
    )


def _lower_heading(token: Token) -> None:
    """Headings of a message stand below every heading of the page around it."""
    if token.type in ("heading_open", "heading_close"):
        token.tag = HEADING


def _safe_attribute(_tag: str, name: str, value: str) -> str | None:
    if name == "rel":
        return value
    return value if SAFE_ADDRESS.match(value) else None
