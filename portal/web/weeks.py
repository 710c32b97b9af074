"""Weeks as the reader's language has them: on which day they begin, and what their days are called."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from babel import Locale
from babel.dates import get_day_names

from portal.domain.people.languages import Language
from portal.web import languages

DAYS_A_WEEK = 7
PLACES: Mapping[Language, Locale] = {
    Language.ENGLISH: Locale("en", "001"),
    Language.GERMAN: Locale("de", "DE"),
    Language.JAPANESE: Locale("ja", "JP"),
}
"""A language alone says nothing about weeks: where it is read does. English is written here as the world does."""


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, in few letters and in full."""

    short: str
    name: str


def first_weekday() -> int:
    """Return the day on which a week begins for the reader; Monday is 0."""
    first: int = _place().first_week_day
    return first


def weekdays() -> Sequence[Weekday]:
    """Return the days of a week in the reader's order and language."""
    short, names = (get_day_names(width, "stand-alone", _place()) for width in ("abbreviated", "wide"))
    order = [(first_weekday() + count) % DAYS_A_WEEK for count in range(DAYS_A_WEEK)]
    return [Weekday(short[day], names[day]) for day in order]


def _place() -> Locale:
    return PLACES[languages.current()]
