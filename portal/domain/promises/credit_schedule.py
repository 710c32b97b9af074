"""What a breach is worth: one frozen class per credit schedule (semantics.md R31, R32, R36, R38, R39)."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Money:
    """An amount the terms name: exact, as it was written, in its currency or, where none is named, the contract's."""

    amount: Fraction
    text: str
    currency: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditSchedule:
    """What every schedule has: whether a breach is needed, the caps per period (R38) and the minimum (R39)."""

    requires_breach: bool = True
    cap_percent: Fraction | None = None
    cap_amount: Money | None = None
    min_credit_exclusive: Money | None = None
    type: str = "none"


@dataclass(frozen=True, slots=True)
class Tier:
    """A percentage of the fee for an attained percentage below (or, if inclusive, up to) a bound (R31)."""

    below: Fraction
    percent: Fraction
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class DayTier:
    """A number of days of the fee for an attained percentage below (or up to) a bound."""

    below: Fraction
    days: Fraction
    inclusive: bool = False


@dataclass(frozen=True, slots=True)
class DurationBand:
    """A percentage of the fee for one outage that lasts at least so long."""

    at_least_seconds: int
    percent: Fraction


@dataclass(frozen=True, slots=True)
class CountBand:
    """A percentage of the fee for at least so many breaches."""

    at_least: int
    percent: Fraction


@dataclass(frozen=True, slots=True, kw_only=True)
class Tiers(CreditSchedule):
    """The tier with the smallest bound that covers the attained percentage wins."""

    tiers: tuple[Tier, ...]
    type: str = "tiers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Days(CreditSchedule):
    """Days of the fee by tier; `day_divisor` None divides by the days of the period."""

    tiers: tuple[DayTier, ...]
    day_divisor: int | None = None
    type: str = "days"


@dataclass(frozen=True, slots=True, kw_only=True)
class PerUnit(CreditSchedule):
    """A percentage or days of the fee per unit of downtime; exactly one of the two is given."""

    unit_seconds: int
    percent_per_unit: Fraction | None
    days_per_unit: Fraction | None
    rounding: str
    scope: str
    free_seconds: int = 0
    day_divisor: int | None = None
    type: str = "per_unit"


@dataclass(frozen=True, slots=True, kw_only=True)
class ProRata(CreditSchedule):
    """The fee's share of the downtime times a multiplier."""

    multiplier: Fraction
    excess_only: bool = False
    denominator: str = "period"
    type: str = "pro_rata"


@dataclass(frozen=True, slots=True, kw_only=True)
class PerOutage(CreditSchedule):
    """A percentage by the length of each outage, summed up or only the largest."""

    bands: tuple[DurationBand, ...]
    aggregate: str
    type: str = "per_outage"


@dataclass(frozen=True, slots=True, kw_only=True)
class BreachCount(CreditSchedule):
    """A percentage by the number of breaches."""

    bands: tuple[CountBand, ...]
    type: str = "breach_count"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoCredit(CreditSchedule):
    """Nothing is owed."""

    type: str = "none"
