"""Links that were handed out: asking for one, and choosing a password with it."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, NotFound, TooMany
from portal.usecases.people import invitations
from portal.web import access, identity, transactions
from portal.web.saying import say

blueprint = Blueprint("invitations", __name__)


class ForgotForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The address of whoever forgot their password."""

    email = StringField(phrase("E-mail address"))


class ChooseForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """A password, twice."""

    password = PasswordField(phrase("New password"))
    again = PasswordField(phrase("New password once more"))


@dataclass(frozen=True, slots=True)
class ForgotPage:
    """The form, and whether a request was just taken."""

    form: ForgotForm
    is_taken: bool


@dataclass(frozen=True, slots=True)
class ChoosePage:
    """The form, whose password it sets, and the link's token that it carries on."""

    form: ChooseForm
    email: str
    link: str


@blueprint.get("/forgot-password")
@access.public
def forgot() -> ResponseReturnValue:
    """Show the form, or that a request was taken."""
    return _forgot_page(ForgotForm(), is_taken="taken" in request.args)


@blueprint.post("/forgot-password")
@access.public
@transactions.by_itself
def ask() -> ResponseReturnValue:
    """Take a request; the answer is the same whether somebody signs in with the address or not."""
    form = ForgotForm()
    email = (form.email.data or "").strip()
    if "@" not in email:
        form.email.errors = [phrase("Enter the e-mail address you sign in with.")]
        return _forgot_page(form), 422
    try:
        invitations.ask_for_reset(db.session(), email, identity.browser(), clock.now())
    except TooMany as refusal:
        form.email.errors = [refusal.sentence]
        return _forgot_page(form), 429, {"Retry-After": str(refusal.wait_s)}
    return redirect(url_for("invitations.forgot", taken=1), 303)


@blueprint.get("/choose-password")
@access.public
def show() -> ResponseReturnValue:
    """Show the form of a link; looking does not use it up."""
    return _choose_page(ChooseForm(), request.args.get("link", ""))


@blueprint.post("/choose-password")
@access.public
@transactions.by_itself
def choose() -> ResponseReturnValue:
    """Set the password, and have its owner sign in with it."""
    form, link = ChooseForm(), request.form.get("link", "")
    password = form.password.data or ""
    if password != form.again.data:
        form.again.errors = [phrase("The two passwords differ. Type the same one twice.")]
        return _choose_page(form, link), 422
    try:
        invitations.choose_password(db.session(), link, password, clock.now())
    except Invalid as refusal:
        form.password.errors = [refusal.sentence]
        return _choose_page(form, link), 422
    flash(say(phrase("Your password is set. Sign in with it.")))
    return redirect(url_for("accounts.sign_in"), 303)


def _forgot_page(form: ForgotForm, *, is_taken: bool = False) -> str:
    return render_template("accounts/forgot.html", page=ForgotPage(form, is_taken))


def _choose_page(form: ChooseForm, link: str) -> str:
    if not link:
        raise NotFound(phrase("This address needs the link you were given. Open it again from there."))
    email = invitations.owner_of(db.session(), link, clock.now())
    return render_template("accounts/choose.html", page=ChoosePage(form, email, link))
