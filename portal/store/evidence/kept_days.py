"""Stored days of many services at once, told by what is unusual of them: nearly every day is up throughout."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import bindparam, case, func, select
from sqlalchemy.orm import Session

from portal.domain.quantities.intervals import Interval
from portal.store.evidence.summaries import DAYS, IS_UNUSUAL, UNUSUAL


class UnusualDay(NamedTuple):
    """A stored day that was not up throughout: its seconds by what they were, and as what it ended (see ServiceDay).

    `last_since` is None of a day that was not measured, and of one that was stored before its end was told.
    """

    start: int
    end: int
    up_s: int
    degraded_s: int
    down_s: int
    unknown_s: int
    excluded_s: int
    unmeasured_s: int
    last_state: str | None
    last_since: int | None


@dataclass(frozen=True, slots=True)
class KeptDays:
    """All days of a service that were asked for: any that is not among the unusual ones, by first second, was up."""

    is_generated: bool
    unusual: Mapping[int, UnusualDay]


_ASKED = (
    DAYS.c.service_id.in_(bindparam("services", expanding=True)),
    DAYS.c.start >= bindparam("first"),
    DAYS.c.start < bindparam("until"),
    DAYS.c.end <= bindparam("until"),
)
_WHOLE = (
    select(
        DAYS.c.service_id,
        func.max(case((DAYS.c.is_generated, 1), else_=0)),
    )
    .where(*_ASKED)
    .group_by(DAYS.c.service_id)
    .having(func.sum(DAYS.c.end - DAYS.c.start) == bindparam("seconds"))
)
_UNUSUAL = select(*UNUSUAL).where(*_ASKED, IS_UNUSUAL)
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
    # Stored days never overlap: where their seconds are as many, they fill the stretch. Where days begin within it
    # tells nothing of those that were up throughout.
    whole = session.execute(_WHOLE, asked | {"seconds": days[-1].end - days[0].start})
    return {
        service_id: KeptDays(generated == 1, unusual.get(service_id, {}))
        for service_id, generated in whole
        if service_id not in others
    }
