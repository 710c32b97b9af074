"""Balances and statements of account: what all transfers come to, and the latest with what is issued after each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.ledger.accounts import Stage, entries
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import decimal_text
from portal.store.settling import ledger as store
from portal.store.settling.ledger import Booked
from portal.usecases.settling.ledger import transfer_of


@dataclass(frozen=True, slots=True)
class Balance:
    """What a customer is owed in one currency, in minor units and as text, by how far it has come."""

    customer_id: UUID
    currency: str
    accrued_minor: int
    approved_minor: int
    issued_minor: int
    accrued: str
    approved: str
    issued: str


class AccountLine(NamedTuple):
    """One transfer of a statement of account, with what the customer has been issued in all after it."""

    at: datetime
    period: str
    contract: str
    deed: str
    debit: str
    credit: str
    amount_minor: int
    amount_text: str
    issued_minor: int
    issued_text: str
    reference: str | None
    by_name: str | None
    alone: bool


def balances(session: Session) -> Sequence[Balance]:
    """Return what each customer of the scope is owed, by customer and currency."""
    sums: dict[tuple[UUID, str], dict[str, int]] = defaultdict(lambda: dict.fromkeys(Stage, 0))
    for moved in store.moved(session):
        for entry in entries(moved.transfer):
            stage = _stage(entry.account)
            if stage in set(Stage):
                sums[moved.customer_id, entry.currency][stage] -= entry.amount_minor
    return [_balance(key, found) for key, found in sorted(sums.items())]


def account(session: Session, balance: Balance, most: int | None = None) -> tuple[AccountLine, ...]:
    """Return a statement of account in one currency: the latest transfers in order, each with the balance after it.

    All of them without `most`. The balance is the one there is now, so what is left out before is part of it.
    """
    booked = store.booked(session, balance.customer_id, balance.currency, most)
    return tuple(reversed(tuple(_backwards(booked, balance.issued_minor))))


def _backwards(latest_first: Sequence[Booked], issued: int) -> Iterator[AccountLine]:
    for one in latest_first:
        yield _line(one, issued)
        both = entries(transfer_of(one))
        issued += sum(entry.amount_minor for entry in both if _stage(entry.account) == Stage.ISSUED)


def _line(one: Booked, issued: int) -> AccountLine:
    digits = one.minor_digits
    return AccountLine(
        at=one.done_at,
        period=one.period,
        contract=one.contract,
        deed=one.deed,
        debit=_account_words(one.debit, one.contract),
        credit=_account_words(one.credit, one.contract),
        amount_minor=one.amount_minor,
        amount_text=decimal_text(one.amount_minor, digits),
        issued_minor=issued,
        issued_text=decimal_text(issued, digits),
        reference=one.reference,
        by_name=one.done_by,
        alone=one.alone,
    )


def _balance(key: tuple[UUID, str], found: Mapping[str, int]) -> Balance:
    digits, (accrued, approved, issued) = minor_digits(key[1]), (found[stage] for stage in Stage)
    texts = [decimal_text(amount, digits) for amount in (accrued, approved, issued)]
    return Balance(*key, accrued, approved, issued, *texts)


def _stage(account_: str) -> str:
    """The stage of a contract's account; any other account is its own."""
    return account_.partition(":")[0]


def _account_words(account_: str, contract: str) -> str:
    """An account with its contract's key in the place of its id."""
    stage, colon, _ = account_.partition(":")
    return f"{stage}{colon}{contract if colon else ''}"
