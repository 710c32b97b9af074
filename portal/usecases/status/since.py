"""Since when services are as they are, told by their kept days: runs are read only where those do not tell it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.detection import Timeline, detect, state_at_end
from portal.domain.evidence.records import Series, State
from portal.domain.quantities.intervals import Interval
from portal.store.evidence.kept_days import KeptDays, UnusualDay
from portal.store.evidence.recent import recent_series, series_of_days
from portal.usecases.measuring.public_rules import PUBLIC_RULES

__all__ = ["Past", "first_sample", "timeline_of"]


@dataclass(frozen=True, slots=True)
class Past:
    """The kept days of services: `days` are neighbours, in order, and all services have all of them."""

    session: Session
    days: Sequence[Interval]
    kept: Mapping[UUID, KeptDays]

    def since(self, states: Mapping[UUID, State]) -> Mapping[UUID, int]:
        """Return since when these services are in these states, in which they were all the time after the last day.

        One of which kept days and runs tell different things is left out.
        """
        changed = {one: self._change(one, state) for one, state in states.items()}
        told, untold = dict[UUID, int](), dict[UUID, Interval]()
        for one, day in changed.items():
            if day is None:
                continue
            unusual = self.kept[one].unusual.get(day.start)
            if unusual is None or unusual.unmeasured_s == day.seconds:
                told[one] = day.end
            elif unusual.last_since is None:
                untold[one] = day
            elif unusual.last_state != states[one]:
                told[one] = day.end
            elif unusual.last_since > day.start:
                told[one] = unusual.last_since
        steady = [one for one, day in changed.items() if day is None]
        return told | dict(self._since_in_runs(states, untold)) | dict(self._since_before(states, steady))

    def _change(self, service_id: UUID, state: State) -> Interval | None:
        """Return the last kept day that was not in this state throughout; None when all were."""
        kept = self.kept[service_id]
        for day in reversed(self.days):
            unusual = kept.unusual.get(day.start)
            if unusual is None:
                is_wholly = state is State.UP
            else:
                is_wholly = _seconds_in(unusual, state) == day.seconds and unusual.unmeasured_s == 0
            if not is_wholly:
                return day
        return None

    def _since_in_runs(self, states: Mapping[UUID, State], days: Mapping[UUID, Interval]) -> Iterator[tuple[UUID, int]]:
        opened = series_of_days(self.session, [(one, day.start) for one, day in days.items()])
        for one, day in days.items():
            since = _since_within(opened.get((one, day.start), ()), day, states[one])
            if since is not None:
                yield one, since

    def _since_before(self, states: Mapping[UUID, State], steady: Collection[UUID]) -> Iterator[tuple[UUID, int]]:
        """Of those that were the same on all kept days."""
        if not steady:
            return
        end = self.days[0].end
        for one, series in recent_series(self.session, steady, self.days[0].start, end).items():
            timeline = timeline_of(series, None, end)
            if timeline is not None and state_at_end(timeline).state is states[one]:
                yield one, state_at_end(timeline).since


def _since_within(series: Sequence[Series], day: Interval, state: State) -> int | None:
    """Return since when a service is in a state it was in all the time after this day, but not in all of this day.

    None when the runs say something else.
    """
    timeline = timeline_of(series, day.start, day.end)
    if timeline is None:
        return None
    if first_sample(series) >= day.end:
        return first_sample(series)
    then = state_at_end(timeline)
    if then.state is not state:
        return day.end
    return then.since if then.since > day.start else None


def timeline_of(series: Sequence[Series], start: int | None, end: int) -> Timeline | None:
    """Return the states from the first sample, or `start` if that is later, until `end`; None without a sample."""
    if not series:
        return None
    first = first_sample(series) if start is None else max(first_sample(series), start)
    return detect(series, PUBLIC_RULES, Interval(min(first, end - 1), end))


def first_sample(series: Sequence[Series]) -> int:
    """Return the UTC second of the first sample of these."""
    return min(one.runs[0].first for one in series)


def _seconds_in(day: UnusualDay, state: State) -> int:
    return {
        State.UP: day.up_s,
        State.DEGRADED: day.degraded_s,
        State.DOWN: day.down_s,
        State.UNKNOWN: day.unknown_s,
    }[state]
