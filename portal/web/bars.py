"""Days of a service as shapes: where each bar stands, how tall it is, and which look it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from portal.usecases.status.public_status import Day

WIDTH, HEIGHT = 630, 32
STEP, BAR = 7, 5
USUAL = 22
HEIGHT_OF = {"ok": USUAL, "unknown": USUAL, "none": 6, "degraded": 27, "down": HEIGHT}
UNKNOWN_LEAST = 3
USUALLY = (("ok", HEIGHT - USUAL, USUAL),)
TICK_APART = 5
"""Days by which the labels of two months stand apart at least, and the last one from today."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All rectangles of one look, as the data of one SVG path."""

    look: str
    path: str


@dataclass(frozen=True, slots=True)
class UnusualDays:
    """Neighbouring days with the same seconds in each state, other than up throughout."""

    first: Day
    last: Day
    is_measured: bool


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month on the axis, and its place from the left in percent of the width, as text."""

    month: date
    place: str


def look_of(day: Day) -> str:
    """Return the look of a whole day: ok, degraded, down, unknown (nothing known) or none (not measured yet)."""
    if day.known_s == 0:
        return "unknown" if day.seconds.unknown else "none"
    return "down" if day.seconds.down else "degraded" if day.seconds.degraded else "ok"


def looks(days: Sequence[Day]) -> str:
    """Return the looks of these days as one letter each (o, s, d, u, n), with `h` for a day known only in part."""
    return "".join(_letter(day) for day in days)


def ticks(days: Sequence[date]) -> tuple[Tick, ...]:
    """Return where months begin among these neighbouring days, which fill the width."""
    found = [(place, day) for place, day in enumerate(days) if day.day == 1]
    return tuple(
        Tick(day, f"{100 * place / len(days):.1f}%")
        for place, day in found
        if TICK_APART <= place <= len(days) - TICK_APART
    )


def _letter(day: Day) -> str:
    if _is_usual(day):
        return "o"
    look = look_of(day)
    if look == "ok":
        return "h" if day.seconds.unknown else "o"
    return {"degraded": "s", "down": "d", "unknown": "u", "none": "n"}[look]


def shapes(days: Sequence[Day]) -> tuple[Shape, ...]:
    """Return the bars of these days, oldest left: one shape for each look that occurs."""
    paths: dict[str, list[str]] = {}
    left = WIDTH - STEP * len(days) + 1
    for place, day in enumerate(days):
        for look, top, height in USUALLY if _is_usual(day) else _rectangles(day):
            paths.setdefault(look, []).append(_rectangle(left + STEP * place, top, height))
    return tuple(Shape(look, "".join(parts)) for look, parts in paths.items())


@lru_cache(maxsize=4096)
def _rectangle(left: int, top: int, height: int) -> str:
    return f"M{left} {top}h{BAR}v{height}h-{BAR}z"


def _is_usual(day: Day) -> bool:
    """Whether it was up throughout, as nearly every day is."""
    seconds = day.seconds
    return seconds.up > 0 and not (seconds.down or seconds.degraded or seconds.unknown)


def unusual_days(days: Sequence[Day]) -> tuple[UnusualDays, ...]:
    """Return the days that were not up throughout, newest first; neighbours of equal seconds are told together."""
    found: list[UnusualDays] = []
    for day in reversed(days):
        if day.seconds.down or day.seconds.degraded or day.seconds.unknown:
            previous = found[-1] if found else None
            if previous and previous.first.seconds == day.seconds and (previous.first.day - day.day).days == 1:
                found[-1] = UnusualDays(day, previous.last, previous.is_measured)
            else:
                found.append(UnusualDays(day, day, day.known_s > 0))
    return tuple(found)


def _rectangles(day: Day) -> list[tuple[str, int, int]]:
    """A bar's look, top and height; the unknown share of a day stands on top of it, hatched and never green."""
    seconds = day.seconds
    look = look_of(day)
    if day.known_s == 0:
        return [(look, HEIGHT - HEIGHT_OF[look], HEIGHT_OF[look])]
    height = HEIGHT_OF[look]
    hatched = max(UNKNOWN_LEAST, height * seconds.unknown // (day.known_s + seconds.unknown)) if seconds.unknown else 0
    top = HEIGHT - height
    upper = [("unknown", top, hatched)] if hatched else []
    return [*upper, (look, top + hatched, height - hatched)]
