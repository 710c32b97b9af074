"""Whether what forecasts say comes true, bin by bin, and how long one takes (budget: 5 ms a commitment)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from statistics import fmean, median
from time import process_time_ns

from bench._worlds import PERIOD, commitments, world
from portal.usecases.forecasting.forecast import Forecast, forecast, seed_of
from portal.usecases.forecasting.history import history_of
from portal.usecases.forecasting.prospects import prospect_of

Row = dict[str, object]
BINS = ((0, 1), (1, 5), (5, 20), (20, 40), (40, 60), (60, 80), (80, 95), (95, 101))
PRESENTS = 2
DAY_S = 86_400


@dataclass(frozen=True, slots=True)
class Told:
    """What a forecast said of one commitment in percent, whether it was broken in the end, and what one took."""

    percent: float
    is_breached: bool
    expected: int
    owed: int
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Bin:
    """All forecasts from `low` percent on and below `high`; shares in percent."""

    low: int
    high: int
    forecasts: int
    said: float
    came_true: float


def measure(histories: int = 200) -> Iterator[Row]:
    """One row per bin of what was said; then the credit that was expected and owed, and the time of one forecast."""
    told = [one for seed in range(histories) for one in told_of(seed)]
    for one in bins(told):
        said, true = f"{one.said:.1f} %", f"{one.came_true:.1f} %"
        yield {"said": f"{one.low} to {one.high} %", "forecasts": one.forecasts, "mean": said, "breached": true}
    expected, owed = sum(one.expected for one in told), sum(one.owed for one in told)
    yield {"said": "credit in all", "forecasts": len(told), "expected": expected // 100, "owed": owed // 100}
    spent = round(median(one.milliseconds for one in told), 2)
    yield {"said": "one forecast", "forecasts": len(told), "milliseconds": {"value": spent, "budget": 5}}


def told_of(seed: int) -> Iterator[Told]:
    """Every forecast of one world: each target, as of some moments within the period, beside what happened."""
    happened, random = world(seed), Random(seed)
    presents = [PERIOD.start + random.randint(1, 28) * DAY_S + random.randrange(DAY_S) for _ in range(PRESENTS)]
    any_of_them = next(commitments())
    history = history_of(happened.judged(any_of_them, happened.past(), PERIOD.start))
    prospects = [prospect_of(happened.judged(any_of_them, PERIOD, as_of), history) for as_of in presents]
    for commitment in commitments():
        end = happened.judged(commitment, PERIOD, PERIOD.end)
        for as_of, of_any in zip(presents, prospects, strict=True):
            prospect = replace(of_any, unfinished=replace(of_any.unfinished, commitment=commitment))
            began = process_time_ns()
            found = forecast(prospect, history, seed_of(seed, commitment.id, as_of))
            spent = (process_time_ns() - began) / 1_000_000
            if not found.is_broken and found.breached_ends is not None:
                yield _told(found, end.met is False, end.credit.amount_minor or 0, spent)


def bins(told: Sequence[Told]) -> Sequence[Bin]:
    """What was said beside what came true."""
    return [_bin(low, high, [one for one in told if low <= one.percent < high]) for low, high in BINS]


def _told(found: Forecast, is_breached: bool, owed: int, spent: float) -> Told:
    percent = 100 * (found.breached_ends or 0) / found.ends
    return Told(percent, is_breached, found.expected_minor or 0, owed, spent)


def _bin(low: int, high: int, told: Sequence[Told]) -> Bin:
    said = fmean(one.percent for one in told) if told else 0.0
    came_true = 100 * fmean(one.is_breached for one in told) if told else 0.0
    return Bin(low, min(high, 100), len(told), said, came_true)
