"""Deadlines as a list and as a calendar to keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.people.roles import Permission
from portal.usecases.customer import deadlines
from portal.usecases.customer.deadlines import Deadline
from portal.usecases.people import customers
from portal.web import access, private_answers

blueprint = Blueprint("deadlines", __name__)


@dataclass(frozen=True, slots=True)
class DeadlinesPage:
    """What may still be done until a date, the next first."""

    customer: customers.Customer
    deadlines: Sequence[Deadline]


@blueprint.get("/c/<uuid:customer>/deadlines")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID) -> ResponseReturnValue:
    """Show what may still be done until a date."""
    session = db.session()
    found = deadlines.deadlines(session, customer, access.reader(), clock.now())
    page = DeadlinesPage(customers.customer(session, customer), found)
    return render_template("deadlines/list.html", page=page)


@blueprint.get("/c/<uuid:customer>/deadlines.ics")
@access.requires(Permission.SEE_CUSTOMER)
def calendar(customer: UUID) -> ResponseReturnValue:
    """Hand out the deadlines as a calendar to keep."""
    return private_answers.calendar(customer, access.reader())
