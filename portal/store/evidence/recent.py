"""The runs of many services at once, for pages that say how each is now."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, func, select, true, tuple_
from sqlalchemy.orm import Session, aliased

from portal.domain.evidence.records import Run, Series
from portal.domain.evidence.runs import mark_gap
from portal.domain.quantities.slots import Schedule, slots_between
from portal.store.evidence.evidence import EVERY_LOCATION, Gap, gaps_between
from portal.store.evidence.runs import PROVENANCES, STATES, RunRow
from portal.store.evidence.summaries import DAYS
from portal.store.measuring.schedules import schedules_of_probes
from portal.store.measuring.services import LocationRow, ProbeRow

Found = Mapping[UUID, tuple[Series, ...]]
DayOfService = tuple[UUID, int]
"""A service and the first second of one of its stored days."""
AROUND_S = 86_400


def recent_series(session: Session, service_ids: Collection[UUID], start: int, end: int) -> Found:
    """Return the series of each of these services over [start, end), each led in by the run before it.

    One question for all of them. Where the clock of a probe was set meanwhile, slots without a sample are
    unknown(clock_step), as `series_of_service` says (decision D6).
    """
    rows = session.execute(_ROWS, {"services": list(service_ids), "start": start, "end": end}).all()
    steps = [gap for gap in gaps_between(session, start, end) if gap.reason == "clock_step"]
    return _series(session, rows, steps, (start, end))


def series_of_days(session: Session, days: Collection[DayOfService]) -> Mapping[DayOfService, tuple[Series, ...]]:
    """Return the series of these stored days of services with a day before and after each, led in by the run before.

    One question for all of them; clocks that were set are minded as `recent_series` does.
    """
    by_day: dict[int, list[Row[*tuple[Any, ...]]]] = defaultdict(list)
    asked = {"days": list(days), "services": list({day[0] for day in days}), "starts": list({day[1] for day in days})}
    for row in session.execute(_ROWS_OF_DAYS, asked) if days else ():
        by_day[row.start].append(row)
    steps = _clock_steps(session, by_day)
    return {
        (service_id, start): series
        for start, rows in by_day.items()
        for service_id, series in _series(session, rows, steps, (start - AROUND_S, rows[0].end + AROUND_S)).items()
    }


def _clock_steps(session: Session, days: Collection[int]) -> Sequence[Gap]:
    if not days:
        return ()
    gaps = gaps_between(session, min(days) - AROUND_S, max(days) + 3 * AROUND_S)
    return [gap for gap in gaps if gap.reason == "clock_step"]


def _series(
    session: Session, rows: Sequence[Row[*tuple[Any, ...]]], steps: Sequence[Gap], window: tuple[int, int]
) -> Found:
    schedules = schedules_of_probes(session, {row.probe for row in rows}) if steps else {}
    found: dict[UUID, tuple[Series, ...]] = {}
    for (probe, location), of_pair in groupby(rows, attrgetter("probe", "location")):
        rows_of_pair = tuple(of_pair)
        first, runs = rows_of_pair[0], tuple(map(_run, rows_of_pair))
        marked = _marked(runs, location, schedules.get(probe, ()), steps, window)
        series = Series(first.place, first.name, runs[-1].interval_s, marked)
        found[first.service_id] = (*found.get(first.service_id, ()), series)
    return found


def _marked(
    runs: tuple[Run, ...], location: int, schedules: Sequence[Schedule], steps: Sequence[Gap], window: tuple[int, int]
) -> tuple[Run, ...]:
    for gap in steps:
        if gap.location in (EVERY_LOCATION, location):
            slots = slots_between(schedules, location, max(window[0], gap.first), min(window[1], gap.until))
            runs = mark_gap(runs, slots, gap.reason)
    return runs


_PLACE = LocationRow.number + 0
"""A sum, so that SQLite goes from places to runs: the other way it would read all runs a probe ever had."""
_EARLIER = aliased(RunRow)
_LEAD_IN = (
    select(func.max(_EARLIER.first))
    .where(
        _EARLIER.probe == ProbeRow.number, _EARLIER.location == LocationRow.number, _EARLIER.first < bindparam("start")
    )
    .correlate(ProbeRow, LocationRow)
    .scalar_subquery()
)
_OF_RUN = [one.label("samples") if one.name == "count" else one for one in RunRow.__table__.c]
"""Columns under names that a row does not have as a sequence."""
_ROWS = (
    select(ProbeRow.service_id, LocationRow.key.label("place"), ProbeRow.key.label("name"), *_OF_RUN)
    .select_from(ProbeRow)
    .join(LocationRow, true())
    .join(
        RunRow,
        (RunRow.probe == ProbeRow.number)
        & (RunRow.location == _PLACE)
        & (RunRow.first >= func.coalesce(_LEAD_IN, bindparam("start")))
        & (RunRow.first < bindparam("end")),
    )
    .where(ProbeRow.service_id.in_(bindparam("services", expanding=True)))
    .order_by(ProbeRow.number, LocationRow.number, RunRow.first)
)
_LEAD_IN_OF_DAY = (
    select(func.max(_EARLIER.first))
    .where(
        _EARLIER.probe == ProbeRow.number,
        _EARLIER.location == LocationRow.number,
        _EARLIER.first < DAYS.c.start - AROUND_S,
    )
    .correlate(ProbeRow, LocationRow, DAYS)
    .scalar_subquery()
)
_ROWS_OF_DAYS = (
    select(
        DAYS.c.service_id,
        DAYS.c.start,
        DAYS.c.end,
        LocationRow.key.label("place"),
        ProbeRow.key.label("name"),
        *_OF_RUN,
    )
    .select_from(DAYS)
    .join(ProbeRow, ProbeRow.service_id == DAYS.c.service_id)
    .join(LocationRow, true())
    .join(
        RunRow,
        (RunRow.probe == ProbeRow.number)
        & (RunRow.location == _PLACE)
        & (RunRow.first >= func.coalesce(_LEAD_IN_OF_DAY, DAYS.c.start - AROUND_S))
        & (RunRow.first < DAYS.c.end + AROUND_S),
    )
    .where(
        # Said by columns as well: a key of two columns in a list does not lead SQLite to its rows.
        DAYS.c.service_id.in_(bindparam("services", expanding=True)),
        DAYS.c.start.in_(bindparam("starts", expanding=True)),
        tuple_(DAYS.c.service_id, DAYS.c.start).in_(bindparam("days", expanding=True)),
    )
    .order_by(ProbeRow.number, LocationRow.number, RunRow.first)
)
"""Made once: making a question costs more than asking it."""


def _run(row: Row[*tuple[Any, ...]]) -> Run:
    provenance = PROVENANCES[row.provenance]
    return Run(STATES[row.state], row.reason, row.first, row.last, row.samples, row.interval_s, provenance)
