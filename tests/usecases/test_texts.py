"""What people type is trimmed and checked in one place."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.notices.refusals import Invalid
from portal.usecases.groundwork.texts import clean_line, clean_text


def test_line_ends_become_newlines_and_the_rest_stays() -> None:
    assert clean_text("body", "  one\r\ntwo\rthree\n\tfour – ü 漢  ", 100) == "one\ntwo\nthree\n\tfour – ü 漢"


@pytest.mark.parametrize("letter", ["\x00", "\x01", "\x0b", "\x1b", "\x1f", "\x7f", "\x85", "\ud800", "\uffff"])
def test_what_cannot_be_shown_is_refused_with_its_field(letter: str) -> None:
    with pytest.raises(Invalid, match="control character") as refused:
        clean_text("body", f"a{letter}b", 100)
    assert refused.value.field == "body"


def test_length_counts_characters_after_trimming() -> None:
    assert clean_text("body", " abc ", 3) == "abc"
    with pytest.raises(Invalid, match="4 characters; 3 are the most"):
        clean_text("body", "abcd", 3)


def test_nothing_is_refused_unless_it_may_be_empty() -> None:
    with pytest.raises(Invalid, match="Write something"):
        clean_text("body", " \n ", 3)
    assert clean_text("body", " \n ", 3, may_be_empty=True) == ""


@pytest.mark.parametrize("text", ["a\nb", "a\tb"])
def test_a_line_is_one_line(text: str) -> None:
    with pytest.raises(Invalid, match="single line"):
        clean_line("title", text, 10)


@given(st.text(max_size=60))
def test_a_cleaned_text_is_clean(text: str) -> None:
    try:
        cleaned = clean_text("body", text, 100)
    except Invalid:
        return
    assert clean_text("body", cleaned, 100) == cleaned
    assert cleaned.encode().decode() == cleaned
