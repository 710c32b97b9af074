"""Template filters: instants, durations and sentences in the reader's language; nothing here decides a number."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import lru_cache

from flask import Flask
from markupsafe import Markup

from portal import clock
from portal.domain.notices import phrases
from portal.domain.notices.phrases import Figure, Moment, Style, amount, percentage
from portal.domain.people.languages import Language
from portal.domain.quantities import zones
from portal.usecases.groundwork.local_months import period_words
from portal.web import languages, markdown, vocabulary
from portal.web.saying import say


def prepare(app: Flask) -> None:
    """Register the filters with this app's templates."""
    for name, filter_ in FILTERS.items():
        app.jinja_env.filters[name] = filter_


def duration(seconds: int) -> str:
    """Write whole seconds as people say them: the two largest units, the second one only when there is any of it.

    "23 min 40 s", "5 min", "2 h", "3 d 4 h": what is less than the second unit is cut off.
    """
    return _duration(seconds, languages.current())


@lru_cache(maxsize=4096)
def _duration(seconds: int, _language: Language) -> str:
    return say(phrases.duration(seconds))


def local_time(instant: int | datetime, timezone: str) -> str:
    """Write an instant in a zone to the second: "22 November 2026, 14:25:10"."""
    return say(Moment.of(_local(instant, timezone), Style.SECOND))


def local_minute(instant: int | datetime, timezone: str) -> str:
    """Write an instant in a zone to the minute: "22 November 2026, 14:25"."""
    return say(Moment.of(_local(instant, timezone), Style.MINUTE))


def local_short(instant: int | datetime, timezone: str) -> str:
    """Write an instant in a zone to the minute, in few letters: "22 Nov 2026, 14:25"."""
    return say(Moment.of(_local(instant, timezone), Style.SHORT))


def local_clock(instant: int | datetime, timezone: str) -> str:
    """Write the time of day of an instant in a zone, to the second: "14:25:10"."""
    return f"{_local(instant, timezone):%H:%M:%S}"


def local_hour(instant: int | datetime, timezone: str) -> str:
    """Write the time of day of an instant in a zone, to the minute: "14:25"."""
    return f"{_local(instant, timezone):%H:%M}"


def time_second(instant: int | datetime, timezone: str) -> Markup:
    """Write an instant as `local_time` does, for people and for machines."""
    return Markup('<time datetime="{}">{}</time>').format(iso(instant), local_time(instant, timezone))


def time_minute(instant: int | datetime, timezone: str) -> Markup:
    """Write an instant as `local_minute` does, for people and for machines."""
    return Markup('<time datetime="{}">{}</time>').format(iso(instant), local_minute(instant, timezone))


def names(things: Iterable[object]) -> str:
    """Write names, or things that have one, one after the other."""
    between = "、" if languages.current() is Language.JAPANESE else ", "
    return between.join(say(getattr(one, "name", one)) for one in things)


def word(code: str) -> str:
    """Write a code in words: "scheduled maintenance"."""
    return say(vocabulary.word(code))


def heading(code: str) -> str:
    """Write a code in words, the first letter large: "Scheduled maintenance"."""
    words = word(code)
    return words[:1].upper() + words[1:]


def iso(instant: int | datetime) -> str:
    """Write an instant as ISO 8601 UTC with Z, for machines and `<time datetime>`."""
    utc = instant if isinstance(instant, datetime) else clock.instant(instant)
    return utc.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def local_day(day: date) -> str:
    """Write a date: "22 November 2026"."""
    return say(Moment.of(day, Style.DAY))


def local_day_of(instant: int | datetime, timezone: str) -> date:
    """Return the day an instant falls on in a zone."""
    return _local(instant, timezone).date()


def period(key: str) -> str:
    """Write a period by its key, which is its first local day: "October 2026" for a month, else "8 October 2026"."""
    return say(period_words(key))


def local_month(day: date) -> str:
    """Write the month of a date: "November 2026"."""
    return say(Moment.of(day, Style.MONTH))


def short_month(day: date) -> str:
    """Write the month of a date in few letters: "Nov"."""
    return say(Moment.of(day, Style.SHORT_MONTH))


def month_key(day: date) -> str:
    """Write the month of a date as it stands in an address: "2026-11"."""
    return f"{day:%Y-%m}"


def grouped(number: int) -> str:
    """Write a whole number with thousands set apart: "2,592,000"."""
    return say(number)


def figure(decimal: str | None) -> str:
    """Write a decimal text such as "99.952" with the reader's signs; a dash for none. Its digits stay as they are."""
    return "–" if decimal is None else say(Figure(decimal))


def percent(decimal: str | None) -> str:
    """Write a decimal text as a percentage: "99.952 %"; a dash for none."""
    return "–" if decimal is None else say(percentage(decimal))


def money(decimal: str | None, currency: str) -> str:
    """Write a decimal amount in a currency: "EUR 4,800.00"; a dash for none."""
    return "–" if decimal is None else say(amount(decimal, currency))


def _local(instant: int | datetime, timezone: str) -> datetime:
    aware = instant if isinstance(instant, datetime) else clock.instant(instant)
    return aware.astimezone(zones.zone(timezone))


FILTERS = {
    "duration": duration,
    "local_time": local_time,
    "local_minute": local_minute,
    "local_short": local_short,
    "local_clock": local_clock,
    "local_hour": local_hour,
    "local_day": local_day,
    "local_day_of": local_day_of,
    "period": period,
    "local_month": local_month,
    "short_month": short_month,
    "month_key": month_key,
    "time_second": time_second,
    "time_minute": time_minute,
    "names": names,
    "word": word,
    "heading": heading,
    "iso": iso,
    "markdown": markdown.render,
    "grouped": grouped,
    "figure": figure,
    "percent": percent,
    "money": money,
}
