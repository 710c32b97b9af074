"""Slots: whole stretches that are down as one (R17, R17b, R17c)."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from tests.oracle.seconds import Line
from tests.oracle.wall_clock import second_of

Slot = tuple[int, int]


def slots_of(start: int, end: int, slot_s: int) -> list[Slot]:
    """The slots of a period from its start; the last one may be short."""
    return [(at, min(at + slot_s, end)) for at in range(start, end, slot_s)]


def slots_around(period: Slot, slot_s: int, line: Line) -> list[Slot]:
    """The slots of the period, continued to both ends of the line."""
    start, end = period
    before = [(at - slot_s, at) for at in range(start, line.first, -slot_s)]
    return before[::-1] + slots_of(start, end, slot_s) + [(at, at + slot_s) for at in range(end, line.last, slot_s)]


def is_down(bad: int, considered: int, rule: str) -> bool:
    """Whether a slot is down: how many of its considered seconds are (R17)."""
    if rule == "any":
        return bad > 0
    if rule == "majority":
        return 2 * bad > considered
    return bad == considered > 0


def bad_runs(slots: Sequence[Slot], bad: Sequence[bool]) -> list[list[Slot]]:
    """The runs of neighbouring bad slots."""
    runs: list[list[Slot]] = [[]]
    for slot, is_bad in zip(slots, bad, strict=True):
        if is_bad:
            runs[-1].append(slot)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def counted_slots(run: Sequence[Slot], rules: Mapping[str, Any]) -> Sequence[Slot]:
    """The slots of a run that count: none of a short one, those in excess where the terms say so (R18)."""
    least = rules.get("min_consecutive_slots", 1)
    if len(run) < least or (rules.get("min_outage_op", ">=") == ">" and len(run) == least > 1):
        return []
    return run[least:] if rules.get("count_from", "start") == "threshold" and least > 1 else run


def error_count(evidence: Mapping[str, Any], slots: Sequence[Slot]) -> list[tuple[int, int] | None]:
    """For each slot its (total, errors), None where nothing was recorded (D8)."""
    default = evidence.get("default")
    by_start = {second_of(one["start"], "UTC"): (one["total"], one["errors"]) for one in evidence.get("samples", [])}
    fallback = None if default is None else (default["total"], default["errors"])
    return [by_start.get(start, fallback) for start, _ in slots]


def is_bad_count(count: tuple[int, int] | None, rules: Mapping[str, Any]) -> bool:
    """Whether a slot's error rate makes it down; a slot without requests or record is not (R17c)."""
    if count is None or count[0] == 0 or count[0] < rules.get("min_requests", 1):
        return False
    rate, threshold = Fraction(count[1], count[0]), Fraction(rules["threshold"])
    return rate >= threshold if rules["op"] == ">=" else rate > threshold
