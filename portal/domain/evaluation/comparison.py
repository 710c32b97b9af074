"""How an attained percentage meets the target: exactly, or rounded first where the terms say so (semantics.md R28)."""

from fractions import Fraction
from math import ceil

from portal.domain.promises.commitment import Comparison
from portal.domain.quantities.exact import Rounding, round_to


def compare(attained: Fraction | None, comparison: Comparison) -> Fraction | None:
    """The attained percentage as it meets target and tiers: exact, or rounded first where the terms say so (R28)."""
    if attained is None or comparison.precision is None:
        return attained
    return round_to(attained, comparison.precision, Rounding(comparison.rounding or "down"))


def least_kept(target: Fraction, comparison: Comparison) -> Fraction:
    """The least exact percentage that keeps the promise, as `compare` rounds it (R28)."""
    if comparison.precision is None:
        return target
    unit = Fraction(1, 10**comparison.precision)
    least = ceil(target / unit) * unit
    return least - unit / 2 if comparison.rounding == "half_up" else least
