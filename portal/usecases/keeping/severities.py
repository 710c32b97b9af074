"""Which severities of an outage mean something for a service: those that the terms it is sold under weigh (R8)."""

from collections.abc import Iterator, Set
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.promises.methodology import AffectedRatio, Continuous, Slots, UserMinutes
from portal.domain.promises.terms import Terms
from portal.store.promises import contracts

ALWAYS = frozenset({"down", "degraded"})
"""Known to everybody: degraded is shown, and counts only where the terms say so (decision D23)."""


def known_severities(session: Session, service_id: UUID) -> Set[str] | None:
    """Return the severities that any version of the service's agreements weighs; None while nobody buys it."""
    versions = contracts.published_terms(session)
    sold = [
        (stored.agreement_id, service.component)
        for stored in contracts.contracts(session)
        for service in stored.services
        if service.id == service_id
    ]
    if not sold:
        return None
    weighed = {
        name
        for agreement_id, component in set(sold)
        for published in versions.get(agreement_id, ())
        for name in _weighed(published.terms, component)
    }
    return ALWAYS | weighed


def _weighed(terms: Terms, component: str) -> Iterator[str]:
    for commitment in terms.commitments:
        method = commitment.methodology
        if commitment.component == component and isinstance(method, Continuous | Slots | UserMinutes | AffectedRatio):
            yield from dict(method.outage.severity_weights)
