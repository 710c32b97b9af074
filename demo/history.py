"""The demo's past: what its services went through before anybody measured them, told as episodes.

The same months with the same episodes and the same noise at every start; no chance is involved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from hashlib import blake2b

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.quantities.zones import instant_of, local_date

MONTHS = 13
"""Ended months that are told; the month under way comes on top."""
MONTHS_A_YEAR = 12
DAY_S = 86_400
HOUR_S = 3_600
INTERVAL_S = 600
"""How often each probe asked in the past; it asks more often now."""
PROVENANCE = "generated"
SETTLED_S = 1_800
DOWN, SLOW, GAP = "down", "slow", "gap"
ZONE, EASTERNMOST = "Europe/Berlin", "Asia/Tokyo"


@dataclass(frozen=True, slots=True)
class Past:
    """What is told: from the first day of the first month, wherever a customer lives, to the UTC second `live_from`."""

    first: date
    live_from: int

    @property
    def start(self) -> int:
        """The UTC second of the first sample: a day before the first month begins anywhere."""
        return instant_of(self.first, EASTERNMOST) - DAY_S

    def month(self, number: int) -> date:
        """Return the first day of a month; 1 is the first one, MONTHS + 1 the one under way at the first start."""
        months = self.first.year * MONTHS_A_YEAR + self.first.month - 1 + number - 1
        return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)

    def at(self, number: int, day: int, hour: int = 12, minute: int = 0) -> int:
        """Return the UTC second of an hour of the UTC day in a month; day 32 is one or more days into the next."""
        start = instant_of(self.month(number), "UTC")
        return start + (day - 1) * DAY_S + hour * HOUR_S + minute * 60


@dataclass(frozen=True, slots=True)
class Episode:
    """Something a service went through in [start, end), UTC seconds: `down`, `slow`, or a `gap` without samples."""

    service: str
    kind: str
    start: int
    end: int


# service, kind, month, day, hour of the UTC day, minutes; what people said about it stands in demo/told
_TOLD = (
    ("storage", SLOW, 1, 12, 9, 120),
    ("storage", DOWN, 2, 9, 9, 70),
    ("dashboard", DOWN, 2, 20, 22, 20),
    ("api", DOWN, 3, 14, 15, 30),
    ("runners", DOWN, 4, 5, 5, 140),
    ("storage", DOWN, 4, 18, 1, 100),
    ("postgres", GAP, 5, 11, 1, 240),
    ("api", DOWN, 5, 21, 11, 60),
    ("dashboard", DOWN, 5, 21, 11, 60),
    ("storage", SLOW, 6, 6, 16, 180),
    ("dashboard", SLOW, 6, 25, 10, 60),
    ("storage", DOWN, 7, 8, 10, 30),
    ("postgres", DOWN, 7, 16, 3, 40),
    ("runners", DOWN, 8, 23, 14, 40),
    ("storage", DOWN, 9, 15, 2, 60),
    ("storage", GAP, 10, 4, 0, 8 * 24 * 60),
    ("api", DOWN, 10, 20, 17, 20),
    ("storage", DOWN, 11, 6, 10, 60),
    ("runners", SLOW, 11, 19, 8, 120),
    ("storage", DOWN, 12, 10, 13, 70),
    ("api", DOWN, 12, 18, 20, 20),
    ("storage", GAP, 12, 27, 2, 150),
    ("dashboard", SLOW, 13, 4, 13, 75),
    ("postgres", DOWN, 13, 17, 3, 260),
    ("storage", DOWN, 13, 24, 8, 60),
)
# service, kind, days before the start, hour of the UTC day, minutes
_TOLD_OF_LATE = (
    ("dashboard", DOWN, 26, 19, 10),
    ("dashboard", GAP, 5, 4, 60),
)


def past_before(live_from: int) -> Past:
    """Return the past of a demo that starts at this UTC second."""
    under_way = local_date(live_from, ZONE).replace(day=1)
    return Past(Past(under_way, live_from).month(1 - MONTHS), live_from)


def episodes(past: Past) -> tuple[Episode, ...]:
    """Return what happened in the past; nothing of it lies after its end."""
    today = past.live_from // DAY_S * DAY_S
    starts = [(*one[:2], past.at(*one[2:5]), one[5]) for one in _TOLD]
    starts += [(*one[:2], today - one[2] * DAY_S + one[3] * HOUR_S, one[4]) for one in _TOLD_OF_LATE]
    told = [Episode(service, kind, start, start + minutes * 60) for service, kind, start, minutes in starts]
    return (*told, *_nearly_used_budget(past.live_from))


def _nearly_used_budget(live_from: int) -> Iterator[Episode]:
    """An outage of the build runners this month that leaves almost nothing of Umi's 0.05 %.

    It needs as much of the Tokyo month behind it as it takes; in the month's first hour there is none.
    """
    first = local_date(live_from, "Asia/Tokyo").replace(day=1)
    start = instant_of(first, "Asia/Tokyo")
    end = instant_of((first + timedelta(days=32)).replace(day=1), "Asia/Tokyo")
    allowed_s = (end - start) * Fraction(5, 10_000)
    slots = int(allowed_s) // INTERVAL_S
    length_s = slots * INTERVAL_S
    latest = live_from - SETTLED_S - length_s
    if latest > start:
        begins = min(start + 7 * HOUR_S, latest) // INTERVAL_S * INTERVAL_S
        yield Episode("runners", DOWN, begins, begins + length_s)


def samples(
    service: str, probe: int, location: int, slots: Sequence[range], told: Sequence[Episode]
) -> Iterator[Sample]:
    """Yield what the service's probe found at its slots, in their order; a gap has none."""
    own = [episode for episode in told if episode.service == service]
    for piece in slots:
        for slot in piece:
            kind = next((episode.kind for episode in own if episode.start <= slot < episode.end), None)
            if kind != GAP:
                yield _sample(probe, location, slot, piece.step, kind)


def _sample(probe: int, location: int, slot: int, interval_s: int, kind: str | None) -> Sample:
    noise = int.from_bytes(blake2b(f"{probe}:{slot}".encode(), digest_size=4).digest(), "big")
    if kind == DOWN:
        return Sample(
            probe, location, slot, interval_s, State.DOWN, error="refused", start_offset_ms=noise % 40,
            resolve_ms=0, connect_ms=noise % 3, total_ms=noise % 3, provenance=PROVENANCE,
        )  # fmt: skip
    is_slow = kind == SLOW
    processing_ms = 1_100 + noise % 600 if is_slow else 20 + noise % 45
    return Sample(
        probe, location, slot, interval_s, State.DEGRADED if is_slow else State.UP, error="slow" if is_slow else None,
        http_status=200, start_offset_ms=noise % 40, resolve_ms=0, connect_ms=1 + noise % 3, tls_ms=0,
        processing_ms=processing_ms, transfer_ms=1, total_ms=processing_ms + 2 + noise % 3, provenance=PROVENANCE,
    )  # fmt: skip
