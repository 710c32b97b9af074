"""How fresh what the public reads is: the mark of its last change, and since when nothing measures any more."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.store.ground import leases, public_changes
from portal.usecases.measuring.measurement import LEASE

MINUTE_S = 60
SILENT_S = 120


@dataclass(frozen=True, slots=True)
class Freshness:
    """As of a UTC second; `stale_since` is the second the frontier of claimed slots stands at, when it stands still."""

    as_of: int
    stale_since: int | None


@dataclass(frozen=True, slots=True)
class Mark:
    """What two prepared pages have in common when nothing they show can have changed between them.

    Pages say times to the minute and count from now, so each minute is another.
    """

    change: str
    minute: int
    stale_since: int | None


def watch_changes(engine: Engine) -> None:
    """Have every change of what the public reads told, whoever makes it on this engine."""
    public_changes.watch(engine)


def freshness(session: Session, now: datetime) -> Freshness:
    """Return how fresh measurements are at an instant."""
    as_of = clock.seconds(now)
    return Freshness(as_of, silent_since(leases.frontier(session, LEASE), as_of))


def mark(session: Session, now: datetime) -> Mark:
    """Return the mark of everything public at an instant."""
    found = freshness(session, now)
    return Mark(public_changes.mark(session), found.as_of // MINUTE_S, found.stale_since)


def silent_since(frontier: int | None, as_of: int) -> int | None:
    """Return the frontier when nobody moved it for two minutes (R22, D6); None while somebody does, or never did."""
    return frontier if frontier is not None and as_of - frontier > SILENT_S else None
