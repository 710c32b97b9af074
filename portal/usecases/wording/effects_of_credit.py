"""Two credit schedules compared at every result: whether one never pays less than the other (semantics.md R31, R36)."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from itertools import pairwise

from portal.domain.evaluation.credits import lowest_tier
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CreditSchedule,
    Days,
    DayTier,
    PerOutage,
    PerUnit,
    ProRata,
    Tier,
    Tiers,
)

Paid = Callable[[Fraction], Fraction]
NOTHING = Fraction(0)


def compare_credits(before: CreditSchedule, after: CreditSchedule) -> int | None:
    """1 where the later schedule never pays less and may pay more, -1 the other way round, 0 for the same, else None.

    Caps and minimum are not looked at.
    """
    if "none" in (before.type, after.type):
        return (after.type != "none") - (before.type != "none")
    match before, after:
        case Tiers(), Tiers():
            bounds = [one.below for one in (*before.tiers, *after.tiers)]
            return _everywhere(bounds, _percent_of(before), _percent_of(after))
        case Days(), Days() if before.day_divisor == after.day_divisor:
            bounds = [one.below for one in (*before.tiers, *after.tiers)]
            return _everywhere(bounds, _days_of(before), _days_of(after))
        case PerUnit(), PerUnit():
            return _units(before, after)
        case ProRata(), ProRata():
            return _sign(_share_side(before), _share_side(after))
        case _:
            return _counted(before, after)


def _counted(before: CreditSchedule, after: CreditSchedule) -> int | None:
    match before, after:
        case PerOutage(), PerOutage():
            bounds = [Fraction(one.at_least_seconds) for one in (*before.bands, *after.bands)]
            bands = _everywhere(bounds, _band_of(before), _band_of(after))
            aggregate = _sign((before.aggregate == "sum",), (after.aggregate == "sum",))
            return _together(bands, aggregate)
        case BreachCount(), BreachCount():
            bounds = [Fraction(one.at_least) for one in (*before.bands, *after.bands)]
            return _everywhere(bounds, _breaches_of(before), _breaches_of(after))
        case _:
            return None


def _everywhere(bounds: Iterable[Fraction], before: Paid, after: Paid) -> int | None:
    """The comparison at every bound and between any two neighbours, which is everywhere: both are steps."""
    cuts = sorted({NOTHING, *bounds})
    points = [*cuts, *((low + high) / 2 for low, high in pairwise(cuts)), cuts[-1] + 1]
    return _sign([before(one) for one in points], [after(one) for one in points])


def _sign(before: Iterable[Fraction | int], after: Iterable[Fraction | int]) -> int | None:
    pairs = list(zip(before, after, strict=True))
    rose, fell = any(new > old for old, new in pairs), any(new < old for old, new in pairs)
    return None if rose and fell else rose - fell


def _together(one: int | None, other: int | None) -> int | None:
    if one is None or other is None or one * other < 0:
        return None
    return one or other


def _units(before: PerUnit, after: PerUnit) -> int | None:
    kept = [(one.unit_seconds, one.scope, one.day_divisor, one.percent_per_unit is None) for one in (before, after)]
    return _sign(_unit_side(before), _unit_side(after)) if kept[0] == kept[1] else None


def _unit_side(one: PerUnit) -> tuple[Fraction | int, ...]:
    paid = one.percent_per_unit if one.percent_per_unit is not None else one.days_per_unit or NOTHING
    return paid, -one.free_seconds, ("floor", "exact", "ceil").index(one.rounding)


def _share_side(one: ProRata) -> tuple[Fraction | int, ...]:
    return one.multiplier, not one.excess_only, one.denominator == "eligible"


def _percent_of(schedule: Tiers) -> Paid:
    def paid(attained: Fraction) -> Fraction:
        tier: Tier | None = lowest_tier(schedule.tiers, attained)
        return tier.percent if tier else NOTHING

    return paid


def _days_of(schedule: Days) -> Paid:
    def paid(attained: Fraction) -> Fraction:
        tier: DayTier | None = lowest_tier(schedule.tiers, attained)
        return tier.days if tier else NOTHING

    return paid


def _band_of(schedule: PerOutage) -> Paid:
    return lambda seconds: max(
        ((one.at_least_seconds, one.percent) for one in schedule.bands if one.at_least_seconds <= seconds),
        default=(0, NOTHING),
    )[1]


def _breaches_of(schedule: BreachCount) -> Paid:
    return lambda count: max(
        ((one.at_least, one.percent) for one in schedule.bands if one.at_least <= count), default=(0, NOTHING)
    )[1]
