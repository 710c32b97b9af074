"""Asking and deciding: what one person asks for another decides, unless a single operator may do both (D16)."""

from enum import StrEnum
from uuid import UUID

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, NotAllowed


class Standing(StrEnum):
    """How something that was asked for stands: what its latest decision says."""

    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


REQUESTED = "requested"
NEXT = {
    Standing.PENDING: frozenset({Standing.APPROVED, Standing.REJECTED, Standing.WITHDRAWN}),
    Standing.APPROVED: frozenset({Standing.WITHDRAWN}),
}


def standing_after(kind: str) -> Standing:
    """Return how something stands after a decision of this kind."""
    return Standing.PENDING if kind == REQUESTED else Standing(kind)


def require_next(standing: Standing, chosen: Standing) -> None:
    """Raise Conflict when something that stands like this cannot come to stand like that."""
    if chosen not in NEXT.get(standing, frozenset()):
        raise Conflict(f"This is {standing} already, so it cannot be {chosen}. Reload the page to see who decided.")


def require_somebody_else(asked_by: UUID, decides: UUID, one_may: bool) -> bool:
    """Return whether one and the same person asks and decides; raise NotAllowed where that takes two (D16)."""
    is_one = asked_by == decides
    if is_one and not one_may:
        raise NotAllowed(phrase("You asked for this yourself. Somebody else has to approve it."))
    return is_one
