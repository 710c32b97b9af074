"""How long answers of a customer's service took, day by day: the middle, and what the slowest of them waited.

Read from the days that are kept (portal/usecases/keeping/summaries.py); no contractual number comes from them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from itertools import pairwise

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.latency_sketch import EXACT_BELOW_MS, PARTS, LatencySketch, merged
from portal.store.evidence import summaries
from portal.usecases.keeping.covered_services import Covered, covered_service

DAYS_SHOWN = 90
DAY_S = 86_400
WIDTH, HEIGHT = 1_000, 200
PERCENTILES = (Fraction(50), Fraction(95), Fraction(99))


@dataclass(frozen=True, slots=True)
class DayLatency:
    """One local day of the provider: how many answers, and the ms that 50, 95 and 99 of 100 took at most."""

    start: int
    answers: int
    p50: int
    p95: int
    p99: int


@dataclass(frozen=True, slots=True)
class Bands:
    """Days as a picture: `usual`, `slow` and `slowest` are the paths of an SVG of 1000 by 200: the line of the middle,
    the band up to 95 of 100 and the band up to 99; days without an answer are gaps. `top_ms` is the upper edge.
    """

    usual: str
    slow: str
    slowest: str
    top_ms: int
    exact_below_ms: int = EXACT_BELOW_MS
    parts: int = PARTS


@dataclass(frozen=True, slots=True)
class LatencyPage:
    """The last 90 days of a service as far as contracts cover them, the latest first, and all of them together.

    A figure is the highest of its bucket: never too low, exact below `exact_below_ms` of the bands, above that too high
    by less than one part in `parts`.
    """

    service: Covered
    days: Sequence[DayLatency]
    whole: DayLatency | None
    bands: Bands


def latency_page(session: Session, key: str, now: datetime) -> LatencyPage:
    """Return how long answers of a service of the scope's contracts took; raise NotFound for any other service."""
    service, end = covered_service(session, key), clock.seconds(now)
    kept = [
        (start, sketch)
        for span in service.within(end - DAYS_SHOWN * DAY_S, end)
        for start, _, sketch in summaries.sketches_between(session, service.id, span.start, span.end)
        if sketch.total
    ]
    days = [_day(start, sketch) for start, sketch in kept]
    return LatencyPage(
        service=service,
        days=list(reversed(days)),
        whole=_day(days[0].start, merged(sketch for _, sketch in kept)) if days else None,
        bands=bands(days, end),
    )


def bands(days: Sequence[DayLatency], end: int) -> Bands:
    """Return days in order as the picture of the 90 days before `end`, a UTC second."""
    top = max((one.p99 for one in days), default=0)
    runs = list(_in_a_row(days))
    return Bands(
        usual="".join(_line([(_x(one, end), _y(one.p50, top)) for one in run]) for run in runs),
        slow="".join(_band(run, "p50", "p95", end, top) for run in runs),
        slowest="".join(_band(run, "p95", "p99", end, top) for run in runs),
        top_ms=top,
    )


def _day(start: int, sketch: LatencySketch) -> DayLatency:
    found = [sketch.at_percentile(one) or 0 for one in PERCENTILES]
    return DayLatency(start, sketch.total, *found)


def _in_a_row(days: Sequence[DayLatency]) -> Iterator[Sequence[DayLatency]]:
    """Days that follow each other; a day of 25 hours still follows."""
    cuts = [place for place, (one, other) in enumerate(pairwise(days), 1) if other.start - one.start > DAY_S * 3 // 2]
    for start, end in pairwise([0, *cuts, len(days)]):
        if start < end:
            yield days[start:end]


def _x(one: DayLatency, end: int) -> int:
    return max(0, WIDTH - (end - one.start) * WIDTH // (DAYS_SHOWN * DAY_S))


def _y(ms: int, top: int) -> int:
    return HEIGHT - ms * HEIGHT // max(top, 1)


def _line(points: Sequence[tuple[int, int]]) -> str:
    """A path through the points; a single one is a short stroke."""
    (x, y), *rest = points
    return f"M{x} {y}" + "".join(f"L{x} {y}" for x, y in rest or [(x + 3, y)])


def _band(days: Sequence[DayLatency], lower: str, upper: str, end: int, top: int) -> str:
    over = [(_x(one, end), _y(getattr(one, upper), top)) for one in days]
    under = [(_x(one, end), _y(getattr(one, lower), top)) for one in reversed(days)]
    if len(days) == 1:
        over, under = [*over, (over[0][0] + 3, over[0][1])], [(under[0][0] + 3, under[0][1]), *under]
    return f"{_line([*over, *under])}Z"
