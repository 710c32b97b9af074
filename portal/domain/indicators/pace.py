"""Where a period ends if it goes on as it went lately: the projection of R50, exact, and when the budget is gone."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from portal.domain.quantities.intervals import Interval


@dataclass(frozen=True, slots=True)
class Pace:
    """The downtime of the latest stretch of time and the seconds of it that could have been down; exact seconds."""

    downtime: Fraction
    countable_seconds: int

    def further(self, countable_ahead: int) -> Fraction:
        """The downtime that so many seconds more bring at this pace; 0 where nothing could have been down."""
        return self.downtime * countable_ahead / self.countable_seconds if self.countable_seconds else Fraction(0)


def gone_at(spare: Fraction, pace: Pace, ahead: Sequence[Interval]) -> int | None:
    """The UTC second at which more than the spare downtime is used, going on at this pace; None when it never is.

    `ahead` is the time that can still be down, in order; with nothing to spare it is the first second of it.
    """
    if spare >= 0 and (pace.downtime == 0 or pace.countable_seconds == 0):
        return None
    needed = 0 if spare < 0 else floor(spare * pace.countable_seconds / pace.downtime) + 1
    for one in ahead:
        if needed <= one.seconds:
            return one.start + needed
        needed -= one.seconds
    return None
