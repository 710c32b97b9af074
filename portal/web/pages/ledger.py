"""A customer's credits: what is owed, how far it has come, and the statement of account."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import Listed, amount
from portal.domain.people.roles import Permission
from portal.usecases.people import customers
from portal.usecases.settling import accounts, claims, ledger
from portal.usecases.settling.accounts import AccountLine, Balance
from portal.usecases.settling.claims import Claimable
from portal.usecases.settling.ledger import CreditView
from portal.web import access, formats, paging, spreadsheets

blueprint = Blueprint("ledger", __name__)
HEADER = (
    "at_utc", "period", "contract", "deed", "debit", "credit", "amount", "currency", "issued_in_all", "reference",
    "by", "one_person_did_both",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """The statement of account in one currency, or the latest lines of it, with its balance."""

    balance: Balance
    lines: tuple[AccountLine, ...]


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """The latest credits of a customer, those that must be claimed by id, and an account for each currency.

    `after` is the credit to go on from when there are more; `most` is how many lines of an account are shown.
    """

    customer: customers.Customer
    credits: tuple[CreditView, ...]
    after: UUID | None
    most: int
    claimable: Mapping[UUID, Claimable]
    accounts: Sequence[Account]

    @property
    def issued(self) -> str:
        """What has been issued, in each currency."""
        given = [one.balance for one in self.accounts if one.balance.issued_minor]
        return Listed.of(amount(one.issued, one.currency) for one in given)


@blueprint.get("/c/<uuid:customer>/ledger")
@access.requires(Permission.SEE_MONEY)
def show(customer: UUID) -> ResponseReturnValue:
    """Show what is owed, how far it has come, and every transfer."""
    session = db.session()
    found = ledger.credits_page(session, paging.after())
    page = LedgerPage(
        customer=customers.customer(session, customer),
        credits=found.credits,
        after=found.after,
        most=ledger.PAGE,
        claimable={one.credit.id: one for one in claims.claimable_among(session, found.credits, clock.now())},
        accounts=_accounts(ledger.PAGE),
    )
    return render_template("ledger/ledger.html", page=page)


@blueprint.get("/c/<uuid:customer>/ledger.csv")
@access.requires(Permission.SEE_MONEY)
def table(customer: UUID) -> ResponseReturnValue:
    """Hand out every transfer."""
    rows = (
        (
            formats.iso(line.at),
            line.period,
            line.contract,
            line.deed,
            line.debit,
            line.credit,
            Decimal(line.amount_text),
            account.balance.currency,
            Decimal(line.issued_text),
            line.reference,
            line.by_name,
            "yes" if line.alone else "no",
        )
        for account in _accounts()
        for line in account.lines
    )
    return spreadsheets.answer(f"ledger-{customer}", HEADER, rows)


def _accounts(most: int | None = None) -> Sequence[Account]:
    session = db.session()
    return [Account(one, accounts.account(session, one, most)) for one in accounts.balances(session)]
