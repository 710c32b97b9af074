"""What probes go through by chance: drawn from a seed for each stretch of thirty days, whatever range is asked for."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

DAY_S = 86_400
HOUR_S = 3_600
STRETCH_S = 30 * DAY_S
DOWN, SLOW, GAP, LATE, STEP = "down", "slow", "gap", "late", "clock step"
EVERYWHERE = 0
OUTAGE_S = (60, 90 * 60)
SLOW_S = (10 * 60, 4 * HOUR_S)
GAP_S = (5 * 60, 3 * HOUR_S)
STEP_S = (60, 10 * 60)
PARTIAL_ONE_IN = 4


@dataclass(frozen=True, slots=True)
class Episode:
    """Something in [start, end), UTC seconds, that a probe went through; probe "" is every probe, location 0 every one.

    `down` and `slow` are states; in a `gap` and while the clock steps there are no samples; `late` ones come a day
    late.
    """

    probe: str
    location: int
    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Chance:
    """How many of each kind there are in thirty days: of each probe, or of each probe at each location (gaps, late).

    The same seed draws the same episodes.
    """

    seed: int
    outages: int = 2
    slow: int = 1
    gaps: int = 1
    late: int = 1
    clock_steps: int = 0


def drawing(*of: object) -> Random:
    """Return what draws the same from the same seed and names."""
    return Random(":".join(map(str, of)))  # noqa: S311 - nothing is kept secret by it


def episodes_of(chance: Chance, probe: str, locations: Iterable[int], start: int, end: int) -> tuple[Episode, ...]:
    """Return what a probe goes through in any stretch that reaches into [start, end), by start."""
    places = sorted(locations)
    stretches = range(start // STRETCH_S, -(-end // STRETCH_S))
    found = [one for stretch in stretches for one in _of_stretch(chance, probe, places, stretch)]
    return tuple(sorted(found, key=lambda episode: (episode.start, episode.location, episode.kind)))


def clock_steps(chance: Chance, start: int, end: int) -> tuple[Episode, ...]:
    """Return the clock's steps, of every probe at every location, that begin in [start, end), by start."""
    found = [
        one
        for stretch in range(start // STRETCH_S, -(-end // STRETCH_S))
        for one in _drawn(drawing(chance.seed, STEP, stretch), chance.clock_steps, "", STEP, stretch, STEP_S)
    ]
    return tuple(sorted((one for one in found if start <= one.start < end), key=lambda episode: episode.start))


def _of_stretch(chance: Chance, probe: str, places: list[int], stretch: int) -> Iterator[Episode]:
    draw = drawing(chance.seed, probe, stretch)
    for outage in _drawn(draw, chance.outages, probe, DOWN, stretch, OUTAGE_S):
        partial = len(places) > 1 and draw.randrange(PARTIAL_ONE_IN) == 0
        yield Episode(probe, draw.choice(places) if partial else EVERYWHERE, DOWN, outage.start, outage.end)
    yield from _drawn(draw, chance.slow, probe, SLOW, stretch, SLOW_S)
    for place in places:
        yield from _drawn(draw, chance.gaps, probe, GAP, stretch, GAP_S, place)
        yield from _drawn(draw, chance.late, probe, LATE, stretch, (HOUR_S, HOUR_S), place)


def _drawn(
    draw: Random, most: int, probe: str, kind: str, stretch: int, length_s: tuple[int, int], location: int = EVERYWHERE
) -> Iterator[Episode]:
    for _ in range(most):
        start = stretch * STRETCH_S + draw.randrange(STRETCH_S)
        yield Episode(probe, location, kind, start, start + draw.randint(*length_s))
