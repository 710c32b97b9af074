"""Local months: their first days, and where each begins and ends in UTC seconds."""

from datetime import date

from portal.domain.quantities import zones

MONTHS_A_YEAR = 12


def months_before(first: date, count: int) -> date:
    """Return the first day of the month so many months before this one; negative: after it."""
    months = first.year * MONTHS_A_YEAR + first.month - 1 - count
    return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)


def month_span(first: date, timezone: str) -> tuple[int, int]:
    """Return the first second of a local month and the first one after it."""
    return zones.instant_of(first, timezone), zones.instant_of(months_before(first, -1), timezone)
