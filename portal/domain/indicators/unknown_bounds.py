"""What unknown time may hide: the attained percentage if all of it was up, and if all of it was down.

An indicator counted second by second, never a verdict: what a commitment attained follows from its terms alone (R9).
"""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class UnknownBounds:
    """Exact percentages of 100 at best and at worst."""

    best: Fraction
    worst: Fraction


def unknown_bounds(eligible_s: int, downtime_s: Fraction, unknown_s: int, treat_as: str) -> UnknownBounds | None:
    """Return the bounds; None where nothing is unknown or nothing counts. `treat_as`: exclude, up or down."""
    counted = eligible_s + unknown_s if treat_as == "exclude" else eligible_s
    down = downtime_s - unknown_s if treat_as == "down" else downtime_s
    if not unknown_s or not counted:
        return None
    best, worst = ((counted - max(one, Fraction(0))) * 100 / counted for one in (down, down + unknown_s))
    return UnknownBounds(best, max(worst, Fraction(0)))
