"""The register of exclusions as the engine and people read it: what is asked not to count, and how that stands."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.notices.decisions import Standing, standing_after
from portal.domain.notices.maintenance import reason_again, withdrawal_again
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.store.notices import exclusions as store
from portal.store.notices.exclusions import Decision, ExclusionEffectRow, Named, Schedule, StoredExclusion

__all__ = [
    "Entries",
    "Entry",
    "KeptEffect",
    "Named",
    "Register",
    "all_entries",
    "entries",
    "entry",
    "entry_of",
    "exclusions_for",
    "kept_effects",
    "public_entries",
    "register_of",
]

PAGE = 50
NOT_EVERYWHERE = "not_at_every_location"


@dataclass(frozen=True, slots=True)
class Register:
    """The entries that touch a stretch of time, as they stood when they were asked for; cheap to ask many times."""

    entries: Sequence[StoredExclusion]
    schedules: Sequence[Schedule]
    known_by: datetime | None = None

    def of(self, customer_id: UUID, service_id: UUID, start: int, end: int) -> tuple[Exclusion, ...]:
        """The exclusions of a customer's service in [start, end) UTC seconds, by start and id, whatever their state."""
        return tuple(
            self._exclusion(one, service_id)
            for one in self.entries
            if one.row.start < end and one.row.end > start and _is_for(one, customer_id, service_id)
        )

    def _exclusion(self, one: StoredExclusion, service_id: UUID) -> Exclusion:
        row, (status, words) = one.row, self._status(one, service_id)
        return Exclusion(str(row.id), row.type, row.start, row.end, row.announced_at, status, words)

    def _status(self, one: StoredExclusion, service_id: UUID) -> tuple[str, str]:
        """How an entry stands for a service, and the words beside its outcome; only `approved` may count (R13)."""
        last = _last(one.decisions, self.known_by)
        standing = standing_after(last.kind)
        if standing is Standing.PENDING:
            return standing.value, one.row.reason
        if standing is not Standing.APPROVED:
            return standing.value, last.words
        if one.locations and self._is_measured_elsewhere(one, service_id):
            names = ", ".join(place.name for place in one.locations)
            return NOT_EVERYWHERE, f"only {names}, and it was measured elsewhere too"
        return standing.value, one.row.reason

    def _is_measured_elsewhere(self, one: StoredExclusion, service_id: UUID) -> bool:
        places = {place.id for place in one.locations}
        return not _measuring(self.schedules, service_id, one.row.start, one.row.end) <= places


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as people read it. `customers` None: for all of them; without `locations`: at every location.

    `is_late` says that it was written down after its time had begun.
    """

    id: UUID
    type: str
    start: int
    end: int
    announced_at: int | None
    reason: str
    evidence_link: str
    is_public: bool
    services: Sequence[Named]
    customers: Sequence[Named] | None
    locations: Sequence[Named]
    requested_by: UUID
    entered_at: datetime
    maintenance_id: UUID | None
    standing: Standing
    decisions: Sequence[Decision]

    @property
    def is_late(self) -> bool:
        """Whether it was written down after its time had begun."""
        return clock.seconds(self.entered_at) > self.start

    @property
    def asked(self) -> Decision:
        """Who asked for it, and when."""
        return self.decisions[0]

    @property
    def decided(self) -> Decision | None:
        """The latest decision about it; None while it waits."""
        return self.decisions[-1] if len(self.decisions) > 1 else None


@dataclass(frozen=True, slots=True)
class FigureThen:
    """A figure as it was when an entry was approved; `credit` None for those who may not see money."""

    attained: str | None
    verdict: str
    credit: str | None


@dataclass(frozen=True, slots=True)
class KeptEffect:
    """What an entry did to one figure when it was approved; before and after are None for a period not begun then."""

    customer: str
    contract: str
    service: str
    commitment: str
    period: str
    currency: str
    before: FigureThen | None
    after: FigureThen | None
    left_out_s: int
    words: str

    @property
    def counts(self) -> bool:
        """Whether any of it was left out."""
        return self.left_out_s > 0


@dataclass(frozen=True, slots=True)
class Entries:
    """Up to 50 entries, latest first; `after` is the id to go on from when there are more (decision D17)."""

    entries: Sequence[Entry]
    after: UUID | None


def register_of(session: Session, start: int, end: int, known_by: datetime | None = None) -> Register:
    """Return what the register holds of [start, end) UTC seconds, as it stood at an instant, by default as it stands.

    In a customer's scope these are the entries that customer may read.
    """
    found = [one for one in store.exclusions_touching(session, start, end) if _is_known(one, known_by)]
    schedules = store.schedules(session) if any(one.locations for one in found) else ()
    return Register(found, schedules, known_by)


def exclusions_for(
    session: Session, customer_id: UUID, service_id: UUID, start: int, end: int, known_by: datetime | None = None
) -> tuple[Exclusion, ...]:
    """Return what the engine is told of the exclusions of one customer's service in [start, end) UTC seconds (R13)."""
    return register_of(session, start, end, known_by).of(customer_id, service_id, start, end)


def entries(session: Session, after: UUID | None = None) -> Entries:
    """Return a page of the entries the scope in force may read."""
    found = store.exclusions_before(session, after, PAGE + 1)
    shown = tuple(map(entry_of, found[:PAGE]))
    return Entries(shown, shown[-1].id if len(found) > PAGE else None)


def public_entries(session: Session, after: UUID | None = None) -> Entries:
    """Return a page of the entries everybody may read."""
    found = store.public_exclusions_before(session, after, PAGE + 1)
    shown = tuple(map(entry_of, found[:PAGE]))
    return Entries(shown, shown[-1].id if len(found) > PAGE else None)


def all_entries(session: Session) -> Iterator[Entry]:
    """Yield every entry the scope in force may read, latest first."""
    page = entries(session)
    yield from page.entries
    while page.after is not None:
        page = entries(session, page.after)
        yield from page.entries


def kept_effects(
    session: Session, found: Sequence[Entry], *, with_money: bool = True
) -> Mapping[UUID, Sequence[KeptEffect]]:
    """Return what was kept of the effects of these entries on the scope's figures, by entry."""
    rows = store.effects_of(session, [one.id for one in found])
    names = store.names_of_effects(session, rows)
    return {key: [_kept(one, names, with_money) for one in some] for key, some in rows.items()}


def entry(session: Session, exclusion_id: UUID) -> Entry:
    """Return one entry the scope in force may read; raise NotFound when there is none."""
    found = store.exclusion_by_id(session, exclusion_id)
    if found is None:
        raise NotFound(phrase("There is no such entry of the register."))
    return entry_of(found)


def entry_of(one: StoredExclusion) -> Entry:
    """Return a stored entry as people read it."""
    row, is_planned = one.row, one.row.maintenance_id is not None
    decided = [replace(step, words=withdrawal_again(step.words)) for step in one.decisions] if is_planned else None
    return Entry(
        id=row.id,
        type=row.type,
        start=row.start,
        end=row.end,
        announced_at=row.announced_at,
        reason=reason_again(row.reason) if is_planned else row.reason,
        evidence_link=row.evidence_link,
        is_public=row.is_public,
        services=one.services,
        customers=one.customers,
        locations=one.locations,
        requested_by=row.requested_by,
        entered_at=row.entered_at,
        maintenance_id=row.maintenance_id,
        standing=standing_after(one.decisions[-1].kind),
        decisions=decided or one.decisions,
    )


def _kept(row: ExclusionEffectRow, names: Mapping[UUID, str], with_money: bool) -> KeptEffect:
    before = FigureThen(row.attained_before, row.verdict_before, row.credit_before if with_money else None)
    after = FigureThen(row.attained_after, row.verdict_after, row.credit_after if with_money else None)
    return KeptEffect(
        customer=names[row.customer_id],
        contract=names[row.contract_id],
        service=names[row.service_id],
        commitment=row.commitment,
        period=row.period,
        currency=row.currency,
        before=before if row.verdict_before else None,
        after=after if row.verdict_after else None,
        left_out_s=row.left_out_s,
        words=row.outcome or "",
    )


def _is_known(one: StoredExclusion, known_by: datetime | None) -> bool:
    return known_by is None or one.row.entered_at <= known_by


def _is_for(one: StoredExclusion, customer_id: UUID, service_id: UUID) -> bool:
    if all(service.id != service_id for service in one.services):
        return False
    return one.customers is None or any(customer.id == customer_id for customer in one.customers)


def _last(decisions: Sequence[Decision], known_by: datetime | None) -> Decision:
    return next(one for one in reversed(decisions) if known_by is None or one.at <= known_by)


def _measuring(schedules: Sequence[Schedule], service_id: UUID, start: int, end: int) -> frozenset[UUID]:
    """The locations whose dated schedules measured a service at any time in [start, end)."""
    places: set[UUID] = set()
    for number, one in enumerate(schedules):
        following = schedules[number + 1] if number + 1 < len(schedules) else None
        if one.service_id != service_id or one.effective_from >= end:
            continue
        is_replaced = following is not None and following.probe_id == one.probe_id and following.effective_from <= start
        if not is_replaced:
            places |= one.locations
    return frozenset(places)
