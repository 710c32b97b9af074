"""Open time of business calendars in real seconds (semantics.md R42)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from portal.domain.promises.business_hours import BusinessHours, Site
from portal.domain.quantities.intervals import Interval, Intervals, clip, union
from portal.domain.quantities.zones import instant_of, local_date

_DAY = timedelta(days=1)
_MINUTES_OF_A_DAY = 1440


def open_intervals(hours: BusinessHours | None, start: int, end: int) -> Intervals:
    """The open time in [start, end), UTC seconds; `hours` None is open around the clock.

    The sites' hours add up; a local date is closed only where it is a holiday of every site (R42).
    """
    if start >= end:
        return ()
    if hours is None:
        return (Interval(start, end),)
    closed = _common_holidays(hours)
    shifts = (shift for site in hours.sites for shift in _shifts(site, closed, start, end))
    return clip(union(shifts), start, end)


def _common_holidays(hours: BusinessHours) -> frozenset[date]:
    first, *others = (frozenset(site.holidays) for site in hours.sites)
    return first.intersection(*others)


def _shifts(site: Site, closed: frozenset[date], start: int, end: int) -> Iterator[Interval]:
    day, last = local_date(start, site.timezone), local_date(end - 1, site.timezone)
    while day <= last:
        if day not in closed:
            for opens, closes in site.hours[day.weekday()]:
                yield Interval(_instant(day, opens, site.timezone), _instant(day, closes, site.timezone))
        day += _DAY


def _instant(day: date, minute: int, timezone: str) -> int:
    if minute == _MINUTES_OF_A_DAY:
        return instant_of(day + _DAY, timezone)
    return instant_of(datetime.combine(day, time(minute // 60, minute % 60)), timezone)
