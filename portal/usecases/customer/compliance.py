"""Compliance now: what was promised, measured and would be owed for the open period, one figure everywhere (D20)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.documents.canonical import canonical_bytes
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.domain.quantities.intervals import Interval
from portal.store.measuring import measured
from portal.store.settling import figures as store
from portal.store.settling import forecasts
from portal.store.settling.figures import Figure
from portal.usecases.customer.cards import Card, Standing, card
from portal.usecases.customer.headlines import headline
from portal.usecases.explaining.receipts import Receipt, receipt_of, without_money
from portal.usecases.judging.promises import Phase, Promise, promises
from portal.usecases.people import customers
from portal.usecases.people.customers import Customer
from portal.usecases.status.live import LiveGroup, live

STALE_S = 300
CARDS_IN_FULL = 6
NO_SUCH_PAGE = phrase("There is no such page.")


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
