"""Telling the portal the demo's past, through the same door as every measured sample."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from sqlalchemy.orm import Session

from demo import history
from demo.history import Episode, Past
from portal.domain.evidence.measurements import Sample
from portal.domain.notices.refusals import Conflict
from portal.domain.quantities.slots import slots_between
from portal.usecases.configuration.names import probe_numbers
from portal.usecases.measuring import measurement

BATCH = 5_000
LEASE_MS = 120_000
HOLDER = "the demo's past"


def tell_history(
    session: Session, past: Past, told: Sequence[Episode], until: int, progress: Callable[[int], object]
) -> int:
    """Record what the demo's services went through in the past, and return how many samples that is.

    `told` are its episodes; `until`, a UTC second, is now; `progress` is called with the samples stored by each write.
    """
    leadership = measurement.lead(session, HOLDER, until * 1000, LEASE_MS)
    if leadership is None:
        raise Conflict("A worker is measuring already; the past is told before the first start.")
    stored = 0
    waiting = _all_samples(session, past, told, until)
    while batch := list(islice(waiting, BATCH)):
        measurement.record(session, leadership, batch)
        stored += len(batch)
        progress(len(batch))
    measurement.resign(session, leadership)
    return stored


def _all_samples(session: Session, past: Past, told: Sequence[Episode], until: int) -> Iterator[Sample]:
    schedules = measurement.timetable(session, past.start).schedules
    for service, probe in sorted(probe_numbers(session).items()):
        for location in sorted({place for schedule in schedules[probe] for place in schedule.locations}):
            slots = slots_between(schedules[probe], location, past.start, until)
            yield from history.samples(service, probe, location, slots, told)
