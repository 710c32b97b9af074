"""The whole opinion on one worked case: from its flat form to the numbers the vectors expect."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from math import floor
from typing import Any

from tests.oracle.credit import MONTHS, Basis, money_text, owed
from tests.oracle.measure import Ground, Measured, measure, stand_on
from tests.oracle.seconds import Line, size
from tests.oracle.wall_clock import dates_between, second_of, utc_text

MARGIN_S = 2 * 3600


def judge(case: Mapping[str, Any]) -> dict[str, Any]:
    """Every key an availability case expects, worked out from its contract, observations and exclusions alone."""
    contract, evidence = case["contract"], case["observations"]
    zone = contract["timezone"]
    period = period_of(contract["period"], zone)
    service = _service(contract, period)
    ground = stand_on(contract, evidence, case["exclusions"], period, service, _line(period, evidence), zone)
    found = measure(ground)
    fee = fee_of(contract, period, service)
    return _answer(ground, found, fee, zone)


def period_of(rule: Mapping[str, Any], zone: str) -> tuple[int, int]:
    """The UTC bounds of the one period a case is about (R2)."""
    if rule["kind"] == "rolling":
        end = second_of(rule["as_of"], zone)
        return end - rule["seconds"], end
    return second_of(rule["start"], zone), second_of(rule["end"], zone)


def _service(contract: Mapping[str, Any], period: tuple[int, int]) -> tuple[int, int]:
    start, end = contract.get("service_start"), contract.get("service_end")
    return (
        period[0] if start is None else second_of(start, "UTC"),
        period[1] if end is None else second_of(end, "UTC"),
    )


def _line(period: tuple[int, int], evidence: Mapping[str, Any]) -> Line:
    """All seconds that can matter: the period and all evidence around it."""
    instants = [*period, *_instants(evidence)]
    return Line(min(instants) - MARGIN_S, max(instants) + MARGIN_S)


def _instants(evidence: Mapping[str, Any]) -> Iterator[int]:
    for one in [*evidence.get("outages", []), *evidence.get("unknown", [])]:
        yield from (second_of(one["start"], "UTC"), second_of(one["end"], "UTC"))
    for series in evidence.get("series", []):
        start = second_of(series["start"], "UTC")
        yield from (start, start + series["count"] * series["interval_seconds"])


def fee_of(contract: Mapping[str, Any], period: tuple[int, int], service: tuple[int, int]) -> Fraction:
    """The fee of the period, its existing share where the contract prorates (R5, R34)."""
    fee = Fraction(contract["monthly_fee"]["amount"]) * MONTHS.get(contract["period"]["kind"], 1)
    existing = max(period[0], service[0]), min(period[1], service[1])
    zone, way = contract["timezone"], contract.get("fee_proration", "none")
    if way == "seconds":
        return fee * Fraction(max(existing[1] - existing[0], 0), period[1] - period[0])
    if way == "days":
        return fee * Fraction(dates_between(*existing, zone), dates_between(*period, zone))
    return fee


def _answer(ground: Ground, found: Measured, fee: Fraction, zone: str) -> dict[str, Any]:
    contract = ground.contract
    eligible = eligible_seconds(ground, found)
    attained = _attained(found, eligible)
    status = _status(ground, found, attained)
    answer: dict[str, Any] = {
        "period_start_utc": utc_text(ground.period[0]),
        "period_end_utc": utc_text(ground.period[1]),
        "period_seconds": size(ground.measured),
        "excluded_seconds": size(ground.excluded),
        "unknown_seconds": size(found.unknown),
        "eligible_seconds": eligible,
        "downtime_seconds": None if found.down is None else plain(found.down),
        "attained_percent": None if attained is None else shown_percent(attained, contract),
        "status": status,
        "met": {"met": True, "breached": False}.get(status),
    }
    answer |= _shown(found.shown)
    if fee != Fraction(contract["monthly_fee"]["amount"]):
        answer["fee_for_period_exact"] = exact(fee)
    return answer | _credit(ground, found, eligible, attained, status, fee, zone)


def eligible_seconds(ground: Ground, found: Measured) -> int:
    """The denominator: the measured seconds without what the terms take out (R9, R10)."""
    eligible = size(ground.measured)
    if ground.contract["exclusions_policy"].get("mode", "remove") == "remove":
        eligible -= size(ground.excluded)
    if ground.unknown_as == "exclude":
        eligible -= size(found.unknown)
    return eligible


def _attained(found: Measured, eligible: int) -> Fraction | None:
    if eligible == 0:
        return None
    if found.down is None:
        return found.attained
    return (eligible - found.down) / eligible * 100


def compared(attained: Fraction, rule: Mapping[str, Any]) -> Fraction:
    """The value that meets target and tiers (R28)."""
    precision = rule.get("precision", "exact")
    if precision == "exact":
        return attained
    scaled = attained * 10**precision
    return Fraction(floor(scaled + (Fraction(1, 2) if rule["rounding"] == "half_up" else 0)), 10**precision)


def _status(ground: Ground, found: Measured, attained: Fraction | None) -> str:
    limit = ground.contract.get("unknown_policy", {}).get("max_unknown_percent")
    whole = size(ground.measured) - size(ground.excluded)
    if limit is not None and whole and Fraction(size(found.unknown) * 100, whole) > Fraction(limit):
        return "insufficient_data"
    if attained is None:
        return "not_applicable"
    value = compared(attained, ground.contract.get("comparison", {}))
    return "met" if value >= Fraction(ground.contract["target_percent"]) else "breached"


def _credit(
    ground: Ground, found: Measured, eligible: int, attained: Fraction | None, status: str, fee: Fraction, zone: str
) -> dict[str, Any]:
    if status == "insufficient_data":
        return {"credit_percent": None, "credit_amount": None}
    contract, currency = ground.contract, ground.contract["monthly_fee"]["currency"]
    if attained is None:
        return {"credit_percent": "0", "credit_amount": money_text(0, currency)}
    basis = Basis(
        compared(attained, contract.get("comparison", {})),
        status == "met",
        Fraction(contract["target_percent"]),
        found.down,
        size(ground.measured),
        eligible,
        found.outages,
        dates_between(*ground.period, zone),
    )
    percent, minor = owed(contract["credit_schedule"], basis, fee, currency, contract.get("money_rounding", "half_up"))
    return {"credit_percent": exact(percent), "credit_amount": money_text(minor, currency)}


def _shown(shown: Mapping[str, Any]) -> dict[str, Any]:
    answer = dict(shown)
    for key in ("good_weight", "total_weight"):
        if key in answer:
            answer[key] = exact(Fraction(answer[key]))
    if "outages_utc" in answer:
        runs: Sequence[tuple[int, int]] = answer["outages_utc"]
        answer["outages_utc"] = [[utc_text(start), utc_text(end)] for start, end in runs]
    return answer


def exact(number: Fraction) -> str:
    """The number in lowest terms, "n" or "n/d"."""
    return str(number)


def plain(number: Fraction) -> int | str:
    """A whole number as an integer, else its exact text."""
    return number.numerator if number.denominator == 1 else str(number)


def shown_percent(attained: Fraction, contract: Mapping[str, Any]) -> dict[str, str]:
    """The percentage exactly and cut to the decimals shown (R30)."""
    decimals = contract.get("display_decimals", 3)
    digits = str(floor(attained * 10**decimals)).zfill(decimals + 1)
    display = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals else digits
    return {"exact": exact(attained), "display": display}
