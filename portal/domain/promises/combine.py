"""The credits of several commitments become one (semantics.md R40)."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.promises.settlement import Combine


@dataclass(frozen=True, slots=True)
class CreditShare:
    """One commitment's credit, exact, in the contract's currency, with the component's fee and the event behind it."""

    commitment: str
    component: str
    fee: Fraction
    credit: Fraction
    event: str | None = None


@dataclass(frozen=True, slots=True)
class CombinedCredit:
    """The exact credit of all shares, before and after the cap, and the shares that make it up."""

    total_fee: Fraction
    uncapped: Fraction
    credit: Fraction
    counted: tuple[CreditShare, ...]


def combine(rule: Combine, shares: Sequence[CreditShare]) -> CombinedCredit:
    """What is owed for all shares together; each component's fee counts once in the total fee.

    A share without an event is an event of its own (decision D18).
    """
    counted = _counted(rule.policy, shares)
    total_fee = sum(_fees(shares).values(), Fraction(0))
    uncapped = sum((share.credit for share in counted), Fraction(0))
    if rule.cap_percent is None or rule.policy == "sum":
        return CombinedCredit(total_fee, uncapped, uncapped, counted)
    return CombinedCredit(total_fee, uncapped, min(uncapped, total_fee * rule.cap_percent / 100), counted)


def _counted(policy: str, shares: Sequence[CreditShare]) -> tuple[CreditShare, ...]:
    groups: dict[str, Callable[[int], Hashable]] = {
        "highest": lambda _: "all",
        "highest_per_component": lambda n: shares[n].component,
        "highest_per_event": lambda n: shares[n].event if shares[n].event is not None else n,
        "sum": lambda n: n,
        "sum_capped": lambda n: n,
    }
    return _highest_of_each(shares, groups[policy])


def _highest_of_each(shares: Sequence[CreditShare], group: Callable[[int], Hashable]) -> tuple[CreditShare, ...]:
    best: dict[Hashable, CreditShare] = {}
    for n, share in enumerate(shares):
        key = group(n)
        if key not in best or share.credit > best[key].credit:
            best[key] = share
    return tuple(best.values())


def _fees(shares: Sequence[CreditShare]) -> dict[str, Fraction]:
    fees: defaultdict[str, Fraction] = defaultdict(Fraction)
    for share in shares:
        fees[share.component] = max(fees[share.component], share.fee)
    return fees
