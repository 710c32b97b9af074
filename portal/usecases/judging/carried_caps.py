"""What earlier periods of the same year used of yearly caps on exclusions, as their statements say (D20, R15)."""

import json
from datetime import date
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evaluation.exclusions import CapUse, Carried
from portal.domain.promises.commitment import Commitment
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import instant_of, local_date
from portal.store.settling.statements import bodies_between
from portal.usecases.judging.promises import Promise


def has_yearly_cap(commitment: Commitment) -> bool:
    """Whether what earlier periods used matters to this commitment."""
    return any(one.cap_seconds is not None and one.cap_per == "year" for one in commitment.exclusions_policy.types)


def carried_by(session: Session, promise: Promise) -> Carried:
    """Return what closed periods used of the yearly caps of one promise, for its period."""
    if not has_yearly_cap(promise.commitment):
        return Carried()
    line = (promise.service.key, promise.commitment.id)
    return Carried(caps_carried(session, promise.stored.id, promise.period, *line))


def caps_carried(
    session: Session, contract_id: UUID, period: Period, service: str, commitment: str
) -> tuple[CapUse, ...]:
    """Return what closed periods before this one used, for one commitment about one service.

    They reach into this one's year: one that began in the year before used some of this year's cap too.
    """
    new_year = date(local_date(period.start, period.timezone).year, 1, 1)
    bodies = bodies_between(session, contract_id, instant_of(new_year, period.timezone), period.start)
    lines = (line for text in bodies for line in json.loads(text)["commitments"])
    return tuple(
        CapUse(use["type"], use["year"], use["seconds"])
        for line in lines
        if (line["service"], line["commitment"]) == (service, commitment)
        for use in line["used_caps"]
    )
