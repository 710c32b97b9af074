"""Single values of a document: each reader returns the exact value or raises ValueError with a sentence (D4)."""

import re
from collections.abc import Callable
from datetime import date
from fractions import Fraction

LARGEST_INTEGER = 2**53 - 1
"""The largest integer every JSON reader keeps exactly (RFC 8785)."""
LONGEST_TEXT = 2000
ONE_YEAR_S = 366 * 86400

_INTEGER = re.compile(r"0|[1-9][0-9]{0,15}", re.ASCII)
_DECIMAL = re.compile(r"(0|[1-9][0-9]{0,14})(\.[0-9]{1,15})?", re.ASCII)
_RATIO = re.compile(r"(0|[1-9][0-9]{0,14})/([1-9][0-9]{0,14})", re.ASCII)
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")


def read_text(value: object, longest: int = LONGEST_TEXT) -> str:
    """Words for people: not empty, without control characters, at most `longest` characters."""
    if not isinstance(value, str):
        raise ValueError("must be text.")
    if not value.strip():
        raise ValueError("must not be empty.")
    if len(value) > longest:
        raise ValueError(f"must have at most {longest} characters.")
    if _CONTROL.search(value):
        raise ValueError("must not contain control characters.")
    return value


def read_name(value: object) -> str:
    """An identifier: 1 to 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit."""
    if not isinstance(value, str) or not _NAME.fullmatch(value):
        raise ValueError("must be a name of 1 to 64 letters, digits, dots, hyphens or underscores.")
    return value


def read_integer(value: object, lowest: int = 0, highest: int = LARGEST_INTEGER) -> int:
    """A whole number, written as a JSON integer or, as YAML gives it, as its digits."""
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise ValueError(f"must be a whole number from {lowest} to {highest}.")
    return value


def read_flag(value: object) -> bool:
    """True or false, written as a JSON boolean or, as YAML gives it, as the word."""
    if isinstance(value, bool):
        return value
    if value == "true":
        return True
    if value == "false":
        return False
    raise ValueError("must be true or false.")


def read_exact(value: object, lowest: Fraction = Fraction(0), highest: Fraction | None = None) -> Fraction:
    """An exact number written as a string: "99.9" or "1/2"."""
    if not isinstance(value, str):
        raise ValueError('must be an exact number written as a string, like "99.9" or "1/2".')
    if not (_DECIMAL.fullmatch(value) or _RATIO.fullmatch(value)):
        raise ValueError('must be an exact number without sign or exponent, like "99.9" or "1/2".')
    number = Fraction(value)
    if number < lowest or (highest is not None and number > highest):
        raise ValueError(f"must be {_range_words(lowest, highest)}.")
    return number


def read_percent(value: object) -> Fraction:
    """A percentage from 0 to 100, exact."""
    return read_exact(value, Fraction(0), Fraction(100))


def read_decimal(value: object) -> Fraction:
    """An amount of money: a decimal string that is not negative, like "400.00"."""
    if not isinstance(value, str) or not _DECIMAL.fullmatch(value):
        raise ValueError('must be an amount written as a decimal string, like "400.00".')
    return Fraction(value)


def read_date(value: object) -> date:
    """A local date, `YYYY-MM-DD`, of the years 1970 to 2199."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError("must be a date like 2026-06-01.")
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise ValueError("must be a date that exists, like 2026-06-01.") from None
    if not 1970 <= day.year < 2200:
        raise ValueError("must be a date of the years 1970 to 2199.")
    return day


def choose(*words: str) -> Callable[[object], str]:
    """A reader that takes one of these words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"must be one of: {', '.join(words)}.")
        return value

    return read


def between(lowest: int, highest: int) -> Callable[[object], int]:
    """A reader that takes a whole number from `lowest` to `highest`."""
    return lambda value: read_integer(value, lowest, highest)


def exact_between(lowest: int, highest: int) -> Callable[[object], Fraction]:
    """A reader that takes an exact number from `lowest` to `highest`."""
    return lambda value: read_exact(value, Fraction(lowest), Fraction(highest))


def positive_percent(value: object) -> Fraction:
    """A percentage above 0 and up to 100, exact."""
    number = read_percent(value)
    if number == 0:
        raise ValueError("must be above 0.")
    return number


def number_text(number: Fraction) -> str:
    """The shortest exact text: a decimal where it ends ("99.9"), else "n/d"."""
    twos, fives, rest = 0, 0, number.denominator
    while rest % 2 == 0:
        twos, rest = twos + 1, rest // 2
    while rest % 5 == 0:
        fives, rest = fives + 1, rest // 5
    if rest != 1:
        return f"{number.numerator}/{number.denominator}"
    places = max(twos, fives)
    digits = str(number.numerator * 10**places // number.denominator).zfill(places + 1)
    return digits if places == 0 else f"{digits[:-places]}.{digits[-places:]}"


def _range_words(lowest: Fraction, highest: Fraction | None) -> str:
    if highest is None:
        return f"at least {number_text(lowest)}"
    return f"from {number_text(lowest)} to {number_text(highest)}"


PARTIAL_PERIOD = choose("existing_portion", "assume_up")
FEE_PRORATION = choose("none", "days", "seconds")
MONEY_ROUNDING = choose("half_up", "half_even", "up")
VERSION_CHANGE = choose("start_version", "latest_version", "split", "customer_best")
