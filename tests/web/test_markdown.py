"""Markdown from people becomes HTML that nobody can run, follow unawares or break the page with."""

from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.web.markdown import TAGS, render

HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe srcdoc='<script>alert(1)</script>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "[x](vbscript:msgbox)",
    "[x](//evil.example)",
    "[x](/\\evil.example)",
    "[x](https:evil.example)",
    "[x](http://plain.example)",
    "[x](ftp://files.example)",
    "[x](file:///etc/passwd)",
    "[x](#anchor)",
    "[x](/staff)",
    '[x](mailto:a@b.example?subject="onmouseover=alert(1))',
    '[x](https://e.example "onmouseover=alert(1)")',
    "![x](https://tracker.example/pixel.gif)",
    "![x](javascript:alert(1))",
    "<https://ok.example>",
    "<javascript:alert(1)>",
    "<style>*{display:none}</style>",
    "<base href=//evil.example>",
    "<form action=//evil.example><input name=password>",
    "<meta http-equiv=refresh content='0;url=//evil.example'>",
    "<math><mtext></p><script>alert(1)</script>",
    "<!--><script>alert(1)</script>-->",
    "`<script>`\n\n    <script>alert(1)</script>",
    "[a]: javascript:alert(1)\n\n[a]",
    "</div></main><script>",
    "# <u onclick=alert(1)>x",
    "<p id=content class=refusal style=color:red>x</p>",
    "[x](https://e.example\u202e)",
]


class Seen(HTMLParser):
    """Collects what a browser would find."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]


def assert_harmless(text: str) -> None:
    seen = Seen(render(text))
    assert seen.tags <= TAGS
    for tag, name, value in seen.attributes:
        assert (tag, name) in {("a", "href"), ("a", "rel")}
        if name == "href":
            assert value
            assert value.lower().startswith(("https://", "mailto:"))


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_is_harmless(text: str) -> None:
    assert_harmless(text)


@given(st.text(alphabet=st.sampled_from("<>[]()!`*_#&;:/\\\"'=- \n\tjavscriptonerh"), max_size=120))
@settings(max_examples=150)
def test_any_text_is_harmless(text: str) -> None:
    assert_harmless(text)


def test_what_people_need_works() -> None:
    html = render("**bold** and *thin*, `code`\n\n- one\n- two\n\n> said\n\n[link](https://e.example/a?b=c&d=e)")
    for part in ("<strong>bold</strong>", "<em>thin</em>", "<code>code</code>", "<li>one</li>", "<blockquote>"):
        assert part in html
    assert '<a href="https://e.example/a?b=c&amp;d=e" rel="nofollow noopener noreferrer">link</a>' in html


def test_headings_of_a_message_stand_below_those_of_the_page() -> None:
    assert render("# Big\n\nSetext\n======") == "<h4>Big</h4>\n<h4>Setext</h4>\n"


def test_raw_html_is_shown_as_it_was_typed() -> None:
    assert render("a <b>c</b>") == "<p>a &lt;b&gt;c&lt;/b&gt;</p>\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "piece",
    [
        "[",
        "![",
        "](",
        "*",
        "**a ",
        "_a",
        "`",
        "> ",
        "- ",
        "<",
        "&",
        "[a](",
        "#",
        "\\",
        "\n",
        "a\n",
        "1. ",
        "[]()",
        "|",
        "<a ",
        "[a]: b\n",
    ],
)
def test_a_long_text_made_to_be_slow_ends(piece: str) -> None:
    text = (piece * 65_536)[:65_536]
    assert_harmless(text)
