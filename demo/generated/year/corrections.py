"""What comes to light after a close: samples that were on their way, told outages, late approvals; and revisions."""

from collections.abc import Iterator
from itertools import islice

from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S, DOWN, Episode
from demo.generated.samples import samples_of_day
from demo.generated.year import register
from demo.generated.year.cast import Cast
from demo.generated.year.size import Size
from demo.generated.year.weather import outages_of, withheld
from portal import clock
from portal.database import reading, transaction
from portal.domain.evidence.measurements import Sample
from portal.domain.notices.refusals import Conflict, Invalid
from portal.domain.quantities.slots import slots_between
from portal.usecases.closing import revisions
from portal.usecases.configuration.names import probe_numbers
from portal.usecases.excluding import outage_records
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.measuring import measurement

HOLDER = "generated agents"
LONGER_S = 1_800
FOURTH = 3


def come_to_light(session: Session, cast: Cast, size: Size, month: int) -> int:
    """Tell what a month's close did not know, and revise every statement it changes; return how many revisions."""
    at = size.closes_at(month) + DAY_S
    _record_withheld(session, size, month, at)
    _tell_longer_outage(session, cast, size, month, at)
    register.approve_late(session, cast, size, month)
    now = clock.instant(at + DAY_S)
    for one in {max(0, month - 1), month}:  # what is decided about the first hours of a month may bear on the last
        revisions.look_again(session, f"{size.month(one):%Y-%m}", now)
    with reading(session):
        proposed = [one.statement_id for one in revisions.proposals(session)]
    reason = "Evidence and decisions that came after the close."
    for statement_id in proposed:
        with transaction(session):
            revisions.revise(session, cast.staff["max"], statement_id, reason, now)
    return len(proposed)


def _record_withheld(session: Session, size: Size, month: int, at: int) -> None:
    leadership = measurement.lead(session, HOLDER, at * 1000, 0)
    if leadership is None:
        raise Conflict("A worker is measuring already; a year is told where none runs.")
    measurement.record(session, leadership, list(_withheld(session, size, month)))
    measurement.resign(session, leadership)


def _withheld(session: Session, size: Size, month: int) -> Iterator[Sample]:
    """The samples of the hour that was withheld: the service was down, and its agents could not say so."""
    gap = withheld(size, month)
    down = Episode(gap.probe, gap.location, DOWN, gap.start, gap.end)
    number = probe_numbers(session)[gap.probe]
    schedules = measurement.timetable(session, gap.start).schedules[number]
    for location in range(1, size.locations + 1):
        slots = slots_between(schedules, location, gap.start, gap.end)
        yield from samples_of_day(size.seed, number, location, slots, [down])


def _tell_longer_outage(session: Session, cast: Cast, size: Size, month: int, at: int) -> None:
    """Somebody tells that one outage was half an hour longer than measured, and somebody else accepts it."""
    outage = next(islice(outages_of(size, month), FOURTH, None), None)
    if outage is None:
        return
    begins, ends = (local_input(one // 60 * 60, "UTC") for one in (outage.start, outage.end + LONGER_S))
    draft = outage_records.Draft(outage.probe, begins, ends, "down", "The service answered probes and nobody else.")
    try:
        with transaction(session):
            outage_records.propose(session, cast.staff["rosa"], draft, "UTC", clock.instant(at))
    except Invalid:
        pass  # it was told already, before an interruption
    with transaction(session):
        for one in outage_records.waiting(session, cast.staff["max"]):
            outage_records.decide(
                session, cast.staff["max"], one.id, "", clock.instant(at), is_accepted=True, one_may=False
            )
