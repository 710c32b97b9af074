"""Deadlines as a month of days: each stands on the last day on which there is time for it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal import clock
from portal.domain.quantities.zones import local_date
from portal.usecases.customer.deadlines import Deadline
from portal.usecases.groundwork import local_months
from portal.usecases.groundwork.local_months import months_before, weeks_of


@dataclass(frozen=True, slots=True)
class Day:
    """One day and the deadlines it is the last day for."""

    date: date
    is_today: bool
    deadlines: Sequence[Deadline]


@dataclass(frozen=True, slots=True)
class DeadlineMonth:
    """A month by weeks of seven days, None for a neighbour's day; `timezone` cuts the days.

    What has passed is no deadline any more: nothing comes `before` the present month. `next` is the first month after
    this one with a deadline, None without any.
    """

    first_day: date
    timezone: str
    weeks: Sequence[Sequence[Day | None]]
    before: date | None
    after: date | None
    next: date | None

    @property
    def is_empty(self) -> bool:
        """Whether no deadline falls into the month."""
        return not any(day and day.deadlines for week in self.weeks for day in week)


def deadline_month(
    deadlines: Sequence[Deadline], key: str, timezone: str, now: datetime, first_weekday: int
) -> DeadlineMonth:
    """Return a month of these deadlines by its key such as "2026-10", the present one by none at all.

    A week begins on `first_weekday`, Monday being 0. Raises NotFound when the key is no month.
    """
    today = local_date(clock.seconds(now), timezone)
    present = today.replace(day=1)
    first = local_months.read_month(key) if key else present
    by_day: dict[date, list[Deadline]] = {}
    for one in deadlines:
        by_day.setdefault(local_date(one.until - 1, timezone), []).append(one)
    later = [day for day in by_day if day >= months_before(first, -1)]
    return DeadlineMonth(
        first_day=first,
        timezone=timezone,
        weeks=[
            [None if day is None else Day(day, day == today, by_day.get(day, ())) for day in week]
            for week in weeks_of(first, first_weekday)
        ],
        before=months_before(first, 1) if first > present else None,
        after=months_before(first, -1) if first < local_months.LAST else None,
        next=min(later).replace(day=1) if later else None,
    )
