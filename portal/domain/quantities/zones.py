"""Local dates and times to instants and back, in the pinned time zone database only (semantics.md R2, decision D21).

Governments change their clocks, so a figure belongs to an edition of the database. What was computed under an earlier
edition is computed again under it with `edition("2025b")`; the folder zone_editions keeps the zones that differ.
"""

import importlib.metadata
import io
import zipfile
import zoneinfo
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

zoneinfo.reset_tzpath(())

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND = timedelta(seconds=1)


_EDITIONS = Path(__file__).parent / "zone_editions"
_NO_ZONES: Mapping[str, ZoneInfo] = {}
_earlier: ContextVar[Mapping[str, ZoneInfo]] = ContextVar("zones_of_an_earlier_edition", default=_NO_ZONES)


@contextmanager
def edition(name: str) -> Iterator[None]:
    """Let the enclosed work use an edition of the time zone database, such as "2025b".

    Raises ValueError when it is neither the installed one nor kept.
    """
    token = _earlier.set(_NO_ZONES if name == installed_edition() else _kept(name))
    try:
        yield
    finally:
        _earlier.reset(token)


@cache
def installed_edition() -> str:
    """The edition of the pinned database, such as "2026f"; its package writes the letter as a number."""
    year, release = importlib.metadata.version("tzdata").split(".")[:2]
    return f"{year}{chr(ord('a') + int(release) - 1)}"


@cache
def _kept(name: str) -> Mapping[str, ZoneInfo]:
    kept = {path.stem: path for path in _EDITIONS.glob("*.zip")}
    if name not in kept:
        known = ", ".join(sorted([*kept, installed_edition()]))
        raise ValueError(f"The time zone edition '{name[:20]}' is not kept here; known are {known}.")
    with zipfile.ZipFile(kept[name]) as archive:
        return {zone: ZoneInfo.from_file(io.BytesIO(archive.read(zone)), key=zone) for zone in archive.namelist()}


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name; raises ValueError with a sentence when there is none."""
    try:
        return _earlier.get().get(name) or ZoneInfo(name)
    except (LookupError, ValueError, OSError, TypeError, AttributeError):
        raise ValueError(f"'{str(name)[:60]}' is not the name of a time zone") from None


def read_zone(value: object) -> str:
    """The name of an existing time zone; raises ValueError with the sentence a document reader shows."""
    if not isinstance(value, str) or len(value) > 60:
        raise ValueError("must be the name of a time zone, like Europe/Berlin.")
    try:
        return zone(value).key
    except ValueError:
        raise ValueError(f"must be the name of a time zone, like Europe/Berlin; '{value}' is none.") from None


def instant_of(local: date, zone_name: str) -> int:
    """The earliest UTC second whose wall clock shows at least this local date (its midnight) or local date-time.

    A skipped time becomes the first second after the gap, a repeated one its first occurrence (R2).
    """
    if isinstance(local, datetime):
        return _instant_of(local.replace(tzinfo=None, fold=0), zone(zone_name))
    return _instant_of(datetime.combine(local, time.min), zone(zone_name))


@lru_cache(maxsize=4096)
def _instant_of(wall: datetime, place: ZoneInfo) -> int:
    instant = _seconds(wall.replace(tzinfo=place))
    if _wall(instant, place) == wall:
        return instant
    before, after = _seconds(wall.replace(tzinfo=place, fold=1)), instant
    while after - before > 1:
        middle = (before + after) // 2
        if _wall(middle, place) >= wall:
            after = middle
        else:
            before = middle
    return after


def local_time(instant: int, zone_name: str) -> datetime:
    """The wall clock at a UTC second, without a zone attached."""
    return _wall(instant, zone(zone_name))


def local_date(instant: int, zone_name: str) -> date:
    """The local calendar date at a UTC second."""
    return local_time(instant, zone_name).date()


def local_text(instant: int, zone_name: str) -> str:
    """The local date at a UTC second when it starts that date, else the local date-time: "2026-03-01"."""
    wall = local_time(instant, zone_name)
    if instant_of(wall.date(), zone_name) == instant:
        return wall.date().isoformat()
    return wall.isoformat(timespec="seconds")


def local_dates(start: int, end: int, zone_name: str) -> int:
    """How many local calendar dates have at least one second in [start, end) (R5)."""
    if start >= end:
        return 0
    day, last = local_date(start, zone_name), local_date(end - 1, zone_name)
    dates = 0
    while day <= last:
        tomorrow = day + timedelta(days=1)
        dates += instant_of(day, zone_name) < instant_of(tomorrow, zone_name)
        day = tomorrow
    return dates


def parse_instant(text: str) -> int:
    """The UTC second of an RFC 3339 time with a zone, such as "2026-06-10T10:00:00Z"; raises ValueError."""
    try:
        stamp = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise ValueError(f"'{str(text)[:40]}' is not a time such as 2026-06-10T10:00:00Z") from None
    if stamp.tzinfo is None:
        raise ValueError(f"'{text[:40]}' names no time zone; write it as 2026-06-10T10:00:00Z")
    if stamp.microsecond:
        raise ValueError(f"'{text[:40]}' has a fraction of a second; times are whole seconds")
    return _seconds(stamp)


def instant_text(instant: int) -> str:
    """A UTC second as "2026-06-10T10:00:00Z"."""
    return (_EPOCH + instant * _SECOND).strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0")


def _seconds(stamp: datetime) -> int:
    return (stamp.astimezone(UTC) - _EPOCH) // _SECOND


def _wall(instant: int, place: ZoneInfo) -> datetime:
    return (_EPOCH + instant * _SECOND).astimezone(place).replace(tzinfo=None, fold=0)
