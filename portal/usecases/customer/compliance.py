"""Compliance now: what was promised, measured and would be owed for the open period, one figure everywhere (D20)."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.documents.canonical import canonical_bytes
from portal.domain.evaluation.attainment import evaluate
from portal.domain.evaluation.working import document
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.domain.quantities.intervals import Interval
from portal.store import figures as store
from portal.store import forecasts, measured
from portal.store.figures import Figure, FigureKey, LatestRuns
from portal.usecases.customer.cards import Card, Standing, card
from portal.usecases.customer.headlines import headline
from portal.usecases.explaining.receipts import Receipt, receipt_of, without_money
from portal.usecases.groundwork import scopes
from portal.usecases.judging.carried_caps import carried_by
from portal.usecases.judging.exclusion_register import Register, register_of
from portal.usecases.judging.promises import Phase, Promise, promises
from portal.usecases.keeping.evidence import ServiceEvidence, evidence_of
from portal.usecases.people import customers
from portal.usecases.people.customers import Customer
from portal.usecases.status.live import LiveGroup, live

REFRESH_S = 60
SETTLING_S = 60
STALE_S = 300
CARDS_IN_FULL = 6
NO_SUCH_PAGE = phrase("There is no such page.")
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Overview:
    """How a customer's commitments stand: `full` with everything, `rows` in short by group, `closed` not open now.

    `as_of` is the UTC second of the oldest figure, None before there is one; `is_stale` when that is long ago.
    """

    customer: Customer
    headline: str
    timezone: str
    as_of: int | None
    is_stale: bool
    is_generated: bool
    sees_money: bool
    groups: Sequence[LiveGroup]
    full: Sequence[Card]
    rows: Sequence[tuple[str, Sequence[Card]]]
    closed: Sequence[Card]

    @property
    def service_names(self) -> dict[str, str]:
        """The names of the services of all cards, by key."""
        cards = [*self.full, *(one for _, group in self.rows for one in group), *self.closed]
        return {one.service_key: one.service for one in cards}


@dataclass(frozen=True, slots=True)
class WorkingPage:
    """How one figure was made: its card, its receipt, and the terms it follows; no receipt before there is a figure."""

    customer: Customer
    card: Card
    receipt: Receipt | None
    slug: str
    terms_digest: str
    sees_money: bool


def refresh_figures(session: Session, now: datetime) -> int:
    """Compute every open figure that is due and return how many were; costs by what is due.

    One is due when it is older than a minute, when its service is not up, or shortly after its measured state changed.
    """
    as_of = clock.seconds(now)
    with scopes.provider():
        gone, due = _due(session, as_of)
        store.delete_figures(session, gone)
        return sum(_save(session, _compute_service(session, lines, as_of)) for lines in _by_service(due))


def keep_figures_fresh(session: Session, now: datetime) -> int:
    """Do what refresh_figures does in transactions of its own, and write only while storing.

    Computing takes long where much is due, and a writer would keep the probes' results waiting all the while.
    """
    as_of = clock.seconds(now)
    with scopes.provider():
        with reading(session):
            gone, due = _due(session, as_of)
        if gone:
            with transaction(session):
                store.delete_figures(session, gone)
        return sum(_refresh_service(session, lines, as_of) for lines in _by_service(due))


def overview(session: Session, customer_id: UUID, person: Person, now: datetime) -> Overview:
    """Return how the commitments to a customer stand, from the figures stored last."""
    as_of = clock.seconds(now)
    sees_money = person.may(Permission.SEE_MONEY, customer_id)
    lines, figures = promises(session, as_of), store.figures(session)
    ahead = forecasts.forecasts(session)
    cards = [card(one, figures.get(one.key), with_money=sees_money, forecast=ahead.get(one.key)) for one in lines]
    open_cards = [one for one in cards if one.standing not in (Standing.NOT_BEGUN, Standing.ENDED)]
    full, rows = _split(open_cards)
    customer = customers.customer(session, customer_id)
    oldest = min((one.figures.as_of for one in open_cards if one.figures), default=None)
    return Overview(
        customer=customer,
        headline=headline(cards),
        timezone=customer.timezone,
        as_of=oldest,
        is_stale=oldest is not None and as_of - oldest > STALE_S,
        is_generated=any(one.figures.is_generated for one in open_cards if one.figures),
        sees_money=sees_money,
        groups=live(session, [one.service for one in lines if one.phase is not Phase.ENDED], now),
        full=full,
        rows=_by_group(rows),
        closed=[one for one in cards if one not in open_cards],
    )


@dataclass(frozen=True, slots=True)
class Line:
    """Which figure a page is about: a contract, a service's key, a commitment and a period as its address says."""

    contract_id: UUID
    service: str
    commitment: str
    period: str


def working(
    session: Session, customer_id: UUID, person: Person, line: Line, now: datetime, look: Interval | None = None
) -> WorkingPage:
    """Return how the figure of an open period was made, zoomed to a look at its time; raise NotFound without one."""
    promise, figure = _line(session, line, now)
    sees_money = person.may(Permission.SEE_MONEY, customer_id)
    stored = None if figure is None else _document_for(figure, sees_money)
    names = measured.location_names(session)
    return WorkingPage(
        customer=customers.customer(session, customer_id),
        card=card(promise, figure, with_money=sees_money, forecast=forecasts.forecasts(session).get(promise.key)),
        receipt=None if stored is None else receipt_of(stored, names, look),
        slug=promise.stored.slug,
        terms_digest=promise.published.digest,
        sees_money=sees_money,
    )


def working_document(session: Session, customer_id: UUID, person: Person, line: Line, now: datetime) -> bytes:
    """Return the stored `sla-working/1` document; for people who may not see money, without any (docs/working.md).

    Raises NotFound when the customer has no such line or there is no figure of it yet.
    """
    _, figure = _line(session, line, now)
    if figure is None:
        raise NotFound(phrase("This figure has not been computed yet. Try again in a minute."))
    if person.may(Permission.SEE_MONEY, customer_id):
        return figure.document.encode()
    return canonical_bytes(_document_for(figure, False))


def _document_for(figure: Figure, sees_money: bool) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(figure.document)
    return found if sees_money else without_money(found)


def _line(session: Session, line: Line, now: datetime) -> tuple[Promise, Figure | None]:
    for promise in promises(session, clock.seconds(now)):
        names = (promise.stored.id, promise.service.key, promise.commitment.id, promise.period_key)
        if promise.phase is Phase.OPEN and names == (line.contract_id, line.service, line.commitment, line.period):
            figure = store.figures_of_service(session, promise.service.id).get(promise.key)
            return promise, figure if figure is not None and figure.period == promise.period_key else None
    raise NotFound(NO_SUCH_PAGE)


def _due(session: Session, as_of: int) -> tuple[Collection[FigureKey], Sequence[Promise]]:
    """The figures of what is open no more, and the open promises whose figures are due."""
    times = store.figure_times(session)
    found = {one.key: one for one in promises(session, as_of) if one.phase is Phase.OPEN}
    latest = store.latest_runs(session) if found else {}
    return times.keys() - found.keys(), [
        one for key, one in found.items() if _is_due(one.period_key, times.get(key), latest.get(one.service.id), as_of)
    ]


def _is_due(period: str, computed: tuple[str, int] | None, latest: LatestRuns | None, as_of: int) -> bool:
    """A sample is stored some seconds after its slot, so a change keeps its figures due until it has settled."""
    if computed is None or computed[0] != period or as_of - computed[1] >= REFRESH_S:
        return True
    if latest is None or computed[1] >= as_of:
        return False
    return not latest.all_up or latest.began + SETTLING_S > computed[1]


def _by_service(due: Iterable[Promise]) -> Iterable[Sequence[Promise]]:
    found: dict[UUID, list[Promise]] = defaultdict(list)
    for one in due:
        found[one.service.id].append(one)
    return found.values()


def _refresh_service(session: Session, lines: Sequence[Promise], as_of: int) -> int:
    with reading(session):
        computed = _compute_service(session, lines, as_of)
    with transaction(session):
        return _save(session, computed)


def _compute_service(session: Session, lines: Sequence[Promise], as_of: int) -> Sequence[tuple[Promise, Figure]]:
    """Load the evidence of one service once and compute all its lines from it; those that cannot be, are left out."""
    start, end = min(one.period.start for one in lines), max(one.period.end for one in lines)
    register = register_of(session, start, end)
    methods = [one.commitment.methodology for one in lines]
    try:
        known = evidence_of(session, lines[0].service.id, start, as_of, methods)
    except ValueError as problem:
        return _compute_one_by_one(session, lines, as_of, problem)
    return [(one, figure) for one in lines if (figure := _computed(session, one, known, register, as_of))]


def _compute_one_by_one(
    session: Session, lines: Sequence[Promise], as_of: int, problem: ValueError
) -> Sequence[tuple[Promise, Figure]]:
    """Evidence that cannot be read leaves out the lines that need it; one alone is told to the operator."""
    if len(lines) > 1:
        return [found for one in lines for found in _compute_service(session, [one], as_of)]
    log.error("figure not computed", contract=str(lines[0].stored.id), problem=str(problem))
    return []


def _computed(
    session: Session, promise: Promise, known: ServiceEvidence, register: Register, as_of: int
) -> Figure | None:
    """One figure; one that cannot be computed is told to the operator and holds up nobody else's."""
    try:
        return _figure(session, promise, known, register, as_of)
    except ValueError as problem:
        log.error("figure not computed", contract=str(promise.stored.id), problem=str(problem))
        return None


def _save(session: Session, computed: Sequence[tuple[Promise, Figure]]) -> int:
    for promise, figure in computed:
        store.save_figure(session, promise.stored.customer_id, promise.key, figure)
    return len(computed)


def _figure(session: Session, promise: Promise, known: ServiceEvidence, register: Register, as_of: int) -> Figure:
    period, stored = promise.period, promise.stored
    read = known.read_by(promise.commitment.methodology, period, stored.id)
    excluded = register.of(stored.customer_id, promise.service.id, period.start, period.end)
    carried = carried_by(session, promise)
    result = evaluate(promise.commitment, promise.line, period, read, excluded, carried, as_of)
    return Figure(promise.period_key, as_of, canonical_bytes(document(result)).decode())


def _by_group(cards: Iterable[Card]) -> Sequence[tuple[str, Sequence[Card]]]:
    groups: dict[str, list[Card]] = defaultdict(list)
    for one in cards:
        groups[one.group].append(one)
    return tuple(groups.items())


def _split(cards: Sequence[Card]) -> tuple[Sequence[Card], Sequence[Card]]:
    """Few commitments are all shown in full; of many only those that need a look."""
    if len(cards) <= CARDS_IN_FULL:
        return cards, ()
    calm = (Standing.ON_TRACK, Standing.NOT_APPLICABLE)
    return [one for one in cards if one.standing not in calm], [one for one in cards if one.standing in calm]
