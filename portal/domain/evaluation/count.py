"""What a counting method found, before verdict and credit."""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.evaluation.reports import Reasoned
from portal.domain.evaluation.result import Step, Stretch
from portal.domain.evidence.detection import Timeline
from portal.domain.evidence.records import OutageRecord
from portal.domain.quantities.intervals import Intervals


@dataclass(frozen=True, slots=True)
class Ratio:
    """Attained shares, 0 to 1, of a method that counts requests and not time; None when nothing was counted.

    `projected` takes the rest of an open period as faultless, `so_far` leaves it out.
    """

    projected: Fraction | None
    so_far: Fraction | None


@dataclass(frozen=True, slots=True)
class Count:
    """What a method found inside the measured interval and outside exclusions.

    `counted` are the weighted stretches of downtime; `degraded` those that weigh nothing; `spans` the whole outages,
    those separated by less than `merge_gap_seconds` still apart; `records` the reports; `unknown` the intervals
    with reasons, possibly beyond the measured interval; `seen` all time anything was seen wrong. `breaches` counts
    single broken promises where the method has any; `forgiven` says the promise is met whatever the percentage (R43).
    """

    counted: tuple[Stretch, ...] = ()
    degraded: tuple[Stretch, ...] = ()
    spans: Intervals = ()
    merge_gap_seconds: int = 0
    records: tuple[OutageRecord, ...] = ()
    seen: Intervals = ()
    unknown: tuple[Reasoned, ...] = ()
    ratio: Ratio | None = None
    details: tuple[Step, ...] = ()
    timeline: Timeline | None = None
    breaches: int | None = None
    forgiven: bool = False
