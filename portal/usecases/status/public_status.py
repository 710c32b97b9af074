"""The public status: what works now by our own measurements, the last 90 local days of each service, and incidents."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.detection import SecondsByState
from portal.domain.evidence.records import State
from portal.domain.notices.incidents import Incident
from portal.domain.notices.maintenance import Course, Word, course_at
from portal.domain.promises.methodology import Detection
from portal.domain.quantities.exact import truncate
from portal.store.evidence import evidence
from portal.store.ground import leases
from portal.store.measuring import measured
from portal.store.measuring.measured import Asked, Service
from portal.store.notices import incidents, maintenance
from portal.usecases.measuring.measurement import LEASE
from portal.usecases.measuring.public_rules import PUBLIC_RULES as PUBLIC_RULES
from portal.usecases.status.freshness import SILENT_S, silent_since
from portal.usecases.status.last_days import LastDays
from portal.usecases.status.lately import DAYS_SHOWN, Lately, lately, states_now
from portal.usecases.status.status_words import headline

__all__ = ["Advisory", "Asked", "Measuring", "ServiceStatus", "Status", "measuring", "services_now", "status"]

RECENTLY_RESOLVED = timedelta(days=7)
RECENT_MOST = 5
PERCENT_DECIMALS = 3
WORST_FIRST = (State.DOWN, State.DEGRADED, State.UNKNOWN, State.UP, None)


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """A service now: its state (None before the first sample), since when, where it fails, and its last days, if told.

    `percent` is the truncated share of the known seconds in which it was not down; None when nothing is known.
    """

    service: Service
    state: State | None
    since: int
    failing: tuple[str, ...]
    days: LastDays
    percent: str | None
    is_generated: bool

    @property
    def is_calm(self) -> bool:
        """Whether it is up, everywhere."""
        return self.state is State.UP and not self.failing


@dataclass(frozen=True, slots=True)
class Advisory:
    """Some locations cannot reach a service that is not down."""

    service: str
    locations: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Failure:
    """The first failure of what is down now, when and where; `is_told` when an incident speaks of it."""

    at: int
    locations: tuple[str, ...]
    is_told: bool


@dataclass(frozen=True, slots=True)
class Status:
    """The whole page: instants are UTC seconds; `stale_since` is set when nothing measures any more.

    `unseen` are the open incidents whose services all measure well; `planned` are the services under planned work.
    """

    as_of: int
    headline: str
    stale_since: int | None
    failure: Failure | None
    advisories: tuple[Advisory, ...]
    groups: tuple[tuple[str, tuple[ServiceStatus, ...]], ...]
    open_incidents: tuple[Incident, ...]
    resolved_incidents: tuple[Incident, ...]
    is_generated: bool
    unseen: frozenset[UUID] = frozenset()
    planned: frozenset[UUID] = frozenset()


@dataclass(frozen=True, slots=True)
class Measuring:
    """How measuring works here: every probe in force, every location, and the rules of the status page."""

    probes: Sequence[Asked]
    locations: tuple[str, ...]
    rules: Detection
    silent_s: int
    days_shown: int


def status(session: Session, timezone: str, now: datetime, drawn_most: int | None = None) -> Status:
    """Return the public status at an instant, days cut in the provider's time zone.

    Of more services than `drawn_most` only so many come with their days: the worst, and none that is simply up.
    """
    as_of = clock.seconds(now)
    told = incidents.open_incidents(session)
    planned = _under_planned_work(session, as_of)
    all_services = measured.services(session)
    if drawn_most is None or len(all_services) <= drawn_most:
        services = services_now(session, timezone, now, all_services)
    else:
        services = _in_short(session, all_services, (timezone, now), planned, drawn_most)
    return Status(
        as_of=as_of,
        headline=_headline(services, told, planned, as_of),
        stale_since=_stale_since(session, services, as_of),
        failure=_failure(services, told),
        advisories=_advisories(services),
        groups=_grouped(services),
        open_incidents=told,
        resolved_incidents=incidents.resolved_since(session, now - RECENTLY_RESOLVED, RECENT_MOST),
        is_generated=any(one.is_generated for one in services),
        unseen=_unseen(services, told),
        planned=planned,
    )


def services_now(
    session: Session, timezone: str, now: datetime, some: Sequence[Service] | None = None
) -> tuple[ServiceStatus, ...]:
    """Return every service, or some, with its state and its last 90 local days, in the order people see them."""
    as_of = clock.seconds(now)
    names, services = measured.location_names(session), measured.services(session) if some is None else some
    found = lately(session, [one.id for one in services], timezone, as_of)
    return tuple(_service_status(one, found[one.id], names, as_of) for one in services)


def _in_short(
    session: Session, services: Sequence[Service], at: tuple[str, datetime], planned: Collection[UUID], most: int
) -> tuple[ServiceStatus, ...]:
    """How each service is, and the last days of those one has to look at."""
    as_of, names = clock.seconds(at[1]), measured.location_names(session)
    found = states_now(session, [one.id for one in services], as_of)
    seen = [_service_status(one, found[one.id], names, as_of) for one in services]
    worst = sorted((one for one in seen if not one.is_calm or one.service.id in planned), key=_severity)[:most]
    drawn = {one.service.id: one for one in services_now(session, *at, [one.service for one in worst])} if worst else {}
    return tuple(drawn.get(one.service.id, one) for one in seen)


def _severity(service: ServiceStatus) -> int:
    return WORST_FIRST.index(service.state)


def measuring(session: Session, now: datetime) -> Measuring:
    """Return what is probed, how often and from where, as it is in force now."""
    probes = measured.probes_in_force(session, clock.seconds(now))
    locations = tuple(measured.location_names(session).values())
    return Measuring(probes, locations, PUBLIC_RULES, SILENT_S, DAYS_SHOWN)


def _service_status(service: Service, found: Lately, names: Mapping[str, str], as_of: int) -> ServiceStatus:
    now = found.now
    return ServiceStatus(
        service=service,
        state=None if now is None else now.state,
        since=as_of if now is None else now.since,
        failing=() if now is None else tuple(names.get(key, key) for key in now.failing),
        days=found.days,
        percent=_percent(found.days.sums()),
        is_generated=found.is_generated,
    )


def _percent(sums: SecondsByState) -> str | None:
    well = sums.up + sums.degraded
    return None if sums.down + well == 0 else truncate(Fraction(100 * well, sums.down + well), PERCENT_DECIMALS)


def _stale_since(session: Session, services: Sequence[ServiceStatus], as_of: int) -> int | None:
    """Since when nothing measures: the frontier of claimed slots stands still, or was never begun (R22, D6)."""
    if all(one.state is None for one in services):
        return None
    frontier = leases.frontier(session, LEASE)
    if frontier is None:
        frontier = max(
            (at for one in services if (at := evidence.last_sample_at(session, one.service.id)) is not None),
            default=as_of,
        )
    return silent_since(frontier, as_of)


def _headline(
    services: Sequence[ServiceStatus], told: Sequence[Incident], planned: Collection[UUID], as_of: int
) -> str:
    touched = {service.id for incident in told for service in incident.services}
    return headline(
        [(one.service.name, one.state, one.since) for one in services],
        len(told),
        as_of,
        touched=[one.service.name for one in services if one.service.id in touched],
        planned=[one.service.name for one in services if one.service.id in planned],
        failing={one.service: one.locations for one in _advisories(services)},
    )


def _under_planned_work(session: Session, as_of: int) -> frozenset[UUID]:
    works = maintenance.maintenance_ending_after(session, as_of)
    going = [one for one in works if _course(one.words[-1], as_of) is Course.UNDER_WAY]
    return frozenset(service.id for one in going for service in one.services)


def _course(word: maintenance.MaintenanceWordRow, as_of: int) -> Course:
    return course_at(Word(word.kind), word.start, word.end, as_of)


def _failure(services: Sequence[ServiceStatus], told: Sequence[Incident]) -> Failure | None:
    """The first failure of a service that is down, untold ones before those an open incident speaks of."""
    known = {service.id for incident in told for service in incident.services}
    down = [one for one in services if one.state is State.DOWN]
    if not down:
        return None
    first = min(down, key=lambda one: (one.service.id in known, one.since))
    return Failure(first.since, first.failing, is_told=first.service.id in known)


def _unseen(services: Sequence[ServiceStatus], told: Sequence[Incident]) -> frozenset[UUID]:
    """The open incidents of which our measurements show nothing: what they touch is up, everywhere."""
    calm = {one.service.id for one in services if one.is_calm}
    return frozenset(one.id for one in told if one.services and {service.id for service in one.services} <= calm)


def _advisories(services: Sequence[ServiceStatus]) -> tuple[Advisory, ...]:
    return tuple(Advisory(one.service.name, one.failing) for one in services if one.state is State.UP and one.failing)


def _grouped(services: Sequence[ServiceStatus]) -> tuple[tuple[str, tuple[ServiceStatus, ...]], ...]:
    groups: dict[str, list[ServiceStatus]] = {}
    for one in services:
        groups.setdefault(one.service.group, []).append(one)
    return tuple((name, tuple(members)) for name, members in groups.items())
