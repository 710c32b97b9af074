"""Sentences for people, in English, that remember how they were made.

A use case does not know in whose language it is read. What it returns is English text that any door can print, and that
a page can say again in another language from the message and its arguments (web/saying.py). English is the one language
in which a message is written down here; every other stands in the catalogues under `translations`.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Self

MINUTE_S, HOUR_S, DAY_S = 60, 3_600, 86_400


class Phrase(str):
    """A message with its arguments put in for the names in braces; `plural` is said unless `number` is 1 or None."""

    message: str
    plural: str
    number: int | None
    arguments: Mapping[str, object]

    @classmethod
    def of(cls, message: str, plural: str, number: int | None, arguments: Mapping[str, object]) -> Self:
        """Return the phrase of a message and its arguments."""
        chosen = message if number is None or number == 1 else plural
        made = cls(chosen.format_map({name: english(value) for name, value in arguments.items()}))
        made.message, made.plural, made.number, made.arguments = message, plural, number, dict(arguments)
        return made


class Figure(str):
    """A decimal number as English writes it, such as "2,584.560": said with other signs, never with other digits."""


class Sentences(str):
    """Sentences one after the other."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[str]) -> Self:
        """Return these sentences as one text."""
        kept = tuple(parts)
        made = cls(" ".join(kept))
        made.parts = kept
        return made


class Listed(str):
    """Things named one after the other: "A, B and C"."""

    parts: tuple[str, ...]

    @classmethod
    def of(cls, parts: Iterable[str]) -> Self:
        """Return these names as one text."""
        kept = tuple(parts)
        made = cls(f"{', '.join(kept[:-1])} and {kept[-1]}" if len(kept) > 1 else "".join(kept))
        made.parts = kept
        return made


class Enumerated(str):
    """Things one after the other without an "and": "accepted, too late"; `sign` stands between them in English."""

    parts: tuple[str, ...]
    sign: str

    @classmethod
    def of(cls, parts: Iterable[str], sign: str = ", ") -> Self:
        """Return these things as one text."""
        kept = tuple(parts)
        made = cls(sign.join(kept))
        made.parts, made.sign = kept, sign
        return made


class Style(StrEnum):
    """How much of a moment is said, by its English format."""

    SECOND = "{day} %B %Y, %H:%M:%S"
    MINUTE = "{day} %B %Y, %H:%M"
    SHORT = "{day} %b %Y, %H:%M"
    DAY = "{day} %B %Y"
    SHORT_DAY = "{day} %b"
    MONTH = "%B %Y"
    SHORT_MONTH = "%b"
    MONTH_SHORT = "%b %y"
    DAY_SHORT = "{day} %b %y"
    YEAR = "%Y"


class Moment(str):
    """A local instant or day: "22 November 2026, 14:25"."""

    local: date | datetime
    style: Style

    @classmethod
    def of(cls, local: date | datetime, style: Style) -> Self:
        """Return a local instant or day in this style."""
        made = cls(local.strftime(style.value.replace("{day}", str(local.day))))
        made.local, made.style = local, style
        return made


def phrase(message: str, /, **arguments: object) -> Phrase:
    """Return a sentence: "{name} is down", name="API". Whole numbers among the arguments are written in groups."""
    return Phrase.of(message, "", None, arguments)


def counted(one: str, many: str, count: int, /, **arguments: object) -> Phrase:
    """Return a sentence about so many things: "{count} outage" or "{count} outages"."""
    return Phrase.of(one, many, count, {"count": count, **arguments})


def percentage(decimal: str) -> Phrase:
    """Return a percentage from its decimal text: "99.952 %"."""
    return phrase("{number} %", number=Figure(decimal))


def amount(decimal: str, currency: str) -> Phrase:
    """Return an amount of money from its decimal text and its ISO 4217 currency: "EUR 4,800.00"."""
    return phrase("{currency} {number}", currency=currency, number=Figure(_grouped(decimal)))


def duration(seconds: int) -> Phrase:
    """Return whole seconds as people say them: the two largest units, the second one only when there is any of it.

    "23 min 40 s", "5 min", "2 h", "3 d 4 h": what is less than the second unit is cut off.
    """
    days, hours = seconds // DAY_S, seconds % DAY_S // HOUR_S
    minutes, rest = seconds % HOUR_S // MINUTE_S, seconds % MINUTE_S
    units = (
        (days, counted("{count} d", "{count} d", days)),
        (hours, phrase("{hours} h", hours=hours)),
        (minutes, phrase("{minutes} min", minutes=minutes)),
        (rest, phrase("{seconds} s", seconds=rest)),
    )
    largest = next((place for place, (count, _) in enumerate(units) if count), len(units) - 1)
    told = [words for count, words in units[largest : largest + 2] if count] or [units[largest][1]]
    return told[0] if len(told) == 1 else phrase("{long} {short}", long=told[0], short=told[1])


def hours(seconds: int) -> Phrase:
    """Return whole seconds in hours, as terms say how long a notice must be: "72 h", "39 h 59 min"."""
    whole, minutes = phrase("{hours} h", hours=seconds // HOUR_S), seconds % HOUR_S // MINUTE_S
    return phrase("{long} {short}", long=whole, short=phrase("{minutes} min", minutes=minutes)) if minutes else whole


def _grouped(decimal: str) -> str:
    whole, point, rest = decimal.replace(",", "").partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{rest}"


def english(value: object) -> str:
    """Return a value as English writes it."""
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
