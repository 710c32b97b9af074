"""What a breach is worth: schedule, caps, one rounding, minimum (semantics.md R31, R32, R35, R36, R38, R39)."""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import TypeVar

from portal.domain.evaluation.fees import days_in
from portal.domain.evaluation.result import CountedOutage, Credit, Status, Step
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CreditSchedule,
    Days,
    DayTier,
    Money,
    PerOutage,
    PerUnit,
    ProRata,
    Tier,
    Tiers,
)
from portal.domain.quantities.exact import Rounding, decimal_text, round_to_whole
from portal.domain.quantities.periods import Period

AnyTier = TypeVar("AnyTier", Tier, DayTier)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a credit schedule looks at; seconds, percentages of 100, all exact.

    `downtime` is the method's own or, for methods that count no time, the eligible time × (1 − attained).
    """

    status: Status
    compared: Fraction | None
    target: Fraction
    downtime: Fraction
    measured_seconds: int
    eligible_seconds: int
    outages: tuple[CountedOutage, ...]
    breaches: int
    period: Period


@dataclass(frozen=True, slots=True)
class _Owed:
    """A percentage of the fee, with the lines that led to it."""

    percent: Fraction
    steps: tuple[Step, ...] = ()


def credit_for(schedule: CreditSchedule, verdict: Verdict, fee: Fraction | None, contract: ContractLine) -> Credit:
    """What is owed for one verdict.

    The order is R38's: percent cap, amount cap, rounding once, minimum. Without a verdict nothing is computed.
    """
    if verdict.status is Status.INSUFFICIENT_DATA:
        return Credit(schedule.type, None, None, None, None, None, None, contract.currency, "insufficient_data", ())
    why_nothing = _why_nothing(schedule, verdict)
    owed = _Owed(Fraction(0)) if why_nothing else _owed(schedule, verdict)
    percent = owed.percent if schedule.cap_percent is None else min(owed.percent, schedule.cap_percent)
    steps = [*owed.steps, Step("percent", percent, "percent of the fee", "R38", (("cap", schedule.cap_percent),))]
    if fee is None:
        return _without_fee(schedule, owed.percent, percent, contract, why_nothing, steps)
    return _in_money(schedule, owed.percent, percent, fee, contract, why_nothing, steps)


def _without_fee(
    schedule: CreditSchedule,
    uncapped_percent: Fraction,
    percent: Fraction,
    contract: ContractLine,
    why_nothing: str | None,
    steps: list[Step],
) -> Credit:
    reason = why_nothing or ("no_tier" if percent == 0 else "no_fee")
    amounts = (None, None, None, None)
    return Credit(schedule.type, percent, uncapped_percent, *amounts, contract.currency, reason, tuple(steps))


def _in_money(
    schedule: CreditSchedule,
    uncapped_percent: Fraction,
    percent: Fraction,
    fee: Fraction,
    contract: ContractLine,
    why_nothing: str | None,
    steps: list[Step],
) -> Credit:
    exact = fee * percent / 100
    capped = exact if schedule.cap_amount is None else min(exact, _amount(schedule.cap_amount, contract))
    minor = round_to_whole(capped * 10**contract.minor_digits, Rounding(contract.money_rounding))
    steps.append(Step("amount_exact", exact, contract.currency, "R34", (("fee", fee), ("percent", percent))))
    if schedule.cap_amount is not None:
        steps.append(Step("amount_capped", capped, contract.currency, "R38", (("cap", schedule.cap_amount.amount),)))
    steps.append(Step("amount_minor", minor, "minor units", "R35", (("rounding", contract.money_rounding),)))
    reason = why_nothing or ("no_tier" if percent == 0 else None)
    minimum = schedule.min_credit_exclusive
    if minimum is not None and Fraction(minor, 10**contract.minor_digits) <= _amount(minimum, contract):
        reason = reason or "below_minimum"
        percent, minor = Fraction(0), 0
        steps.append(Step("below_minimum", minor, "minor units", "R39", (("minimum", minimum.amount),)))
    return Credit(
        schedule=schedule.type,
        percent=percent,
        uncapped_percent=uncapped_percent,
        uncapped=fee * uncapped_percent / 100,
        exact=capped,
        amount_minor=minor,
        amount_text=decimal_text(minor, contract.minor_digits),
        currency=contract.currency,
        reason=reason or ("rounds_to_zero" if minor == 0 else None),
        steps=tuple(steps),
    )


def _amount(money: Money, contract: ContractLine) -> Fraction:
    """An amount the terms name; raises ValueError when it is in another currency than the contract (D3)."""
    if money.currency not in (None, contract.currency):
        raise ValueError(f"the terms name {money.text} {money.currency}, but the contract is in {contract.currency}")
    return money.amount


def _why_nothing(schedule: CreditSchedule, verdict: Verdict) -> str | None:
    if verdict.status is Status.NOT_APPLICABLE:
        return "not_applicable"
    if schedule.type == "none":
        return "no_schedule"
    if verdict.status is Status.MET and schedule.requires_breach:
        return "met"
    return None


def _owed(schedule: CreditSchedule, verdict: Verdict) -> _Owed:
    if isinstance(schedule, Tiers):
        return _by_tier(schedule, verdict)
    if isinstance(schedule, Days):
        return _by_days(schedule, verdict)
    if isinstance(schedule, PerUnit):
        return _by_units(schedule, verdict)
    if isinstance(schedule, ProRata):
        return _pro_rata(schedule, verdict)
    if isinstance(schedule, PerOutage):
        return _by_outages(schedule, verdict)
    if isinstance(schedule, BreachCount):
        return _by_breaches(schedule, verdict)
    return _Owed(Fraction(0))


def _by_tier(schedule: Tiers, verdict: Verdict) -> _Owed:
    tier = lowest_tier(schedule.tiers, verdict.compared)
    if tier is None:
        return _Owed(Fraction(0))
    line = Step(
        "tier", tier.percent, "percent of the fee", "R31", (("below", tier.below), ("compared", verdict.compared))
    )
    return _Owed(tier.percent, (line,))


def lowest_tier(tiers: Iterable[AnyTier], compared: Fraction | None) -> AnyTier | None:
    """The tier with the smallest bound that covers the compared percentage; None when none does (R31)."""
    if compared is None:
        return None
    covering = [one for one in tiers if compared < one.below or (one.inclusive and compared == one.below)]
    return min(covering, key=lambda one: (one.below, one.inclusive), default=None)


def _by_days(schedule: Days, verdict: Verdict) -> _Owed:
    tier = lowest_tier(schedule.tiers, verdict.compared)
    if tier is None:
        return _Owed(Fraction(0))
    divisor = _divisor(schedule.day_divisor, verdict)
    line = Step("days", tier.days, "days of the fee", "R36", (("below", tier.below), ("divisor", divisor)))
    return _Owed(100 * tier.days / divisor if divisor else Fraction(0), (line,))


def _divisor(day_divisor: int | None, verdict: Verdict) -> int:
    return days_in(verdict.period) if day_divisor is None else day_divisor


def _by_units(schedule: PerUnit, verdict: Verdict) -> _Owed:
    lengths = [verdict.downtime]
    if schedule.scope == "per_outage":
        lengths = [one.weighted_seconds for one in verdict.outages]
    units = sum((_units(length, schedule) for length in lengths), Fraction(0))
    inputs = (("downtime", verdict.downtime), ("unit_seconds", schedule.unit_seconds), ("scope", schedule.scope))
    return _Owed(units * _percent_per_unit(schedule, verdict), (Step("units", units, "units", "R36", inputs),))


def _units(seconds: Fraction, schedule: PerUnit) -> Fraction:
    exact = max(seconds - schedule.free_seconds, Fraction(0)) / schedule.unit_seconds
    if schedule.rounding == "ceil":
        return Fraction(ceil(exact))
    return Fraction(floor(exact)) if schedule.rounding == "floor" else exact


def _percent_per_unit(schedule: PerUnit, verdict: Verdict) -> Fraction:
    if schedule.percent_per_unit is not None:
        return schedule.percent_per_unit
    divisor = _divisor(schedule.day_divisor, verdict)
    return 100 * (schedule.days_per_unit or Fraction(0)) / divisor if divisor else Fraction(0)


def _pro_rata(schedule: ProRata, verdict: Verdict) -> _Owed:
    seconds = verdict.downtime
    if schedule.excess_only:
        seconds = max(seconds - verdict.eligible_seconds * (1 - verdict.target / 100), Fraction(0))
    whole = verdict.eligible_seconds if schedule.denominator == "eligible" else verdict.measured_seconds
    inputs = (("of_seconds", whole), ("multiplier", schedule.multiplier))
    percent = 100 * seconds / whole * schedule.multiplier if whole else Fraction(0)
    return _Owed(percent, (Step("paid_seconds", seconds, "seconds", "R36", inputs),))


def _by_outages(schedule: PerOutage, verdict: Verdict) -> _Owed:
    percents, steps = [], []
    for outage in verdict.outages:
        band = max(
            (one for one in schedule.bands if one.at_least_seconds <= outage.counted_seconds),
            key=lambda one: one.at_least_seconds,
            default=None,
        )
        percent = Fraction(0) if band is None else band.percent
        inputs = (("start", outage.start), ("counted_seconds", outage.counted_seconds))
        percents.append(percent)
        steps.append(Step("outage", percent, "percent of the fee", "R36", inputs))
    total = max(percents, default=Fraction(0)) if schedule.aggregate == "max" else sum(percents, Fraction(0))
    return _Owed(total, tuple(steps))


def _by_breaches(schedule: BreachCount, verdict: Verdict) -> _Owed:
    reached = [one for one in schedule.bands if one.at_least <= verdict.breaches]
    band = max(reached, key=lambda one: one.at_least, default=None)
    line = Step("breaches", verdict.breaches, "breaches", "R36", (("at_least", band.at_least if band else None),))
    return _Owed(band.percent if band else Fraction(0), (line,))
