"""The private addresses a reader made for calendars and feed readers: made, shown once, revoked."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.people import customers, subscriptions
from portal.usecases.people.subscriptions import Made, Subscription
from portal.web import access, private_answers
from portal.web.private_answers import FILES
from portal.web.saying import say

blueprint = Blueprint("subscriptions", __name__)
KINDS = (
    (subscriptions.Kind.CALENDAR.value, phrase("A calendar of our deadlines")),
    (subscriptions.Kind.FEED.value, phrase("A feed of our incidents, statements and credits")),
)


class SubscribeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What an address opens, and what its maker calls it."""

    kind = StringField(phrase("What"), default=KINDS[0][0])
    name = StringField(phrase("Where will you use it?"))


@dataclass(frozen=True, slots=True)
class NewAddress:
    """What was just made: addresses that hold the secret, the same without it, and the secret as a password."""

    secret: Sequence[str]
    plain: Sequence[str]
    password: str


@dataclass(frozen=True, slots=True)
class SubscriptionsPage:
    """The reader's private addresses and the form to make one; `made` is the one just made."""

    customer: customers.Customer
    subscriptions: Sequence[Subscription]
    form: SubscribeForm
    kinds: Sequence[tuple[str, str]]
    made: NewAddress | None


@blueprint.get("/c/<uuid:customer>/subscriptions")
@access.requires(Permission.SUBSCRIBE)
def show(customer: UUID) -> ResponseReturnValue:
    """Show the reader's private addresses."""
    return _page(customer, SubscribeForm())


@blueprint.post("/c/<uuid:customer>/subscriptions")
@access.requires(Permission.SUBSCRIBE)
def make(customer: UUID) -> ResponseReturnValue:
    """Make a private address and show it, this once."""
    form = SubscribeForm()
    kind, name = form.kind.data or "", form.name.data or ""
    try:
        made = subscriptions.make(db.session(), customer, access.reader(), kind, name, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _page(customer, form), 422
    return _page(customer, SubscribeForm(formdata=None), _new(customer, made))


@blueprint.post("/c/<uuid:customer>/subscriptions/<uuid:subscription>/revoke")
@access.requires(Permission.SUBSCRIBE)
def revoke(customer: UUID, subscription: UUID) -> ResponseReturnValue:
    """Revoke a private address."""
    subscriptions.revoke(db.session(), access.reader(), subscription, clock.now())
    flash(say(phrase("That address opens nothing any more.")))
    return redirect(url_for("subscriptions.show", customer=customer), 303)


def _page(customer: UUID, form: SubscribeForm, made: NewAddress | None = None) -> str:
    session = db.session()
    mine = subscriptions.listed(session, access.reader())
    page = SubscriptionsPage(customers.customer(session, customer), mine, form, KINDS, made)
    return render_template("deadlines/subscriptions.html", page=page)


def _new(customer: UUID, made: Made) -> NewAddress:
    files = [name for name, kind in FILES.items() if kind is made.kind]
    by_address = (url_for("private_files.by_address", customer=customer, token=made.token, file=one) for one in files)
    by_password = (url_for("private_files.by_password", customer=customer, file=one) for one in files)
    return NewAddress(
        [private_answers.full(one) for one in by_address],
        [private_answers.full(one) for one in by_password],
        made.token,
    )
