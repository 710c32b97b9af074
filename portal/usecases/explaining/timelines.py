"""Timelines: the measured time of a working as a strip one can zoom, and every piece of it as a row."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal.domain.notices.phrases import Moment, Style, phrase
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_of, local_date, local_time
from portal.usecases.explaining.pieces import Piece, piece_of
from portal.usecases.explaining.receipt_words import CLASS_LOOKS, CLASS_WORDS

Document = Mapping[str, Any]
WIDTH = 100_000
"""Places are told in thousandths of a percent of the strip."""
NARROWEST = 250
PIECES_SHOWN = 200
SHORTEST_S = 60
DAY_S = 86_400
TICKS = 6
EDGE = WIDTH // 10
STEPS_S = (10, 30, 60, 300, 900, 3_600, 10_800, 21_600, DAY_S, 2 * DAY_S, 7 * DAY_S, 14 * DAY_S, 31 * DAY_S, 92 * DAY_S)
PAINTED = ("remaining", "up", "unknown", "excluded", "degraded", "down")
"""In this order, so that what is short and bad stands on top of what is long and good."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One rectangle of the strip in percent of its width, as an SVG says it."""

    x: str
    width: str
    look: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A local moment named below the strip: a day by its date, any other by its time.

    `anchor` is which part of its words stands at it: the middle, or near an edge the one that keeps them on the strip.
    """

    x: str
    words: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Zoom:
    """Another look at the same time: what it is called by programs and by people, and the seconds it shows."""

    name: str
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class ClassSum:
    """All seconds of one class, over the whole measured time."""

    words: str
    look: str
    pieces: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Timeline:
    """The seconds [start, end) of a working's measured time, looked at; `more_from` is where further rows begin.

    The sums are those of the whole measured time and add up to its `seconds`.
    """

    start: int
    end: int
    is_whole: bool
    marks: Sequence[Mark]
    ticks: Sequence[Tick]
    zooms: Sequence[Zoom]
    pieces: Sequence[Piece]
    more_from: int | None
    sums: Sequence[ClassSum]
    seconds: int
    held_s: int


def timeline_of(working: Document, names: Mapping[str, str], look: Interval | None = None) -> Timeline:
    """The timeline of a working, whole or as `look` zooms it; a look at none of its time shows all of it."""
    measured = Interval(working["period"]["measured"]["start"], working["period"]["measured"]["end"])
    shown = _clipped(look, measured)
    within = [one for one in working["intervals"] if one["start"] < shown.end and one["end"] > shown.start]
    rows = [piece_of(one, names, working["exclusions"]) for one in within[: PIECES_SHOWN + 1]]
    return Timeline(
        start=shown.start,
        end=shown.end,
        is_whole=shown == measured,
        marks=_marks(within, shown),
        ticks=tuple(_ticks(shown, working["period"]["timezone"])),
        zooms=tuple(_zooms(shown, measured)),
        pieces=rows[:PIECES_SHOWN],
        more_from=rows[PIECES_SHOWN].start if len(rows) > PIECES_SHOWN else None,
        sums=_sums(working["intervals"]),
        seconds=working["totals"]["period"],
        held_s=working["totals"]["held"],
    )


def _clipped(look: Interval | None, measured: Interval) -> Interval:
    if look is None:
        return measured
    start, end = max(look.start, measured.start), min(look.end, measured.end)
    return Interval(start, end) if end > start else measured


def _marks(intervals: Sequence[Document], shown: Interval) -> Sequence[Mark]:
    painted = sorted(intervals, key=lambda one: PAINTED.index(one["class"]))
    return tuple(dict.fromkeys(_mark(one, shown) for one in painted))


def _mark(one: Document, shown: Interval) -> Mark:
    start, end = max(one["start"], shown.start), min(one["end"], shown.end)
    x = (start - shown.start) * WIDTH // shown.seconds
    width = max(-(-(end - shown.start) * WIDTH // shown.seconds) - x, NARROWEST)
    return Mark(_percent(min(x, WIDTH - NARROWEST)), _percent(width), CLASS_LOOKS[one["class"]])


def _percent(thousandths: int) -> str:
    return f"{thousandths // 1000}.{thousandths % 1000:03}%"


def _ticks(shown: Interval, zone: str) -> Iterator[Tick]:
    if not shown.seconds:
        return
    step = next((one for one in STEPS_S if shown.seconds <= one * TICKS), shown.seconds)
    for at in _moments(shown, zone, step):
        wall = local_time(at, zone)
        x = (at - shown.start) * WIDTH // shown.seconds
        yield Tick(_percent(x), _named(wall), "start" if x < EDGE else "end" if x > WIDTH - EDGE else "middle")


def _named(wall: datetime) -> str:
    if wall.hour == wall.minute == wall.second == 0:
        return Moment.of(wall, Style.SHORT_DAY)
    return f"{wall:%H:%M:%S}" if wall.second else f"{wall:%H:%M}"


def _moments(shown: Interval, zone: str, step: int) -> Iterator[int]:
    """Local midnights for steps of days, else the moments at which a local clock shows a multiple of the step."""
    if step >= DAY_S:
        day = local_date(shown.start, zone)
        while (at := instant_of(day, zone)) < shown.end:
            if at >= shown.start:
                yield at
            day += timedelta(days=step // DAY_S)
        return
    wall = local_time(shown.start, zone)
    into_day = wall.hour * 3_600 + wall.minute * 60 + wall.second
    yield from range(shown.start + -into_day % step, shown.end, step)


def _zooms(shown: Interval, measured: Interval) -> Iterator[Zoom]:
    """The looks one step away that differ from this one."""
    half, quarter = max(shown.seconds // 2, 1), shown.seconds // 4
    for name, words, start, end in (
        ("in", phrase("Closer"), shown.start + quarter, shown.end - quarter),
        ("out", phrase("Wider"), shown.start - half, shown.end + half),
        ("earlier", phrase("Earlier"), *_shifted(shown, -half, measured)),
        ("later", phrase("Later"), *_shifted(shown, half, measured)),
        ("all", phrase("All of it"), measured.start, measured.end),
    ):
        found = _clipped(Interval(start, end), measured)
        if found != shown and (name != "in" or found.seconds >= SHORTEST_S):
            yield Zoom(name, words, found.start, found.end)


def _shifted(shown: Interval, by: int, measured: Interval) -> tuple[int, int]:
    start = min(max(shown.start + by, measured.start), measured.end - shown.seconds)
    return start, start + shown.seconds


def _sums(intervals: Sequence[Document]) -> Sequence[ClassSum]:
    """Every class that occurs, in the order in which one second is counted."""
    found = {key: [one["end"] - one["start"] for one in intervals if one["class"] == key] for key in CLASS_WORDS}
    return [
        ClassSum(CLASS_WORDS[key], CLASS_LOOKS[key], len(seconds), sum(seconds))
        for key, seconds in found.items()
        if seconds
    ]
