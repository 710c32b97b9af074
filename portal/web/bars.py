"""Days of a service as shapes: where each bar stands, how tall it is, and which look it has."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portal.domain.evidence.detection import SecondsByState
from portal.usecases.status.last_days import LastDays

WIDTH, HEIGHT = 630, 32
STEP, BAR = 7, 5
USUAL = 22
HEIGHT_OF = {"ok": USUAL, "unknown": USUAL, "none": 6, "degraded": 27, "down": HEIGHT}
UNKNOWN_LEAST = 8
USUALLY = "usual"
TICK_APART = 5
"""Days by which the labels of two months stand apart at least, and the last one from today."""


@dataclass(frozen=True, slots=True)
class Shape:
    """All bars of one look, as the data of one SVG path: rectangles, or dashes for days as they usually are."""

    look: str
    path: str


@dataclass(frozen=True, slots=True)
class UnusualDays:
    """Neighbouring days with the same seconds in each state, other than up throughout."""

    first: date
    last: date
    seconds: SecondsByState


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that is drawn of neighbouring days: how many, the last of them, and by place those not up throughout.

    Equal ones look alike, however long today is by now.
    """

    count: int
    last: date
    unusual: tuple[tuple[int, SecondsByState], ...]

    @classmethod
    def of(cls, days: LastDays) -> "Drawing":
        """Return what is drawn of these days, at least one."""
        return cls(len(days), days.span.dates[-1], tuple(days.unusual.items()))

    @property
    def looks(self) -> str:
        """The looks of the days as one letter each (o, s, d, u, n), with `h` for a day known only in part."""
        letters = ["o"] * self.count
        for place, day in self.unusual:
            letters[place] = _letter(day)
        return "".join(letters)

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """The bars of the days, oldest left: one shape for each look that occurs.

        Days that were up throughout are the dashes of one line (static/css/bars.css): most of a page is made of them.
        """
        paths: dict[str, list[str]] = {USUALLY: [], **{look: [] for look in HEIGHT_OF}}
        after = 0
        for place, day in (*self.unusual, (self.count, None)):
            if after < place:
                length = STEP * (place - after) - STEP + BAR
                paths[USUALLY].append(f"M{self._left(after)} {HEIGHT - USUAL // 2}h{length}")
            for look, top, height in _rectangles(day) if day else ():
                paths[look].append(f"M{self._left(place)} {top}h{BAR}v{height}h-{BAR}z")
            after = place + 1
        drawn = ((look, "".join(parts)) for look, parts in paths.items())
        return tuple(Shape(look, path) for look, path in drawn if path)

    @property
    def unusual_days(self) -> tuple[UnusualDays, ...]:
        """The days that were not up throughout, newest first; neighbours of equal seconds are told together."""
        found: list[UnusualDays] = []
        for place, seconds in reversed(self.unusual):
            day = self.last - timedelta(days=self.count - 1 - place)
            if seconds.down or seconds.degraded or seconds.unknown:
                later = found[-1] if found else None
                if later and later.seconds == seconds and (later.first - day).days == 1:
                    found[-1] = UnusualDays(day, later.last, seconds)
                else:
                    found.append(UnusualDays(day, day, seconds))
        return tuple(found)

    def _left(self, place: int) -> int:
        return WIDTH - STEP * (self.count - place) + 1


@dataclass(frozen=True, slots=True)
class Tick:
    """The first day of a month on the axis, and its place from the left in percent of the width, as text."""

    month: date
    place: str


def look_of(day: SecondsByState) -> str:
    """Return the look of a whole day: ok, degraded, down, unknown (nothing known) or none (not measured yet)."""
    if day.known == 0:
        return "unknown" if day.unknown else "none"
    return "down" if day.down else "degraded" if day.degraded else "ok"


def ticks(days: Sequence[date]) -> tuple[Tick, ...]:
    """Return where months begin among these neighbouring days, which fill the width."""
    found = [(place, day) for place, day in enumerate(days) if day.day == 1]
    return tuple(
        Tick(day, f"{100 * place / len(days):.1f}%")
        for place, day in found
        if TICK_APART <= place <= len(days) - TICK_APART
    )


def _letter(day: SecondsByState) -> str:
    look = look_of(day)
    if look == "ok":
        return "h" if day.unknown else "o"
    return {"degraded": "s", "down": "d", "unknown": "u", "none": "n"}[look]


def _rectangles(day: SecondsByState) -> list[tuple[str, int, int]]:
    """A bar's look, top and height; the unknown share of a day stands on top of it, hatched and never green."""
    look = look_of(day)
    if day.known == 0:
        return [(look, HEIGHT - HEIGHT_OF[look], HEIGHT_OF[look])]
    height = HEIGHT_OF[look]
    hatched = max(UNKNOWN_LEAST, height * day.unknown // (day.known + day.unknown)) if day.unknown else 0
    top = HEIGHT - height
    upper = [("unknown", top, hatched)] if hatched else []
    return [*upper, (look, top + hatched, height - hatched)]
