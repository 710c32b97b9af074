"""Local months: what they are called, their first days, and where each begins and ends in UTC seconds."""

from datetime import date

from portal.domain.notices.phrases import Moment, Style
from portal.domain.quantities import zones

MONTHS_A_YEAR = 12


def period_words(key: str) -> Moment:
    """Return what a period is called by its key, its first local day: "October 2026" for a month, else the day."""
    first = date.fromisoformat(key)
    return Moment.of(first, Style.MONTH if first.day == 1 else Style.DAY)


def months_before(first: date, count: int) -> date:
    """Return the first day of the month so many months before this one; negative: after it."""
    months = first.year * MONTHS_A_YEAR + first.month - 1 - count
    return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)


def month_span(first: date, timezone: str) -> tuple[int, int]:
    """Return the first second of a local month and the first one after it."""
    return zones.instant_of(first, timezone), zones.instant_of(months_before(first, -1), timezone)
