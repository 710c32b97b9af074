"""Which seconds are excluded: status, type, notice, cap (R10-R15)."""

from collections.abc import Mapping, Sequence
from typing import Any

from tests.oracle.seconds import Line
from tests.oracle.wall_clock import midnight, second_of, wall_clock


def accepted_window(entry: Mapping[str, Any], types: Mapping[str, Any]) -> tuple[int, int] | None:
    """The part [start, end) of one entry that status, type and notice leave, None when it is rejected (R13, R14)."""
    if entry.get("status", "approved") != "approved" or entry["type"] not in types:
        return None
    start, end = second_of(entry["start"], "UTC"), second_of(entry["end"], "UTC")
    rule = types[entry["type"]]
    if rule.get("notice_seconds") is None:
        return start, end
    if entry.get("announced_at") is None:
        return None
    earliest = second_of(entry["announced_at"], "UTC") + rule["notice_seconds"]
    if earliest <= start:
        return start, end
    if rule.get("notice_shortfall", "reject") == "reject":
        return None
    return earliest, end


def excluded_seconds(
    policy: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], measured: int, down: int, line: Line, zone: str
) -> int:
    """The excluded seconds of the measured ones; `down` is what a cap on downtime counts (R11, R15)."""
    if policy.get("mode", "remove") == "none":
        return 0
    types = policy.get("types", {})
    windows: dict[str, int] = dict.fromkeys(sorted(types), 0)
    for entry in entries:
        window = accepted_window(entry, types)
        if window is not None:
            windows[entry["type"]] |= line.between(*window) & measured
    excluded = 0
    for name, seconds in windows.items():
        if types[name].get("cap_seconds") is None:
            excluded |= seconds
    capped = [name for name in windows if types[name].get("cap_seconds") is not None]
    for name in capped:
        excluded |= _within_cap(windows[name] & ~excluded, types[name], down, line, zone)
    return excluded


def _within_cap(seconds: int, rule: Mapping[str, Any], down: int, line: Line, zone: str) -> int:
    counted = seconds & down if rule.get("cap_counts", "window") == "downtime" else seconds
    free = seconds & ~counted
    kept = 0
    for start, end in _cap_spans(rule, line, zone):
        kept |= line.earliest(counted & line.between(start, end), rule["cap_seconds"])
    return free | kept


def _cap_spans(rule: Mapping[str, Any], line: Line, zone: str) -> list[tuple[int, int]]:
    """The spans that each have their own cap: the whole line, or each calendar year of the contract's zone."""
    if rule.get("cap_per", "period") == "period":
        return [(line.first, line.last)]
    year = wall_clock(line.first, zone).date().replace(month=1, day=1)
    spans = []
    while midnight(year, zone) < line.last:
        following = year.replace(year=year.year + 1)
        spans.append((midnight(year, zone), midnight(following, zone)))
        year = following
    return spans
