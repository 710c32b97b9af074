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
from portal.usecases.settling import claims, ledger
from portal.usecases.settling.claims import Claimable
from portal.usecases.settling.ledger import AccountLine, Balance, CreditView
from portal.web import access, formats, spreadsheets

blueprint = Blueprint("ledger", __name__)
HEADER = (
    "at_utc", "period", "contract", "deed", "debit", "credit", "amount", "currency", "issued_in_all", "reference",
    "by", "one_person_did_both",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Account:
    """The statement of account in one currency, with its balance."""

    balance: Balance
    lines: Sequence[AccountLine]


@dataclass(frozen=True, slots=True)
class LedgerPage:
    """Every credit of a customer, those that must be claimed by id, and an account for each currency."""

    customer: customers.Customer
    credits: Sequence[CreditView]
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
    page = LedgerPage(
        customers.customer(session, customer),
        ledger.credits_of(session),
        {one.credit.id: one for one in claims.claimable(session, clock.now())},
        _accounts(customer),
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
        for account in _accounts(customer)
        for line in account.lines
    )
    return spreadsheets.answer(f"ledger-{customer}", HEADER, rows)


def _accounts(customer: UUID) -> Sequence[Account]:
    session = db.session()
    return [Account(one, ledger.account(session, customer, one.currency)) for one in ledger.balances(session)]
