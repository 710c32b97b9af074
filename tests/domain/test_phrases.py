"""Phrases: English text that remembers its message and its arguments."""

import copy
from dataclasses import dataclass, replace
from datetime import date, datetime

from portal.domain.notices.phrases import (
    Listed,
    Moment,
    Sentences,
    Style,
    amount,
    counted,
    percentage,
    phrase,
)


def test_a_phrase_is_its_english_text_and_remembers_how_it_was_made() -> None:
    made = phrase("{name} left {seconds} s", name="API", seconds=2592000)
    assert made == "API left 2,592,000 s"
    assert (made.message, made.arguments) == ("{name} left {seconds} s", {"name": "API", "seconds": 2592000})


def test_a_counted_phrase_has_two_forms_in_english() -> None:
    assert [counted("{count} outage", "{count} outages", count) for count in (0, 1, 1000)] == [
        "0 outages",
        "1 outage",
        "1,000 outages",
    ]


def test_names_and_sentences_follow_one_another() -> None:
    assert [Listed.of("ABC"[:count]) for count in range(4)] == ["", "A", "A and B", "A, B and C"]
    assert Sentences.of(["One.", phrase("Two.")]) == "One. Two."


def test_moments_are_said_in_as_much_as_their_style_asks_for() -> None:
    local = datetime(2026, 11, 2, 4, 5, 6)  # noqa: DTZ001 - local, as a moment is
    assert [Moment.of(local, style) for style in Style] == [
        "2 November 2026, 04:05:06",
        "2 November 2026, 04:05",
        "2 Nov 2026, 04:05",
        "2 November 2026",
        "2 Nov",
        "November 2026",
        "Nov",
        "Nov 26",
        "2 Nov 26",
        "2026",
    ]
    assert Moment.of(date(2026, 1, 31), Style.DAY) == "31 January 2026"


def test_amounts_and_percentages_keep_their_digits() -> None:
    assert [amount("4800.00", "EUR"), amount("-1234567", "JPY"), amount("0.005", "KWD")] == [
        "EUR 4,800.00",
        "JPY -1,234,567",
        "KWD 0.005",
    ]
    assert percentage("99.99999") == "99.99999 %"


@dataclass(frozen=True, slots=True)
class Line:
    words: str
    number: int


def test_a_phrase_survives_copies_and_values_that_hold_it() -> None:
    made = phrase("{name} works", name="API")
    assert copy.deepcopy(made).message == made.message
    assert replace(Line(made, 1), number=2).words.message == made.message  # type: ignore[attr-defined]
