"""One's own second factor: set up, renewed, removed. What is shown once is in the answer itself and kept nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, TooMany
from portal.domain.people.roles import Permission
from portal.domain.people.second_factor import Standing, is_required
from portal.usecases.configuration import provider
from portal.usecases.people import second_factor
from portal.web import access, identity, transactions
from portal.web.going import home_of, safe_path
from portal.web.saying import say

blueprint = Blueprint("second_factor", __name__)
PAGE = "second_factor.show"


class ProofForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The first code of a new authenticator."""

    code = StringField(phrase("Code the app shows"))


@dataclass(frozen=True, slots=True)
class FactorPage:
    """How the second factor stands, the authenticator being set up, and whether one must be."""

    form: ProofForm
    factor: second_factor.Factor
    pairing: second_factor.Pairing | None
    must_have: bool
    next: str


@dataclass(frozen=True, slots=True)
class CodesPage:
    """Recovery codes, shown this once, and where to go on to."""

    codes: Sequence[str]
    next: str


@blueprint.get("/account/second-factor")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.FACTOR_MISSING)
def show() -> ResponseReturnValue:
    """Show how the reader's second factor stands."""
    return _page(ProofForm())


@blueprint.post("/account/second-factor/begin")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.FACTOR_MISSING, confirmed_on=PAGE)
def begin() -> ResponseReturnValue:
    """Make the secret of a new authenticator."""
    keys = identity.sealing_keys(current_app)
    second_factor.begin_pairing(db.session(), access.visit(), keys, clock.now())
    return redirect(url_for(PAGE, next=safe_path(request.form.get("next", "")) or None), 303)


@blueprint.post("/account/second-factor")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.FACTOR_MISSING, confirmed_on=PAGE)
@transactions.by_itself
def prove() -> ResponseReturnValue:
    """Put the new authenticator in force, and show the recovery codes."""
    form, visit = ProofForm(), access.visit()
    keys = identity.sealing_keys(current_app)
    try:
        token, codes = second_factor.finish_pairing(db.session(), visit, form.code.data or "", keys, clock.now())
    except (Invalid, Conflict) as refusal:
        form.code.errors = [refusal.sentence]
        return _page(form), 422
    except TooMany as refusal:
        form.code.errors = [refusal.sentence]
        return _page(form), 429, {"Retry-After": str(refusal.wait_s)}
    return identity.give(make_response(_codes(codes)), token)


@blueprint.post("/account/second-factor/recovery-codes")
@access.requires(Permission.SEE_OWN_ACCOUNT, confirmed_on=PAGE)
def renew_codes() -> ResponseReturnValue:
    """Replace the recovery codes, and show them."""
    return _codes(second_factor.renew_recovery_codes(db.session(), access.visit(), clock.now()))


@blueprint.post("/account/second-factor/remove")
@access.requires(Permission.SEE_OWN_ACCOUNT, confirmed_on=PAGE)
def remove() -> ResponseReturnValue:
    """Remove the second factor, where none must be."""
    settings = current_app.extensions["settings"]
    staff, customers = settings.staff_second_factor, settings.customer_second_factor
    second_factor.remove(db.session(), access.visit(), staff, customers, clock.now())
    flash(say(phrase("Your second factor is removed. Your password alone signs you in.")))
    return redirect(url_for(PAGE), 303)


def _page(form: ProofForm) -> str:
    visit, session, settings = access.visit(), db.session(), current_app.extensions["settings"]
    form.code.data = ""
    page = FactorPage(
        form,
        second_factor.factor(session, visit),
        second_factor.pairing(session, visit, identity.sealing_keys(current_app), provider.site(session).name),
        is_required(visit.person, settings.staff_second_factor, settings.customer_second_factor),
        safe_path(request.values.get("next", "")),
    )
    return render_template("accounts/second_factor.html", page=page)


def _codes(codes: Sequence[str]) -> str:
    going = safe_path(request.form.get("next", "")) or home_of(access.reader())
    return render_template("accounts/recovery_codes.html", page=CodesPage(codes, going))
