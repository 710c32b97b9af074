"""Disputes about statements and coming versions: a thread between the customer and staff, with an outcome."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.people import customers
from portal.usecases.settling import disputes
from portal.usecases.settling.disputes import Dispute, Disputes, Outcome
from portal.web import access, formats, paging, spreadsheets
from portal.web.saying import say

blueprint = Blueprint("disputes", __name__)
HEADER = ("dispute", "customer", "about", "opened_utc", "outcome", "messages")


class MessageForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """One message of a dispute."""

    words = TextAreaField(phrase("Your message"))


@dataclass(frozen=True, slots=True)
class ListPage:
    """A customer's disputes."""

    customer: customers.Customer
    disputes: Disputes


@dataclass(frozen=True, slots=True)
class OpenPage:
    """The form to dispute a statement, as it was refused."""

    customer: customers.Customer
    statement: UUID
    form: MessageForm


@dataclass(frozen=True, slots=True)
class DisputePage:
    """One dispute and the form to write; `customer` is None at the staff desk."""

    customer: customers.Customer | None
    dispute: Dispute
    form: MessageForm


@dataclass(frozen=True, slots=True)
class DeskPage:
    """All disputes."""

    disputes: Disputes


@blueprint.get("/c/<uuid:customer>/disputes")
@access.requires(Permission.SEE_MONEY)
def show_all(customer: UUID) -> ResponseReturnValue:
    """Show a customer's disputes."""
    page = ListPage(customers.customer(db.session(), customer), disputes.listed(db.session(), paging.after()))
    return render_template("disputes/list.html", page=page)


@blueprint.post("/c/<uuid:customer>/statements/<uuid:statement>/disputes")
@access.requires(Permission.DISPUTE_STATEMENTS)
def begin(customer: UUID, statement: UUID) -> ResponseReturnValue:
    """Dispute a statement."""
    form = MessageForm()
    try:
        made = disputes.open_dispute(db.session(), access.reader(), statement, form.words.data or "", clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        page = OpenPage(customers.customer(db.session(), customer), statement, form)
        return render_template("disputes/new.html", page=page), 422
    flash(say(phrase("The provider reads this, and you find the answer here.")))
    return redirect(url_for("disputes.show", customer=customer, dispute=made), 303)


@blueprint.get("/c/<uuid:customer>/disputes/<uuid:dispute>")
@access.requires(Permission.SEE_MONEY)
def show(customer: UUID, dispute: UUID) -> ResponseReturnValue:
    """Show one dispute to the customer."""
    return _customer_page(customer, dispute, MessageForm())


@blueprint.post("/c/<uuid:customer>/disputes/<uuid:dispute>/messages")
@access.requires(Permission.DISPUTE_STATEMENTS)
def write(customer: UUID, dispute: UUID) -> ResponseReturnValue:
    """Add a message of the customer."""
    form = MessageForm()
    try:
        disputes.write(db.session(), access.reader(), dispute, form.words.data or "", clock.now(), is_staff=False)
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _customer_page(customer, dispute, form), 422
    return redirect(url_for("disputes.show", customer=customer, dispute=dispute), 303)


@blueprint.post("/c/<uuid:customer>/disputes/<uuid:dispute>/withdraw")
@access.requires(Permission.DISPUTE_STATEMENTS)
def withdraw(customer: UUID, dispute: UUID) -> ResponseReturnValue:
    """End a dispute as the customer."""
    form = MessageForm()
    try:
        disputes.withdraw(db.session(), access.reader(), dispute, form.words.data or "", clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _customer_page(customer, dispute, form), 422
    return redirect(url_for("disputes.show", customer=customer, dispute=dispute), 303)


@blueprint.get("/staff/disputes")
@access.requires(Permission.ANSWER_CUSTOMERS)
def desk() -> ResponseReturnValue:
    """Show all disputes."""
    return render_template("disputes/desk.html", page=DeskPage(disputes.listed(db.session(), paging.after())))


@blueprint.get("/staff/disputes.csv")
@access.requires(Permission.ANSWER_CUSTOMERS)
def desk_csv() -> ResponseReturnValue:
    """Hand all disputes out."""
    rows = (
        (
            str(one.id),
            one.customer,
            one.title,
            formats.iso(one.opened_at),
            one.outcome.value,
            len(one.messages),
        )
        for one in disputes.all_disputes(db.session())
    )
    return spreadsheets.answer("disputes", HEADER, rows)


@blueprint.get("/staff/disputes/<uuid:dispute>")
@access.requires(Permission.ANSWER_CUSTOMERS)
def read(dispute: UUID) -> ResponseReturnValue:
    """Show one dispute to staff."""
    return _staff_page(dispute, MessageForm())


@blueprint.post("/staff/disputes/<uuid:dispute>/messages")
@access.requires(Permission.ANSWER_CUSTOMERS)
def answer(dispute: UUID) -> ResponseReturnValue:
    """Add a message of staff."""
    form = MessageForm()
    try:
        disputes.write(db.session(), access.reader(), dispute, form.words.data or "", clock.now(), is_staff=True)
    except Invalid as refusal:
        return _refused(dispute, form, refusal)
    return redirect(url_for("disputes.read", dispute=dispute), 303)


@blueprint.post("/staff/disputes/<uuid:dispute>/accept")
@access.requires(Permission.ANSWER_CUSTOMERS)
def accept(dispute: UUID) -> ResponseReturnValue:
    """End a dispute in the customer's favour."""
    return _decide(dispute, Outcome.ACCEPTED)


@blueprint.post("/staff/disputes/<uuid:dispute>/reject")
@access.requires(Permission.ANSWER_CUSTOMERS)
def reject(dispute: UUID) -> ResponseReturnValue:
    """End a dispute with a reason why it stays as it is."""
    return _decide(dispute, Outcome.REJECTED)


def _decide(dispute: UUID, outcome: Outcome) -> ResponseReturnValue:
    form = MessageForm()
    try:
        disputes.decide(db.session(), access.reader(), dispute, outcome, form.words.data or "", clock.now())
    except Invalid as refusal:
        return _refused(dispute, form, refusal)
    return redirect(url_for("disputes.read", dispute=dispute), 303)


def _refused(dispute: UUID, form: MessageForm, refusal: Invalid) -> ResponseReturnValue:
    form[refusal.field].errors = [refusal.sentence]
    return _staff_page(dispute, form), 422


def _customer_page(customer: UUID, dispute: UUID, form: MessageForm) -> str:
    session = db.session()
    page = DisputePage(customers.customer(session, customer), disputes.dispute(session, dispute), form)
    return render_template("disputes/dispute.html", page=page)


def _staff_page(dispute: UUID, form: MessageForm) -> str:
    page = DisputePage(None, disputes.dispute(db.session(), dispute), form)
    return render_template("disputes/dispute.html", page=page)
