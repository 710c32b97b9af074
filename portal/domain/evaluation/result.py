"""The result of judging one commitment over one period: every number with what it was made of."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from typing import NamedTuple

from portal.domain.evaluation.exclusions import CapUse, Outcome
from portal.domain.indicators.budget import Budget
from portal.domain.indicators.resolution import Resolution
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.periods import Period


class Kind(StrEnum):
    """What a second of the measured interval counts as; the first that fits wins (semantics.md, pipeline)."""

    EXCLUDED = "excluded"
    DOWN = "down"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"
    UP = "up"
    REMAINING = "remaining"


class Status(StrEnum):
    """The word of a verdict."""

    MET = "met"
    BREACHED = "breached"
    NOT_APPLICABLE = "not_applicable"
    INSUFFICIENT_DATA = "insufficient_data"


class Stretch(NamedTuple):
    """One piece [start, end) of the measured interval; each of its seconds adds `weight` seconds of downtime.

    A tuple, as there are thousands in a result and a tuple is made five times as fast.
    """

    start: int
    end: int
    kind: Kind
    reason: str | None = None
    weight: Fraction = Fraction(0)
    held_seconds: int = 0
    locations: tuple[str, ...] = ()

    @property
    def seconds(self) -> int:
        """Length in seconds."""
        return self.end - self.start


class CountedOutage(NamedTuple):
    """One outage as a credit schedule sees it: seconds in the period and outside exclusions, and the same weighted."""

    start: int
    end: int
    counted_seconds: int
    weighted_seconds: Fraction
    event: str | None


@dataclass(frozen=True, slots=True)
class Totals:
    """Seconds of the measured interval by what they count as; `downtime` is None for methods that count no time."""

    period: int
    excluded: int
    unknown: int
    held: int
    remaining: int
    eligible: int
    downtime: Fraction | None


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share of unknown time, None where nothing could be known, and the limit on it (R16)."""

    unknown_percent: Fraction | None
    limit: Fraction | None
    sufficient: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the receipt: a named value, its unit, the rule it follows and the values it was made of."""

    key: str
    value: Fraction | int | str | bool | None
    unit: str
    rule: str
    inputs: tuple[tuple[str, Fraction | int | str | None], ...] = ()


@dataclass(frozen=True, slots=True)
class Credit:
    """What is owed: `percent` of the fee after the cap on it, `amount_minor` in minor units after everything.

    `uncapped` is money before any cap, `exact` after both caps and before the rounding and the minimum.

    Both are None without a verdict; the amount is None also when the contract names no fee. `reason` says why
    nothing is owed: met, not_applicable, insufficient_data, no_tier, no_schedule, no_fee, below_minimum or
    rounds_to_zero.
    """

    schedule: str
    percent: Fraction | None
    uncapped_percent: Fraction | None
    uncapped: Fraction | None
    exact: Fraction | None
    amount_minor: int | None
    amount_text: str | None
    currency: str
    reason: str | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Attainment:
    """One commitment of one contract judged over one period as of one instant.

    Percentages are exact. `attained` takes the remaining time of an open period as up, `so_far` leaves it out;
    `compared` is what met the target and the tiers (R28), `fee_share` the share of the fee after proration (R5).
    `details` are the method's own figures, `breaches` the single broken promises a schedule may count.
    """

    commitment: Commitment
    contract: ContractLine
    period: Period
    measured: Interval
    as_of: int
    open: bool
    totals: Totals
    attained: Fraction | None
    so_far: Fraction | None
    compared: Fraction | None
    status: Status
    met: bool | None
    coverage: Coverage
    budget: Budget | None
    resolution: Resolution | None
    stretches: tuple[Stretch, ...]
    outages: tuple[CountedOutage, ...]
    breaches: int
    exclusions: tuple[Outcome, ...]
    used_caps: tuple[CapUse, ...]
    fee_share: Fraction
    fee: Fraction | None
    credit: Credit
    details: tuple[Step, ...]
    steps: tuple[Step, ...]
    provenance: tuple[str, ...]
