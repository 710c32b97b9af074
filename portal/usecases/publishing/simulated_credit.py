"""What a simulation of a draft says: credits by contract, by period and in all, beside what was owed in fact."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import decimal_text

COLUMNS = ("customer", "contract", "period", "currency", "credit_under_draft", "breached")


@dataclass(frozen=True, slots=True)
class SimulatedPeriod:
    """One period of a contract as the draft cuts it, and what it would have owed, in minor units and as text."""

    customer: str
    contract: str
    period: str
    currency: str
    breached: tuple[str, ...]
    minor: int
    credit: str


@dataclass(frozen=True, slots=True)
class ContractLine:
    """What a contract was owed by its statements and would have been owed under the draft, over `periods` periods."""

    customer: str
    contract: str
    contract_id: UUID
    currency: str
    periods: int
    breaches: int
    owed: str
    simulated: str
    difference: str
    is_more: bool
    is_less: bool


@dataclass(frozen=True, slots=True)
class Total:
    """All contracts of one currency that were simulated."""

    currency: str
    contracts: int
    owed: str
    simulated: str
    difference: str


@dataclass(frozen=True, slots=True)
class Simulation:
    """What was simulated, from the first to the last closed month; `missing` names what could not be, a sentence each.

    `is_generated` says that some of the closed periods rest on generated evidence. `contracts` is how many there
    are in all; `after` the contract to go on from, None after the last one.
    """

    first_month: str
    last_month: str
    lines: Sequence[ContractLine]
    periods: Sequence[SimulatedPeriod]
    totals: Sequence[Total]
    missing: Sequence[str]
    contracts: int
    after: UUID | None
    is_generated: bool


def rows_of(simulation: Simulation) -> Sequence[tuple[str | Decimal, ...]]:
    """Return a simulation as the rows of a table, one for each period, in the order of COLUMNS."""
    return [
        (one.customer, one.contract, one.period, one.currency, Decimal(one.credit), "; ".join(one.breached))
        for one in simulation.periods
    ]


def money_text(minor: int, currency: str) -> str:
    """An amount in minor units as text in its currency."""
    return decimal_text(minor, minor_digits(currency))


def difference_text(minor: int, currency: str) -> str:
    """A difference with its sign; none has no sign."""
    return f"+{money_text(minor, currency)}" if minor > 0 else money_text(minor, currency).replace("-", "−")
