"""What a commitment is judged on: the measured interval, what is left out, how far time has come (R5, R10)."""

from dataclasses import dataclass

from portal.domain.quantities.intervals import Interval, Intervals

FAR = 1 << 48
"""A second beyond every date, for time without an end."""


@dataclass(frozen=True, slots=True)
class Ground:
    """The frame every counting method works in; UTC seconds.

    `period` is P, `measured` is M, `served` the part of time the service existed, `excluded` is X.
    `as_of` is the instant of the judgement, `elapsed_until` the same but never outside the period.
    """

    period: Interval
    measured: Interval
    served: Interval
    excluded: Intervals
    exclusion_mode: str
    unknown_as: str
    as_of: int
    elapsed_until: int
    assume_up: bool = False
