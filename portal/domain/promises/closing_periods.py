"""Which periods of a contract are closed with a month, and under which versions of its terms (decision D11, R6)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from portal.domain.promises.contract import Contract
from portal.domain.promises.open_period import ROLLING, Governed, governed
from portal.domain.promises.period_rule import period_document
from portal.domain.promises.terms import Terms
from portal.domain.quantities.periods import Period, period_from
from portal.domain.quantities.zones import instant_of

MONTHS_A_YEAR = 12
YEARS = range(1970, 3000)
"""Years whose months have periods: around each of them there is room for a year more, in any zone."""
GRACE_S = 48 * 3600
"""How long after a period's end it can be closed: late evidence may still come in until then (decision D11)."""


@dataclass(frozen=True, slots=True)
class InForce:
    """A version of the terms and the UTC second from which it governs; the first one of a period reaches back."""

    from_: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class ClosingPeriod:
    """A period a contract is closed over: its key is its local start date, for a rolling one the month's first day.

    `versions` are those in force within the contract's part of it, the governing one of its start first.
    """

    key: str
    period: Period
    versions: tuple[InForce, ...]

    @property
    def closable_from(self) -> int:
        """The UTC second from which the period can be closed, and as of which it is judged."""
        return self.period.end + GRACE_S


def month_of(text: str) -> date:
    """The first day of a month such as "2026-10", of 1970 to 2999; raises ValueError."""
    if len(text) != len("2026-10"):
        raise ValueError("a month is written like 2026-10")
    first = date.fromisoformat(f"{text}-01")
    if first.year not in YEARS:
        raise ValueError(f"a month lies in the years {YEARS[0]} to {YEARS[-1]}")
    return first


def closing_periods(versions: Sequence[Terms], contract: Contract, month: date) -> tuple[ClosingPeriod, ...]:
    """The periods that start in this local month and hold at least a second of the contract, in order.

    `month` is the first day of it. A rolling period belongs to the month at whose end it is judged (decision D11).
    `versions` stand in the order of their dates.
    """
    if not versions:
        return ()
    zone = contract.zone(versions[-1])
    begin = instant_of(contract.from_, zone)
    end = None if contract.until is None else instant_of(contract.until, zone)
    found = _starting_in(versions, contract, month)
    return tuple(one for one in found if _is_served(one.period, begin, end))


def _is_served(period: Period, begin: int, end: int | None) -> bool:
    return period.seconds > 0 and period.end > begin and (end is None or period.start < end)


def _starting_in(versions: Sequence[Terms], contract: Contract, month: date) -> Iterator[ClosingPeriod]:
    zone = contract.zone(versions[-1])
    first, last = instant_of(month, zone), instant_of(next_month(month), zone)
    if _is_rolling(versions, contract, last - 1):
        yield _closing(versions, contract, _rolling(governed(versions, contract, last)), month.isoformat())
        return
    found = _first(versions, contract, first)
    while found is not None and found.period.start < last:
        if found.period.start >= first:
            yield _closing(versions, contract, found, found.key)
        found = governed(versions, contract, found.period.end)
        if found is not None and found.period.kind == ROLLING:
            return


def _first(versions: Sequence[Terms], contract: Contract, at: int) -> Governed | None:
    """The period that holds the month's first second or the contract's; a custom one may begin later."""
    at = max(at, instant_of(contract.from_, contract.zone(versions[0])))
    found = governed(versions, contract, at)
    if found is not None:
        return found
    for one in versions:
        if one.period.kind == "custom":
            period = period_from(period_document(one.period), contract.zone(one))
            if period.start >= at:
                return Governed(one, period)
    return None


def _is_rolling(versions: Sequence[Terms], contract: Contract, at: int) -> bool:
    found = governed(versions, contract, at)
    return found is not None and found.period.kind == ROLLING


def _rolling(found: Governed | None) -> Governed:
    if found is None:
        raise ValueError("a rolling period ends at any second")
    return found


def _closing(versions: Sequence[Terms], contract: Contract, found: Governed, key: str) -> ClosingPeriod:
    """The version that governs the period's start, then those that come into force before its end."""
    period, until = found.period, found.period.end
    end = None if contract.until is None else instant_of(contract.until, period.timezone)
    if end is not None:
        until = min(until, end)
    later = versions[versions.index(found.terms) + 1 :]
    begins = [InForce(instant_of(one.version.effective_from, contract.zone(one)), one) for one in later]
    within = tuple(one for one in begins if period.start < one.from_ < until)
    return ClosingPeriod(key, period, (InForce(period.start, found.terms), *within))


def next_month(first: date) -> date:
    """The first day of the month after."""
    return date(first.year + first.month // MONTHS_A_YEAR, first.month % MONTHS_A_YEAR + 1, 1)
