"""The downtime a promise allows, what is left of it, and where it is heading (semantics.md R50)."""

from dataclasses import dataclass
from fractions import Fraction
from math import floor


@dataclass(frozen=True, slots=True)
class Budget:
    """Allowed, used and remaining downtime in exact seconds; `consumed_percent` None when nothing is allowed."""

    allowed: Fraction
    used: Fraction
    remaining: Fraction
    consumed_percent: Fraction | None
    exhausted: bool

    @property
    def allowed_whole_seconds(self) -> int:
        """The most whole seconds of downtime that still keep the promise."""
        return floor(self.allowed)


@dataclass(frozen=True, slots=True)
class Projection:
    """The downtime of the whole period if it goes on like this, exact seconds, and whether the budget holds that."""

    downtime: Fraction
    on_track: bool


def budget(target_percent: Fraction, eligible_seconds: Fraction, downtime_seconds: Fraction) -> Budget:
    """The budget of a period: eligible x (1 - target); exactly used up is not exhausted."""
    allowed = eligible_seconds * (1 - target_percent / 100)
    return Budget(
        allowed=allowed,
        used=downtime_seconds,
        remaining=allowed - downtime_seconds,
        consumed_percent=100 * downtime_seconds / allowed if allowed else None,
        exhausted=downtime_seconds > allowed,
    )


def consumed_percent(attained_percent: Fraction, target_percent: Fraction) -> Fraction | None:
    """The share of a budget that an attained percentage uses, in percent; None when nothing is allowed.

    It is what `budget` says for the downtime that gives the percentage, over however many eligible seconds.
    """
    allowed = 100 - target_percent
    return (100 - attained_percent) * 100 / allowed if allowed else None


def project(spent: Budget, eligible_seconds: Fraction, elapsed_eligible_seconds: Fraction) -> Projection | None:
    """Where the period ends if downtime goes on as in the eligible seconds elapsed; None before any has elapsed."""
    if elapsed_eligible_seconds <= 0:
        return None
    downtime = spent.used * eligible_seconds / elapsed_eligible_seconds
    return Projection(downtime, downtime <= spent.allowed)
