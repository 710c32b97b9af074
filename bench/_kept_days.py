"""Days of services as months of measuring leave them, without the measuring: drawn from a seed, marked as generated.

What pages read of days that are over are these rows alone, so that a thousand services have a past within seconds.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import islice, pairwise
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.database import transaction
from portal.domain.evidence.latency_sketch import sketch
from portal.domain.quantities import zones
from portal.store import measured
from portal.store.summaries import ServiceDayRow

UNUSUAL_ONE_IN = 20
LATENCIES_MS = (40, 60, 60, 80, 120)
AT_ONCE = 10_000


def keep_days(session: Session, timezone: str, end: int, days: int) -> int:
    """Keep so many local days of every service, the last of them over at the UTC second `end`; return how many rows.

    One day in twenty was down, slow or not known for a while.
    """
    today = zones.local_date(end, timezone)
    starts = [zones.instant_of(today - timedelta(days=count), timezone) for count in range(days, -1, -1)]
    spans = list(pairwise(starts))
    services = [one.id for one in measured.services(session)]
    waiting = _rows(services, spans, end)
    with transaction(session):
        while rows := list(islice(waiting, AT_ONCE)):
            session.execute(insert(ServiceDayRow), rows)
    return len(services) * len(spans)


def _rows(services: Sequence[UUID], spans: Sequence[tuple[int, int]], now: int) -> Iterator[Mapping[str, Any]]:
    random, latencies = Random(1), sketch(LATENCIES_MS).text()
    for service in services:
        for start, end in spans:
            lost = {"down_s": 0, "degraded_s": 0, "unknown_s": 0}
            if random.randrange(UNUSUAL_ONE_IN) == 0:
                lost[random.choice(tuple(lost))] = random.randrange(60, 5400)
            yield lost | {
                "service_id": service,
                "start": start,
                "end": end,
                "up_s": end - start - sum(lost.values()),
                "excluded_s": 0,
                "unmeasured_s": 0,
                "is_generated": True,
                "latencies": latencies,
                "computed_at": now,
            }
