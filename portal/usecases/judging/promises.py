"""Promises: every contract seen from each of its services, a line for each commitment that covers it (D3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract import Contract
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.open_period import Governed, governed
from portal.domain.promises.terms import Terms
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import instant_of
from portal.store.promises import contracts as store
from portal.store.promises.contracts import BoughtService, PublishedTerms, StoredContract
from portal.store.settling.figures import FigureKey


class Phase(StrEnum):
    """Where a promise stands in its contract's life."""

    NOT_BEGUN = "not begun"
    OPEN = "open"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Promise:
    """One commitment to one customer about one service, in its open period; before the contract, in its first one."""

    stored: StoredContract
    service: BoughtService
    commitment: Commitment
    published: PublishedTerms
    period: Period
    period_key: str
    phase: Phase

    @property
    def key(self) -> FigureKey:
        """The key of its current figure."""
        return FigureKey(self.stored.id, self.service.id, self.commitment.id)

    @property
    def line(self) -> ContractLine:
        """The contract as evaluation reads it."""
        first_day = date.fromisoformat(self.period.start_local[:10])
        return self.stored.contract.line(self.service.key, self.published.terms, first_day)


def promises(session: Session, as_of: int) -> Sequence[Promise]:
    """Return the promises of the scope in force as of a UTC second, by contract, service and commitment."""
    versions = store.published_terms(session)
    return tuple(
        promise
        for stored in store.contracts(session)
        for promise in _of_contract(stored, versions.get(stored.agreement_id, ()), as_of)
    )


def _of_contract(stored: StoredContract, versions: Sequence[PublishedTerms], as_of: int) -> Iterator[Promise]:
    found = _governed(stored.contract, [one.terms for one in versions], as_of)
    if found is None:
        return
    phase, now = found
    published = next(one for one in versions if one.terms is now.terms)
    for service in stored.services:
        for commitment in now.terms.commitments:
            if commitment.component == service.component:
                yield Promise(stored, service, commitment, published, now.period, now.key, phase)


def _governed(contract: Contract, versions: Sequence[Terms], as_of: int) -> tuple[Phase, Governed] | None:
    if not versions:
        return None
    zone = contract.zone(versions[-1])
    begin = instant_of(contract.from_, zone)
    end = None if contract.until is None else instant_of(contract.until, zone)
    if as_of < begin:
        return _in(Phase.NOT_BEGUN, governed(versions, contract, begin))
    now = governed(versions, contract, as_of)
    if end is not None and as_of >= end and (now is None or end <= now.period.start):
        return _in(Phase.ENDED, governed(versions, contract, end - 1))
    return _in(Phase.OPEN, now)


def _in(phase: Phase, found: Governed | None) -> tuple[Phase, Governed] | None:
    return None if found is None else (phase, found)
