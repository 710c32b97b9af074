"""One day of a service in seconds: what bars and charts show; no contractual number comes from it."""

from dataclasses import dataclass

from portal.domain.evidence.detection import StateNow, Timeline, state_before
from portal.domain.evidence.latency_sketch import LatencySketch
from portal.domain.evidence.records import State
from portal.domain.quantities.intervals import Interval, Intervals, clip, subtract, total_seconds, union


@dataclass(frozen=True, slots=True)
class ServiceDay:
    """The seconds of [start, end) by what they were; together they are its length, 23 or 25 hours too.

    `unmeasured_s` are those of `unknown_s` that lie before the first sample ever. `last_state` is the state at its last
    second, as it was measured, and `last_since` since when, as far back as the day reaches; None of a day before that.
    """

    start: int
    end: int
    up_s: int
    degraded_s: int
    down_s: int
    unknown_s: int
    excluded_s: int
    unmeasured_s: int
    last_state: State | None
    last_since: int | None
    is_generated: bool
    latencies: LatencySketch

    @property
    def seconds(self) -> int:
        """All seconds of the day."""
        return self.up_s + self.degraded_s + self.down_s + self.unknown_s + self.excluded_s


def service_day(
    day: Interval,
    timeline: Timeline,
    excluded: Intervals,
    measured_from: int | None,
    *,
    is_generated: bool,
    latencies: LatencySketch,
) -> ServiceDay:
    """Return a day from the states over it: excluded goes before all, time outside the timeline is unknown.

    `measured_from` is the second of the first sample ever, None when there is none.
    """
    left_out = clip(union(excluded), day.start, day.end)
    up, degraded, down = (
        _within(timeline.intervals(state), day, left_out) for state in (State.UP, State.DEGRADED, State.DOWN)
    )
    excluded_s = total_seconds(left_out)
    last = None if measured_from is None else _at_its_end(timeline, day, measured_from)
    before = Interval(day.start, day.end if measured_from is None else min(max(measured_from, day.start), day.end))
    return ServiceDay(
        start=day.start,
        end=day.end,
        up_s=up,
        degraded_s=degraded,
        down_s=down,
        unknown_s=day.seconds - up - degraded - down - excluded_s,
        excluded_s=excluded_s,
        unmeasured_s=total_seconds(subtract((before,), left_out)),
        last_state=None if last is None else last.state,
        last_since=None if last is None else last.since,
        is_generated=is_generated,
        latencies=latencies,
    )


def _at_its_end(timeline: Timeline, day: Interval, measured_from: int) -> StateNow | None:
    since = max(day.start, measured_from)
    return state_before(timeline, Interval(since, day.end)) if since < day.end else None


def _within(intervals: Intervals, day: Interval, left_out: Intervals) -> int:
    return total_seconds(subtract(clip(intervals, day.start, day.end), left_out))
