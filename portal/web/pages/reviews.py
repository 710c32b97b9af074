"""Reviews: staff gather feedback, decide and sign off; customers read what was asked and what was decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.listening import reviews
from portal.usecases.listening.feedback import Feedback
from portal.usecases.listening.reviews import Review
from portal.usecases.people import customers
from portal.usecases.publishing import drafts
from portal.web import access

blueprint = Blueprint("reviews", __name__)
ONE = "/staff/reviews/<uuid:review>"


class ReviewForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Which agreement is reviewed, what customers say in one line, and the pieces that say it."""

    agreement = StringField("Agreement")
    title = StringField("What customers say, in one line")
    pieces = StringField("What they said")


class DecisionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What was decided, and the coming version that follows from it."""

    decision = TextAreaField("What you decided, for the customers to read")
    version = StringField("The coming version it leads to")


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Every review, the feedback that is in none, and the forms; `deciding` is the review a refused form is about."""

    reviews: Sequence[Review]
    pieces: Sequence[Feedback]
    form: ReviewForm
    chosen: Sequence[str]
    agreements: Sequence[tuple[str, str]]
    decision: DecisionForm
    deciding: UUID | None


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """What was asked and what was decided, as a customer reads it."""

    customer: customers.Customer
    reviews: Sequence[Review]


@blueprint.get("/c/<uuid:customer>/reviews")
@access.requires(Permission.SEE_CUSTOMER)
def of_customer(customer: UUID) -> ResponseReturnValue:
    """Show what customers asked and what was decided."""
    session = db.session()
    page = CustomerPage(customers.customer(session, customer), reviews.of_customer(session))
    return render_template("reviews/customer.html", page=page)


@blueprint.get("/staff/reviews")
@access.requires(Permission.RUN_REVIEWS)
def desk() -> ResponseReturnValue:
    """Show every review, and what may go into a new one."""
    return _desk(ReviewForm())


@blueprint.post("/staff/reviews")
@access.requires(Permission.RUN_REVIEWS)
def open_one() -> ResponseReturnValue:
    """Open a review."""
    form, pieces = ReviewForm(), request.form.getlist("pieces")
    slug, title = form.agreement.data or "", form.title.data or ""
    try:
        reviews.open_review(db.session(), access.reader(), slug, title, pieces, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _desk(form, chosen=pieces), 422
    flash("The review is open. Its customers see what was asked.")
    return redirect(url_for("reviews.desk"), 303)


@blueprint.post(f"{ONE}/decide")
@access.requires(Permission.RUN_REVIEWS)
def decide(review: UUID) -> ResponseReturnValue:
    """Say what is decided."""
    form = DecisionForm()
    words, version = form.decision.data or "", form.version.data or ""
    try:
        reviews.decide(db.session(), access.reader(), review, words, version, clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _desk(ReviewForm(formdata=None), form, review), 422
    flash("Kept. Customers read it once somebody else signed it off.")
    return redirect(url_for("reviews.desk"), 303)


@blueprint.post(f"{ONE}/sign-off")
@access.requires(Permission.RUN_REVIEWS)
def sign_off(review: UUID) -> ResponseReturnValue:
    """Sign a decision off."""
    one_may = current_app.extensions["settings"].single_operator
    reviews.sign_off(db.session(), access.reader(), review, clock.now(), single_operator=one_may)
    flash("Signed off. Its customers read the decision now.")
    return redirect(url_for("reviews.desk"), 303)


def _desk(
    form: ReviewForm, decision: DecisionForm | None = None, deciding: UUID | None = None, chosen: Sequence[str] = ()
) -> str:
    session = db.session()
    page = DeskPage(
        reviews=reviews.listed(session),
        pieces=reviews.open_pieces(session),
        form=form,
        chosen=chosen,
        agreements=[(one.slug, one.name) for one in drafts.lines(session)],
        decision=decision or DecisionForm(formdata=None),
        deciding=deciding,
    )
    return render_template("reviews/desk.html", page=page)
