"""Whether what was deleted could be deleted: not before its time, noted in the audit, and with all its samples.

The application may record a deletion, and a recorded day may go: so each record must prove itself.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.database import reading
from portal.domain.evidence.chunk import DayKey
from portal.domain.evidence.runs import cut
from portal.store.evidence import deletions, runs
from portal.store.evidence.deletions import DayDeletion
from portal.store.people import audit
from portal.usecases.closing.retention import month_of, months_of_rule, time_is_over
from portal.usecases.groundwork.audit import Deed

Lot = tuple[str, str, datetime]
"""What one note of the audit is about: `probe/location`, the month as 2026-10, and when it was deleted."""


def check(session: Session, now: datetime) -> Sequence[str]:
    """Return a sentence for each recorded deletion that does not prove itself; costs by the days ever deleted."""
    with reading(session):
        recorded = deletions.all_deletions(session)
        return [*_faults_of_days(session, recorded, now), *_faults_of_notes(session, recorded)]


def _faults_of_days(session: Session, recorded: Sequence[DayDeletion], now: datetime) -> Iterator[str]:
    for one in recorded:
        name, months = one.key.name, months_of_rule(one.rule)
        if months is None:
            yield f"{name} was deleted by no rule of this portal: {one.rule}."
        elif one.at > now or not time_is_over(month_of(one.key), months, one.at):
            yield f"{name} was deleted on {one.at:%Y-%m-%d}, and by its rule ({one.rule}) its time was not over."
        counted = _counted(session, one.key)
        if counted != one.samples:
            yield f"{name} was deleted with {one.samples} samples, and its runs count {counted}."


def _faults_of_notes(session: Session, recorded: Sequence[DayDeletion]) -> Iterator[str]:
    found: dict[Lot, list[int]] = defaultdict(list)
    for one in recorded:
        found[f"{one.key.probe}/{one.key.location}", f"{month_of(one.key):%Y-%m}", one.at].append(one.samples)
    noted = {
        (row.object_id, row.after["month"], row.at): (row.after["days"], row.after["samples"])
        for row in audit.rows_of(session, Deed.DELETED_EVIDENCE)
        if row.after is not None
    }
    for lot, samples in sorted(found.items()):
        if noted.get(lot) != (len(samples), sum(samples)):
            place, month, at = lot
            days = f"{len(samples)} days of {month} were deleted on {at:%Y-%m-%d}"
            yield f"Of probe/location {place} {days}, and the audit does not say so."


def _counted(session: Session, key: DayKey) -> int:
    """Count the samples that the runs of a day say there were."""
    told = (
        cut(run, key.start, key.end)
        for run in runs.runs_between(session, (key.probe, key.location), key.start, key.end)
    )
    return sum(run.count for run in told if run is not None)
