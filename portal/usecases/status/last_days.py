"""Neighbouring local days of a service, told by those that were not up throughout: nearly every day is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import overload

from portal.domain.evidence.detection import SecondsByState

__all__ = ["NO_DAYS", "Day", "LastDays", "Span"]


@dataclass(frozen=True, slots=True)
class Day:
    """One local day of a service: its seconds by state from the first sample ever on; before that there are none."""

    day: date
    seconds: SecondsByState


@dataclass(frozen=True, slots=True)
class Span:
    """Neighbouring local days, the oldest first, and how many seconds each has: of today those that are over.

    `empty` are the places of days without one: today at midnight, and where a whole day was left out of a calendar.
    """

    dates: tuple[date, ...]
    lengths: tuple[int, ...]
    empty: tuple[int, ...]

    @classmethod
    def of(cls, dates: Sequence[date], boundaries: Sequence[int]) -> "Span":
        """Return days that begin and end at these UTC seconds, each where the one before it ends."""
        lengths = tuple(end - start for start, end in pairwise(boundaries))
        return cls(tuple(dates), lengths, tuple(place for place, seconds in enumerate(lengths) if seconds == 0))


@dataclass(frozen=True, slots=True)
class LastDays(Sequence[Day]):
    """The days of a service: `unusual` has the seconds, by place in the span, of each that was not up throughout."""

    span: Span
    unusual: Mapping[int, SecondsByState]

    @classmethod
    def of(cls, span: Span, seconds: Mapping[int, SecondsByState]) -> "LastDays":
        """Return the days of which these have so many seconds by state, and any other was up throughout."""
        lengths = span.lengths
        return cls(span, {place: one for place, one in sorted(seconds.items()) if not 0 < lengths[place] == one.up})

    @overload
    def __getitem__(self, place: int) -> Day: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Day]: ...

    def __getitem__(self, place: int | slice) -> Day | Sequence[Day]:
        """Return the day at a place, or the days at some."""
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        return self._day(range(len(self))[place])

    def __len__(self) -> int:
        """Return how many days there are."""
        return len(self.span.dates)

    def sums(self) -> SecondsByState:
        """Return the seconds of all days by state."""
        told = self.unusual.values()
        up = sum(self.span.lengths) - sum([self.span.lengths[place] for place in self.unusual])
        return SecondsByState(
            up + sum([one.up for one in told]),
            sum([one.down for one in told]),
            sum([one.degraded for one in told]),
            sum([one.unknown for one in told]),
        )

    def _day(self, place: int) -> Day:
        usual = SecondsByState(self.span.lengths[place], 0, 0, 0)
        return Day(self.span.dates[place], self.unusual.get(place, usual))


NO_DAYS = LastDays(Span((), (), ()), {})
"""Of a service that is told without its days."""
