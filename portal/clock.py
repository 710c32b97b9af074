"""The only reading of the time, and the two ways an instant is written: an aware UTC datetime, and whole seconds."""

import calendar
from datetime import UTC, datetime


def now() -> datetime:
    """Return the present instant as an aware UTC datetime."""
    return datetime.now(UTC)


def seconds(instant: datetime) -> int:
    """Return the whole UTC seconds of an aware instant, cut off; raise ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("An instant needs its time zone; this one has none.")
    return calendar.timegm(instant.astimezone(UTC).timetuple())


def instant(seconds: int) -> datetime:
    """Return the aware UTC datetime of whole UTC seconds."""
    return datetime.fromtimestamp(seconds, UTC)
