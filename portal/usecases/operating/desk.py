"""The staff desk: what needs somebody now."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.records import State
from portal.domain.notices.incidents import Incident
from portal.domain.quantities.exact import parse_exact, truncate
from portal.store.notices import feedback, incidents
from portal.store.people import customers
from portal.store.promises import contracts
from portal.store.promises.contracts import StoredContract
from portal.store.settling import figures, forecasts
from portal.store.settling.figures import Figure, FigureKey
from portal.usecases.forecasting.words import chance_words
from portal.usecases.settling.near_misses import NearMiss, near_misses
from portal.usecases.status.public_status import ServiceStatus, services_now

LEVELS = (100, 90, 80)
"""Shares of what is allowed, in percent, from each of which on somebody should look."""
CHANCE_PERCENT = 20
"""From this chance of a breach on a promise is at risk, however little of what is allowed is used."""
PERCENT_DECIMALS = 1


@dataclass(frozen=True, slots=True)
class AtRisk:
    """A promise to a customer whose allowance is nearly or wholly used, or likely will be.

    `used_percent` None: none was allowed. `level` is the highest of 80, 90 and 100 % that is used, None below.
    """

    customer: str
    service: str
    commitment: str
    target: str
    attained: str | None
    used_percent: str | None
    level: int | None
    chance: str | None
    is_breached: bool
    as_of: int
    urgency: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything the desk shows; `troubled` are the services that are down, slow or not known."""

    open_incidents: tuple[Incident, ...]
    services: tuple[ServiceStatus, ...]
    troubled: int
    at_risk: tuple[AtRisk, ...]
    unanswered: int
    near_misses: Sequence[tuple[str, Sequence[NearMiss]]]


def desk(session: Session, timezone: str, now: datetime) -> Desk:
    """Return the desk at an instant; needs the provider's own scope."""
    services = services_now(session, timezone, now)
    return Desk(
        open_incidents=incidents.open_incidents(session),
        services=services,
        troubled=sum(one.state not in (State.UP, None) for one in services),
        at_risk=_at_risk(session),
        unanswered=feedback.count_unanswered(session),
        near_misses=near_misses(session),
    )


def _at_risk(session: Session) -> tuple[AtRisk, ...]:
    stored = {contract.id: contract for contract in contracts.contracts(session)}
    names = {
        row.id: row.name for row in customers.customers_by_id(session, {one.customer_id for one in stored.values()})
    }
    ahead = forecasts.chances(session)
    found = [
        _line(key, figure, stored[key.contract_id], names, ahead.get(key))
        for key, figure in figures.figures(session).items()
    ]
    return tuple(sorted((one for one in found if one is not None), key=lambda one: (one.urgency, one.customer)))


def _line(
    key: FigureKey, figure: Figure, contract: StoredContract, names: Mapping[UUID, str], ahead: tuple[str, int] | None
) -> AtRisk | None:
    working: dict[str, Any] = json.loads(figure.document)
    budget = working["budget"] or {}
    used = budget.get("consumed_percent_exact")
    is_breached = working["status"] == "breached"
    share = Fraction(0) if used is None else parse_exact(used)
    level = next((one for one in LEVELS if share >= one), None)
    chance = ahead[1] if ahead is not None and ahead[0] == figure.period else None
    if not is_breached and level is None and (chance or 0) < CHANCE_PERCENT:
        return None
    return AtRisk(
        customer=names[contract.customer_id],
        service=_service_name(contract.services, key.service_id),
        commitment=key.commitment,
        target=working["commitment"]["target_percent"],
        attained=(working["attained"] or {}).get("display"),
        used_percent=truncate(share, PERCENT_DECIMALS) if used is not None else None,
        level=level,
        chance=None if chance is None or is_breached else chance_words(chance),
        is_breached=is_breached,
        as_of=figure.as_of,
        urgency=(not is_breached, -max(chance or 0, level or 0), -floor(share)),
    )


def _service_name(services: Sequence[contracts.BoughtService], service_id: UUID) -> str:
    return next((one.name for one in services if one.id == service_id), "")
