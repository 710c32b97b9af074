"""The page of patterns shows what the sheets draw: a component nobody can look at in one place drifts."""

import re
from collections import Counter
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.web.conftest import World

SHEETS = Path(__file__).parents[2] / "static" / "css"
PRINTED = "paper.css"
"""What the press prints on is no page."""
ELSEWHERE = {
    "set by a script": {"day-tip", "yours", "here"},
    "a shape the script of days draws": {"hatched"},
    "the frame of a customer's pages, which knows its reader": {"subways", "within", "lately"},
    "how pages set pieces beside and above each other": {
        "gap", "unprinted", "wide", "inline", "two", "across", "spaced", "leading", "pair", "figures", "decided",
    },
    "an agreement, and two of them beside each other, as their one page writes them": {
        "promise-short", "rules", "steps-table", "example-head", "beside-form", "beside-table", "same", "whose",
        "digest", "versions-form", "tiers-note", "told",
    },
    "the editor of terms, which staff alone see": {"editor", "editor-theirs", "unheard", "others", "answers"},
}  # fmt: skip


@pytest.fixture
def page(world: World, client: FlaskClient) -> str:
    return client.get("/patterns").text


def test_every_class_of_the_sheets_is_shown_but_for_those_that_say_why_not(page: str) -> None:
    shown = {name for found in re.findall(r'class="([^"]*)"', page) for name in found.split()}
    excused = set().union(*ELSEWHERE.values())
    drawn = set().union(*(classes(sheet) for sheet in SHEETS.glob("*.css") if sheet.name != PRINTED))
    assert drawn - shown - excused == set()
    assert excused - drawn == set()
    assert excused & shown == set()


def test_the_contents_lead_to_every_section_and_no_name_is_given_twice(page: str) -> None:
    names = Counter(re.findall(r' id="([^"]*)"', page))
    contents = re.findall(r'href="#([^"]*)"', page.split('aria-label="On this page"')[1].split("</nav>")[0])
    assert [name for name, count in names.items() if count > 1] == []
    assert [name for name in contents if name not in names] == []
    assert len(contents) == len(set(contents)) > 20


def test_budgets_stand_at_their_marks_and_a_working_is_drawn_whole(page: str) -> None:
    assert {f'width="{percent}"' in page for percent in (0, 34, 80, 93, 100)} == {True}
    assert all(
        words in page for words in ("From the period to what is owed", "data-strip", "− not known", "EUR 240.00")
    )


def classes(sheet: Path) -> set[str]:
    """The classes a sheet draws."""
    bare = re.sub(r"/\*.*?\*/", "", sheet.read_text(), flags=re.DOTALL)
    selectors = re.sub(r'\{[^{}]*\}|"[^"]*"', "{}", bare)
    return set(re.findall(r"\.([a-z][a-z-]*)", selectors))
