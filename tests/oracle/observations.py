"""Random evidence and exclusions in the vectors' flat form, crowded around the same instants."""

from collections.abc import Mapping
from random import Random
from typing import Any

from tests.oracle.places import Place, random_instant, random_span, span_object
from tests.oracle.promises import EXCLUSION_TYPES
from tests.oracle.wall_clock import utc_text

Object = dict[str, Any]


def random_evidence(dice: Random, place: Place, methodology: Mapping[str, Any]) -> Object:
    """The observations a methodology reads."""
    kind = methodology["type"]
    if kind in ("mean_error_rate", "error_rate_slots"):
        return _random_counts(dice, place, methodology["slot_seconds"])
    if kind == "request_ratio":
        return {"classes": [_random_class(dice) for _ in range(dice.randrange(5))]}
    evidence: Object = {"outages": [_random_outage(dice, place, methodology) for _ in range(dice.randrange(6))]}
    if dice.random() < 0.5:
        evidence["unknown"] = [span_object(dice, place) for _ in range(dice.randrange(3))]
    if kind == "probe" or dice.random() < 0.3:
        evidence["series"] = [_random_series(dice, place, name) for name in "abc"[: dice.randrange(1, 4)]]
    if kind == "probe" and dice.random() < 0.7:
        evidence["outages"] = []
    return evidence


def _random_outage(dice: Random, place: Place, methodology: Mapping[str, Any]) -> Object:
    outage = span_object(dice, place)
    if dice.random() < 0.3:
        outage["severity"] = dice.choice(["degraded", "degraded", "minor"])
    if methodology["type"] == "user_minutes" and dice.random() < 0.9:
        outage["affected_users"] = dice.randrange(1, methodology["total_users"] + 1)
    if methodology["type"] == "affected_ratio" and dice.random() < 0.9:
        outage["ratio"] = dice.choice(["1", "1/2", "1/3", "0.25"])
    if dice.random() < 0.6:
        outage["reported_at"] = utc_text(random_instant(dice, place))
    return outage


def _random_series(dice: Random, place: Place, location: str) -> Object:
    interval_s = dice.choice([30, 60, 60])
    start = place.start + dice.choice([-600, -90, -60, -30, 0, 0, 0, 20, 300])
    count = max((place.end - start) // interval_s + dice.choice([-10, -1, 0, 0, 1, 10]), 1)
    return {
        "location": location,
        "start": utc_text(start),
        "interval_seconds": interval_s,
        "count": count,
        "fail_indices": _random_runs(dice, count),
        "missing_indices": _random_runs(dice, count),
    }


def _random_runs(dice: Random, count: int) -> list[list[int]]:
    runs: list[list[int]] = []
    at = dice.randrange(min(count, 40))
    while at < count and len(runs) < 8:
        end = min(at + dice.choice([1, 1, 2, 3, 5, 12]), count)
        runs.append([at, end])
        at = end + dice.choice([1, 1, 2, 3, 10, max(count // 5, 1)])
    return runs if dice.random() < 0.8 else []


def _random_counts(dice: Random, place: Place, slot_s: int) -> Object:
    slots = list(range(place.start, place.end, slot_s))
    evidence: Object = {"samples": []}
    if dice.random() < 0.7:
        total = dice.choice([0, 10, 100])
        evidence["default"] = {"total": total, "errors": 0 if total == 0 else dice.choice([0, 0, 1])}
    for _ in range(dice.randrange(6)):
        first = dice.randrange(len(slots))
        for start in slots[first : first + dice.choice([1, 1, 2, 5, 12])]:
            total = dice.choice([0, 1, 20, 99, 100])
            evidence["samples"].append({"start": utc_text(start), "total": total, "errors": dice.randrange(total + 1)})
    evidence["samples"] = list({one["start"]: one for one in evidence["samples"]}.values())
    dice.shuffle(evidence["samples"])
    return evidence


def _random_class(dice: Random) -> Object:
    name = dice.choice(["ok", "slow", "error"])
    one: Object = {"name": name, "count": dice.choice([0, 1, 10, 999])}
    one["score"] = {"ok": "1", "slow": "1/2", "error": "0"}[name]
    return one | ({"excluded": True} if dice.random() < 0.15 else {})


def random_exclusions(dice: Random, place: Place) -> list[Object]:
    """Entries of every type and status, with and without an announcement."""
    return [_random_exclusion(dice, place) for _ in range(dice.choice([0, 0, 1, 2, 4]))]


def _random_exclusion(dice: Random, place: Place) -> Object:
    start, end = random_span(dice, place)
    entry: Object = {"type": dice.choice([*EXCLUSION_TYPES, "third_party"]), "start": utc_text(start)}
    entry["end"] = utc_text(max(end, start + 1))
    if dice.random() < 0.6:
        entry["announced_at"] = utc_text(start - dice.choice([0, 599, 600, 3000, 3599, 3600, 86400]))
    if dice.random() < 0.3:
        entry["status"] = dice.choice(["approved", "pending", "rejected"])
    return entry
