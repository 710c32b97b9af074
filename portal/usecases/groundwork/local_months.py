"""Local months: what they are called, their first days, and where each begins and ends in UTC seconds."""

import re
from calendar import Calendar
from collections.abc import Sequence
from datetime import date

from portal.domain.notices.phrases import Moment, Style, phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.quantities import zones

MONTHS_A_YEAR = 12
FIRST, LAST = date(2000, 1, 1), date(2999, 12, 1)
NO_SUCH = phrase("There is no such month.")
_KEY = re.compile(r"[0-9]{4}-[0-9]{2}")


def period_words(key: str) -> Moment:
    """Return what a period is called by its key, its first local day: "October 2026" for a month, else the day."""
    first = date.fromisoformat(key)
    return Moment.of(first, Style.MONTH if first.day == 1 else Style.DAY)


def read_month(key: str) -> date:
    """Return the first day of a month by its key such as "2026-10"; raise NotFound when it is none."""
    try:
        first = date.fromisoformat(f"{key}-01") if _KEY.fullmatch(key) else None
    except ValueError:
        first = None
    if first is None or not FIRST <= first <= LAST:
        raise NotFound(NO_SUCH)
    return first


def months_before(first: date, count: int) -> date:
    """Return the first day of the month so many months before this one; negative: after it."""
    months = first.year * MONTHS_A_YEAR + first.month - 1 - count
    return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)


def month_span(first: date, timezone: str) -> tuple[int, int]:
    """Return the first second of a local month and the first one after it."""
    return zones.instant_of(first, timezone), zones.instant_of(months_before(first, -1), timezone)


def weeks_of(first: date, first_weekday: int) -> Sequence[Sequence[date | None]]:
    """Return the weeks of a month as rows of seven days, None for those of its neighbours; 0: weeks begin on Monday."""
    weeks = Calendar(first_weekday).monthdatescalendar(first.year, first.month)
    return [[day if day.month == first.month else None for day in week] for week in weeks]
