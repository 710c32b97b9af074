"""The published commitments, open to anybody: in words, side by side, version by version, and what they would pay."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Form, StringField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, NotFound
from portal.usecases.publishing import calculator, commitments
from portal.usecases.publishing.calculator import Asked, Reckoning
from portal.usecases.publishing.commitments import AgreementPage, SideBySide, Summary
from portal.usecases.wording.example import USUAL_CURRENCY
from portal.web import access, spreads, typed
from portal.web.prepared.declared import prepared

blueprint = Blueprint("commitments", __name__)


class CalculatorForm(Form):
    """How long it was down, and what it costs a month."""

    hours = StringField(phrase("Hours down"))
    minutes = StringField(phrase("and minutes"))
    fee = StringField(phrase("Monthly fee"))
    currency = StringField(phrase("Currency"))


@dataclass(frozen=True, slots=True)
class CataloguePage:
    """Every agreement, and the first of them side by side."""

    agreements: tuple[Summary, ...]
    beside: SideBySide | None


@dataclass(frozen=True, slots=True)
class CalculatorPage:
    """The question and, once it was asked, the answer; `currency` is the one the terms name, if they do."""

    slug: str
    name: str
    form: CalculatorForm
    currency: str | None
    answer: Reckoning | None


@blueprint.get("/commitments")
@access.public
@prepared()
def show_all() -> ResponseReturnValue:
    """Show the catalogue of agreements."""
    session, now = db.session(), clock.now()
    page = CataloguePage(commitments.catalogue(session, now), commitments.side_by_side(session, now))
    return render_template("commitments/catalogue.html", page=page)


@blueprint.get("/commitments/compare")
@access.public
def compare() -> ResponseReturnValue:
    """Show two agreements side by side."""
    first, second = request.args.get("a", ""), request.args.get("b", "")
    page = commitments.comparison(db.session(), first, second, clock.now())
    return render_template("commitments/comparison.html", page=page)


@blueprint.get("/commitments/<slug>")
@access.public
@prepared()
def show(slug: str) -> ResponseReturnValue:
    """Show the version of an agreement that is in force."""
    return _agreement(commitments.agreement(db.session(), slug, None, clock.now()))


@blueprint.get("/commitments/<slug>/versions/<int:number>")
@access.public
@prepared()
def show_version(slug: str, number: int) -> ResponseReturnValue:
    """Show one version of an agreement, in force or not."""
    return _agreement(commitments.agreement(db.session(), slug, number, clock.now()))


@blueprint.get("/commitments/<slug>/changes")
@access.public
def choose_changes(slug: str) -> ResponseReturnValue:
    """Lead to what changed between the two versions that were chosen."""
    before, after = request.args.get("before", type=int), request.args.get("after", type=int)
    if before is None or after is None or before < 1 or after < 1:
        raise NotFound(phrase("Choose two versions of this agreement."))
    return redirect(url_for("commitments.show_changes", slug=slug, before=before, after=after), 303)


@blueprint.get("/commitments/<slug>/changes/<int:before>/<int:after>")
@access.public
@prepared()
def show_changes(slug: str, before: int, after: int) -> ResponseReturnValue:
    """Show what changed from one version to another."""
    page = commitments.difference(db.session(), slug, before, after, clock.now())
    return render_template("commitments/changes.html", page=page)


@blueprint.get("/commitments/<slug>/calculator")
@access.public
def calculate(slug: str) -> ResponseReturnValue:
    """Show what the agreement would have paid for the outage that was asked about."""
    form = CalculatorForm(request.args)
    name, currency = calculator.named_currency_of(db.session(), slug, clock.now())
    answer, status = _answer(slug, form) if request.args else (None, 200)
    if form.currency.data is None:
        form.currency.data = USUAL_CURRENCY
    page = CalculatorPage(slug, name, form, currency, answer)
    return render_template("commitments/calculator.html", page=page), status


def _agreement(page: AgreementPage) -> str:
    return render_template("commitments/agreement.html", page=page, picture=spreads.picture(page.record.lines))


def _answer(slug: str, form: CalculatorForm) -> tuple[Reckoning | None, int]:
    try:
        fee = typed.plain_amount("fee", form.fee.data or "")
        asked = Asked(form.hours.data or "", form.minutes.data or "", fee, form.currency.data or USUAL_CURRENCY)
        return calculator.reckon(db.session(), slug, asked, clock.now()), 200
    except Invalid as invalid:
        form[invalid.field].errors = [invalid.sentence]
        return None, 422
