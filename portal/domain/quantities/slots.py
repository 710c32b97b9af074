"""Due slots: which seconds a probe is due at, from its dated schedules and nothing else (decision D5).

A slot is `offset + k × interval`. The offset is a hash of probe and location, so a thousand probes of one interval are
spread over it without any start-up stagger, and every past slot can be computed again at any time.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b


@dataclass(frozen=True, slots=True)
class Schedule:
    """What a probe does from the second `effective_from` until its next schedule; `interval_s` 0 is nothing at all.

    `locations` are the numbers of the places it runs from; `target` is what its `kind` needs.
    """

    probe: int
    effective_from: int
    interval_s: int
    locations: tuple[int, ...]
    kind: str
    target: Mapping[str, object]
    timeout_ms: int
    latency_limit_ms: int | None = None


@lru_cache(maxsize=65_536)
def offset(probe: int, location: int, interval_s: int) -> int:
    """Return the second within the interval at which this probe is due at this location."""
    digest = blake2b(f"{probe}:{location}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % interval_s


def next_slot(schedules: Sequence[Schedule], location: int, after: int) -> tuple[int, Schedule] | None:
    """Return the first slot later than `after` and the schedule that governs it; None when there is none any more.

    `schedules` are those of one probe, by effective_from.
    """
    start = max(0, bisect_right(schedules, after, key=_effective_from) - 1)
    for position in range(start, len(schedules)):
        schedule = schedules[position]
        slots = _slots(schedule, location, max(after + 1, schedule.effective_from), _until(schedules, position))
        if slots:
            return slots[0], schedule
    return None


def slots_between(schedules: Sequence[Schedule], location: int, start: int, end: int) -> tuple[range, ...]:
    """Return the slots s with start <= s < end as one range for each schedule that has any.

    Costs by the number of schedules, not of slots. `schedules` are those of one probe, by effective_from.
    """
    found = []
    for position, schedule in enumerate(schedules):
        until = min(end, _until(schedules, position) or end)
        slots = _slots(schedule, location, max(start, schedule.effective_from), until)
        if slots:
            found.append(slots)
    return tuple(found)


def latest_slot(schedules: Sequence[Schedule], location: int, at: int) -> tuple[int, Schedule] | None:
    """Return the last slot not later than `at` and its schedule; None when there was none.

    `schedules` are those of one probe, by effective_from.
    """
    for position in range(bisect_right(schedules, at, key=_effective_from) - 1, -1, -1):
        schedule = schedules[position]
        until = min(at + 1, _until(schedules, position) or at + 1)
        slots = _slots(schedule, location, schedule.effective_from, until)
        if slots:
            return slots[-1], schedule
    return None


def interval_at(schedules: Sequence[Schedule], slot: int) -> int:
    """Return the interval in seconds of the schedule that governs this slot; 0 before the first one."""
    position = bisect_right(schedules, slot, key=_effective_from) - 1
    return schedules[position].interval_s if position >= 0 else 0


def _slots(schedule: Schedule, location: int, start: int, until: int | None) -> range:
    interval_s = schedule.interval_s
    if interval_s == 0 or location not in schedule.locations:
        return range(0)
    first = start + (offset(schedule.probe, location, interval_s) - start) % interval_s
    return range(first, first + 1 if until is None else until, interval_s)


def _until(schedules: Sequence[Schedule], position: int) -> int | None:
    return schedules[position + 1].effective_from if position + 1 < len(schedules) else None


def _effective_from(schedule: Schedule) -> int:
    return schedule.effective_from
