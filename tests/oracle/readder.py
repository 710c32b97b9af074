"""Redoing a working (`sla-working/1`) by hand: only the document is read, every figure is added up again."""

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import pairwise
from typing import Any

from tests.oracle.credit import Basis, money_text, owed, percent_owed
from tests.oracle.judge import compared, shown_percent

Working = Mapping[str, Any]
COUNTING = {"mean_error_rate", "request_ratio"}


def differences(working: Working) -> list[str]:
    """Every figure of a working that its own intervals, details and terms do not give; empty when all of them do."""
    redone = dict(figures(working))
    return [
        f"{path}: the working says {stated!r}, redone it is {redone[path]!r}"
        for path, stated in ((path, value_at(working, path)) for path in redone)
        if stated != redone[path]
    ] + broken_partition(working)


def value_at(working: Working, path: str) -> Any:
    """The value that stands at a path such as `totals.eligible`."""
    value: Any = working
    for step in path.split("."):
        value = None if value is None else value[step]
    return value


def broken_partition(working: Working) -> list[str]:
    """Where the intervals leave a gap, overlap, are empty, or do not cover what is judged."""
    pieces, measured = working["intervals"], working["period"]["measured"]
    covered = sum(one["end"] - one["start"] for one in pieces)
    faults = [f"empty piece at {one['start']}" for one in pieces if one["end"] <= one["start"]]
    faults += [f"no join at {two['start']}" for one, two in pairwise(pieces) if one["end"] != two["start"]]
    if pieces and (pieces[0]["start"], pieces[-1]["end"]) != (measured["start"], measured["end"]):
        faults.append("the pieces do not span what is judged")
    if covered != measured["end"] - measured["start"]:
        faults.append("the pieces do not add up to what is judged")
    return faults


def figures(working: Working) -> Iterator[tuple[str, Any]]:
    """Path and redone value of every figure."""
    totals = redo_totals(working)
    yield from ((f"totals.{key}", value) for key, value in totals.items())
    attained = redo_attained(working, totals)
    yield "attained", None if attained is None else shown_percent(attained, working["contract"])
    yield from _so_far(working, totals, attained)
    value = None if attained is None else compared(attained, _comparison(working))
    yield "compared_exact", _text(value)
    status = _status(working, totals, value)
    yield "status", status
    yield "met", {"met": True, "breached": False}.get(status)
    yield from _coverage(working, totals)
    yield from _budget(working, totals, attained)
    yield from _credit(working, totals, value, status)


def redo_totals(working: Working) -> dict[str, Any]:
    """The seconds by class, downtime by weight, and the denominator (R9, R10)."""
    pieces = [(one["class"], one["end"] - one["start"], one) for one in working["intervals"]]
    totals: dict[str, Any] = {"period": sum(length for _, length, _ in pieces)}
    for name in ("excluded", "unknown", "remaining"):
        totals[name] = sum(length for kind, length, _ in pieces if kind == name)
    totals["held"] = sum(one["held_seconds"] for _, _, one in pieces)
    commitment = working["commitment"]
    eligible = totals["period"]
    eligible -= totals["excluded"] if commitment["exclusion_mode"] == "remove" else 0
    eligible -= totals["unknown"] if commitment["unknown_as"] == "exclude" else 0
    totals["eligible"] = eligible
    weighted = sum((length * Fraction(one["weight_exact"]) for _, length, one in pieces), Fraction(0))
    totals["downtime"] = None if commitment["methodology"] in COUNTING else str(weighted)
    return totals


def redo_attained(working: Working, totals: Mapping[str, Any]) -> Fraction | None:
    """The attained percentage: from seconds, or from what the details counted (R17b, R17d, R27)."""
    if totals["eligible"] == 0:
        return None
    methodology = working["commitment"]["methodology"]
    if methodology == "mean_error_rate":
        return _mean(working)
    if methodology == "request_ratio":
        return _ratio(working)
    eligible = Fraction(totals["eligible"])
    return (eligible - Fraction(totals["downtime"])) / eligible * 100


def _details(working: Working, key: str) -> list[Mapping[str, Any]]:
    return [line for line in working["details"] if line["key"] == key]


def _mean(working: Working) -> Fraction | None:
    """One minus the mean of the slots' error rates, slot by slot where each stands for itself."""
    errors = sum((Fraction(line["value"]) for line in _details(working, "slot")), Fraction(0))
    for line in _details(working, "slots_by_default"):
        errors += Fraction(line["value"]) * line["inputs"]["slots"]
    counted = _details(working, "slots_counted")[0]["value"]
    if working["commitment"]["unknown_as"] == "down":
        errors += _details(working, "slots_unknown")[0]["value"]
    return 100 * (1 - errors / counted) if counted else None


def _ratio(working: Working) -> Fraction | None:
    classes = _details(working, "class")
    good = sum((line["value"] * Fraction(line["inputs"]["score"]) for line in classes), Fraction(0))
    total = sum(line["value"] for line in classes)
    return good / total * 100 if total else None


def _so_far(working: Working, totals: Mapping[str, Any], attained: Fraction | None) -> Iterator[tuple[str, Any]]:
    if totals["downtime"] is None and working["open"]:
        return
    elapsed = totals["eligible"] - totals["remaining"] - _eligible_exclusions_to_come(working)
    if totals["downtime"] is not None:
        attained = (elapsed - Fraction(totals["downtime"])) / elapsed * 100 if elapsed else None
    yield "so_far", None if attained is None else shown_percent(attained, working["contract"])


def _eligible_exclusions_to_come(working: Working) -> int:
    """The excluded seconds after the instant of the judgement that still stand in the denominator (R10)."""
    if working["commitment"]["exclusion_mode"] == "remove":
        return 0
    pieces = [one for one in working["intervals"] if one["class"] == "excluded"]
    return sum(max(one["end"] - max(one["start"], working["as_of"]), 0) for one in pieces)


def _comparison(working: Working) -> dict[str, Any]:
    rule = working["commitment"]["comparison"]
    return {} if rule["precision"] is None else dict(rule)


def _unknown_percent(totals: Mapping[str, Any]) -> Fraction | None:
    whole = totals["period"] - totals["excluded"] - totals["remaining"]
    return Fraction(totals["unknown"] * 100, whole) if whole else None


def _coverage(working: Working, totals: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    yield "coverage.unknown_percent_exact", _text(_unknown_percent(totals))
    yield "coverage.sufficient", _is_sufficient(working, totals)


def _is_sufficient(working: Working, totals: Mapping[str, Any]) -> bool:
    share, limit = _unknown_percent(totals), working["coverage"]["limit_exact"]
    return share is None or limit is None or share <= Fraction(limit)


def _status(working: Working, totals: Mapping[str, Any], value: Fraction | None) -> str:
    if not _is_sufficient(working, totals):
        return "insufficient_data"
    if value is None:
        return "not_applicable"
    return "met" if value >= Fraction(working["commitment"]["target_percent"]) else "breached"


def _budget(working: Working, totals: Mapping[str, Any], attained: Fraction | None) -> Iterator[tuple[str, Any]]:
    if totals["eligible"] == 0:
        yield "budget", None
        return
    allowed = totals["eligible"] * (1 - Fraction(working["commitment"]["target_percent"]) / 100)
    used = Fraction(0) if attained is None else totals["eligible"] * (1 - attained / 100)
    yield "budget.allowed_exact", str(allowed)
    yield "budget.used_exact", str(used)
    yield "budget.remaining_exact", str(allowed - used)
    yield "budget.consumed_percent_exact", _text(used / allowed * 100 if allowed else None)
    yield "budget.exhausted", used > allowed


def redo_fee(working: Working) -> Fraction:
    """The fee of the period: months of fees, and the share the contract prorates (R5, R34)."""
    inputs = next(line["inputs"] for line in working["steps"] if line["key"] == "fee")
    months = Fraction(inputs["months"])
    return Fraction(working["contract"]["monthly_fee_exact"]) * months * Fraction(inputs["share"])


def _credit(
    working: Working, totals: Mapping[str, Any], value: Fraction | None, status: str
) -> Iterator[tuple[str, Any]]:
    fee = redo_fee(working)
    yield "fee_exact", str(fee)
    if status == "insufficient_data":
        yield from ((f"credit.{key}", None) for key in ("percent_exact", "uncapped_percent_exact", "amount_minor"))
        return
    contract, schedule = working["contract"], working["credit"]["terms"]
    uncapped, percent, minor = Fraction(0), Fraction(0), 0
    if value is not None:
        basis = _basis(working, totals, value, status)
        uncapped = percent_owed(schedule, basis)
        percent, minor = owed(schedule, basis, fee, contract["currency"], contract["money_rounding"])
    yield "credit.uncapped_percent_exact", str(uncapped)
    yield "credit.uncapped_exact", str(fee * uncapped / 100)
    yield "credit.percent_exact", str(percent)
    yield "credit.amount_minor", minor
    yield "credit.amount_text", money_text(minor, contract["currency"])


def _basis(working: Working, totals: Mapping[str, Any], value: Fraction, status: str) -> Basis:
    downtime = totals["downtime"]
    return Basis(
        value,
        status == "met",
        Fraction(working["commitment"]["target_percent"]),
        None if downtime is None else Fraction(downtime),
        totals["period"],
        totals["eligible"],
        [(one["counted_seconds"], Fraction(one["weighted_seconds_exact"])) for one in working["outages"]],
        working["period"]["days"],
    )


def _text(number: Fraction | None) -> str | None:
    return None if number is None else str(number)
