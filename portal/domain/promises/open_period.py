"""Which version of an agreement governs a contract now, and over which period it is judged (semantics.md R2, R6)."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.domain.promises.contract import Contract
from portal.domain.promises.terms import Terms, period_document
from portal.domain.quantities.periods import Period, period_of
from portal.domain.quantities.zones import instant_of

ROLLING = "rolling"


@dataclass(frozen=True, slots=True)
class Governed:
    """One open period and the version of the terms that governs it."""

    terms: Terms
    period: Period

    @property
    def key(self) -> str:
        """How the period is called in addresses: its local start date, or "rolling" (decision D11)."""
        return ROLLING if self.period.kind == ROLLING else self.period.start_local[:10]


def governed(versions: Sequence[Terms], contract: Contract, as_of: int) -> Governed | None:
    """The period that holds the UTC second `as_of` and the version in force where the contract's part of it starts.

    A contract that begins inside a period is governed by the version in force on its first day. None when the
    agreement has no version, or its one custom period does not hold the second. `versions` stand in order of dates.
    Where a later version cuts time otherwise, the period it came into still runs to its end.
    """
    if not versions:
        return None
    if len({(one.period, contract.zone(one)) for one in versions}) == 1:
        period = _period(versions[0], contract, as_of)
    else:
        period = _walk(versions, contract, as_of)
    if period is None:
        return None
    return Governed(_in_force(versions, contract, _first_second(period, contract)), period)


def _walk(versions: Sequence[Terms], contract: Contract, as_of: int) -> Period | None:
    """The period that holds the second where versions cut time differently: each runs to its end before the next."""
    begin = min(as_of, instant_of(contract.from_, contract.zone(versions[0])))
    period = _period(_in_force(versions, contract, begin), contract, begin)
    while period is not None and period.end <= as_of and period.kind != ROLLING:
        period = _period(_in_force(versions, contract, period.end), contract, period.end)
    if period is not None and period.kind == ROLLING:
        return _period(_in_force(versions, contract, as_of), contract, as_of)
    return period


def _in_force(versions: Sequence[Terms], contract: Contract, instant: int) -> Terms:
    """The latest version effective by this second; the first one before any is (dates are local midnights, D4)."""
    effective = [one for one in versions if instant_of(one.version.effective_from, contract.zone(one)) <= instant]
    return effective[-1] if effective else versions[0]


def _first_second(period: Period, contract: Contract) -> int:
    return max(period.start, instant_of(contract.from_, period.timezone))


def _period(terms: Terms, contract: Contract, as_of: int) -> Period | None:
    try:
        return period_of(period_document(terms.period), contract.zone(terms), as_of)
    except ValueError:  # a custom period that is over, or not yet begun
        return None
