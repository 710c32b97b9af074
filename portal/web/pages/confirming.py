"""Giving the password again before a dangerous act."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, TooMany
from portal.domain.people.roles import Permission
from portal.domain.people.second_factor import Standing
from portal.usecases.people import accounts
from portal.web import access, identity, transactions
from portal.web.going import safe_path

blueprint = Blueprint("confirming", __name__)


class ConfirmForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The password once more."""

    password = PasswordField(phrase("Password"))


@dataclass(frozen=True, slots=True)
class ConfirmPage:
    """The form, and the page of the act it is asked for."""

    form: ConfirmForm
    next: str


@blueprint.get("/account/confirm")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.FACTOR_MISSING)
def ask() -> ResponseReturnValue:
    """Show the form."""
    return _page(ConfirmForm())


@blueprint.post("/account/confirm")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.FACTOR_MISSING)
@transactions.by_itself
def take() -> ResponseReturnValue:
    """Take the password and go back to the page of the act."""
    form = ConfirmForm()
    try:
        accounts.confirm(db.session(), access.visit(), form.password.data or "", identity.browser(), clock.now())
    except Invalid as refusal:
        form.password.errors = [refusal.sentence]
        return _page(form), 422
    except TooMany as refusal:
        form.password.errors = [refusal.sentence]
        return _page(form), 429, {"Retry-After": str(refusal.wait_s)}
    return redirect(safe_path(request.form.get("next", "")) or url_for("accounts.show"), 303)


def _page(form: ConfirmForm) -> str:
    page = ConfirmPage(form, safe_path(request.values.get("next", "")))
    return render_template("accounts/confirm.html", page=page)
