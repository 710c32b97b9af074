"""Questions asked of the dated schedules and of the places probes run from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Row, Select, Table, func, select
from sqlalchemy.orm import Session

from portal.domain.quantities.slots import Schedule
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow

Schedules = Mapping[int, tuple[Schedule, ...]]
"""The schedules of each probe by its number, in order of effective_from."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What changes whenever a schedule or a location does: schedules are only ever added, locations are few."""

    schedules: int
    locations: tuple[tuple[int, tuple[str, ...]], ...]


_COUNT = select(func.count()).select_from(cast(Table, ScheduleRow.__table__))
_PLACES = select(*cast(Table, LocationRow.__table__).c["number", "allow"]).order_by("number")


def edition(session: Session) -> Edition:
    """Return the present edition; cheap enough to ask every second."""
    connection = session.connection()
    places = connection.execute(_PLACES)
    return Edition(connection.execute(_COUNT).scalar_one(), tuple((number, tuple(allow)) for number, allow in places))


def schedules_in_force(session: Session, since: int) -> Schedules:
    """Return the schedules that govern any slot from the second `since` on."""
    return {probe: _governing(versions, since) for probe, versions in _by_probe(session, _all()).items()}


def schedules_of_probes(session: Session, probes: Iterable[int]) -> Schedules:
    """Return every schedule these probes ever had."""
    return _by_probe(session, _all().where(ProbeRow.number.in_(list(probes))))


def _all() -> Select[ScheduleRow, int]:
    order = (ProbeRow.number, ScheduleRow.effective_from)
    return select(ScheduleRow, ProbeRow.number).join(ProbeRow, ProbeRow.id == ScheduleRow.probe_id).order_by(*order)


def _by_probe(session: Session, question: Select[ScheduleRow, int]) -> dict[int, tuple[Schedule, ...]]:
    found: dict[int, list[Schedule]] = defaultdict(list)
    for row in session.execute(question):
        schedule = _schedule(row)
        found[schedule.probe].append(schedule)
    return {probe: tuple(schedules) for probe, schedules in found.items()}


def _schedule(row: Row[ScheduleRow, int]) -> Schedule:
    version, probe = row
    return Schedule(
        probe,
        version.effective_from,
        version.interval_s,
        tuple(version.locations),
        version.kind,
        version.target,
        version.timeout_ms,
        version.latency_limit_ms,
    )


def _governing(schedules: tuple[Schedule, ...], since: int) -> tuple[Schedule, ...]:
    begun = sum(schedule.effective_from <= since for schedule in schedules)
    return schedules[max(0, begun - 1) :]
