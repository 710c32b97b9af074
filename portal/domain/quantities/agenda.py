"""The agenda: which slots are due next, over all probes and locations, without counting through what was missed."""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from portal.domain.quantities.slots import Schedule, latest_slot, next_slot


@dataclass(frozen=True, slots=True)
class Due:
    """A slot to be measured at a location, and the schedule that says how."""

    slot: int
    location: int
    schedule: Schedule

    def is_fresh(self, now_ms: int) -> bool:
        """Whether the slot may still be started: half an interval after it is too late (decision D5)."""
        return now_ms <= self.latest_start_ms

    @property
    def latest_start_ms(self) -> int:
        """The UTC millisecond after which a start is too late."""
        return self.slot * 1000 + self.schedule.interval_s * 500


class Agenda:
    """A heap of the next slot of every probe at every location, from the second `after` on."""

    def __init__(self, schedules: Mapping[int, tuple[Schedule, ...]], after: int) -> None:
        self._schedules = schedules
        self._heap: list[tuple[int, int, int, Schedule]] = []
        for probe, versions in schedules.items():
            for location in {location for version in versions for location in version.locations}:
                self._put(probe, location, after)

    def is_due(self, until: int) -> bool:
        """Whether any slot up to `until` waits to be taken."""
        return bool(self._heap) and self._heap[0][0] <= until

    def due(self, until: int) -> Iterator[Due]:
        """Take the slots up to `until`, in order; of several missed ones of a probe at a location only the last.

        So a long pause costs as much as a short one and never ends in a storm (trust.md F9, F10).
        """
        while self._heap and self._heap[0][0] <= until:
            slot, probe, location, schedule = heapq.heappop(self._heap)
            if until - slot >= schedule.interval_s:
                slot, schedule = latest_slot(self._schedules[probe], location, until) or (slot, schedule)
            if schedule is self._schedules[probe][-1]:  # nothing follows it: the next slot needs no search
                heapq.heappush(self._heap, (slot + schedule.interval_s, probe, location, schedule))
            else:
                self._put(probe, location, until)
            yield Due(slot, location, schedule)

    def _put(self, probe: int, location: int, after: int) -> None:
        following = next_slot(self._schedules[probe], location, after)
        if following is not None:
            heapq.heappush(self._heap, (following[0], probe, location, following[1]))
