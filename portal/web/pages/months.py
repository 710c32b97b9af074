"""A customer's month in one page, as a page and on paper."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.people.roles import Permission
from portal.usecases.customer import months
from portal.usecases.customer.months import Month
from portal.web import access

blueprint = Blueprint("months", __name__)


@dataclass(frozen=True, slots=True)
class MonthPage:
    """One month, and whether its money is shown."""

    month: Month
    sees_money: bool


@blueprint.get("/c/<uuid:customer>/months")
@access.requires(Permission.SEE_CUSTOMER)
def show_present(customer: UUID) -> ResponseReturnValue:
    """Lead to the month it is."""
    key = months.present(db.session(), customer, clock.now())
    return redirect(url_for("months.show", customer=customer, month=key), 303)


@blueprint.get("/c/<uuid:customer>/months/<month>")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID, month: str) -> ResponseReturnValue:
    """Show one month."""
    sees_money = access.reader().may(Permission.SEE_MONEY, customer)
    found = months.month(db.session(), customer, month, clock.now(), sees_money=sees_money)
    return render_template("months/month.html", page=MonthPage(found, sees_money))
