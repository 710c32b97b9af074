"""Whatever scrolls sideways can be scrolled by keyboard, and says what it is to those who cannot see it."""

import re
from pathlib import Path

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
SCROLLS = re.compile(r'<\w+(?=[^<>]*class="(?:[^"]* )?scroll(?: [^"]*)?")(?:[^<>"]|"[^"]*")*>')


def test_every_scrolling_region_can_be_reached_by_keyboard_and_has_a_name() -> None:
    found = {(path.name, tag) for path in TEMPLATES.rglob("*.html") for tag in SCROLLS.findall(path.read_text())}
    assert len(found) > 20
    assert [one for one in found if 'tabindex="0"' not in one[1] or "aria-label" not in one[1]] == []
