"""Transparency: from where everything is measured, how much of the time is known, and what was asked not to count.

Read from days that are over and summed up; no contractual number is read from here.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.quantities import zones
from portal.domain.quantities.exact import truncate
from portal.domain.quantities.intervals import Interval, total_seconds, union
from portal.store.evidence import day_seals, summaries
from portal.store.evidence.summaries import Sums
from portal.store.measuring import measured
from portal.store.measuring.measured import Asked
from portal.store.notices import exclusions
from portal.store.notices.exclusions import StoredExclusion
from portal.usecases.groundwork.local_months import month_span, months_before

__all__ = ["Location", "MonthOfExclusions", "MonthOfTime", "Transparency", "transparency"]

MONTHS_SHOWN = 13
DECIMALS = 3


@dataclass(frozen=True, slots=True)
class Location:
    """A place that measures, how many services it asks now, and the longest time between two of its questions."""

    name: str
    services: int
    longest_interval_s: int | None


@dataclass(frozen=True, slots=True)
class MonthOfTime:
    """The time of all services together in a local month, in seconds; `coverage` is the truncated known share."""

    first_day: date
    days: int
    measured_s: int
    unknown_s: int
    left_out_s: int
    coverage: str | None


@dataclass(frozen=True, slots=True)
class MonthOfExclusions:
    """The public requests whose time begins in a local month; `approved_s` counts no second twice."""

    first_day: date
    asked: int
    approved: int
    rejected: int
    withdrawn: int
    waiting: int
    approved_s: int


@dataclass(frozen=True, slots=True)
class Transparency:
    """The whole page; months newest first, those before the first summed up day left out."""

    locations: Sequence[Location]
    time: Sequence[MonthOfTime]
    exclusions: Sequence[MonthOfExclusions]
    days_sealed: int
    canaries: int = 0
    """How many reference targets tell that a location itself is healthy: none can be configured yet."""


def transparency(session: Session, timezone: str, now: datetime) -> Transparency:
    """Return what can be said about the measuring itself, by the provider's local months."""
    as_of = clock.seconds(now)
    last = zones.local_date(as_of, timezone).replace(day=1)
    firsts = [months_before(last, count) for count in range(MONTHS_SHOWN)]
    spans = {first: month_span(first, timezone) for first in firsts}
    return Transparency(
        locations=_locations(session, as_of),
        time=_time(session, spans),
        exclusions=_exclusions(session, spans),
        days_sealed=day_seals.count_of_seals(session),
    )


def _locations(session: Session, as_of: int) -> Sequence[Location]:
    asked = measured.probes_in_force(session, as_of)
    return tuple(_location(name, asked) for name in measured.location_names(session).values())


def _location(name: str, asked: Sequence[Asked]) -> Location:
    mine = [one for one in asked if name in one.locations]
    return Location(name, len({one.service for one in mine}), max((one.interval_s for one in mine), default=None))


def _time(session: Session, spans: Mapping[date, tuple[int, int]]) -> Sequence[MonthOfTime]:
    sums = summaries.sums_by_span(session, list(spans.values()))
    return tuple(_month(first, sums[span]) for first, span in spans.items() if span in sums and sums[span].measured_s)


def _month(first: date, sums: Sums) -> MonthOfTime:
    known_s = sums.measured_s - sums.unknown_s
    coverage = truncate(Fraction(100 * known_s, sums.measured_s), DECIMALS)
    return MonthOfTime(first, sums.days, sums.measured_s, sums.unknown_s, sums.excluded_s, coverage)


def _exclusions(session: Session, spans: Mapping[date, tuple[int, int]]) -> Sequence[MonthOfExclusions]:
    starts = [start for start, _ in spans.values()]
    ends = [end for _, end in spans.values()]
    found = [one for one in exclusions.exclusions_for_all(session, min(starts), max(ends)) if one.row.is_public]
    months = (
        _asked(first, [one for one in found if start <= one.row.start < end]) for first, (start, end) in spans.items()
    )
    return tuple(one for one in months if one.asked)


def _asked(first: date, found: Sequence[StoredExclusion]) -> MonthOfExclusions:
    kinds = Counter(one.decisions[-1].kind if one.decisions else "requested" for one in found)
    approved = [one.row for one in found if one.decisions and one.decisions[-1].kind == "approved"]
    spans = union(Interval(one.start, one.end) for one in approved)
    return MonthOfExclusions(
        first_day=first,
        asked=len(found),
        approved=kinds["approved"],
        rejected=kinds["rejected"],
        withdrawn=kinds["withdrawn"],
        waiting=len(found) - kinds["approved"] - kinds["rejected"] - kinds["withdrawn"],
        approved_s=total_seconds(spans),
    )
