"""Stored days of many services at once, told by what is unusual of them: nearly every day is up throughout."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from portal.domain.quantities.intervals import Interval
from portal.store.summaries import DAYS


@dataclass(frozen=True, slots=True)
class UnusualDay:
    """A stored day that was measured and not up throughout: its seconds by what they were (see ServiceDay)."""

    start: int
    end: int
    up_s: int
    degraded_s: int
    down_s: int
    unknown_s: int
    excluded_s: int
    unmeasured_s: int


@dataclass(frozen=True, slots=True)
class KeptDays:
    """All days of a service that were asked for: the unusual ones by first second.

    Any other was not measured at all if it ends by `unmeasured_until`, and else was up throughout.
    """

    unmeasured_until: int
    is_generated: bool
    unusual: Mapping[int, UnusualDay]


_LENGTH = DAYS.c.end - DAYS.c.start
_ASKED = (
    DAYS.c.service_id.in_(bindparam("services", expanding=True)),
    DAYS.c.start >= bindparam("first"),
    DAYS.c.start < bindparam("until"),
    DAYS.c.end <= bindparam("until"),
)
_WHOLE = (
    select(
        DAYS.c.service_id,
        func.max(case((DAYS.c.unmeasured_s == _LENGTH, DAYS.c.end), else_=0)),
        func.max(case((DAYS.c.is_generated, 1), else_=0)),
    )
    .where(*_ASKED)
    .group_by(DAYS.c.service_id)
    .having((func.count() == bindparam("count")) & (func.sum(_LENGTH) == bindparam("seconds")))
)
_UNUSUAL = select(DAYS.c.service_id, *(DAYS.c[name] for name in UnusualDay.__dataclass_fields__)).where(
    *_ASKED, DAYS.c.up_s < _LENGTH, DAYS.c.unmeasured_s < _LENGTH
)
"""Made once: making a question costs more than asking it."""


def kept_days(session: Session, service_ids: Collection[UUID], days: Sequence[Interval]) -> Mapping[UUID, KeptDays]:
    """Return the days of each service of which all of these neighbouring days, in order, are stored.

    They are read as one stretch: a question that names each day would take SQLite to each day of each service.
    """
    if not days:
        return {}
    asked = {"services": list(service_ids), "first": days[0].start, "until": days[-1].end}
    starts = {day.start: day.end for day in days}
    unusual: dict[UUID, dict[int, UnusualDay]] = defaultdict(dict)
    others = set()
    for service_id, *values in session.execute(_UNUSUAL, asked):
        day = unusual[service_id][values[0]] = UnusualDay(*values)
        if starts.get(day.start) != day.end:
            others.add(service_id)  # a day of another time zone
    # Stored days never overlap: where they are as many and their seconds too, they fill the stretch. Where days begin
    # within it tells nothing of those that were up throughout.
    whole = session.execute(_WHOLE, asked | {"count": len(days), "seconds": sum(day.seconds for day in days)})
    return {
        service_id: KeptDays(until, generated == 1, unusual.get(service_id, {}))
        for service_id, until, generated in whole
        if service_id not in others
    }
