"""Contract periods cut from local dates in the contract's time zone (semantics.md R2)."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from portal.domain.quantities.zones import instant_of, local_date, local_text, parse_instant

_MONTHS = {"calendar_month": 1, "billing_month": 1, "calendar_quarter": 3, "fiscal_quarter": 3, "calendar_year": 12}


@dataclass(frozen=True, slots=True)
class Period:
    """One period a commitment is judged over: [start, end) in UTC seconds, with the local texts of both ends."""

    start: int
    end: int
    start_local: str
    end_local: str
    timezone: str
    kind: str

    @property
    def seconds(self) -> int:
        """Length in real seconds (R3)."""
        return self.end - self.start

    @property
    def months(self) -> int:
        """How many monthly fees the period is worth: a rolling or custom period one (R34, decision D3)."""
        return _MONTHS.get(self.kind, 1)


def period_of(rule: Mapping[str, object], timezone: str, instant: int) -> Period:
    """The period of this rule that holds a UTC second.

    For a rolling rule: the window that ends at that second; for a custom one: its two ends.
    Raises ValueError for an unknown kind, a missing key, or a custom period that does not hold the instant.
    """
    kind = str(rule.get("kind"))
    if kind == "rolling":
        return _rolling(_whole(rule, "seconds"), timezone, instant)
    if kind == "custom":
        return _custom_holding(rule, timezone, instant)
    if kind not in _MONTHS:
        raise ValueError(f"'{kind[:40]}' is not a kind of period")
    return _calendar_period(kind, _phase(kind, rule), _anchor_day(kind, rule), timezone, instant)


def period_from(rule: Mapping[str, object], timezone: str) -> Period:
    """The one period that a rule with its own ends describes: `start` and `end`, or a rolling `seconds` and `as_of`.

    Raises ValueError when an end is missing, is no local date, local time or instant, or lies before the start.
    """
    kind = str(rule.get("kind"))
    if kind == "rolling" and "as_of" in rule:
        return _rolling(_whole(rule, "seconds"), timezone, parse_instant(str(rule["as_of"])))
    if kind not in _MONTHS and kind not in ("rolling", "custom"):
        raise ValueError(f"'{kind[:40]}' is not a kind of period")
    start, end = _end_of(rule, "start", timezone), _end_of(rule, "end", timezone)
    if end < start:
        raise ValueError("the period ends before it starts")
    return _period(start, end, timezone, kind)


def following(period: Period, rule: Mapping[str, object]) -> Period:
    """The period of the same rule that starts where this one ends; raises ValueError for a custom rule."""
    if period.kind == "rolling":
        return _rolling(period.seconds, period.timezone, period.end + period.seconds)
    if period.kind == "custom":
        raise ValueError("a custom period has no next one")
    return period_of(rule, period.timezone, period.end)


def preceding(period: Period, rule: Mapping[str, object]) -> Period:
    """The period of the same rule that ends where this one starts; raises ValueError for a custom rule."""
    if period.kind == "rolling":
        return _rolling(period.seconds, period.timezone, period.start)
    if period.kind == "custom":
        raise ValueError("a custom period has no previous one")
    return period_of(rule, period.timezone, period.start - 1)


def _period(start: int, end: int, timezone: str, kind: str) -> Period:
    return Period(start, end, local_text(start, timezone), local_text(end, timezone), timezone, kind)


def _rolling(seconds: int, timezone: str, as_of: int) -> Period:
    return _period(as_of - seconds, as_of, timezone, "rolling")


def _custom_holding(rule: Mapping[str, object], timezone: str, instant: int) -> Period:
    period = period_from(rule, timezone)
    if not period.start <= instant < period.end:
        raise ValueError("the custom period does not hold this instant")
    return period


def _calendar_period(kind: str, phase: int, day: int, timezone: str, instant: int) -> Period:
    today = local_date(instant, timezone)
    step = _MONTHS[kind]
    month = today.year * 12 + today.month - 1
    month -= (month - phase) % step
    while instant < instant_of(_date_in(month, day), timezone):
        month -= step
    while instant >= instant_of(_date_in(month + step, day), timezone):
        month += step
    first, last = _date_in(month, day), _date_in(month + step, day)
    ends = (instant_of(first, timezone), instant_of(last, timezone))
    return Period(*ends, first.isoformat(), last.isoformat(), timezone, kind)


def _date_in(month: int, day: int) -> date:
    """The anchor day of a month counted from year 0, clamped to that month's last day."""
    year, number = divmod(month, 12)
    return date(year, number + 1, min(day, monthrange(year, number + 1)[1]))


def _phase(kind: str, rule: Mapping[str, object]) -> int:
    if kind != "fiscal_quarter":
        return 0
    month = _whole(rule, "fiscal_year_start_month")
    if not 1 <= month <= 12:
        raise ValueError("the fiscal year starts in a month from 1 to 12")
    return month - 1


def _anchor_day(kind: str, rule: Mapping[str, object]) -> int:
    if kind != "billing_month":
        return 1
    day = _whole(rule, "anchor_day")
    if not 1 <= day <= 31:
        raise ValueError("the anchor day is a day from 1 to 31")
    return day


def _whole(rule: Mapping[str, object], key: str) -> int:
    value = rule.get(key)
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"this kind of period needs a whole number '{key}'")
    return value


def _end_of(rule: Mapping[str, object], key: str, timezone: str) -> int:
    """The instant of a local date, a local date-time, or an instant with its own zone."""
    text = rule.get(key)
    if not isinstance(text, str):
        raise ValueError(f"this period needs '{key}', a local date such as 2026-06-01")
    try:
        if "T" not in text:
            return instant_of(date.fromisoformat(text), timezone)
        stamp = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(f"'{text[:40]}' is not a local date such as 2026-06-01") from None
    return parse_instant(text) if stamp.tzinfo else instant_of(stamp, timezone)
