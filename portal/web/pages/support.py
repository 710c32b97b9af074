"""Support access: staff take it with a reason and an end; the customer sees it, and an owner may end it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.customer import support
from portal.usecases.groundwork import audit
from portal.usecases.people import customers
from portal.web import access
from portal.web.saying import say

blueprint = Blueprint("support", __name__)
HOUR_CHOICES = tuple((str(hours), f"{hours} hour" if hours == 1 else f"{hours} hours") for hours in support.HOURS)


class AccessForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Whose pages, why, and for how long."""

    organisation = StringField(phrase("Customer"))
    reason = StringField(phrase("Reason"))
    hours = StringField(phrase("For how long"), default=HOUR_CHOICES[0][0])


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The form with its choices, and every access there was; the form waits while the password is to be given again."""

    form: AccessForm
    organisations: Sequence[tuple[str, str]]
    hours: Sequence[tuple[str, str]]
    grants: support.Grants
    is_confirmed: bool


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Who of staff could see this customer's pages, what they read and did, and whether the reader may end it."""

    customer: customers.Customer
    grants: support.Grants
    pages: Mapping[UUID, int]
    acts: audit.Entries
    may_end: bool


@dataclass(frozen=True, slots=True)
class SeenPage:
    """One access, and every page that was read by it."""

    customer: customers.Customer
    seen: support.Seen


@blueprint.get("/staff/support")
@access.requires(Permission.TAKE_SUPPORT_ACCESS)
def desk() -> ResponseReturnValue:
    """Show the form and every access there was."""
    return _desk(AccessForm())


@blueprint.post("/staff/support")
@access.requires(Permission.TAKE_SUPPORT_ACCESS, confirmed_on="support.desk")
def take() -> ResponseReturnValue:
    """Take access to a customer's pages and go there."""
    form = AccessForm()
    try:
        chosen = UUID(form.organisation.data or "")
        hours = int(form.hours.data or "0")
    except ValueError:
        form.organisation.errors = [phrase("Choose a customer, and for how long.")]
        return _desk(form), 422
    try:
        support.take_access(db.session(), access.reader(), chosen, form.reason.data or "", hours, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _desk(form), 422
    return redirect(url_for("customers.overview", customer=chosen), 303)


@blueprint.post("/staff/support/<uuid:grant>/end")
@access.requires(Permission.TAKE_SUPPORT_ACCESS)
def give_up(grant: UUID) -> ResponseReturnValue:
    """End an access before its time."""
    support.end_access(db.session(), access.reader(), grant, clock.now())
    flash(say(phrase("That access has ended.")))
    return redirect(url_for("support.desk"), 303)


@blueprint.get("/c/<uuid:customer>/support")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID) -> ResponseReturnValue:
    """Show a customer's people who of staff could see their pages, why, and until when."""
    session = db.session()
    grants = support.grants(session, _after(), clock.now())
    page = CustomerPage(
        customers.customer(session, customer),
        grants,
        support.pages_seen(session, grants),
        audit.staff_acts(session, customer),
        access.reader().may(Permission.END_SUPPORT_ACCESS, customer),
    )
    return render_template("support/customer.html", page=page)


@blueprint.get("/c/<uuid:customer>/support/<uuid:grant>")
@access.requires(Permission.SEE_CUSTOMER)
def seen(customer: UUID, grant: UUID) -> ResponseReturnValue:
    """Show every page that staff read by one access."""
    session = db.session()
    found = support.seen(session, grant, _after(), clock.now())
    page = SeenPage(customers.customer(session, customer), found)
    return render_template("support/seen.html", page=page)


@blueprint.post("/c/<uuid:customer>/support/<uuid:grant>/end")
@access.requires(Permission.END_SUPPORT_ACCESS)
def end(customer: UUID, grant: UUID) -> ResponseReturnValue:
    """End an access to one's own pages before its time."""
    support.end_access(db.session(), access.reader(), grant, clock.now())
    flash(say(phrase("That access has ended.")))
    return redirect(url_for("support.show", customer=customer), 303)


def _desk(form: AccessForm) -> str:
    session, now = db.session(), clock.now()
    organisations = [(str(key), name) for key, name in support.customers_by_name(session)]
    page = DeskPage(
        form, organisations, HOUR_CHOICES, support.grants(session, _after(), now), access.visit().is_confirmed(now)
    )
    return render_template("support/desk.html", page=page)


def _after() -> UUID | None:
    try:
        return UUID(request.args["after"])
    except (KeyError, ValueError):
        return None
