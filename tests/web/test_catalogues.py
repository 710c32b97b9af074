"""Catalogues: nothing is untranslated, nothing is a guess, and both forms are in step with the sources."""

import re
from decimal import Decimal

import pytest
from flask import Flask

from portal.domain.notices.phrases import Figure, Listed, amount, counted, percentage
from portal.domain.people.languages import Language
from portal.web import formats, languages
from portal.web.saying import say
from tests.web.catalogues import ROOT, TRANSLATED, bytes_of, extracted, faults, path_of, renewed


def test_every_message_is_translated_and_the_catalogues_are_in_step_with_the_sources() -> None:
    sources = extracted()
    for language in TRANSLATED:
        catalogue = renewed(language, sources)
        assert faults(catalogue) == []
        assert (path_of(language, "po").read_bytes(), path_of(language, "mo").read_bytes()) == bytes_of(catalogue)


def test_no_template_hides_the_word_for_saying() -> None:
    hiding = re.compile(r"{%-?\s*(?:for\s+(?:_\s*,|\w+\s*,\s*_\b)|set\s+_\b|trans\b)")
    assert [path.name for path in (ROOT / "templates").rglob("*.html") if hiding.search(path.read_text())] == []


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_figure_keeps_its_digits_in_every_language(app: Flask, language: Language) -> None:
    with app.test_request_context(), languages.spoken(language):
        for digits in ("99.8999", "2,584.560", "0.005", "1,234,567"):
            said = say(Figure(digits))
            assert re.sub(r"\D", "", said) == re.sub(r"\D", "", digits)
        assert Decimal(formats.percent("99.99999").strip("% \xa0").replace(",", ".")) == Decimal("99.99999")


def test_amounts_counts_lists_and_instants_are_said_as_the_language_does(app: Flask) -> None:
    said = {}
    for language in Language:
        with app.test_request_context(), languages.spoken(language):
            said[language.value] = (
                say(amount("4800.00", "EUR")),
                say(percentage("99.95")),
                [say(counted("{count} outage", "{count} outages", count)) for count in (0, 1, 2)],
                say(Listed.of(["A", "B", "C"])),
                formats.local_minute(1_793_461_500, "Europe/Berlin"),
                formats.duration(1420),
            )
    assert said == {
        "en": (
            "EUR 4,800.00",
            "99.95\xa0%",
            ["0 outages", "1 outage", "2 outages"],
            "A, B and C",
            "31 October 2026, 16:45",
            "23 min 40 s",
        ),
        "de": (
            "4.800,00 EUR",
            "99,95\xa0%",
            ["0 Ausfälle", "1 Ausfall", "2 Ausfälle"],
            "A, B und C",
            "31. Oktober 2026, 16:45",
            "23 min 40 s",
        ),
        "ja": (
            "EUR 4,800.00",
            "99.95%",
            ["停止0回", "停止1回", "停止2回"],
            "A、B、C",
            "2026年10月31日 16:45",
            "23分40秒",
        ),
    }


def test_a_length_of_time_is_said_in_its_two_largest_units_and_nothing_of_a_unit_is_left_unsaid(app: Flask) -> None:
    lengths = (0, 59, 60, 300, 1_420, 3_600, 3_630, 7_260, 86_399, 86_400, 90_000, 30 * 86_400 + 59)
    said = {}
    for language in Language:
        with app.test_request_context(), languages.spoken(language):
            said[language.value] = [formats.duration(one) for one in lengths]
    assert {language: " | ".join(lengths) for language, lengths in said.items()} == {
        "en": "0 s | 59 s | 1 min | 5 min | 23 min 40 s | 1 h | 1 h | 2 h 1 min | 23 h 59 min | 1 d | 1 d 1 h | 30 d",
        "de": "0 s | 59 s | 1 min | 5 min | 23 min 40 s | 1 h | 1 h | 2 h 1 min | 23 h 59 min | "
        "1 Tag | 1 Tag 1 h | 30 Tage",
        "ja": "0秒 | 59秒 | 1分 | 5分 | 23分40秒 | 1時間 | 1時間 | 2時間1分 | 23時間59分 | 1日 | 1日1時間 | 30日",
    }
