"""What a probe interval can prove about detected outages (semantics.md R25)."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Resolution:
    """What the probe interval can prove: attained lies strictly between `worst` and `best` percent (R25).

    `verdict` is met, breached or indeterminate, and speaks of detected outages only.
    """

    interval_s: int
    outages: int
    uncertainty_seconds: int
    best: Fraction
    worst: Fraction
    verdict: str


def resolve(
    downtime_seconds: Fraction, outages: int, interval_s: int, eligible_seconds: int, least_percent: Fraction
) -> Resolution | None:
    """What is proved by so many outages seen every `interval_s` seconds: each may be up to that much shorter or longer.

    The verdict is met or breached only when every length in the open interval gives it, else indeterminate;
    `least_percent` is the least attained percentage that keeps the promise. None when nothing is eligible (R27).
    Outages shorter than the interval may be missed altogether, so this bounds detected outages only.
    """
    if eligible_seconds <= 0:
        return None
    error = outages * interval_s
    lower, upper = downtime_seconds - error, downtime_seconds + error
    best = 100 * (eligible_seconds - max(lower, Fraction(0))) / eligible_seconds
    worst = 100 * max(eligible_seconds - upper, Fraction(0)) / eligible_seconds
    best_may_be = error == 0 or lower < 0
    return Resolution(interval_s, outages, error, best, worst, _verdict(best, worst, least_percent, best_may_be))


def miss_probability(outage_seconds: Fraction, interval_s: int) -> Fraction:
    """The chance that no sample falls into an outage of this length, at a uniform phase: 1 - d/p, never below 0."""
    return max(1 - outage_seconds / interval_s, Fraction(0))


def longest_useful_interval_s(allowed_seconds: Fraction) -> Fraction:
    """The longest probe interval that still resolves an allowed downtime: a tenth of it."""
    return allowed_seconds / 10


def _verdict(best: Fraction, worst: Fraction, least_percent: Fraction, best_may_be: bool) -> str:
    """The word for attained above `worst` and below `best`, or at `best` where that is possible too.

    It is without detected outages, and where more may be too much than was counted: no downtime at all is possible.
    """
    if worst >= least_percent:
        return "met"
    return "breached" if best < least_percent or (best == least_percent and not best_may_be) else "indeterminate"
