"""How services are now, since when, and their last 90 local days.

Days that are over are read as they are kept (usecases/keeping/summaries.py), so that a page costs the same however
many runs there are; the last two days, and every day of a service of which one is not kept, are computed from runs.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.detection import SecondsByState, StateNow, Timeline, seconds_by_state, state_at_end
from portal.domain.evidence.records import Series
from portal.domain.quantities import zones
from portal.domain.quantities.intervals import Interval
from portal.store.evidence.kept_days import KeptDays, UnusualDay, kept_days
from portal.store.evidence.recent import recent_series, series_of_days
from portal.store.ground import public_changes
from portal.usecases.status.last_days import NO_DAYS, LastDays, Span
from portal.usecases.status.since import Past, first_sample, timeline_of

DAYS_SHOWN = 90
DAY_S = 86_400
RECENT_DAYS = 2
"""Today and yesterday: a day is kept a while after it is over."""
_NOTHING = SecondsByState(0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Lately:
    """A service now (None before its first sample) and the days shown, if told.

    `is_generated` when any of it comes from generated samples.
    """

    now: StateNow | None
    days: LastDays
    is_generated: bool


def days_shown(timezone: str, as_of: int) -> Sequence[date]:
    """Return the local days shown, the last of them today."""
    today = zones.local_date(as_of, timezone)
    return [today - timedelta(days=count) for count in reversed(range(DAYS_SHOWN))]


def lately(session: Session, service_ids: Collection[UUID], timezone: str, as_of: int) -> Mapping[UUID, Lately]:
    """Return how each of these services is at the UTC second `as_of` and was before; a few questions for all."""
    dates = days_shown(timezone, as_of)
    boundaries = [*(zones.instant_of(day, timezone) for day in dates), as_of]
    span = Span.of(dates, boundaries)
    over = [Interval(*pair) for pair in pairwise(boundaries[:-RECENT_DAYS]) if pair[0] < pair[1]]
    kept = _kept_past(session, service_ids, over)
    recent = recent_series(session, kept, boundaries[-RECENT_DAYS - 2], as_of + 1)
    read = _Read(Past(session, over, kept), span, boundaries, {one: recent.get(one, ()) for one in kept})
    found = read.told()
    others = [one for one in service_ids if one not in found]
    whole = recent_series(session, others, boundaries[0], as_of + 1) if others else {}
    return found | {one: _from_runs(whole.get(one, ()), span, boundaries) for one in others}


def states_now(session: Session, service_ids: Collection[UUID], as_of: int) -> Mapping[UUID, Lately]:
    """Return how each of these services is at a UTC second, without its days; it was so for two days at most."""
    start, end = as_of - RECENT_DAYS * DAY_S, as_of + 1
    found = recent_series(session, service_ids, start, end)
    return {one: _without_days(found.get(one, ()), start, end) for one in service_ids}


def _without_days(series: Sequence[Series], start: int, end: int) -> Lately:
    timeline = timeline_of(series, start, end)
    return Lately(None if timeline is None else state_at_end(timeline), NO_DAYS, is_generated=_is_generated(series))


def _from_runs(series: Sequence[Series], span: Span, boundaries: Sequence[int]) -> Lately:
    timeline = timeline_of(series, None, boundaries[-1] + 1)
    if timeline is None:
        return Lately(None, LastDays(span, dict.fromkeys(range(len(span.dates)), _NOTHING)), is_generated=False)
    days = LastDays.of(span, dict(enumerate(_seconds(series, timeline, boundaries))))
    return Lately(state_at_end(timeline), days, _is_generated(series))


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read of the services whose days are kept, and the boundaries of all days that are shown."""

    past: Past
    span: Span
    boundaries: Sequence[int]
    recent: Mapping[UUID, Sequence[Series]]

    def told(self) -> dict[UUID, Lately]:
        """Return what kept days and the last runs tell; a service of which they do not fit together is left out."""
        start, end = self.boundaries[-RECENT_DAYS - 1], self.boundaries[-1] + 1
        timelines = {one: timeline_of(series, start, end) for one, series in self.recent.items()}
        now = {one: state_at_end(timeline) for one, timeline in timelines.items() if timeline is not None}
        since = self.past.since({one: found.state for one, found in now.items() if found.since <= start})
        places = {start: place for place, (start, end) in enumerate(pairwise(self.boundaries)) if start < end}
        return {
            one: Lately(
                replace(now[one], since=since.get(one, now[one].since)) if one in now else None,
                LastDays.of(self.span, self._kept_seconds(one, places) | self._recent_seconds(one, timelines[one])),
                kept.is_generated or _is_generated(self.recent[one]),
            )
            for one, kept in self.past.kept.items()
            if one in since or one not in now or now[one].since > start
        }

    def _kept_seconds(self, service_id: UUID, places: Mapping[int, int]) -> dict[int, SecondsByState]:
        """The days that are not up throughout: those that are not measured too, and those no clock ever showed."""
        kept = self.past.kept[service_id]
        found = dict.fromkeys(self.span.empty, _NOTHING)
        for start, day in kept.unusual.items():
            unknown = day.unknown_s - day.unmeasured_s
            found[places[start]] = SecondsByState(day.up_s, day.down_s, day.degraded_s, unknown)
        return found

    def _recent_seconds(self, service_id: UUID, timeline: Timeline | None) -> dict[int, SecondsByState]:
        places = range(len(self.span.dates))[-RECENT_DAYS:]
        if timeline is None:
            return dict.fromkeys(places, _NOTHING)
        seconds = _seconds(self.recent[service_id], timeline, self.boundaries[-RECENT_DAYS - 1 :])
        return dict(zip(places, seconds, strict=True))


def _kept_past(session: Session, service_ids: Collection[UUID], over: Sequence[Interval]) -> Mapping[UUID, KeptDays]:
    """Return the kept days of each service of which all are kept; read once, until anything the public reads changes.

    Pages are made again each minute in three languages; days that are over change once a day, and with late evidence.
    """
    if not over:
        return {}
    mark = public_changes.mark(session)
    known = _known_under(mark, over[0].start, over[-1].end) if mark else {}
    missing = [one for one in service_ids if one not in known]
    if missing:
        read = _as_measured(session, kept_days(session, missing, over))
        known.update({one: read.get(one) for one in missing})
    return {one: kept for one in service_ids if (kept := known[one]) is not None}


@lru_cache(maxsize=2)
def _known_under(_mark: str, _first: int, _until: int) -> dict[UUID, KeptDays | None]:
    """The place where kept days are kept under a mark, empty at first; None for a service of which one is missing."""
    return {}


def _as_measured(session: Session, kept: Mapping[UUID, KeptDays]) -> Mapping[UUID, KeptDays]:
    """Pages tell what was measured, also of time that was left out for everybody: compute such days from runs."""
    left_out = {
        (one, day.start): day for one, days in kept.items() for day in days.unusual.values() if day.excluded_s > 0
    }
    if not left_out:
        return kept
    opened = series_of_days(session, left_out)
    measured: dict[UUID, dict[int, UnusualDay]] = defaultdict(dict)
    for (one, start), day in left_out.items():
        measured[one][start] = _measured(opened.get((one, start), ()), day.start, day.end)
    return {one: replace(days, unusual={**days.unusual, **measured.get(one, {})}) for one, days in kept.items()}


def _measured(series: Sequence[Series], start: int, end: int) -> UnusualDay:
    timeline = timeline_of(series, start, end)
    if timeline is None or first_sample(series) >= end:
        return UnusualDay(start, end, 0, 0, 0, end - start, 0, end - start, None, None)
    (found,), last = seconds_by_state(timeline, (start, end)), state_at_end(timeline)
    unmeasured_s = min(max(first_sample(series) - start, 0), end - start)
    measured = (found.up, found.degraded, found.down, found.unknown, 0, unmeasured_s)
    return UnusualDay(start, end, *measured, last.state.value, last.since)


def _seconds(series: Sequence[Series], timeline: Timeline, boundaries: Sequence[int]) -> Sequence[SecondsByState]:
    """Without the seconds before the first sample ever: they were not measured, which is not a failure to know."""
    first = first_sample(series)
    return tuple(
        one._replace(unknown=one.unknown - (min(end, first) - start)) if start < first else one
        for one, (start, end) in zip(seconds_by_state(timeline, boundaries), pairwise(boundaries), strict=True)
    )


def _is_generated(series: Sequence[Series]) -> bool:
    return any(run.provenance == "generated" for one in series for run in one.runs)
