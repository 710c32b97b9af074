"""Latency promises by nearest rank (semantics.md R45)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby
from math import ceil

from portal.domain.evidence.records import Latency
from portal.domain.promises.methodology import Percentile


@dataclass(frozen=True, slots=True)
class RankedValue:
    """The value at a rank of `n` sorted values; rank and value are None for no values."""

    n: int
    rank: int | None
    value: int | None


@dataclass(frozen=True, slots=True)
class JudgedSlot:
    """One slot from `start` (UTC seconds), its value in ms at the promised percentile, and whether that is in time."""

    start: int
    ranked: RankedValue
    met: bool


@dataclass(frozen=True, slots=True)
class PercentileAttainment:
    """The judged slots; `attained` is the percentage of them that are met, None when nothing was measured (R27)."""

    slots: tuple[JudgedSlot, ...]
    attained: Fraction | None


def nearest_rank(latencies: Iterable[tuple[int, int]], percentile: Fraction) -> RankedValue:
    """The value whose rank is ceil(percentile * n / 100), at least 1, of (value, count) pairs; never interpolated."""
    pairs = sorted(latencies)
    n = sum(count for _, count in pairs)
    if n == 0:
        return RankedValue(0, None, None)
    rank = max(ceil(percentile * n / 100), 1)
    seen = 0
    for value, count in pairs:
        seen += count
        if seen >= rank:
            return RankedValue(n, rank, value)
    raise ValueError("A percentile lies from 0 to 100.")


def attain(promise: Percentile, start: int, end: int, latencies: Sequence[Latency]) -> PercentileAttainment:
    """Each slot of [start, end) with latencies is met when its value is at most the threshold.

    Slots begin at `start` and have `slot_seconds`; without it the whole period is one slot. Slots without
    latencies are left out, as a period without requests is (R27).
    """
    slot_s = promise.slot_seconds or max(end - start, 1)
    inside = sorted((one for one in latencies if start <= one.at < end), key=lambda one: one.at)
    slots = tuple(
        _judge(start + number * slot_s, promise, [(one.latency_ms, one.count) for one in members])
        for number, members in groupby(inside, key=lambda one: (one.at - start) // slot_s)
    )
    judged = tuple(slot for slot in slots if slot.ranked.n)
    met = sum(slot.met for slot in judged)
    return PercentileAttainment(judged, Fraction(100 * met, len(judged)) if judged else None)


def _judge(start: int, promise: Percentile, pairs: list[tuple[int, int]]) -> JudgedSlot:
    ranked = nearest_rank(pairs, promise.percentile)
    return JudgedSlot(start, ranked, ranked.value is not None and ranked.value <= promise.threshold_ms)
