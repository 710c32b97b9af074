"""What will change for a customer, and its answer."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.people import customers
from portal.usecases.publishing import coming_versions
from portal.usecases.publishing.coming_versions import Coming
from portal.web import access
from portal.web.saying import say

blueprint = Blueprint("coming", __name__)


class AnswerForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What a customer says of a coming version."""

    kind = StringField(phrase("Answer"))
    words = TextAreaField(phrase("In your words (needed to object)"))


@dataclass(frozen=True, slots=True)
class ComingPage:
    """Every coming version with the form to answer it."""

    customer: customers.Customer
    versions: tuple[tuple[Coming, AnswerForm], ...]


@blueprint.get("/c/<uuid:customer>/coming")
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID) -> ResponseReturnValue:
    """Show what will change."""
    return _page(customer)


@blueprint.post("/c/<uuid:customer>/coming/<uuid:contract>/<int:number>")
@access.requires(Permission.ANSWER_TERMS)
def answer(customer: UUID, contract: UUID, number: int) -> ResponseReturnValue:
    """Keep the customer's answer about one coming version."""
    form = AnswerForm()
    kind, words = form.kind.data or "", form.words.data or ""
    try:
        coming_versions.answer(db.session(), contract, number, kind, words, access.reader(), clock.now())
    except Invalid as refusal:
        form.words.errors = [refusal.sentence]
        return _page(customer, (contract, number), form), 422
    flash(say(phrase("Your answer is kept.")))
    return redirect(url_for("coming.show", customer=customer), 303)


def _page(customer: UUID, refused: tuple[UUID, int] | None = None, form: AnswerForm | None = None) -> str:
    found = coming_versions.coming_versions(db.session(), clock.now())
    versions = tuple(
        (one, form if form and (one.contract_id, one.number) == refused else AnswerForm(formdata=None)) for one in found
    )
    page = ComingPage(customers.customer(db.session(), customer), versions)
    return render_template("coming/coming.html", page=page)
