"""How sure a counted share is: Wilson and Clopper-Pearson intervals (semantics.md R48).

The only floats of the domain: they never change a contractual verdict.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import exp, lgamma, log, log1p, sqrt
from statistics import NormalDist

_TINY = 1e-300
_HALVINGS = 200
_MOST_TERMS = 10_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """The lower and upper end of an interval for a share from 0 to 1."""

    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class Confidence:
    """A share (None without trials), its two intervals, and what Clopper-Pearson says of the target."""

    point: Fraction | None
    wilson: Bounds
    clopper_pearson: Bounds
    verdict: str


def confidence(successes: int, n: int, level: Fraction, target_percent: Fraction) -> Confidence:
    """How surely `successes` of `n` independent trials reach the target, at a level such as 0.95.

    Raises ValueError unless 0 <= successes <= n and 0 < level < 1.
    """
    if not 0 <= successes <= n or not 0 < level < 1:
        raise ValueError("Successes lie from 0 to n, and the level between 0 and 1.")
    if n == 0:
        return Confidence(None, Bounds(0.0, 1.0), Bounds(0.0, 1.0), "uncertain")
    exact = clopper_pearson(successes, n, level)
    return Confidence(Fraction(successes, n), wilson(successes, n, level), exact, _verdict(exact, target_percent))


def wilson(successes: int, n: int, level: Fraction) -> Bounds:
    """The Wilson score interval."""
    z = NormalDist().inv_cdf(float((1 + level) / 2))
    share, square = successes / n, z * z
    centre = (share + square / (2 * n)) / (1 + square / n)
    half = z * sqrt(share * (1 - share) / n + square / (4 * n * n)) / (1 + square / n)
    lower = 0.0 if successes == 0 else max(centre - half, 0.0)
    upper = 1.0 if successes == n else min(centre + half, 1.0)
    return Bounds(lower, upper)


def clopper_pearson(successes: int, n: int, level: Fraction) -> Bounds:
    """The exact interval: quantiles of the beta distribution, which invert the binomial tails."""
    tail = float((1 - level) / 2)
    lower = 0.0 if successes == 0 else beta_quantile(tail, successes, n - successes + 1)
    upper = 1.0 if successes == n else 1.0 - beta_quantile(tail, n - successes, successes + 1)
    return Bounds(lower, upper)


def beta_quantile(probability: float, a: int, b: int) -> float:
    """The x in (0, 1) below which a Beta(a, b) variable lies with this probability."""
    return _bisect(lambda x: regularized_beta(x, a, b), probability)


def regularized_beta(x: float, a: int, b: int) -> float:
    """The regularized incomplete beta function I_x(a, b), by its continued fraction."""
    if x <= 0.0 or x >= 1.0:
        return 0.0 if x <= 0.0 else 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x))
    if x < (a + 1) / (a + b + 2):
        return front * _continued_fraction(x, a, b) / a
    return 1.0 - front * _continued_fraction(1.0 - x, b, a) / b


def _continued_fraction(x: float, a: int, b: int) -> float:
    """The modified Lentz evaluation; every even and odd coefficient in turn."""
    c, d = 1.0, _inverse(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        before = value
        for coefficient in (even, odd):
            d = _inverse(1.0 + coefficient * d)
            c = 1.0 + coefficient / c
            c = c if abs(c) > _TINY else _TINY
            value *= c * d
        if abs(value - before) <= 1e-16 * abs(value):
            break
    return value


def _inverse(value: float) -> float:
    return 1.0 / (value if abs(value) > _TINY else _TINY)


def _bisect(rising: Callable[[float], float], goal: float) -> float:
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if rising(middle) < goal:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _verdict(bounds: Bounds, target_percent: Fraction) -> str:
    target = float(target_percent / 100)
    if bounds.lower >= target:
        return "met_with_confidence"
    return "breached_with_confidence" if bounds.upper < target else "uncertain"
