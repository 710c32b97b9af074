"""How often what forecasts say comes true: 200 seeded histories looked at afterwards, bin by bin (docs/forecast.md)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tried:
    """The trials that were called from `low` percent on and below `high`: how many, and what share was broken in the
    end, in whole percent.
    """

    low: int
    high: int
    trials: int
    broken_percent: int


TRIED = (
    Tried(0, 1, 648, 0),
    Tried(1, 5, 258, 2),
    Tried(5, 20, 256, 10),
    Tried(20, 40, 128, 23),
    Tried(40, 60, 63, 40),
    Tried(60, 80, 38, 63),
    Tried(80, 95, 19, 58),
    Tried(95, 100, 9, 100),
)
"""What `./dev bench forecast` prints; a test draws the same histories and compares."""


def tried(percent: int) -> Tried:
    """The trials of chances like this one, in whole percent from 0 to 100, cut off."""
    return next((one for one in TRIED if percent < one.high), TRIED[-1])
