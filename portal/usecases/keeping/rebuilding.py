"""Deriving runs anew from their samples, and summaries from runs: it must change nothing, and says where it did.

One month of one probe at one location is read at a time and nothing is written where runs and samples agree. How far
it came is kept, so that an interrupted run with the same options goes on behind it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import RowMapping
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, DayKey
from portal.domain.evidence.runs import first_difference
from portal.domain.notices.refusals import Conflict, NotFound
from portal.domain.quantities.slots import interval_at
from portal.domain.quantities.zones import local_date
from portal.store.evidence import deletions, evidence_days, runs, summaries
from portal.store.evidence.runs import Pair
from portal.store.ground import leases
from portal.store.ground.leases import Lease
from portal.store.measuring import measured, schedules
from portal.store.measuring.measured import Service
from portal.usecases.configuration.provider import site
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.keeping.summaries import rebuild_day
from portal.usecases.measuring import measurement

BLOCK_DAYS = 31
LEASE_MS = 300_000
PAIRS_OF_A_PROBE = 2**20
"""Locations are fewer: a probe and a location make one number that grows with both."""
ALL_PAIRS = 2**62


@dataclass(frozen=True, slots=True)
class Order:
    """What to derive anew: UTC days from `first_day` until before `until_day`, of one service or of all (None)."""

    first_day: int
    until_day: int
    service: str | None = None

    @property
    def name(self) -> str:
        """The name under which it is kept how far such an order came."""
        return f"rebuild {self.first_day} {self.until_day} {self.service or ''}".rstrip()


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What was done for one probe at one location: days read, and the days whose runs were others."""

    pair: Pair
    days: int
    differing: Sequence[DayKey]


@dataclass(frozen=True, slots=True)
class Begun:
    """A rebuild under way: what is left to do of all there was."""

    order: Order
    lease: Lease
    left: Sequence[Pair]
    all: int


def begin(session: Session, order: Order, holder: str, now_ms: int) -> Begun:
    """Begin or go on with an order; raise NotFound for an unknown service, Conflict while another one does the same."""
    with reading(session):
        pairs = evidence_days.pairs_with_evidence(session)
        if order.service is not None:
            probes = evidence_days.probes_of_service(session, order.service)
            pairs = [pair for pair in pairs if pair[0] in probes]
            if not probes:
                raise NotFound(f"There is no service {order.service} with probes.")
        done = leases.frontier(session, order.name) or -1
    with transaction(session):
        lease = leases.take(session, order.name, holder, now_ms, now_ms + LEASE_MS)
        if lease is None:
            raise Conflict("Somebody else derives these runs anew. Wait until that has ended.")
        leases.move(session, lease, done, now_ms + LEASE_MS)
    return Begun(order, lease, [pair for pair in pairs if _number(pair) > done], len(pairs))


def rebuild(session: Session, begun: Begun, pair: Pair, now: datetime) -> Rebuilt:
    """Derive the runs of one probe at one location anew; pairs go in the order of `left`. Raises Fenced."""
    known = _days(session, pair, begun.order)
    differing = [
        key
        for first in range(known.start, known.stop, BLOCK_DAYS)
        for key in _differing(session, pair, range(first, min(first + BLOCK_DAYS, known.stop)))
    ]
    for key in differing:
        with transaction(session):
            leases.hold(session, measurement.LEASE)
            measurement.derive_days(session, pair, [key.day], _unscheduled_s(session, key))
    with transaction(session):
        leases.move(session, begun.lease, _number(pair), clock.seconds(now) * 1000 + LEASE_MS)
        if differing:
            _note(session, pair, differing, now)
    return Rebuilt(pair, len(known), differing)


def summed_days(session: Session, order: Order) -> Sequence[tuple[Service, date]]:
    """Return the local days of the order's services that its runs may bear on and that are summed up, by service.

    A sample bears on the day before and the day after its own too: it confirms failures and is held (R22, R23).
    """
    start, end = (order.first_day - 1) * DAY_S, (order.until_day + 1) * DAY_S
    with reading(session):
        services = {one.id: one for one in measured.services(session) if order.service in (None, one.key)}
        timezone = site(session).timezone
        found = summaries.days_between(session, services, start - 2 * DAY_S, end + 2 * DAY_S)
    touched = [(services[one], row) for one, rows in found.items() for row in rows if _touch(row, start, end)]
    return [(one, local_date(row["start"], timezone)) for one, row in touched]


def rebuild_summary(session: Session, begun: Begun, service: Service, day: date, now: datetime) -> bool:
    """Sum a day up anew, after the runs of all pairs; return whether that changed anything. Raises Fenced."""

    def fence() -> None:
        leases.move(session, begun.lease, ALL_PAIRS, clock.seconds(now) * 1000 + LEASE_MS)

    return rebuild_day(session, service.id, day, now, fence)


def end(session: Session, begun: Begun) -> None:
    """Say that the order is done, so that the next one of its kind begins afresh."""
    with transaction(session):
        leases.move(session, begun.lease, -1, 0)


def _touch(day: RowMapping, start: int, end: int) -> bool:
    return bool(day["start"] < end and day["end"] > start)


def _number(pair: Pair) -> int:
    return pair[0] * PAIRS_OF_A_PROBE + pair[1]


def _note(session: Session, pair: Pair, differing: Sequence[DayKey], now: datetime) -> None:
    thing = Thing("probe and location", "/".join(map(str, pair)))
    audit.note(session, None, Deed.REBUILT_RUNS, thing, now, after={"days": [key.date for key in differing]})


def _days(session: Session, pair: Pair, order: Order) -> range:
    with reading(session):
        known = evidence_days.days_with_evidence(session, pair)
    return range(max(known.start, order.first_day), min(known.stop, order.until_day))


def _differing(session: Session, pair: Pair, days: range) -> list[DayKey]:
    """Return those of the days whose runs say something else than their samples."""
    with reading(session):
        if _agree(session, pair, days):
            return []
        deleted = deletions.deletions_between(session, [pair[0]], days.start, days.stop)
        keys = [key for day in days if (key := DayKey(*pair, day)) not in deleted]
        return [key for key in keys if not _agree(session, pair, range(key.day, key.day + 1))]


def _agree(session: Session, pair: Pair, days: range) -> bool:
    start, end = days.start * DAY_S, days.stop * DAY_S
    versions = schedules.schedules_of_probes(session, [pair[0]]).get(pair[0], ())
    stored = runs.runs_between(session, pair, start, end)
    unscheduled_s = next((run.interval_s for run in stored if not interval_at(versions, run.first)), 0)
    samples = evidence_days.samples_between(session, pair, (start, end), versions, unscheduled_s)
    return first_difference(stored, start, end, samples) is None


def _unscheduled_s(session: Session, key: DayKey) -> int:
    stored = runs.runs_between(session, (key.probe, key.location), key.start, key.end)
    return next((run.interval_s for run in stored), 0)
