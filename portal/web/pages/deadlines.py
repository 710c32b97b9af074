"""Deadlines as a list, as a month of days, and as a calendar to keep."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.people.roles import Permission
from portal.usecases.customer import deadline_calendar, deadlines
from portal.usecases.customer.deadline_calendar import DeadlineMonth
from portal.usecases.customer.deadlines import Deadline
from portal.usecases.people import customers
from portal.web import access, private_answers, weeks
from portal.web.weeks import Weekday

blueprint = Blueprint("deadlines", __name__)


@dataclass(frozen=True, slots=True)
class DeadlinesPage:
    """What may still be done until a date, the next first, and a month of it under the names of its weekdays."""

    customer: customers.Customer
    deadlines: Sequence[Deadline]
    month: DeadlineMonth
    weekdays: Sequence[Weekday]


@blueprint.get("/c/<uuid:customer>/deadlines")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID) -> ResponseReturnValue:
    """Show what may still be done until a date, and the days of a month (`?month=2026-12`)."""
    session, now = db.session(), clock.now()
    found = deadlines.deadlines(session, customer, access.reader(), now)
    whose = customers.customer(session, customer)
    key = request.args.get("month", "")
    month = deadline_calendar.deadline_month(found, key, whose.timezone, now, weeks.first_weekday())
    page = DeadlinesPage(whose, found, month, weeks.weekdays())
    return render_template("deadlines/list.html", page=page)


@blueprint.get("/c/<uuid:customer>/deadlines.ics")
@access.requires(Permission.SEE_CUSTOMER)
def calendar(customer: UUID) -> ResponseReturnValue:
    """Hand out the deadlines as a calendar to keep."""
    return private_answers.calendar(customer, access.reader())
