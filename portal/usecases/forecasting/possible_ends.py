"""Possible ends of a period, drawn by chance from what happened before: seeded, so that whoever draws sees the same.

Episodes of outages come at random with the rate of the past, which is itself only known as well as the past is long;
each is as one that happened was, a little longer or shorter, or now and then as none before. docs/forecast.md says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from portal.usecases.forecasting.history import History, PastOutage

ENDS = 1_000
EPISODES_MOST = 100_000
"""Episodes drawn in all; a service that fails by the hour is drawn fewer ends, which differ little from each other."""
FEWEST_ENDS = 100
IMAGINED = 1.0
"""How many episodes nobody has seen are added to those that happened: the next one may be like none before."""
IMAGINED_LOG = log(600.0)
IMAGINED_SPREAD = 1.2
"""An imagined outage lasts ten minutes, give or take a factor of three."""
RATE_PRIOR = 0.5
"""Half an episode is added to those counted (Jeffreys), so that a past without any promises no future without."""

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class PossibleEnds:
    """The further outages of each possible end: outage k belongs to end `owner[k]`; `weighted` is what counts of it.

    `further` is the whole seconds of downtime that each end adds.
    """

    further: Numbers
    owner: Numbers
    seconds: Numbers
    weighted: Numbers


@dataclass(frozen=True, slots=True)
class _Drawn:
    owner: Numbers
    seconds: Reals
    weight: Reals


def draw(history: History, ahead_seconds: int, under_way_seconds: int | None, seed: int, grain_s: int) -> PossibleEnds:
    """Draw possible ends of a period of which `ahead_seconds` can still be down.

    `under_way_seconds` is how long an outage lasts that is not over, None without one; outages are whole multiples of
    `grain_s`.
    """
    rng = np.random.default_rng(seed)
    ends, counts = _counts(rng, history, ahead_seconds)
    owner = np.repeat(np.arange(ends), counts)
    drawn = _episodes(rng, history, owner, ahead_seconds)
    if under_way_seconds is not None:
        drawn = _with_rest(rng, drawn, history, ends, under_way_seconds, ahead_seconds)
    seconds = np.rint(drawn.seconds / grain_s).astype(np.int64) * grain_s
    seconds = np.minimum(np.maximum(seconds, grain_s), ahead_seconds)
    weighted = np.floor(seconds * drawn.weight).astype(np.int64)
    further = np.bincount(drawn.owner, weights=weighted, minlength=ends).astype(np.int64)
    return PossibleEnds(np.minimum(further, ahead_seconds), drawn.owner, seconds, weighted)


def _counts(rng: np.random.Generator, history: History, ahead_seconds: int) -> tuple[int, Numbers]:
    """How many ends, and how many episodes begin in each: a gamma for the rate that is not known, then Poisson."""
    shape = len(history.episodes) + RATE_PRIOR
    expected = shape * ahead_seconds / history.countable_seconds
    ends = max(FEWEST_ENDS, min(ENDS, int(EPISODES_MOST / max(expected, 1.0))))
    rates = rng.gamma(shape, ahead_seconds / history.countable_seconds, ends)
    return ends, rng.poisson(np.minimum(rates, EPISODES_MOST / FEWEST_ENDS)).astype(np.int64)


def _episodes(rng: np.random.Generator, history: History, owner: Numbers, ahead_seconds: int) -> _Drawn:
    """The outages of as many episodes as there are owners, cut off where the period ends."""
    flat, first, size = _flat(history.episodes)
    chosen = _chosen(rng, history, len(owner))
    stretch = np.exp(rng.standard_normal(len(owner)) * _bandwidth(history))
    until_end = rng.random(len(owner)) * ahead_seconds
    imagined = np.exp(IMAGINED_LOG + IMAGINED_SPREAD * rng.standard_normal(len(owner)))
    many = size[chosen]
    of = np.repeat(np.arange(len(owner)), many)
    place = np.arange(len(of)) - np.repeat(np.cumsum(many) - many, many) + first[chosen][of]
    seconds = np.where(flat[place, 0] > 0, flat[place, 0] * stretch[of], imagined[of])
    return _Drawn(owner[of], np.minimum(seconds, until_end[of]), flat[place, 1])


def _flat(episodes: Sequence[Sequence[PastOutage]]) -> tuple[Reals, Numbers, Numbers]:
    """Every outage as (seconds, weight), where each episode's begin, and how many it has; the last is the imagined."""
    rows = [(float(one.seconds), float(one.weight)) for episode in episodes for one in episode]
    weights = [weight for _, weight in rows]
    rows.append((0.0, sum(weights) / len(weights) if weights else 1.0))
    size = np.array([*map(len, episodes), 1], dtype=np.int64)
    return np.array(rows), np.cumsum(size) - size, size


def _chosen(rng: np.random.Generator, history: History, many: int) -> Numbers:
    """Which episode each one is like: any of the past alike, or the imagined one, whose number comes after them."""
    known = len(history.episodes)
    found = np.floor(rng.random(many) * (known + IMAGINED)).astype(np.int64)
    return np.minimum(found, known)


def _bandwidth(history: History) -> float:
    """By how much drawn lengths differ from past ones, as a share on the log scale: little where many are known."""
    lengths = [float(one.seconds) for episode in history.episodes for one in episode]
    logs = np.log(lengths or [exp(IMAGINED_LOG)])
    spread = (float(((logs - logs.mean()) ** 2).sum()) + IMAGINED * IMAGINED_SPREAD**2) / (len(logs) + IMAGINED - 1)
    return float(1.06 * min(spread, IMAGINED_SPREAD**2) ** 0.5 * len(logs) ** -0.2)


def _with_rest(
    rng: np.random.Generator, drawn: _Drawn, history: History, ends: int, lasted: int, ahead_seconds: int
) -> _Drawn:
    """The outages drawn, and in each end the rest of the one under way: as long as longer ones of the past went on.

    Where few of the past were longer it is taken to go on as long as it has lasted: half the time longer, half not.
    """
    rest = lasted * (1.0 / (1.0 - rng.random(ends)) - 1.0)
    longer = np.array([one.seconds - lasted for episode in history.episodes for one in episode if one.seconds > lasted])
    like_past = rng.random(ends) < len(longer) / (len(longer) + IMAGINED)
    if len(longer):
        past = rng.choice(longer, ends) * np.exp(rng.standard_normal(ends) * _bandwidth(history))
        rest = np.where(like_past, past, rest)
    return _Drawn(
        np.concatenate([drawn.owner, np.arange(ends)]),
        np.concatenate([drawn.seconds, np.minimum(rest, ahead_seconds)]),
        np.concatenate([drawn.weight, np.ones(ends)]),
    )
