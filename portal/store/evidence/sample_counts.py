"""How many samples a service has, place by place and state by state, from its runs: no sample is read for it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.domain.quantities.slots import Schedule, slots_between
from portal.store.evidence.runs import Pair, last_run, run_from, runs_between
from portal.store.measuring.schedules import schedules_of_probes
from portal.store.measuring.services import LocationRow, ProbeRow


@dataclass(frozen=True, slots=True)
class PlaceCounts:
    """The samples of a probe at a location by state, and how many slots were due there; by the names people know."""

    probe: str
    location: str
    due: int
    by_state: Mapping[str, int]

    @property
    def arrived(self) -> int:
        """How many samples there are."""
        return sum(self.by_state.values())


def counts_of_service(session: Session, service_id: UUID, start: int, end: int) -> Sequence[PlaceCounts]:
    """Return the counts of [start, end) for every place any probe of the service ran from; costs by its runs."""
    return [
        PlaceCounts(probe, place, _due(schedules, pair, start, end), _by_state(session, pair, start, end))
        for pair, probe, place, schedules in _pairs(session, service_id)
    ]


def measured_between(session: Session, service_id: UUID) -> tuple[int, int] | None:
    """Return the first slot with a sample of the service and the second after the last; None when it has none."""
    firsts, lasts = [], []
    for pair, *_ in _pairs(session, service_id):
        first, last = run_from(session, pair, 0), last_run(session, pair)
        if first is not None and last is not None:
            firsts.append(first.first)
            lasts.append(last.last + 1)
    return (min(firsts), max(lasts)) if firsts else None


def _pairs(session: Session, service_id: UUID) -> Iterator[tuple[Pair, str, str, Sequence[Schedule]]]:
    """Every probe of a service at every place it was scheduled at; at every place when it never was."""
    probes = session.execute(select(ProbeRow.number, ProbeRow.key).where(ProbeRow.service_id == service_id)).all()
    places = dict(session.execute(select(LocationRow.number, LocationRow.name).order_by(LocationRow.number)).all())
    schedules = schedules_of_probes(session, [number for number, _ in probes])
    for number, key in sorted(probes):
        own = schedules.get(number, ())
        scheduled = {place for one in own for place in one.locations}
        for place, name in places.items():
            if place in scheduled or not own:
                yield (number, place), key, name, own


def _due(schedules: Sequence[Schedule], pair: Pair, start: int, end: int) -> int:
    return sum(map(len, slots_between(schedules, pair[1], start, end)))


def _by_state(session: Session, pair: Pair, start: int, end: int) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for run in runs_between(session, pair, start, end):
        count = len(slots_within(run.first, run.last, run.interval_s, start, end))
        if count:
            found[run.state.value] = found.get(run.state.value, 0) + count
    return found


def slots_within(first: int, last: int, interval_s: int, start: int, end: int) -> range:
    """Return the slots in [start, end) of a run, whose samples lie at first, first + interval … last."""
    before = max(0, -(-(start - first) // interval_s))
    until = max(before, -(-(end - first) // interval_s))
    return range(first, last + 1, interval_s)[before:until]
