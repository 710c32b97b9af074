"""What is known of an agreement beside its text: what contracts cover, how often it is measured, what was attained."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.promises.lint import Practice
from portal.store.measuring import measured
from portal.store.promises import contracts
from portal.usecases.publishing.track_records import lowest_attained


def practice_of(session: Session, slug: str, now: datetime) -> Practice:
    """Return the practice of one agreement at an instant; needs the provider's own scope.

    A component stands for the services its contracts map to it: the one that is measured most rarely counts.
    """
    intervals = measured.intervals_in_force(session, clock.seconds(now))
    covered = contracts.covered_services(session, slug)
    return Practice(
        interval_s=_coarsest(covered, intervals),
        attained=lowest_attained(session, slug),
        components=frozenset(covered) if covered else None,
    )


def _coarsest(covered: Mapping[str, set[UUID]], intervals: Mapping[UUID, int]) -> Mapping[str, int]:
    measured_ = {component: [intervals[one] for one in ids if one in intervals] for component, ids in covered.items()}
    return {component: max(found) for component, found in measured_.items() if found}
