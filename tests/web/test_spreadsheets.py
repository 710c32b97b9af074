"""Tables as CSV: whatever a text says, no spreadsheet takes it for a formula, and nothing else is changed (X1)."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.notices.refusals import Invalid
from portal.usecases.groundwork.local_times import local_input, read_local
from portal.usecases.groundwork.money import read_money
from portal.web.spreadsheets import BEGINS_FORMULA, text_of
from tests.customers import BERLIN, at

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def read(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline="")))


@given(texts)
def test_no_text_cell_begins_a_formula_and_the_text_comes_back(text: str) -> None:
    ((cell,),) = read(text_of(("a",), [(text,)]))[1:] or [[""]]
    assert cell[:1] not in BEGINS_FORMULA or cell == ""
    assert cell.removeprefix("'") == text.replace("\0", "").removeprefix("'")


def test_numbers_stay_numbers_and_nothing_is_an_empty_cell() -> None:
    assert text_of(("a", "b", "c"), [(-5, Decimal("-4.50"), None)]) == "a,b,c\r\n-5,-4.50,\r\n"


@pytest.mark.parametrize(("text", "minor"), [("480.00", 48000), ("480", 48000), ("-0.5", -50), (" 1.10 ", 110)])
def test_an_amount_is_read_into_minor_units(text: str, minor: int) -> None:
    assert read_money("amount", text, "EUR") == minor


@pytest.mark.parametrize(
    ("text", "currency"),
    [("", "EUR"), ("1,50", "EUR"), ("1.505", "EUR"), ("1.5", "JPY"), ("１", "EUR"), ("1e3", "EUR")],
)
def test_what_is_no_amount_is_refused(text: str, currency: str) -> None:
    with pytest.raises(Invalid):
        read_money("amount", text, currency)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-22T14:00", "2026-11-22 13:00"),
        ("2026-11-22 14:00:30", "2026-11-22 13:00:30"),
        ("2026-03-29T02:30", "2026-03-29 01:00"),
        ("2026-10-25T02:30", "2026-10-25 00:30"),
    ],
    ids=["winter", "with seconds", "skipped", "shown twice"],
)
def test_a_local_time_is_read_in_its_zone(text: str, instant: str) -> None:
    assert read_local("start", text, BERLIN) == at(instant)


@given(st.integers(at("2001-01-01 00:00"), at("2099-01-01 00:00")))
def test_what_a_form_shows_is_read_back_unless_the_clocks_show_it_twice(instant: int) -> None:
    assert instant - read_local("start", local_input(instant, BERLIN), BERLIN) in (0, 3600)
