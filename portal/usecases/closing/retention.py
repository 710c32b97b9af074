"""How long samples are kept: so many months after the month in which the last period that needs them ends.

Nothing goes of a service in a contract of a customer with a legal hold, and nothing of a period that is not closed. A
deletion is recorded for good, day by day, with the digests of what was deleted; runs, statements and their workings
stay.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, DayKey
from portal.domain.notices.refusals import Conflict, NotFound
from portal.domain.quantities.periods import Period
from portal.store.evidence import chunks, evidence_days, legal_holds
from portal.store.evidence.chunks import Seal
from portal.store.evidence.deletions import DayDeletion, record_deletion
from portal.store.ground import leases
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.judging import closable
from portal.usecases.judging.promises import Phase, Promise, promises
from portal.usecases.measuring import measurement

MONTHS_A_YEAR = 12
RULE = " months after the month in which the period ended"
"""What a deletion is recorded by, behind the number of months."""


@dataclass(frozen=True, slots=True)
class Lot:
    """Sealed days of one probe at one location in one month whose time is over."""

    probe: int
    location: int
    month: str
    days: Sequence[DayKey]
    samples: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run deletes, by which rule, and how many days stay: for a legal hold, or for a period not closed yet."""

    rule: str
    lots: Sequence[Lot]
    days_held: int
    days_unclosed: int


def plan(session: Session, months: int, now: datetime) -> Plan:
    """Return the days whose time is over as of now; for the provider's own work."""
    with reading(session):
        oldest_kept = _first_day(_months_later(now.date().replace(day=1), -months))
        services = evidence_days.services_of_probes(session)
        held = legal_holds.held_services(session)
        by_month: dict[tuple[int, int, date], list[Seal]] = defaultdict(list)
        for seal in chunks.seals_before(session, oldest_kept):
            by_month[seal.key.probe, seal.key.location, month_of(seal.key)].append(seal)
        months_of_seals = {month for _, _, month in by_month}
        needed = {month: _needed(session, month) for month in months_of_seals}
        unclosed = _unclosed(session, months_of_seals)
        over = {
            (probe, location, month): seals
            for (probe, location, month), seals in by_month.items()
            if time_is_over(needed[month].get(services.get(probe), month), months, now)
        }
    kept = {key: seals for key, seals in over.items() if services.get(key[0]) in held}
    waiting = {key: seals for key, seals in over.items() if (services.get(key[0]), key[2]) in unclosed}
    rule = f"{months}{RULE}"
    lots = [_lot(key, seals) for key, seals in sorted(over.items()) if key not in {**kept, **waiting}]
    return Plan(rule, lots, _count_days(kept), _count_days(waiting))


def delete(session: Session, lot: Lot, rule: str, now: datetime) -> None:
    """Delete the samples of a lot and record it, in one transaction; raise BadChunk for days that cannot be read.

    Raises Conflict for a legal hold placed since the plan, and for a day with samples that are not sealed yet.
    """
    with transaction(session):
        leases.hold(session, measurement.LEASE)
        if evidence_days.services_of_probes(session).get(lot.probe) in legal_holds.held_services(session):
            raise Conflict("A legal hold was placed meanwhile. Run sla-portal retain again.")
        for key in lot.days:
            _delete_day(session, key, rule, now)
        thing = Thing("probe and location", f"{lot.probe}/{lot.location}")
        told = {"month": lot.month, "days": len(lot.days), "samples": lot.samples, "rule": rule}
        audit.note(session, None, Deed.DELETED_EVIDENCE, thing, now, after=told)


def time_is_over(ended_in: date, months: int, now: datetime) -> bool:
    """Whether samples whose last period ended in a month, by its first day, may go after so many months."""
    return now.date() >= _months_later(ended_in, months + 1)


def months_of_rule(rule: str) -> int | None:
    """Return after how many months a recorded rule lets samples go; None where it is no such rule."""
    number = rule.removesuffix(RULE)
    return int(number) if number != rule and number.isdecimal() and int(number) > 0 else None


def month_of(key: DayKey) -> date:
    """Return the first day of the UTC month of a day."""
    return clock.instant(key.start).date().replace(day=1)


def place_hold(session: Session, customer: str, reason: str, now: datetime) -> None:
    """Keep all evidence of a customer's services from now on; raise NotFound, or Conflict when it is kept already."""
    _change_hold(session, customer, reason, now, holds=True)


def lift_hold(session: Session, customer: str, reason: str, now: datetime) -> None:
    """Let the evidence of a customer's services go again when its time is over; raise NotFound or Conflict."""
    _change_hold(session, customer, reason, now, holds=False)


def _change_hold(session: Session, customer: str, reason: str, now: datetime, *, holds: bool) -> None:
    with transaction(session):
        customer_id = legal_holds.customer_of_key(session, customer)
        if customer_id is None:
            raise NotFound(f"There is no customer {customer}.")
        if (customer_id in legal_holds.holds_in_force(session)) is holds:
            raise Conflict(f"{customer} has {'a legal hold already' if holds else 'no legal hold'}.")
        legal_holds.add_event(session, customer_id, now, reason, holds=holds)
        deed = Deed.PLACED_HOLD if holds else Deed.LIFTED_HOLD
        audit.note(session, None, deed, Thing("customer", customer, customer_id), now)


def _needed(session: Session, month: date) -> Mapping[UUID | None, date]:
    """Return, by service, the month in which the last period ends that was open at the end of this month."""
    found: dict[UUID | None, date] = {}
    for promise in _open_promises(session, month):
        ends_in = clock.instant(promise.period.end - 1).date().replace(day=1)
        found[promise.service.id] = max(found.get(promise.service.id, month), ends_in)
    return found


def _open_promises(session: Session, month: date) -> Sequence[Promise]:
    """Return the promises whose period was open at the last second of a month."""
    last_second = _first_day(_months_later(month, 1)) * DAY_S - 1
    return [one for one in promises(session, last_second) if one.phase is Phase.OPEN]


def _unclosed(session: Session, months: Set[date]) -> Set[tuple[UUID | None, date]]:
    """Return the services and the months in which a contract period lies that has no statement yet."""
    begun = {_months_later(month, -back) for month in months for back in range(MONTHS_A_YEAR + 1)}
    for month in months:  # periods of the terms' own dates may be longer than a year
        begun |= {date.fromisoformat(f"{one.period.start_local[:7]}-01") for one in _open_promises(session, month)}
    found: set[tuple[UUID | None, date]] = set()
    for first in sorted(begun):
        listed = closable.month(session, first)
        for job in (one for one in listed.jobs if not listed.is_closed(one)):
            within = [month for month in months if _reaches_into(job.closing.period, month)]
            found |= {(service.id, month) for service in job.stored.services for month in within}
    return found


def _reaches_into(period: Period, month: date) -> bool:
    return period.start < _first_day(_months_later(month, 1)) * DAY_S and period.end > _first_day(month) * DAY_S


def _count_days(lots: Mapping[tuple[int, int, date], Sequence[Seal]]) -> int:
    return sum(len({seal.key for seal in seals}) for seals in lots.values())


def _lot(key: tuple[int, int, date], seals: Iterable[Seal]) -> Lot:
    seals = list(seals)
    days = sorted({seal.key for seal in seals})
    return Lot(key[0], key[1], f"{key[2]:%Y-%m}", days, sum(seal.samples for seal in seals))


def _delete_day(session: Session, key: DayKey, rule: str, now: datetime) -> None:
    if evidence_days.hot_days(session, [key.probe], key.start, key.end) & {key}:
        raise Conflict(f"Late samples of {key.name} wait to be sealed. Run sla-portal seal, then sla-portal retain.")
    seals = [chunk.seal for chunk in chunks.chunks_of_day(session, key) if chunks.opened(chunk)]
    found = evidence_days.day_digests(session, [key.probe], key.start, key.end)[key]
    samples = sum(seal.samples for seal in seals)
    digests = tuple(seal.digest.hex() for seal in seals)
    record_deletion(session, DayDeletion(key, samples, found, digests, now, rule))
    chunks.delete_chunks(session, key)


def _months_later(month: date, months: int) -> date:
    year, index = divmod(month.year * MONTHS_A_YEAR + month.month - 1 + months, MONTHS_A_YEAR)
    return date(year, index + 1, 1)


def _first_day(month: date) -> int:
    return (month - date(1970, 1, 1)).days
