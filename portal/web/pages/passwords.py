"""Changing one's password."""

from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, TooMany
from portal.domain.people.roles import Permission
from portal.usecases.people import accounts
from portal.web import access, identity, transactions
from portal.web.saying import say

blueprint = Blueprint("passwords", __name__)


class PasswordForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The present password, and the new one twice."""

    current = PasswordField(phrase("Present password"))
    fresh = PasswordField(phrase("New password"))
    again = PasswordField(phrase("New password once more"))


@dataclass(frozen=True, slots=True)
class PasswordPage:
    """The form."""

    form: PasswordForm


@blueprint.get("/account/password")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    """Show the form."""
    return _page(PasswordForm())


@blueprint.post("/account/password")
@access.requires(Permission.SEE_OWN_ACCOUNT)
@transactions.by_itself
def change() -> ResponseReturnValue:
    """Change the password; every other browser is signed out."""
    form = PasswordForm()
    current, fresh = form.current.data or "", form.fresh.data or ""
    if fresh != form.again.data:
        form.again.errors = [phrase("The two new passwords differ. Type the same one twice.")]
        return _page(form), 422
    try:
        token = accounts.change_password(db.session(), access.visit(), current, fresh, identity.browser(), clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _page(form), 422
    except TooMany as refusal:
        form.current.errors = [refusal.sentence]
        return _page(form), 429, {"Retry-After": str(refusal.wait_s)}
    flash(say(phrase("Your password is changed, and every other browser is signed out.")))
    return identity.give(redirect(url_for("accounts.show"), 303), token)


def _page(form: PasswordForm) -> str:
    return render_template("accounts/password.html", page=PasswordPage(form))
