"""What a probe finds on one day at one location: its episodes, and latencies drawn from a seed."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random

from demo.generated.episodes import DAY_S, DOWN, EVERYWHERE, GAP, LATE, SLOW, STEP, Episode, drawing
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State

PROVENANCE = "generated"
BOOT = 1
DISTINCT = 1_024
SLOWER_MS = 1_500
Timing = tuple[int, int, int, int, int, int, int]
"""Milliseconds: start offset, resolve, connect, tls, processing, transfer, total."""


def samples_of_day(
    seed: int, probe: int, location: int, slots: Sequence[range], episodes: Sequence[Episode]
) -> Iterator[Sample]:
    """Yield what a probe finds at these slots of one day, in order; none where there is a gap or a step of the clock.

    `episodes` are those of this probe, or of all; a late sample is yielded as well: see `late_slots`.
    """
    timings = _timings(seed, probe)
    for piece in slots:
        draw = drawing(seed, probe, location, piece.start // DAY_S)
        here = [one for one in episodes if _touches(one, location, piece)]
        for slot, timing in zip(piece, draw.choices(timings, k=len(piece)), strict=True):
            kinds = {one.kind for one in here if one.start <= slot < one.end} if here else ()
            if GAP not in kinds and STEP not in kinds:
                yield _sample(probe, location, slot, piece.step, timing, kinds)


def late_slots(location: int, episodes: Sequence[Episode], start: int, end: int) -> list[range]:
    """Return the seconds of [start, end) whose samples of this location come a day late."""
    late = [one for one in episodes if one.kind == LATE and one.location in (EVERYWHERE, location)]
    return [range(max(start, one.start), min(end, one.end)) for one in late if one.start < end and one.end > start]


def _touches(episode: Episode, location: int, slots: range) -> bool:
    return episode.location in (EVERYWHERE, location) and episode.start < slots.stop and episode.end > slots.start


@lru_cache(maxsize=4_096)
def _timings(seed: int, probe: int) -> tuple[Timing, ...]:
    """Draw the timings a probe finds when all is well: its own typical latency, with a long tail."""
    draw = drawing(seed, probe)
    typical_ms = draw.lognormvariate(3.4, 0.6)
    return tuple(_timing(draw, typical_ms) for _ in range(DISTINCT))


def _timing(draw: Random, typical_ms: float) -> Timing:
    resolve_ms, connect_ms, tls_ms = draw.choice((0, 0, 0, 1, 4)), 1 + draw.randrange(4), 3 + draw.randrange(6)
    processing_ms = round(typical_ms * draw.lognormvariate(0, 0.25))
    transfer_ms = draw.randrange(3)
    total_ms = resolve_ms + connect_ms + tls_ms + processing_ms + transfer_ms
    return draw.randrange(30), resolve_ms, connect_ms, tls_ms, processing_ms, transfer_ms, total_ms


def _sample(probe: int, location: int, slot: int, step: int, timing: Timing, kinds: set[str] | tuple[()]) -> Sample:
    after_ms, resolve_ms, connect_ms, tls_ms, processing_ms, transfer_ms, total_ms = timing
    began_ms = slot * 1000 + after_ms
    if DOWN in kinds:
        return Sample(
            probe, location, slot, step, State.DOWN, None, "refused", None, after_ms, resolve_ms, connect_ms, None,
            None, None, resolve_ms + connect_ms, began_ms, BOOT, PROVENANCE,
        )  # fmt: skip
    state, error = (State.DEGRADED, "slow") if SLOW in kinds else (State.UP, None)
    more_ms = SLOWER_MS if error else 0
    return Sample(
        probe, location, slot, step, state, None, error, 200, after_ms, resolve_ms, connect_ms, tls_ms,
        processing_ms + more_ms, transfer_ms, total_ms + more_ms, began_ms, BOOT, PROVENANCE,
    )  # fmt: skip
