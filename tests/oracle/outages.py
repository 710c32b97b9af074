"""From reports and samples to the seconds that are down, and to counted outages (R7-R9, R18-R21)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.samples import service_seconds
from tests.oracle.seconds import Line, size
from tests.oracle.wall_clock import second_of


@dataclass(frozen=True, slots=True)
class Report:
    """One report of an outage: its seconds as measured, those after the clock started, and what it touched."""

    measured: int
    counted: int
    weight: Fraction
    users: int | None
    ratio: Fraction | None


@dataclass(frozen=True, slots=True)
class Raw:
    """What the evidence says of every second: the weight of downtime per second, and what is unknown."""

    reports: tuple[Report, ...]
    by_weight: tuple[tuple[Fraction, int], ...]
    unknown: int
    down_weight: Fraction

    @property
    def down(self) -> int:
        """The seconds that weigh anything."""
        return union(seconds for weight, seconds in self.by_weight if weight > 0)


def union(sets: Any) -> int:
    """The seconds in any of the sets."""
    together = 0
    for seconds in sets:
        together |= seconds
    return together


def read_raw(rules: Mapping[str, Any], evidence: Mapping[str, Any], line: Line) -> Raw:
    """The state of every second from reports, samples and told gaps (R7-R9, R22-R24)."""
    reports = [_report(outage, rules, line) for outage in evidence.get("outages", [])]
    unknown = union(
        line.between(second_of(gap["start"], "UTC"), second_of(gap["end"], "UTC"))
        for gap in evidence.get("unknown", [])
    )
    if evidence.get("series"):
        down, unseen = service_seconds(evidence["series"], rules, line)
        counted = 0 if _waits_for_report(rules) else down
        reports.append(Report(down, counted, weight_of("down", rules), None, None))
        unknown |= unseen
    told = union(report.measured for report in reports)
    return Raw(tuple(reports), tuple(_by_weight(reports)), unknown & ~told, weight_of("down", rules))


def weight_of(severity: str, rules: Mapping[str, Any]) -> Fraction:
    """What a second of a severity weighs: nothing unless the terms say so, but a down one (R8)."""
    return Fraction({"down": "1", **rules.get("severity_weights", {})}.get(severity, "0"))


def _waits_for_report(rules: Mapping[str, Any]) -> bool:
    return bool(rules.get("clock_start", "measured") == "reported")


def _report(outage: Mapping[str, Any], rules: Mapping[str, Any], line: Line) -> Report:
    start, end = second_of(outage["start"], "UTC"), second_of(outage["end"], "UTC")
    measured = counted = line.between(start, end)
    if _waits_for_report(rules):
        told = outage.get("reported_at")
        counted = 0 if told is None else line.between(max(start, second_of(told, "UTC")), end)
    ratio = outage.get("ratio")
    return Report(
        measured,
        counted,
        weight_of(outage.get("severity", "down"), rules),
        outage.get("affected_users"),
        None if ratio is None else Fraction(ratio),
    )


def _by_weight(reports: Sequence[Report]) -> list[tuple[Fraction, int]]:
    """For each weight its seconds; the heaviest severity of a second wins (R8)."""
    seconds: dict[Fraction, int] = {}
    for report in reports:
        seconds[report.weight] = seconds.get(report.weight, 0) | report.counted
    taken, result = 0, []
    for weight in sorted(seconds, reverse=True):
        result.append((weight, seconds[weight] & ~taken))
        taken |= seconds[weight]
    return result


def merged(runs: Sequence[tuple[int, int]], merge_gap_s: int) -> list[tuple[int, int]]:
    """Outages whose distance is strictly shorter than the gap become one (R20)."""
    result: list[tuple[int, int]] = []
    for start, end in runs:
        if result and start - result[-1][1] < merge_gap_s:
            result[-1] = (result[-1][0], end)
        else:
            result.append((start, end))
    return result


def counted_down(rules: Mapping[str, Any], raw_down: int, remaining: int, line: Line) -> int:
    """The seconds of outages that are long enough; `remaining` is the period without exclusions (R18-R20)."""
    on_counted = rules.get("basis", "raw") == "counted"
    base = raw_down & remaining if on_counted else raw_down
    considered = remaining if on_counted else line.whole
    least = rules.get("min_outage_seconds", 0)
    result = 0
    for start, end in merged(line.runs(base), rules.get("merge_gap_seconds", 0)):
        span = line.between(start, end) & considered
        if not _long_enough(size(span), least, rules.get("min_outage_op", ">=")):
            continue
        if rules.get("count_from", "start") == "threshold":
            span &= ~line.earliest(span, least)
        result |= span if rules.get("gap_counts", "up") == "down" else span & base
    return result


def _long_enough(length_s: int, least_s: int, op: str) -> bool:
    return length_s > least_s if op == ">" else length_s >= least_s
