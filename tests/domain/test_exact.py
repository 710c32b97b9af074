"""Exact numbers are read strictly, cut for display and rounded once (R28–R30, R35)."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantities.exact import (
    Rounding,
    decimal_text,
    exact_text,
    parse_decimal,
    parse_exact,
    round_to,
    round_to_whole,
    truncate,
)

fractions = st.fractions(min_value=-1000, max_value=1000, max_denominator=10_000)


@pytest.mark.parametrize(
    ("text", "value"), [("99.9", Fraction(999, 10)), ("0", Fraction(0)), ("-3.50", Fraction(-7, 2))]
)
def test_a_plain_decimal_string_is_read_exactly(text: str, value: Fraction) -> None:
    assert parse_decimal(text) == value


@pytest.mark.parametrize(
    "text", ["", " 1", "1e3", "+1", "01", ".5", "1.", "NaN", "Infinity", "1_000", "1,5", "1/2", "٣", 99.9, 1, None]
)
def test_anything_else_is_no_decimal(text: object) -> None:
    with pytest.raises(ValueError, match="is not a plain decimal number"):
        parse_decimal(text)  # type: ignore[arg-type]


def test_a_fraction_is_read_where_exact_numbers_stand() -> None:
    assert parse_exact("10/3") == Fraction(10, 3)
    with pytest.raises(ValueError, match="not a plain decimal"):
        parse_exact("1/0")


def test_a_long_wrong_number_is_shown_short() -> None:
    with pytest.raises(ValueError, match=r"\.\.\. is not") as told:
        parse_decimal("9" * 5000 + "x")
    assert len(str(told.value)) < 150


def test_exact_text_is_in_lowest_terms() -> None:
    assert (exact_text(Fraction(4, 2)), exact_text(Fraction(10, 4)), exact_text(7)) == ("2", "5/2", "7")


@pytest.mark.parametrize(
    ("value", "decimals", "shown"),
    [("99.89996", 3, "99.899"), ("100", 3, "100.000"), ("0.0009", 3, "0.000"), ("99.999", 0, "99")],
)
def test_a_percentage_is_cut_and_never_rounded_up(value: str, decimals: int, shown: str) -> None:
    assert truncate(Fraction(value), decimals) == shown


@given(fractions.map(abs), st.integers(0, 9))
def test_what_is_shown_never_exceeds_the_value_by_anything(value: Fraction, decimals: int) -> None:
    shown = Fraction(truncate(value, decimals))
    assert shown <= value < shown + Fraction(1, 10**decimals)


@pytest.mark.parametrize(
    ("value", "half_up", "half_even", "up", "down"),
    [
        ("1234.5", 1235, 1234, 1235, 1234),
        ("1235.5", 1236, 1236, 1236, 1235),
        ("2.4", 2, 2, 3, 2),
        ("-2.5", -3, -2, -3, -2),
    ],
)
def test_each_mode_rounds_halves_its_own_way(value: str, half_up: int, half_even: int, up: int, down: int) -> None:
    modes = (Rounding.HALF_UP, Rounding.HALF_EVEN, Rounding.UP, Rounding.DOWN)
    assert [round_to_whole(Fraction(value), mode) for mode in modes] == [half_up, half_even, up, down]


@given(fractions)
def test_half_even_is_what_the_language_rounds_to(value: Fraction) -> None:
    assert round_to_whole(value, Rounding.HALF_EVEN) == round(value)


@given(fractions.map(abs))
def test_half_up_adds_a_half_and_cuts(value: Fraction) -> None:
    assert round_to_whole(value, Rounding.HALF_UP) == floor(value + Fraction(1, 2))


def test_rounding_to_decimals_keeps_the_value_exact() -> None:
    assert round_to(Fraction("99.8611"), 1, Rounding.HALF_UP) == Fraction("99.9")
    assert round_to(Fraction("99.8999"), 2, Rounding.DOWN) == Fraction("99.89")


@pytest.mark.parametrize(
    ("units", "digits", "text"), [(12345, 2, "123.45"), (1235, 0, "1235"), (5, 3, "0.005"), (-150, 2, "-1.50")]
)
def test_minor_units_are_written_with_their_currency_digits(units: int, digits: int, text: str) -> None:
    assert decimal_text(units, digits) == text
