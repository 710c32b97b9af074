"""Local times as people type them in forms: "2026-11-22T14:00", read in a time zone (semantics.md R2)."""

from datetime import datetime

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.quantities import zones

YEAR_MIN, YEAR_MAX = 2000, 2100
FORMS = ("%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%S")
LENGTH_MAX = 19


def read_local(field: str, text: str, timezone: str) -> int:
    """Return the UTC second of a local time; raise Invalid naming the field when it is none.

    A time the clocks skipped becomes the first second after it, one they show twice its first occurrence.
    """
    found = _parsed(text.strip())
    if found is None:
        raise Invalid(field, phrase("Give a date and a time, such as 2026-11-22 14:00."))
    if not YEAR_MIN <= found.year < YEAR_MAX:
        raise Invalid(field, phrase("Give a date between {first} and {last}.", first=str(YEAR_MIN), last=str(YEAR_MAX)))
    return zones.instant_of(found, timezone)


def local_input(instant: int, timezone: str) -> str:
    """Return a UTC second as a form shows it: "2026-11-22T14:00", with seconds where it has any."""
    local = zones.local_time(instant, timezone)
    return f"{local:%Y-%m-%dT%H:%M:%S}" if local.second else f"{local:%Y-%m-%dT%H:%M}"


def _parsed(text: str) -> datetime | None:
    if len(text) > LENGTH_MAX or not text.isascii():
        return None
    for form in FORMS:
        try:
            return datetime.strptime(text, form)  # noqa: DTZ007 - a local time has no zone yet
        except ValueError:
            continue
    return None
