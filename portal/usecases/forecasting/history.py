"""The past of a service as a forecast reads it: outages in episodes, and how long anything could have been down."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.evaluation.result import Attainment, CountedOutage, Kind, Stretch
from portal.domain.indicators.pace import Pace

EPISODE_GAP_S = 6 * 3600
"""Outages closer together than this are one episode: they come together, so they are drawn together."""
LATELY_S = 8 * 86_400
"""How far before its end a history keeps what was not up: a week and the day that it may be old."""
NOT_UP = (Kind.DOWN, Kind.EXCLUDED, Kind.UNKNOWN)


@dataclass(frozen=True, slots=True)
class PastOutage:
    """One outage as a promise counts it: its seconds, and the share of each that counts."""

    seconds: int
    weight: Fraction


@dataclass(frozen=True, slots=True)
class History:
    """What happened to a service before the open period's present, by the rules of one commitment; UTC seconds.

    `countable_seconds` is the known time that could have been down. `stretches` are what was not up lately, in order.
    """

    start: int
    end: int
    countable_seconds: int
    episodes: tuple[tuple[PastOutage, ...], ...]
    stretches: tuple[Stretch, ...]

    @property
    def outages(self) -> int:
        """How many outages there were."""
        return sum(map(len, self.episodes))


NO_HISTORY = History(0, 0, 0, (), ())


def history_of(result: Attainment) -> History:
    """The history in a result that `evaluate` gave over the past."""
    start, end = result.measured.start, min(result.measured.end, result.as_of)
    stretches = tuple(one for one in result.stretches if one.kind in NOT_UP)
    countable = pace_over(stretches, start, end).countable_seconds
    lately = tuple(one for one in stretches if one.end > end - LATELY_S)
    return History(start, end, countable, tuple(_episodes(result.outages)), lately)


def pace_over(stretches: Sequence[Stretch], start: int, end: int) -> Pace:
    """The pace over [start, end): its weighted downtime and the seconds that could have been down."""
    downtime, lost = Fraction(0), 0
    for one in stretches:
        seconds = min(one.end, end) - max(one.start, start)
        if seconds <= 0:
            continue
        downtime += one.weight * seconds
        if one.kind is Kind.EXCLUDED or (one.kind is Kind.UNKNOWN and not one.weight):
            lost += seconds
    return Pace(downtime, max(end - start - lost, 0))


def _episodes(outages: Iterable[CountedOutage]) -> Iterable[tuple[PastOutage, ...]]:
    together: list[PastOutage] = []
    last_end = None
    for one in outages:
        if last_end is not None and one.start - last_end >= EPISODE_GAP_S:
            yield tuple(together)
            together = []
        if one.counted_seconds:
            together.append(PastOutage(one.counted_seconds, one.weighted_seconds / one.counted_seconds))
        last_end = one.end
    if together:
        yield tuple(together)
