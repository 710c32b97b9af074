"""How long answers took, in buckets that can be added up: small, exact in its counts, near in its values.

Up to 63 ms each value has its own bucket; above, every doubling has 32 of equal width. A bucket is named by its highest
value, which is never below a value in it and above it by less than 1/32 of it. Contracts are judged on samples (R45).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil

EXACT_BELOW_MS = 64
PARTS = 32


@dataclass(frozen=True, slots=True)
class LatencySketch:
    """How many latencies in ms fell into each bucket, by the bucket's number."""

    counts: Mapping[int, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many latencies there are."""
        return sum(self.counts.values())

    def at_percentile(self, percentile: Fraction) -> int | None:
        """The highest ms of the bucket that holds the nearest rank; None for no latencies."""
        rank = max(ceil(percentile * self.total / 100), 1)
        seen = 0
        for number, count in sorted(self.counts.items()):
            seen += count
            if seen >= rank:
                return highest_ms(number)
        return None

    def text(self) -> str:
        """The buckets in order as "number:count number:count"; the same latencies make the same text."""
        return " ".join(f"{number}:{count}" for number, count in sorted(self.counts.items()))


def sketch(latencies_ms: Iterable[int]) -> LatencySketch:
    """Return the sketch of latencies in whole ms from 0 up."""
    return LatencySketch(Counter(map(bucket, latencies_ms)))


def merged(sketches: Iterable[LatencySketch]) -> LatencySketch:
    """Return the sketch of all latencies together, as if they had been told at once."""
    counts: Counter[int] = Counter()
    for one in sketches:
        counts.update(one.counts)
    return LatencySketch(counts)


def read_sketch(text: str) -> LatencySketch:
    """Return the sketch that a text holds; raises ValueError when it holds none."""
    pairs = (part.split(":") for part in text.split())
    return LatencySketch({int(number): int(count) for number, count in pairs})


def bucket(latency_ms: int) -> int:
    """The number of the bucket of a latency."""
    if latency_ms < EXACT_BELOW_MS:
        return latency_ms
    shift = latency_ms.bit_length() - EXACT_BELOW_MS.bit_length() + 1
    return PARTS * shift + (latency_ms >> shift)


def highest_ms(number: int) -> int:
    """The highest latency in ms of a bucket."""
    if number < EXACT_BELOW_MS:
        return number
    shift = number // PARTS - 1
    return ((number - PARTS * shift + 1) << shift) - 1
