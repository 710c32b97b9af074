"""Probe samples one by one: hold, confirmation and quorum (R22-R24, D6)."""

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from tests.oracle.seconds import Line
from tests.oracle.wall_clock import second_of

Sample = tuple[int, bool]
"""When, and whether it failed."""


def samples_of(series: Mapping[str, Any]) -> list[Sample]:
    """Every sample of a series in order; the missing ones left out."""
    first, step = second_of(series["start"], "UTC"), series["interval_seconds"]
    failed = {index for run in series["fail_indices"] for index in range(*run)}
    missing = {index for run in series["missing_indices"] for index in range(*run)}
    return [(first + index * step, index in failed) for index in range(series["count"]) if index not in missing]


def max_gap_of(series: Mapping[str, Any], rules: Mapping[str, Any]) -> int:
    """How many seconds a sample speaks for at most (R22)."""
    return int(rules.get("max_gap_seconds", 2 * series["interval_seconds"]))


def confirm(samples: Sequence[Sample], interval_s: int, max_gap_s: int, rules: Mapping[str, Any]) -> list[bool]:
    """For each sample whether the location is down there, after confirmation (R23).

    A gap in the data clears the counters and what was confirmed.
    """
    least_failures, least_successes = rules.get("confirm_failures", 1), rules.get("confirm_successes", 1)
    back_dated_start = rules.get("outage_begins", "first_failure") == "first_failure"
    back_dated_end = rules.get("outage_ends", "first_success") == "first_success"
    down = [False] * len(samples)
    confirmed, failures, successes = False, 0, 0
    for index, (at, failed) in enumerate(samples):
        if index and _is_gap(at - samples[index - 1][0], interval_s, max_gap_s):
            confirmed, failures, successes = False, 0, 0
        failures, successes = (failures + 1, 0) if failed else (0, successes + 1)
        if not confirmed and failures >= least_failures:
            confirmed = True
            _mark(down, index - failures + 1 if back_dated_start else index, index, True)
        elif confirmed and successes >= least_successes:
            confirmed = False
            _mark(down, index - successes + 1 if back_dated_end else index, index, False)
        down[index] = confirmed
    return down


def _is_gap(distance_s: int, interval_s: int, max_gap_s: int) -> bool:
    """Whether the state of the earlier sample ran out before the later one, or just did with a sample missing."""
    return distance_s > max_gap_s or (distance_s == max_gap_s and distance_s > interval_s)


def _mark(down: list[bool], first: int, last: int, value: bool) -> None:
    for index in range(first, last + 1):
        down[index] = value


def location_seconds(series: Mapping[str, Any], rules: Mapping[str, Any], line: Line) -> tuple[int, int]:
    """The seconds in which one location is known, and those in which it is down."""
    samples, max_gap_s = samples_of(series), max_gap_of(series, rules)
    held = [
        (at, min([at + max_gap_s, *(later for later, _ in samples[index + 1 : index + 2])]))
        for index, (at, _) in enumerate(samples)
    ]
    confirmed = confirm(samples, series["interval_seconds"], max_gap_s, rules)
    down = [span for span, is_down in zip(held, confirmed, strict=True) if is_down]
    return line.across(held), line.across(down)


def service_seconds(all_series: Sequence[Mapping[str, Any]], rules: Mapping[str, Any], line: Line) -> tuple[int, int]:
    """The seconds in which the service is down by quorum, and those in which it is unknown (R24)."""
    seen = [location_seconds(series, rules, line) for series in all_series]
    quorum = rules.get("quorum", {})
    known_at_least = quorum.get("known_at_least", 1)
    majority = quorum.get("mode") == "majority_of_known"
    down = unknown = 0
    for start, end in _steps(seen, line):
        second = line.between(start, start + 1)
        known_count = sum(1 for known, _ in seen if known & second)
        down_count = sum(1 for _, bad in seen if bad & second)
        agreed = 2 * down_count > known_count if majority else down_count >= quorum.get("down_at_least", 1)
        if agreed:
            down |= line.between(start, end)
        elif known_count < known_at_least:
            unknown |= line.between(start, end)
    return down, unknown


def _steps(seen: Sequence[tuple[int, int]], line: Line) -> list[tuple[int, int]]:
    """The stretches in which no location changes its state."""
    edges = {line.first, line.last}
    for sets in seen:
        for seconds in sets:
            edges |= {edge for run in line.runs(seconds) for edge in run}
    ordered = sorted(edges)
    return list(itertools.pairwise(ordered))
