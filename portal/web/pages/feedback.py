"""Feedback: customers rate and write, staff read and answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.feedback import RATINGS, Subject
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.listening import feedback
from portal.usecases.people import customers
from portal.web import access
from portal.web.saying import say

blueprint = Blueprint("feedback", __name__)
KIND_NAMES = {"service": phrase("Services"), "commitment": phrase("Commitments"), "incident": phrase("Incidents")}
RATING_CHOICES = tuple(
    (str(rating), phrase("{rating} – {words}", rating=rating, words=words)) for rating, words in RATINGS.items()
)


class FeedbackForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What a customer says: about what, how good, in words."""

    subject = StringField(phrase("What is it about?"))
    rating = StringField(phrase("How good is it for you?"))
    words = TextAreaField(phrase("In your words"))


class AnswerForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What the provider answers."""

    words = TextAreaField(phrase("Your answer"))


@dataclass(frozen=True, slots=True)
class GivePage:
    """The form, what it may be about by kind, and what the customer's people have said so far, with answers."""

    customer: customers.Customer
    form: FeedbackForm
    subjects: Sequence[tuple[str, Sequence[Subject]]]
    ratings: Sequence[tuple[str, str]]
    given: feedback.FeedbackList


@dataclass(frozen=True, slots=True)
class InboxPage:
    """What waits for an answer, the longest first, and everything said, latest first."""

    waiting: Sequence[feedback.Feedback]
    all: feedback.FeedbackList


@dataclass(frozen=True, slots=True)
class AnswerPage:
    """One piece of feedback and the form to answer it."""

    piece: feedback.Feedback
    form: AnswerForm


@blueprint.get("/c/<uuid:customer>/feedback")
@access.requires(Permission.GIVE_FEEDBACK)
def show(customer: UUID) -> ResponseReturnValue:
    """Show the form and what was said before."""
    return _give_page(customer, FeedbackForm(data={"subject": request.args.get("about", "")}))


@blueprint.post("/c/<uuid:customer>/feedback")
@access.requires(Permission.GIVE_FEEDBACK)
def give(customer: UUID) -> ResponseReturnValue:
    """Keep what a person says."""
    form = FeedbackForm()
    draft = feedback.Draft(form.subject.data or "", form.rating.data or "", form.words.data or "")
    try:
        feedback.give(db.session(), customer, access.reader(), draft, clock.now())
    except Invalid as refusal:
        _put_beside(form, refusal)
        return _give_page(customer, form), 422
    flash(say(phrase("Thank you. The provider reads this, and you will find the answer here.")))
    return redirect(url_for("feedback.show", customer=customer), 303)


@blueprint.get("/staff/feedback")
@access.requires(Permission.ANSWER_FEEDBACK)
def inbox() -> ResponseReturnValue:
    """Show what customers say, first what waits for an answer."""
    page = InboxPage(feedback.waiting(db.session()), feedback.listed(db.session(), _after()))
    return render_template("feedback/inbox.html", page=page)


@blueprint.get("/staff/feedback/<uuid:piece>")
@access.requires(Permission.ANSWER_FEEDBACK)
def read(piece: UUID) -> ResponseReturnValue:
    """Show one piece of feedback with the form to answer it."""
    return _answer_page(piece, AnswerForm())


@blueprint.post("/staff/feedback/<uuid:piece>")
@access.requires(Permission.ANSWER_FEEDBACK)
def answer(piece: UUID) -> ResponseReturnValue:
    """Answer one piece of feedback."""
    form = AnswerForm()
    try:
        feedback.answer(db.session(), piece, access.reader(), form.words.data or "", clock.now())
    except Invalid as refusal:
        _put_beside(form, refusal)
        return _answer_page(piece, form), 422
    flash(say(phrase("Your answer is sent; the customer sees it now.")))
    return redirect(url_for("feedback.inbox"), 303)


def _subjects() -> Sequence[tuple[str, Sequence[Subject]]]:
    grouped: dict[str, list[Subject]] = {name: [] for name in KIND_NAMES.values()}
    for subject in feedback.subjects(db.session(), clock.now()):
        grouped[KIND_NAMES[subject.kind]].append(subject)
    return [(name, subjects) for name, subjects in grouped.items() if subjects]


def _put_beside(form: FlaskForm, refusal: Invalid) -> None:
    form[refusal.field].errors = [refusal.sentence]


def _give_page(customer: UUID, form: FeedbackForm) -> str:
    found = customers.customer(db.session(), customer)
    page = GivePage(found, form, _subjects(), RATING_CHOICES, feedback.listed(db.session(), _after()))
    return render_template("feedback/give.html", page=page)


def _answer_page(piece: UUID, form: AnswerForm) -> str:
    return render_template("feedback/answer.html", page=AnswerPage(feedback.one(db.session(), piece), form))


def _after() -> UUID | None:
    text = request.args.get("after", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return None
