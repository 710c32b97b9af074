"""What a new revision of a statement changes in the ledger (semantics.md R46)."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from portal.domain.ledger.credit_life import OPEN, State
from portal.domain.promises.restatement import restate
from portal.domain.promises.settlement import Restatement

Name = TypeVar("Name", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Booked(Generic[Name]):
    """A credit of an earlier revision, in minor units, and where it stands."""

    id: Name
    state: State
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Correction(Generic[Name]):
    """Credits to withdraw, the amount to accrue instead (below zero: a clawback), and what the customer ends with."""

    withdrawn: tuple[Name, ...]
    accrued_minor: int
    final_minor: int

    @property
    def changes(self) -> bool:
        """Whether anything is booked at all."""
        return bool(self.withdrawn) or self.accrued_minor != 0


def correction(
    rule: Restatement, booked: Sequence[Booked[Name]], recomputed_minor: int, window_open: bool
) -> Correction[Name]:
    """What has to be booked so that the customer ends with what the policy says of issued and recomputed credit.

    Credits that were not issued are replaced; what was issued stands and is added to or, under `adjust`, clawed back.
    Under `frozen` nothing changes once the dispute window has closed, what was not issued yet included.
    """
    standing = [one for one in booked if one.state in OPEN]
    issued_minor = sum(one.amount_minor for one in booked if one.state is State.ISSUED)
    open_minor = sum(one.amount_minor for one in standing)
    if rule.policy == "frozen" and not window_open:
        return Correction((), 0, issued_minor + open_minor)
    restated = restate(rule, issued_minor, recomputed_minor, window_open)
    if restated.delta_minor == open_minor:
        return Correction((), 0, restated.final_minor)
    return Correction(tuple(one.id for one in standing), restated.delta_minor, restated.final_minor)
