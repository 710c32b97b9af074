"""The second step of signing in: the code of the second factor."""

from dataclasses import dataclass

from flask import Blueprint, current_app, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, TooMany
from portal.domain.people.roles import Permission
from portal.domain.people.second_factor import Standing
from portal.usecases.people import second_factor
from portal.web import access, identity, transactions
from portal.web.going import home_of, safe_path

blueprint = Blueprint("codes", __name__)


class CodeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """A code."""

    code = StringField(phrase("Code"))


@dataclass(frozen=True, slots=True)
class CodePage:
    """The form, and where the reader was going."""

    form: CodeForm
    next: str


@blueprint.get("/sign-in/code")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.CODE_MISSING)
def ask() -> ResponseReturnValue:
    """Show the form, to whoever still has a code to give."""
    if access.standing_of(access.visit()) is not Standing.CODE_MISSING:
        return redirect(home_of(access.reader()), 303)
    return _page(CodeForm())


@blueprint.post("/sign-in/code")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.CODE_MISSING)
@transactions.by_itself
def take() -> ResponseReturnValue:
    """Take a code and go on to where the reader was going."""
    form, visit = CodeForm(), access.visit()
    going = safe_path(request.form.get("next", "")) or home_of(visit.person)
    if access.standing_of(visit) is not Standing.CODE_MISSING:
        return redirect(going, 303)
    try:
        keys = identity.sealing_keys(current_app)
        token = second_factor.pass_code(db.session(), visit, form.code.data or "", keys, clock.now())
    except (Invalid, Conflict) as refusal:
        form.code.errors = [refusal.sentence]
        return _page(form), 422
    except TooMany as refusal:
        form.code.errors = [refusal.sentence]
        return _page(form), 429, {"Retry-After": str(refusal.wait_s)}
    return identity.give(redirect(going, 303), token)


def _page(form: CodeForm) -> str:
    form.code.data = ""
    page = CodePage(form, safe_path(request.values.get("next", "")))
    return render_template("accounts/code.html", page=page)
