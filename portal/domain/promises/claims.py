"""Until when a credit may be claimed, and whether a claim was in time (semantics.md R37)."""

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, timedelta

from portal.domain.promises.settlement import Deadline
from portal.domain.quantities.periods import Period, following
from portal.domain.quantities.zones import instant_of, local_date

_DAY = timedelta(days=1)
_SATURDAY = 5


def claim_deadline(
    deadline: Deadline, period: Period, period_rule: Mapping[str, object], incident_end: int | None
) -> int | None:
    """The first UTC second at which a claim is too late: a local midnight in the contract's zone.

    None for `automatic` (nothing to claim) and `by_contract` (a person decides). `incident_end` is the second after
    the last down second. Raises ValueError when the rule counts from an incident and there is none, or from the
    periods after a custom one.
    """
    if deadline.type in ("automatic", "by_contract"):
        return None
    count = deadline.count or 0
    if deadline.type == "end_of_nth_period_after":
        return _end_of_nth_after(period, period_rule, count)
    if deadline.type == "months_after_period_end":
        return instant_of(_months_later(_last_day(period) + _DAY, count), period.timezone)
    last = _first_day_before(deadline, period, incident_end)
    holidays = deadline.holidays if deadline.type.startswith("business_days") else None
    return instant_of(_count_days(last, count, holidays) + _DAY, period.timezone)


def claim_accepted(deadline: Deadline, too_late_from: int | None, claim_at: int | None) -> bool | None:
    """Whether a credit is paid: automatically, or claimed before the deadline; None when a person must decide."""
    if deadline.type == "automatic":
        return True
    if claim_at is None:
        return False
    return None if too_late_from is None else claim_at < too_late_from


def _first_day_before(deadline: Deadline, period: Period, incident_end: int | None) -> date:
    """The local date from which the days are counted: that day is day 0."""
    if deadline.type.endswith("after_period_end"):
        return _last_day(period)
    if incident_end is None:
        raise ValueError("This deadline counts from an incident, and there is none.")
    return local_date(incident_end - 1, period.timezone)


def _last_day(period: Period) -> date:
    return local_date(period.end - 1, period.timezone)


def _count_days(day: date, count: int, holidays: Collection[date] | None) -> date:
    """The count-th day after a day; with holidays given only Monday to Friday outside them are counted."""
    if holidays is None:
        return day + count * _DAY
    while count:
        day += _DAY
        count -= day.weekday() < _SATURDAY and day not in holidays
    return day


def _months_later(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _end_of_nth_after(period: Period, rule: Mapping[str, object], count: int) -> int:
    for _ in range(count):
        period = following(period, rule)
    return period.end
