"""Sealing: 48 hours after a UTC day is over its samples become chunks, and only then their rows go (decision D12).

One chunk of one probe at one location is one transaction: written, read back, compared, and the rows deleted. Killed
anywhere, it leaves a day whole in one form or the other, and goes on with what is left. One sealer works at a time, by
a lease of its own, and nobody stores samples while a day is sealed.
"""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, BadChunk, DayKey
from portal.store.evidence import chunks, day_seals, evidence_days
from portal.store.ground import leases
from portal.store.ground.leases import Fenced, Lease
from portal.usecases.measuring import measurement

__all__ = ["Fenced", "Lease", "Sealed", "begin", "end", "is_due", "seal_days"]

LEASE = "sealing"
LEASE_MS = 20_000
GRACE_S = 2 * DAY_S
DAYS_AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Sealed:
    """How many days of a probe at a location were sealed, with how many samples, and why others were not."""

    days: int
    samples: int
    problems: Sequence[str]


def is_due(session: Session, now_ms: int) -> bool:
    """Whether any day waits to be sealed; costs by the number of probes and locations."""
    with reading(session):
        return bool(evidence_days.unsealed_days(session, _until(now_ms), 1))


def begin(session: Session, holder: str, now_ms: int) -> Lease | None:
    """Begin to seal if nobody else does; `holder` is unique to the process."""
    with reading(session):
        free = leases.is_free(leases.ends_at_ms(session, LEASE), now_ms)
    if not free:
        return None
    with transaction(session):
        return leases.take(session, LEASE, holder, now_ms, now_ms + LEASE_MS)


def end(session: Session, lease: Lease) -> None:
    """Stop sealing, so that the next one may begin at once; raise Fenced."""
    with transaction(session):
        leases.release(session, lease)


def seal_days(
    session: Session,
    lease: Lease,
    now_ms: int,
    most: int = DAYS_AT_ONCE,
    between: Callable[[], object] = lambda: None,
) -> Sealed:
    """Seal up to `most` days whose time has come; raise Fenced, and seal nothing more, when another one seals.

    Probes and locations take turns, each with its first day; one that cannot be sealed is told, and the next one has
    its turn. `between` is called before each write: where one writer at a time may write, others need a moment too.
    """
    with reading(session):
        due = deque(evidence_days.unsealed_days(session, _until(now_ms)))
    days, samples, problems = 0, 0, list[str]()
    while due and days < most:
        key = due.popleft()
        between()
        try:
            samples += _seal_day(session, lease, key, now_ms)
            days += 1
        except ValueError as problem:
            problems.append(str(problem) if isinstance(problem, BadChunk) else f"{key.name}: {problem}")
        with reading(session):
            following = evidence_days.unsealed_day_after(session, key, _until(now_ms))
        due.extend([] if following is None else [following])
    return Sealed(days, samples, problems)


def _until(now_ms: int) -> int:
    """The second before which days must begin to be over for 48 hours."""
    return (now_ms // 1000 - GRACE_S) // DAY_S * DAY_S


def _seal_day(session: Session, lease: Lease, key: DayKey, now_ms: int) -> int:
    """Seal one day in one transaction and return how many samples; raise BadChunk and change nothing, or Fenced."""
    with transaction(session):
        leases.move(session, lease, now_ms // 1000, now_ms + LEASE_MS)
        leases.hold(session, measurement.LEASE)
        records = evidence_days.hot_records(session, (key.probe, key.location), key.start, key.end)
        earlier = chunks.chunks_of_day(session, key)
        sealed = {record[0] for chunk in earlier for record in chunks.opened(chunk)}
        fresh = [record for record in records if record[0] not in sealed]
        if fresh:
            day_seals.add_seal(session, chunks.add_chunk(session, key, len(earlier), fresh))
        if evidence_days.delete_hot(session, key) != len(records):
            raise BadChunk(f"Samples of {key.name} came while they were sealed; nothing was.")
    return len(fresh)
