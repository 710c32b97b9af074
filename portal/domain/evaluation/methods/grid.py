"""Counting slots from the period's start, each on the next beyond its ends (semantics.md R17)."""

from dataclasses import dataclass

from portal.domain.quantities.intervals import Interval


@dataclass(frozen=True, slots=True)
class Grid:
    """Slots of `slot_seconds` counted from the period's start; the last one may be short.

    Slot 0 starts with the period; before it slots go on backwards, after the period a new row starts at its end.
    """

    start: int
    end: int
    slot_seconds: int

    @property
    def slots(self) -> int:
        """How many slots the period has, a short last one included."""
        return -(-(self.end - self.start) // self.slot_seconds)

    def index(self, instant: int) -> int:
        """The number of the slot that holds an instant."""
        if instant < self.end:
            return (instant - self.start) // self.slot_seconds
        return self.slots + (instant - self.end) // self.slot_seconds

    def starts(self, index: int) -> int:
        """The first second of a slot; of slot n + 1 it is the end of slot n."""
        if index < self.slots:
            return self.start + index * self.slot_seconds
        return self.end + (index - self.slots) * self.slot_seconds

    def span(self, first: int, after: int) -> Interval:
        """The time of the slots from `first` up to, not including, `after`."""
        return Interval(self.starts(first), self.starts(after))


def joined_runs(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs of slots [first, after), sorted, neighbours and overlapping ones made one."""
    joined: list[tuple[int, int]] = []
    for first, after in sorted(runs):
        if joined and first <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(after, joined[-1][1]))
        else:
            joined.append((first, after))
    return joined
