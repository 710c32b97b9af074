"""Exact numbers: strict reading of decimal and fraction strings, exact and truncated writing, rounding (R28–R35)."""

import re
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]{0,23})(?:\.[0-9]{1,24})?")
_RATIO = re.compile(r"(-?(?:0|[1-9][0-9]{0,23}))/([1-9][0-9]{0,23})")


class Rounding(StrEnum):
    """How a fraction becomes a whole number of units (semantics.md R28, R35)."""

    HALF_UP = "half_up"
    HALF_EVEN = "half_even"
    UP = "up"
    DOWN = "down"


def parse_decimal(text: str) -> Fraction:
    """The exact value of a plain decimal string such as "99.9".

    Raises ValueError for anything else: a float, an exponent, a sign "+", a leading zero, blanks, NaN.
    """
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        raise ValueError(f"{_shown(text)} is not a plain decimal number written as a string, such as '99.9'")
    return Fraction(text)


def parse_exact(text: str) -> Fraction:
    """The exact value of a decimal string or of a fraction such as "10/3".

    Raises ValueError for anything else.
    """
    if isinstance(text, str):
        ratio = _RATIO.fullmatch(text)
        if ratio:
            return Fraction(int(ratio[1]), int(ratio[2]))
    return parse_decimal(text)


def exact_text(value: Fraction | int) -> str:
    """The exact value as "n" or "n/d" in lowest terms."""
    return str(Fraction(value))


def round_to_whole(value: Fraction, rounding: Rounding) -> int:
    """The value as a whole number; halves and remainders go away from zero, to even, up in size or down in size."""
    size = abs(value)
    whole, rest = divmod(size.numerator, size.denominator)
    if _goes_up(whole, 2 * rest - size.denominator, rest, rounding):
        whole += 1
    return whole if value >= 0 else -whole


def _goes_up(whole: int, above_half: int, rest: int, rounding: Rounding) -> bool:
    if rounding is Rounding.UP:
        return rest > 0
    if rounding is Rounding.HALF_UP:
        return above_half >= 0
    if rounding is Rounding.HALF_EVEN:
        return above_half > 0 or (above_half == 0 and whole % 2 == 1)
    return False


def round_to(value: Fraction, decimals: int, rounding: Rounding) -> Fraction:
    """The value rounded to so many decimals (R28)."""
    scale = 10**decimals
    return Fraction(round_to_whole(value * scale, rounding), scale)


def truncate(value: Fraction | int, decimals: int) -> str:
    """The value cut, never rounded up, to so many decimals: 99.89996 with 3 becomes "99.899" (R30)."""
    return decimal_text(round_to_whole(Fraction(value) * 10**decimals, Rounding.DOWN), decimals)


def decimal_text(units: int, decimals: int) -> str:
    """An integer number of 10**-decimals units as decimal text: 12345 with 2 becomes "123.45"."""
    return (
        str(Decimal(units).scaleb(-decimals)) if decimals == 0 else f"{Decimal(units).scaleb(-decimals):.{decimals}f}"
    )


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= 40 else shown[:37] + "..."
