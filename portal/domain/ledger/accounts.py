"""The accounts of the ledger and what a transfer does to two of them (decision D16).

A transfer moves one amount from one account to another, so its entries sum to zero by its very form. Amounts are
integers in minor units of one currency; an account is counted in each currency by itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

CREDIT_EXPENSE = "credit_expense"
"""What credits cost the provider."""


class Stage(StrEnum):
    """How far a credit has come; each contract has an account of each."""

    ACCRUED = "accrued"
    APPROVED = "approved"
    ISSUED = "issued"


@dataclass(frozen=True, slots=True)
class Transfer:
    """An amount in minor units, above zero, put on the debit side of one account and the credit side of another.

    Raises ValueError for an amount that is not above zero or a transfer from an account to itself.
    """

    debit: str
    credit: str
    amount_minor: int
    currency: str

    def __post_init__(self) -> None:
        if self.amount_minor <= 0:
            raise ValueError("a transfer moves an amount above zero")
        if self.debit == self.credit:
            raise ValueError("a transfer has two accounts")


@dataclass(frozen=True, slots=True)
class Entry:
    """What a transfer adds to one account, in minor units: a debit above zero, a credit below."""

    account: str
    currency: str
    amount_minor: int


def of_contract(stage: Stage, contract: object) -> str:
    """The name of a contract's account, such as "accrued:" and the contract's id."""
    return f"{stage}:{contract}"


def entries(transfer: Transfer) -> tuple[Entry, Entry]:
    """Both entries of a transfer."""
    amount, currency = transfer.amount_minor, transfer.currency
    return Entry(transfer.debit, currency, amount), Entry(transfer.credit, currency, -amount)


def sums(transfers: Iterable[Transfer]) -> Mapping[tuple[str, str], int]:
    """What the transfers leave on each (account, currency), in minor units; all of a currency sum to zero."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    for transfer in transfers:
        for entry in entries(transfer):
            found[entry.account, entry.currency] += entry.amount_minor
    return found
