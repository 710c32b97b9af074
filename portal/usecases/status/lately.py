"""How services are now, since when, and their last 90 local days.

Days that are over are read as they are kept (usecases/keeping/summaries.py), so that a page costs the same however
many runs there are; the last two days, and every day of a service of which one is not kept, are computed from runs.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.detection import SecondsByState, StateNow, Timeline, detect, seconds_by_state, state_at_end
from portal.domain.evidence.records import Series, State
from portal.domain.quantities import zones
from portal.domain.quantities.intervals import Interval
from portal.store.kept_days import KeptDays, UnusualDay, kept_days
from portal.store.recent import recent_series, series_of_days
from portal.usecases.measuring.public_rules import PUBLIC_RULES

DAYS_SHOWN = 90
DAY_S = 86_400
RECENT_DAYS = 2
"""Today and yesterday: a day is kept a while after it is over."""
_NOTHING = SecondsByState(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Lately:
    """A service now (None before its first sample) and the seconds of each day shown, from its first sample ever on.

    `is_generated` when any of it comes from generated samples.
    """

    now: StateNow | None
    seconds: Sequence[SecondsByState]
    is_generated: bool


def days_shown(timezone: str, as_of: int) -> Sequence[date]:
    """Return the local days shown, the last of them today."""
    today = zones.local_date(as_of, timezone)
    return [today - timedelta(days=count) for count in reversed(range(DAYS_SHOWN))]


def lately(session: Session, service_ids: Collection[UUID], timezone: str, as_of: int) -> Mapping[UUID, Lately]:
    """Return how each of these services is at the UTC second `as_of` and was before; a few questions for all."""
    boundaries = [*(zones.instant_of(day, timezone) for day in days_shown(timezone, as_of)), as_of]
    over = [Interval(*pair) for pair in pairwise(boundaries[:-RECENT_DAYS]) if pair[0] < pair[1]]
    kept = _as_measured(session, kept_days(session, service_ids, over))
    recent = recent_series(session, kept, boundaries[-RECENT_DAYS - 2], as_of + 1)
    read = _Read(session, boundaries, over, kept, {one: recent.get(one, ()) for one in kept})
    found = read.from_kept()
    others = [one for one in service_ids if one not in found]
    whole = recent_series(session, others, boundaries[0], as_of + 1) if others else {}
    return found | {one: _from_runs(whole.get(one, ()), boundaries) for one in others}


def states_now(session: Session, service_ids: Collection[UUID], as_of: int) -> Mapping[UUID, Lately]:
    """Return how each of these services is at a UTC second, without its days; it was so for two days at most."""
    start, end = as_of - RECENT_DAYS * DAY_S, as_of + 1
    found = recent_series(session, service_ids, start, end)
    return {one: _without_days(found.get(one, ()), start, end) for one in service_ids}


def _without_days(series: Sequence[Series], start: int, end: int) -> Lately:
    timeline = _timeline(series, start, end)
    return Lately(None if timeline is None else state_at_end(timeline), (), is_generated=_is_generated(series))


def _from_runs(series: Sequence[Series], boundaries: Sequence[int]) -> Lately:
    timeline = _timeline(series, None, boundaries[-1] + 1)
    if timeline is None:
        return Lately(None, (_NOTHING,) * (len(boundaries) - 1), is_generated=False)
    return Lately(state_at_end(timeline), _seconds(series, timeline, boundaries), _is_generated(series))


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of the services whose days are kept; `over` are the days that are."""

    session: Session
    boundaries: Sequence[int]
    over: Sequence[Interval]
    kept: Mapping[UUID, KeptDays]
    recent: Mapping[UUID, Sequence[Series]]

    def from_kept(self) -> dict[UUID, Lately]:
        """Return what kept days and the last runs tell; a service of which they do not fit together is left out."""
        start, end = self.boundaries[-RECENT_DAYS - 1], self.boundaries[-1] + 1
        timelines = {one: _timeline(series, start, end) for one, series in self.recent.items()}
        now = {one: state_at_end(timeline) for one, timeline in timelines.items() if timeline is not None}
        changed = {one: self._change(one, found.state) for one, found in now.items() if found.since <= start}
        since = self._since(now, changed)
        usual = {day.start: SecondsByState(day.seconds, 0, 0, 0) for day in self.over}
        return {
            one: Lately(
                replace(now[one], since=since[one]) if one in now else None,
                (*self._kept_seconds(one, usual), *self._recent_seconds(one, timelines[one])),
                self.kept[one].is_generated or _is_generated(self.recent[one]),
            )
            for one in self.kept
            if one in since or one not in now
        }

    def _change(self, service_id: UUID, state: State) -> Interval | None:
        """Return the last kept day that was not in this state throughout; None when all were."""
        kept = self.kept[service_id]
        for day in reversed(self.over):
            unusual = kept.unusual.get(day.start)
            if unusual is None:
                is_wholly = state is State.UP and day.end > kept.unmeasured_until
            else:
                is_wholly = _seconds_in(unusual, state) == day.seconds and unusual.unmeasured_s == 0
            if not is_wholly:
                return day
        return None

    def _since(self, now: Mapping[UUID, StateNow], changed: Mapping[UUID, Interval | None]) -> Mapping[UUID, int]:
        """Return since when each service is as it is, without those that must be read wholly."""
        found = {one: state.since for one, state in now.items() if one not in changed}
        days = {one: day for one, day in changed.items() if day is not None}
        opened = series_of_days(self.session, [(one, day.start) for one, day in days.items()])
        for one, day in days.items():
            since = _since_within(opened.get((one, day.start), ()), day, now[one].state)
            if since is not None:
                found[one] = since
        steady = [one for one in changed if one not in days]
        before = recent_series(self.session, steady, *self.boundaries[:2]) if steady else {}
        for one, series in before.items():
            timeline = _timeline(series, None, self.boundaries[1])
            if timeline is not None and state_at_end(timeline).state is now[one].state:
                found[one] = state_at_end(timeline).since
        return found

    def _kept_seconds(self, service_id: UUID, usual: Mapping[int, SecondsByState]) -> Sequence[SecondsByState]:
        kept = self.kept[service_id]
        found = []
        for start, end in pairwise(self.boundaries[:-RECENT_DAYS]):
            day = kept.unusual.get(start)
            if day is not None:
                found.append(SecondsByState(day.up_s, day.down_s, day.degraded_s, day.unknown_s - day.unmeasured_s))
            else:
                found.append(_NOTHING if end <= kept.unmeasured_until or start == end else usual[start])
        return found

    def _recent_seconds(self, service_id: UUID, timeline: Timeline | None) -> Sequence[SecondsByState]:
        if timeline is None:
            return (_NOTHING,) * RECENT_DAYS
        return _seconds(self.recent[service_id], timeline, self.boundaries[-RECENT_DAYS - 1 :])


def _as_measured(session: Session, kept: Mapping[UUID, KeptDays]) -> Mapping[UUID, KeptDays]:
    """Pages tell what was measured, also of time that was left out for everybody: compute such days from runs."""
    left_out = {
        (one, day.start): day for one, days in kept.items() for day in days.unusual.values() if day.excluded_s > 0
    }
    opened = series_of_days(session, left_out)
    measured: dict[UUID, dict[int, UnusualDay]] = defaultdict(dict)
    for (one, start), day in left_out.items():
        measured[one][start] = _measured(opened.get((one, start), ()), day.start, day.end)
    return {one: replace(days, unusual={**days.unusual, **measured.get(one, {})}) for one, days in kept.items()}


def _measured(series: Sequence[Series], start: int, end: int) -> UnusualDay:
    timeline = _timeline(series, start, end)
    if timeline is None:
        return UnusualDay(start, end, 0, 0, 0, end - start, 0, end - start)
    (found,) = seconds_by_state(timeline, (start, end))
    unmeasured_s = min(max(_first(series) - start, 0), end - start)
    return UnusualDay(start, end, found.up, found.degraded, found.down, found.unknown, 0, unmeasured_s)


def _since_within(series: Sequence[Series], day: Interval, state: State) -> int | None:
    """Return since when a service is in a state it was in all the time after this day, but not in all of this day.

    None when the runs say something else.
    """
    timeline = _timeline(series, day.start, day.end)
    if timeline is None:
        return None
    if _first(series) >= day.end:
        return _first(series)
    then = state_at_end(timeline)
    if then.state is not state:
        return day.end
    return then.since if then.since > day.start else None


def _timeline(series: Sequence[Series], start: int | None, end: int) -> Timeline | None:
    """Return the states from the first sample, or `start` if that is later, until `end`; None without a sample."""
    if not series:
        return None
    first = _first(series) if start is None else max(_first(series), start)
    return detect(series, PUBLIC_RULES, Interval(min(first, end - 1), end))


def _first(series: Sequence[Series]) -> int:
    return min(one.runs[0].first for one in series)


def _seconds(series: Sequence[Series], timeline: Timeline, boundaries: Sequence[int]) -> Sequence[SecondsByState]:
    """Without the seconds before the first sample ever: they were not measured, which is not a failure to know."""
    first = _first(series)
    return tuple(
        replace(one, unknown=one.unknown - (min(end, first) - start)) if start < first else one
        for one, (start, end) in zip(seconds_by_state(timeline, boundaries), pairwise(boundaries), strict=True)
    )


def _seconds_in(day: UnusualDay, state: State) -> int:
    return {
        State.UP: day.up_s,
        State.DEGRADED: day.degraded_s,
        State.DOWN: day.down_s,
        State.UNKNOWN: day.unknown_s,
    }[state]


def _is_generated(series: Sequence[Series]) -> bool:
    return any(run.provenance == "generated" for one in series for run in one.runs)
