"""Phrases every sentence is made of: lengths, percentages, amounts, dates, lists. Two values never read the same."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from portal.domain.documents.scalars import number_text
from portal.domain.promises.credit_schedule import Money
from portal.usecases.explaining.exclusion_words import spaced

MINUTE_S, HOUR_S, DAY_S = 60, 3600, 86_400
DAYS_FROM_S = 3 * DAY_S
"""Shorter lengths are told in hours, as notices are: 48 hours."""
_WITH_AN = ("a", "e", "i", "o", "u", "hour", "8", "11-", "18-")
_FEE_OF = {
    "calendar_month": "the month's fee",
    "billing_month": "the month's fee",
    "calendar_quarter": "the quarter's fee",
    "fiscal_quarter": "the quarter's fee",
    "calendar_year": "the year's fee",
    "rolling": "one month's fee",
    "custom": "one month's fee",
}
_PERIOD = {
    "calendar_month": "month",
    "billing_month": "billing month",
    "calendar_quarter": "quarter",
    "fiscal_quarter": "fiscal quarter",
    "calendar_year": "year",
    "rolling": "window",
    "custom": "period",
}


def length_words(seconds: int) -> str:
    """A length as a whole number of its largest fitting unit: "48 hours", "90 seconds", "7 days"."""
    for unit, name in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute")):
        if seconds >= unit and seconds % unit == 0 and (unit != DAY_S or seconds >= DAYS_FROM_S):
            return count_words(seconds // unit, name)
    return count_words(seconds, "second")


def span_words(seconds: int) -> str:
    """A length in all its units: "1 hour 30 minutes", "4 days 2 hours"; exact to the second."""
    parts, rest = [], seconds
    for unit, name in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute"), (1, "second")):
        number, rest = divmod(rest, unit) if unit != DAY_S or seconds >= DAYS_FROM_S else (0, rest)
        if number:
            parts.append(count_words(number, name))
    return " ".join(parts) or "0 seconds"


def slot_words(seconds: int) -> str:
    """The name of one slot or unit of time: "minute", "hour", "5-minute slot"."""
    for unit, name in ((DAY_S, "day"), (HOUR_S, "hour"), (MINUTE_S, "minute"), (1, "second")):
        if seconds % unit == 0:
            return name if seconds == unit else f"{seconds // unit}-{name} slot"
    return f"{seconds}-second slot"


def unit_words(seconds: int) -> str:
    """What something is paid for: "minute", "hour", "30 minutes"."""
    name = slot_words(seconds)
    return length_words(seconds) if name.endswith("slot") else name


def a(noun: str) -> str:
    """A noun with its article: "a minute", "an hour"."""
    return f"{'an' if noun.startswith(_WITH_AN) else 'a'} {noun}"


def count_words(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 day", "1,200 users"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def promise_name(component: str, key: str) -> str:
    """What people call a promise, by the keys of its component and its own: "api availability", "builds"."""
    about, name = spaced(component), spaced(key)
    return name if about in name else f"{about} {name}"


def percent_words(percent: Fraction) -> str:
    """An exact percentage: "99.9 %"."""
    return f"{number_text(percent)} %"


def share_words(share: Fraction) -> str:
    """An exact share of one as a percentage: 1/2 is "50 %"."""
    return percent_words(share * 100)


def money_words(money: Money) -> str:
    """An amount as the terms write it, with its currency: "500.00 EUR"."""
    return f"{money.text} {money.currency}" if money.currency else f"{money.text} in the contract's currency"


def fee_words(period_kind: str) -> str:
    """The fee a credit is a share of (semantics.md R34): "the month's fee"."""
    return _FEE_OF[period_kind]


def period_noun(period_kind: str) -> str:
    """What one period is called: "month"."""
    return _PERIOD[period_kind]


def day_words(day: date) -> str:
    """A date: "1 June 2026"."""
    return f"{day.day} {day:%B %Y}"


def listed(parts: Sequence[str], last: str = "and") -> str:
    """Parts as a list in a sentence: "a, b and c"."""
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {last} {parts[-1]}"


def plain(name: str) -> str:
    """A key as words: "scheduled_maintenance" is "scheduled maintenance"."""
    return name.replace("_", " ")


def opened(sentence: str) -> str:
    """A phrase as the beginning of a sentence."""
    return sentence[:1].upper() + sentence[1:]
