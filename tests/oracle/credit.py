"""What a result is worth: schedules, caps, one rounding, the minimum (R31-R39)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, floor
from typing import Any

MINOR_DIGITS = {"JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "JOD": 3, "OMR": 3, "TND": 3}
MONTHS = {"calendar_month": 1, "billing_month": 1, "calendar_quarter": 3, "fiscal_quarter": 3, "calendar_year": 12}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a schedule looks at: the compared percentage, seconds, each outage's (seconds, weighted seconds), days."""

    compared: Fraction
    met: bool
    target: Fraction
    downtime: Fraction | None
    period_s: int
    eligible_s: int
    outages: Sequence[tuple[int, Fraction]]
    days: int


def percent_owed(schedule: Mapping[str, Any], basis: Basis) -> Fraction:
    """The percentage of the fee before caps (R31, R32, R36)."""
    if basis.met and schedule.get("requires_breach", True):
        return Fraction(0)
    kind = schedule["type"]
    if kind in ("tiers", "days"):
        return _by_bound(schedule, basis)
    if kind == "per_unit":
        return _per_unit(schedule, basis)
    if kind == "pro_rata":
        return _pro_rata(schedule, basis)
    if kind == "per_outage":
        return _per_outage(schedule, basis)
    return Fraction(0)


def _by_bound(schedule: Mapping[str, Any], basis: Basis) -> Fraction:
    covering = [tier for tier in schedule["tiers"] if _covers(tier, basis.compared)]
    if not covering:
        return Fraction(0)
    tier = min(covering, key=lambda one: Fraction(one["below"]))
    if schedule["type"] == "tiers":
        return Fraction(tier["percent"])
    return Fraction(tier["days"]) * _percent_of_a_day(schedule, basis)


def _covers(tier: Mapping[str, Any], compared: Fraction) -> bool:
    bound = Fraction(tier["below"])
    return compared < bound or bool(tier.get("inclusive", False) and compared == bound)


def _percent_of_a_day(schedule: Mapping[str, Any], basis: Basis) -> Fraction:
    divisor = schedule.get("day_divisor", "period_days")
    return Fraction(100, basis.days if divisor == "period_days" else int(divisor))


def _per_unit(schedule: Mapping[str, Any], basis: Basis) -> Fraction:
    if schedule.get("percent_per_unit") is not None:
        worth = Fraction(schedule["percent_per_unit"])
    else:
        worth = Fraction(schedule["days_per_unit"]) * _percent_of_a_day(schedule, basis)
    lengths = [weighted for _, weighted in basis.outages] if schedule["scope"] == "per_outage" else [basis.downtime]
    return sum((_units(length, schedule) * worth for length in lengths), Fraction(0))


def _units(seconds: Fraction | None, schedule: Mapping[str, Any]) -> Fraction:
    assert seconds is not None
    units = max(seconds - schedule.get("free_seconds", 0), Fraction(0)) / schedule["unit_seconds"]
    if schedule["rounding"] == "ceil":
        return Fraction(ceil(units))
    return Fraction(floor(units)) if schedule["rounding"] == "floor" else units


def _pro_rata(schedule: Mapping[str, Any], basis: Basis) -> Fraction:
    assert basis.downtime is not None
    seconds = basis.downtime
    if schedule.get("excess_only", False):
        seconds = max(seconds - basis.eligible_s * (1 - basis.target / 100), Fraction(0))
    whole = basis.eligible_s if schedule.get("denominator", "period") == "eligible" else basis.period_s
    return seconds / whole * Fraction(schedule["multiplier"]) * 100


def _per_outage(schedule: Mapping[str, Any], basis: Basis) -> Fraction:
    worths = []
    for seconds, _ in basis.outages:
        reached = [band for band in schedule["tiers"] if seconds >= band["at_least_seconds"] and seconds > 0]
        longest = max(reached, key=lambda band: band["at_least_seconds"], default={"percent": "0"})
        worths.append(Fraction(longest["percent"]))
    return sum(worths, Fraction(0)) if schedule["aggregate"] == "sum" else max(worths, default=Fraction(0))


def owed(
    schedule: Mapping[str, Any], basis: Basis, fee: Fraction, currency: str, rounding: str
) -> tuple[Fraction, int]:
    """The percentage shown and the amount in minor units: cap, cap, round once, minimum (R35, R38, R39)."""
    percent = percent_owed(schedule, basis)
    if schedule.get("cap_percent") is not None:
        percent = min(percent, Fraction(schedule["cap_percent"]))
    amount = fee * percent / 100
    if schedule.get("cap_amount") is not None:
        amount = min(amount, amount_of(schedule["cap_amount"]))
    unit = 10 ** MINOR_DIGITS.get(currency, 2)
    minor = round_minor(amount * unit, rounding)
    least = schedule.get("min_credit_exclusive")
    if least is not None and Fraction(minor, unit) <= amount_of(least):
        return Fraction(0), 0
    return percent, minor


def amount_of(text: str) -> Fraction:
    """The number of an amount that may name its currency."""
    return Fraction(text.split()[0])


def round_minor(amount: Fraction, rounding: str) -> int:
    """A whole number of minor units (R35)."""
    if rounding == "up":
        return ceil(amount)
    if rounding == "half_even":
        return round(amount)
    return floor(amount + Fraction(1, 2))


def money_text(minor: int, currency: str) -> str:
    """An amount with its currency's minor units."""
    digits = MINOR_DIGITS.get(currency, 2)
    if digits == 0:
        return str(minor)
    whole, rest = divmod(minor, 10**digits)
    return f"{whole}.{rest:0{digits}d}"
