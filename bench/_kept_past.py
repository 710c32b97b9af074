"""A past of services as months of measuring leave it, without the measuring: drawn from a seed, marked as generated.

Pages read runs, and days that are over as they are kept. Both are written here for the same story, so that a thousand
services have thirteen months behind them within half a minute; there are no samples and no latencies.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice, pairwise
from random import Random
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.database import transaction
from portal.domain.evidence.detection import detect
from portal.domain.evidence.latency_sketch import sketch
from portal.domain.evidence.records import Run, Series, State
from portal.domain.evidence.service_day import service_day
from portal.domain.quantities import zones
from portal.domain.quantities.intervals import Interval
from portal.store.evidence.runs import save_runs
from portal.store.evidence.summaries import ServiceDayRow
from portal.store.measuring.services import ProbeRow
from portal.store.promises import configuration
from portal.usecases.measuring.public_rules import PUBLIC_RULES

PLACE = 1
INTERVAL_S = 60
AHEAD_S = 7_200
"""The last run goes on while pages are measured."""
UNUSUAL_ONE_IN = 20
LENGTH_S = (2 * INTERVAL_S, 90 * INTERVAL_S)
SECONDS = ("up_s", "degraded_s", "down_s", "unknown_s", "excluded_s", "unmeasured_s")
KINDS = (State.DOWN, State.DEGRADED, State.UNKNOWN)
AT_ONCE = 10_000
Story = Sequence[tuple[State, int, int]]
"""What was not simply up, in order: the state and its first and last second."""


def keep_past(session: Session, timezone: str, end: int, days: int) -> int:
    """Keep runs and so many local days of every probe's service up to the UTC second `end`; return how many days.

    On one day in twenty something was down, slow or not known for up to an hour and a half.
    """
    today, random = zones.local_date(end, timezone), Random(1)
    starts = [zones.instant_of(today - timedelta(days=count), timezone) for count in range(days, -1, -1)]
    spans = [Interval(*pair) for pair in pairwise(starts)]
    with transaction(session):
        probes = sorted(configuration.rows_by_key(session, ProbeRow).values(), key=lambda one: one.number)
        past = [(probe, _story(random, spans)) for probe in probes]
        runs = {probe.number: _runs(story, starts[0], end) for probe, story in past}
        save_runs(session, (((number, PLACE), run) for number, found in runs.items() for run in found))
        waiting = (row for probe, story in past for row in _days(probe, runs[probe.number], story, spans))
        while rows := list(islice(waiting, AT_ONCE)):
            session.execute(insert(ServiceDayRow), rows)
    return len(probes) * len(spans)


def _story(random: Random, spans: Sequence[Interval]) -> Story:
    told = []
    for day in spans:
        if random.randrange(UNUSUAL_ONE_IN) == 0:
            length = random.randrange(*LENGTH_S, INTERVAL_S)
            first = random.randrange(day.start + INTERVAL_S, day.end - length - INTERVAL_S, INTERVAL_S)
            told.append((random.choice(KINDS), first, first + length))
    return told


def _runs(story: Story, start: int, end: int) -> Sequence[Run]:
    found, at = [], start
    for state, first, last in story:
        found.append(_run(State.UP, at, first - INTERVAL_S))
        if state is not State.UNKNOWN:
            found.append(_run(state, first, last))
        at = last + INTERVAL_S
    return [*found, _run(State.UP, at, at + (end + AHEAD_S - at) // INTERVAL_S * INTERVAL_S)]


def _run(state: State, first: int, last: int) -> Run:
    reason = "connect_refused" if state is State.DOWN else None
    return Run(state, reason, first, last, (last - first) // INTERVAL_S + 1, INTERVAL_S, "generated")


def _days(probe: ProbeRow, runs: Sequence[Run], story: Story, spans: Sequence[Interval]) -> Iterator[Mapping[str, Any]]:
    series = Series("place", probe.key, INTERVAL_S, tuple(runs))
    unusual = {first for _, first, _ in story}
    none = sketch(())
    for day in spans:
        whole = not any(day.start <= first < day.end for first in unusual)
        told = Series("place", probe.key, INTERVAL_S, (_run(State.UP, day.start, day.end),)) if whole else series
        made = service_day(day, detect([told], PUBLIC_RULES, day), (), runs[0].first, is_generated=True, latencies=none)
        numbers = {name: getattr(made, name) for name in (*SECONDS, "last_since")}
        yield numbers | {
            "last_state": made.last_state,
            "service_id": probe.service_id,
            "start": day.start,
            "end": day.end,
            "is_generated": True,
            "latencies": none.text(),
            "computed_at": day.end,
        }
