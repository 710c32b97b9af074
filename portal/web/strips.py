"""A day as a strip: what was not up stands on it at its time, hours below."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.evidence.records import State
from portal.usecases.status.service_days import DayWorking, Piece

WIDTH, HEIGHT = 1440, 48
TOP, THICK = 10, 28
LEAST = 3
"""Units of the width below which a piece could not be seen."""
LOOKS = {State.DOWN: "down", State.DEGRADED: "degraded", State.UNKNOWN: "unknown", State.UP: "ok"}
EVERY_HOURS = 6
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Mark:
    """One rectangle: its look, left edge and width."""

    look: str
    left: int
    width: int


@dataclass(frozen=True, slots=True)
class Strip:
    """A day drawn: the ground that was measured, what stands out on it, and its hours with their place as text."""

    marks: Sequence[Mark]
    left_out: Sequence[Mark]
    ticks: Sequence[tuple[int, str]]
    width: int = WIDTH
    height: int = HEIGHT
    top: int = TOP
    thick: int = THICK


def strip(working: DayWorking) -> Strip:
    """Return a day drawn from its first second to its last; what lies ahead or was never measured stays empty."""
    length = max(1, working.whole.seconds)
    measured_from = working.start + working.unmeasured_s
    ground = [_mark("ok", measured_from, working.end, working, length)] if measured_from < working.end else []
    pieces = [_mark(LOOKS[one.state], one.start, one.end, working, length) for one in _drawn(working.pieces)]
    left_out = [_mark("maint", one.start, one.end, working, length) for one in working.left_out]
    instants = range(working.whole.start, working.whole.end, EVERY_HOURS * HOUR_S)
    ticks = [(at, f"{100 * (at - working.start) / length:.1f}%") for at in instants]
    return Strip([*ground, *pieces], left_out, ticks)


def _drawn(pieces: Sequence[Piece]) -> Sequence[Piece]:
    """The worst last, so that nothing lies on top of it."""
    order = (State.UNKNOWN, State.DEGRADED, State.DOWN)
    return sorted(pieces, key=lambda one: order.index(one.state))


def _mark(look: str, start: int, end: int, working: DayWorking, length: int) -> Mark:
    left = WIDTH * (start - working.start) // length
    width = max(LEAST, WIDTH * (end - start) // length)
    return Mark(look, min(left, WIDTH - width), width)
