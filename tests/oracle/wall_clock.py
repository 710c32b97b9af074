"""Local time by looking at the clock minute by minute and second by second (R2); no arithmetic on offsets."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, reset_tzpath

reset_tzpath(())
"""Only the pinned tzdata package answers, whatever the machine has (D21)."""

MINUTE_S = 60
LARGEST_OFFSET_S = 15 * 3600


def utc_text(second: int) -> str:
    """The instant as the vectors write it."""
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def wall_clock(second: int, zone: str) -> datetime:
    """What a clock on the wall of that zone shows, without its zone."""
    return datetime.fromtimestamp(second, ZoneInfo(zone)).replace(tzinfo=None)


@lru_cache(maxsize=100_000)
def first_second_showing(local: datetime, zone: str) -> int:
    """The earliest second whose wall clock shows at least `local`, found by walking forward (R2)."""
    second = int(local.replace(tzinfo=UTC).timestamp()) - LARGEST_OFFSET_S
    second -= second % MINUTE_S
    while wall_clock(second, zone) < local:
        second += MINUTE_S
    second -= MINUTE_S
    while wall_clock(second, zone) < local:
        second += 1
    return second


def second_of(text: str, zone: str) -> int:
    """The second a text names: an instant with its offset, a local date-time, or a local date's first second."""
    stamp = datetime.fromisoformat(text)
    if stamp.tzinfo is not None:
        return int(stamp.timestamp())
    return first_second_showing(stamp, zone)


def midnights(start: int, end: int, zone: str) -> list[int]:
    """The first seconds of the local dates that begin inside (start, end)."""
    day, last = wall_clock(start, zone).date(), wall_clock(end, zone).date()
    found = set()
    while day <= last:
        day += timedelta(days=1)
        found.add(midnight(day, zone))
    return sorted(second for second in found if start < second < end)


def midnight(day: date, zone: str) -> int:
    """The first second of a local date."""
    return first_second_showing(datetime.combine(day, time()), zone)


def dates_between(start: int, end: int, zone: str) -> int:
    """How many local dates have at least one second in [start, end)."""
    return 0 if end <= start else 1 + len(midnights(start, end, zone))


@cache
def offset_changes(zone: str, first_year: int = 2024, last_year: int = 2028) -> tuple[int, ...]:
    """Every second of these years at which the zone's wall clock jumps."""
    step = 24 * 3600
    second = int(datetime(first_year, 1, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last_year + 1, 1, 1, tzinfo=UTC).timestamp())
    leads = [_lead(day, zone) for day in range(second, end + step, step)]
    found = []
    for number, (before, after) in enumerate(pairwise(leads)):
        if before != after:
            found.append(_change_between(second + number * step, second + (number + 1) * step, zone))
    return tuple(found)


def _lead(second: int, zone: str) -> int:
    return int(wall_clock(second, zone).replace(tzinfo=UTC).timestamp()) - second


def _change_between(before: int, after: int, zone: str) -> int:
    while after - before > 1:
        middle = (before + after) // 2
        if _lead(middle, zone) == _lead(before, zone):
            before = middle
        else:
            after = middle
    return after


def use_zones_from(*folders: str) -> None:
    """Read zones from these folders first, then from the pinned tzdata package; nothing read before is remembered."""
    reset_tzpath(folders)
    ZoneInfo.clear_cache()
    first_second_showing.cache_clear()
    offset_changes.cache_clear()
