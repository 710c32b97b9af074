"""Signing in and out, and the page of one's own account."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Length

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, TooMany
from portal.domain.people.languages import Language
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.domain.people.second_factor import Standing
from portal.usecases.customer import support
from portal.usecases.people import accounts, customers, second_factor
from portal.web import access, identity, transactions
from portal.web.going import home_of, safe_path
from portal.web.saying import say

blueprint = Blueprint("accounts", __name__)


class SignInForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """An address and a password."""

    email = StringField(
        phrase("E-mail address"), validators=[DataRequired(phrase("Enter your e-mail address.")), Length(max=254)]
    )
    password = PasswordField(
        phrase("Password"), validators=[DataRequired(phrase("Enter your password.")), Length(max=256)]
    )


class ZoneForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The time zone somebody reads times in."""

    timezone = StringField(phrase("Your time zone"))


@dataclass(frozen=True, slots=True)
class SignInPage:
    """The sign-in page: its form, why it was refused, where the reader was going, and who is signed in already."""

    form: SignInForm
    refusal: str
    next: str
    person: Person | None
    home: str


@dataclass(frozen=True, slots=True)
class AccountPage:
    """The customers a person belongs to, their second factor, and who of staff may see their customers' pages now."""

    customers: Sequence[customers.Membership]
    factor: second_factor.Factor
    support: Sequence[support.Grant]
    zone: ZoneForm
    languages: Sequence[Language] = tuple(Language)


@blueprint.get("/sign-in")
@access.public
def sign_in() -> ResponseReturnValue:
    """Show the form."""
    return _form(SignInForm())


@blueprint.post("/sign-in")
@access.public
@transactions.by_itself
def begin_session() -> ResponseReturnValue:
    """Begin a session and go on to where the reader was going."""
    form = SignInForm()
    if not form.validate():
        return _form(form), 422
    email, password = form.email.data or "", form.password.data or ""
    try:
        token, person = accounts.sign_in(
            db.session(), email, password, identity.browser(), clock.now(), identity.token()
        )
    except Invalid as refusal:
        return _form(form, refusal.sentence), 422
    except TooMany as refusal:
        return _form(form, refusal.sentence), 429, {"Retry-After": str(refusal.wait_s)}
    going = safe_path(request.form.get("next", "")) or home_of(person)
    return identity.give(redirect(going, 303), token)


@blueprint.post("/sign-out")
@access.requires(Permission.SEE_OWN_ACCOUNT, least=Standing.CODE_MISSING)
def end_session() -> ResponseReturnValue:
    """End the session: its cookie opens nothing any more, here or copied elsewhere."""
    accounts.sign_out(db.session(), access.visit(), clock.now())
    return identity.take(redirect(url_for("status.show"), 303))


@blueprint.get("/account")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def show() -> ResponseReturnValue:
    """Show whose pages the reader may see, who else sees them, and what they may change."""
    return _account(ZoneForm(data={"timezone": access.reader().timezone or ""}))


@blueprint.post("/account/time-zone")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def choose_timezone() -> ResponseReturnValue:
    """Set the time zone the reader reads times in."""
    form = ZoneForm()
    try:
        accounts.choose_timezone(db.session(), access.reader(), form.timezone.data or "")
    except Invalid as refusal:
        form.timezone.errors = [refusal.sentence]
        return _account(form), 422
    flash(say(phrase("Your time zone is kept.")))
    return redirect(url_for("accounts.show"), 303)


def _account(form: ZoneForm) -> str:
    visit, session = access.visit(), db.session()
    page = AccountPage(
        customers.memberships(session, visit.person),
        second_factor.factor(session, visit),
        support.grants_in_force(session, visit.person, clock.now()),
        form,
    )
    return render_template("accounts/account.html", page=page)


@blueprint.post("/account/language")
@access.requires(Permission.SEE_OWN_ACCOUNT)
def choose_language() -> ResponseReturnValue:
    """Read the portal in another language from now on."""
    accounts.choose_language(db.session(), access.reader(), request.form.get("language", ""))
    return redirect(url_for("accounts.show"), 303)


def _form(form: SignInForm, refusal: str = "") -> str:
    going, person = safe_path(request.values.get("next", "")), access.person_signed_in()
    page = SignInPage(form, refusal, going, person, home_of(person) if person else "")
    return render_template("accounts/sign_in.html", page=page)
