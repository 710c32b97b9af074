"""The closing desk: what can close, what a person decides, what to revise, and credits approved and issued by two."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.roles import Permission
from portal.usecases.closing import closing, closing_desk, revisions
from portal.usecases.closing.closing import Ruling
from portal.usecases.closing.closing_desk import Desk
from portal.usecases.closing.revisions import Proposal, Proposed
from portal.usecases.customer import closed_periods
from portal.usecases.customer.closed_periods import ClosedStatement
from portal.usecases.groundwork.money import read_money
from portal.usecases.settling import claims, crediting, ledger, statements
from portal.usecases.settling.crediting import CreditNote
from portal.usecases.settling.ledger import Credits
from portal.web import access, formats, paging, spreadsheets, transactions

blueprint = Blueprint("closing", __name__)
HEADER = ("contract", "period", "state", "sentence", "closable_from_utc")
CREDIT_HEADER = ("credit", "contract", "period", "revision", "kind", "amount", "currency", "state", "generated")
MONTH = "%Y-%m"
RULINGS = (
    (Ruling.AS_MEASURED.value, "As measured: judge what is known"),
    (Ruling.WITHOUT_VERDICT.value, "Without verdict: what too little is known of gets no verdict and no credit"),
)


class MonthForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Which month."""

    month = StringField("Month")


class RulingForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """How a period is closed that knows too little of itself, and why."""

    ruling = StringField("How to close it", default=Ruling.AS_MEASURED.value)
    reason = StringField("Reason")


class RevisionForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """Why a statement is made anew."""

    reason = StringField("Reason")


class CreditForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """The document that gives a credit, or why it is taken back."""

    reference = StringField("Credit note or invoice")
    amount = StringField("Amount on it")
    currency = StringField("Currency on it")
    reason = TextAreaField("Reason")


@dataclass(frozen=True, slots=True)
class DeskPage:
    """The open contract periods of a month (None: it was no month), and what would be revised."""

    form: MonthForm
    month: str
    desk: Desk | None
    proposed: Sequence[Proposed]


@dataclass(frozen=True, slots=True)
class RulingPage:
    """One period in a sentence, and the form to decide about it where a person has to."""

    contract: UUID
    period: str
    sentence: str
    is_asked: bool
    form: RulingForm
    rulings: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class StatementPage:
    """One statement as staff see it, and what a new revision of it would be."""

    shown: ClosedStatement
    proposal: Proposal | None
    form: RevisionForm


@dataclass(frozen=True, slots=True)
class CreditsPage:
    """Credits that wait, or all; `refused` is the one whose form could not be taken."""

    credits: Credits
    is_all: bool
    form: CreditForm
    refused: UUID | None


@blueprint.get("/staff/closing")
@access.requires(Permission.SEE_CLOSING)
def desk() -> ResponseReturnValue:
    """Show the contract periods of a month that are not closed."""
    month = request.args.get("month", "") or _last_month()
    form = MonthForm(data={"month": month})
    try:
        return _desk(form, month)
    except Invalid as refusal:
        return _refused_month(form, refusal)


@blueprint.get("/staff/closing.csv")
@access.requires(Permission.SEE_CLOSING)
def desk_csv() -> ResponseReturnValue:
    """Hand out where every contract period of a month stands."""
    month = request.args.get("month", "") or _last_month()
    try:
        found = closing_desk.standing(db.session(), month, clock.now())
    except Invalid as refusal:
        raise NotFound(refusal.sentence) from None
    rows = ((one.contract, one.period, one.stand.value, one.sentence, formats.iso(one.closable_from)) for one in found)
    return spreadsheets.answer("closing", HEADER, rows)


@blueprint.post("/staff/closing")
@access.requires(Permission.CLOSE_PERIODS)
@transactions.by_itself
def close() -> ResponseReturnValue:
    """Close what can be closed of a month, a piece at a time."""
    form, person = MonthForm(), access.reader()
    if not form.validate():
        raise Conflict("This form has expired. Reload the page and send it again.")
    month = form.month.data or ""
    try:
        piece = closing_desk.close_piece(db.session(), person, month, clock.now())
    except Invalid as refusal:
        return _refused_month(form, refusal)
    flash(f"{piece.closed} closed now, {piece.left} still open.")
    return redirect(url_for("closing.desk", month=month), 303)


@blueprint.get("/staff/closing/<uuid:contract>/<period>")
@access.requires(Permission.CLOSE_PERIODS)
def ask(contract: UUID, period: str) -> ResponseReturnValue:
    """Show what one period waits for, and the form to decide when it knows too little of itself."""
    try:
        found = closing_desk.look(db.session(), contract, period, clock.now())
    except Invalid:
        raise NotFound("There is no such period.") from None
    page = RulingPage(contract, period, found.sentence, found.is_asked, RulingForm(), RULINGS)
    return render_template("closing/ruling.html", page=page)


@blueprint.post("/staff/closing/<uuid:contract>/<period>")
@access.requires(Permission.CLOSE_PERIODS)
def decide(contract: UUID, period: str) -> ResponseReturnValue:
    """Note what a named person decides about it."""
    form = RulingForm()
    try:
        ruling = _ruling(form.ruling.data or "")
        reason = form.reason.data or ""
        closing.decide(db.session(), access.reader(), contract, period, ruling, reason, clock.now())
    except Invalid as refusal:
        if refusal.field not in form:
            raise NotFound("There is no such period.") from None
        form[refusal.field].errors = [refusal.sentence]
        page = RulingPage(contract, period, "This decision could not be taken.", True, form, RULINGS)
        return render_template("closing/ruling.html", page=page), 422
    flash("It is noted. Close the month again, and the period closes as you decided.")
    return redirect(url_for("closing.desk", month=period[:7]), 303)


@blueprint.get("/staff/statements/<uuid:statement>")
@access.requires(Permission.SEE_CLOSING)
def statement(statement: UUID) -> ResponseReturnValue:
    """Show one statement to staff, and what a new revision of it would be."""
    return _statement_page(statement, RevisionForm())


@blueprint.post("/staff/statements/<uuid:statement>/revise")
@access.requires(Permission.CLOSE_PERIODS)
def revise(statement: UUID) -> ResponseReturnValue:
    """Make a new revision of a statement."""
    form = RevisionForm()
    try:
        new = revisions.revise(db.session(), access.reader(), statement, form.reason.data or "", clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _statement_page(statement, form), 422
    flash("This is the new revision. The one before stays as it was.")
    return redirect(url_for("closing.statement", statement=new), 303)


@blueprint.get("/staff/credits")
@access.requires(Permission.SEE_CLOSING)
def all_credits() -> ResponseReturnValue:
    """Show the credits that wait, or with `?show=all` every one, with what may be done about it."""
    return _credits_page(CreditForm(), None)


@blueprint.get("/staff/credits.csv")
@access.requires(Permission.SEE_CLOSING)
def credits_csv() -> ResponseReturnValue:
    """Hand every credit out."""
    rows = (
        (
            str(one.id),
            one.contract,
            one.period,
            one.revision,
            one.kind,
            Decimal(one.amount_text),
            one.currency,
            one.state.value,
            "yes" if one.is_generated else "no",
        )
        for one in ledger.credits_of(db.session())
    )
    return spreadsheets.answer("credits", CREDIT_HEADER, rows)


@blueprint.post("/staff/credits/<uuid:credit>/approve")
@access.requires(Permission.APPROVE_CREDITS)
def approve(credit: UUID) -> ResponseReturnValue:
    """Take an accrued credit as right."""
    session, found = db.session(), ledger.credit(db.session(), credit)
    is_claimed = claims.is_accepted(session, found.contract_id, found.period)
    crediting.approve(session, access.reader(), credit, clock.now(), is_claimed=is_claimed)
    flash("Approved. Somebody else issues it.")
    return redirect(url_for("closing.all_credits"), 303)


@blueprint.post("/staff/credits/<uuid:credit>/issue")
@access.requires(Permission.ISSUE_CREDITS)
def issue(credit: UUID) -> ResponseReturnValue:
    """Give an approved credit by a document."""
    form = CreditForm()
    try:
        found = ledger.credit(db.session(), credit)
        amount = read_money("amount", form.amount.data or "", found.currency)
        note = CreditNote(form.reference.data or "", amount, (form.currency.data or "").strip())
        may = current_app.extensions["settings"].single_operator
        crediting.issue(db.session(), access.reader(), credit, note, clock.now(), single_operator=may)
    except Invalid as refusal:
        return _refused_credit(form, refusal, credit)
    flash("Issued. The customer sees the document's reference.")
    return redirect(url_for("closing.all_credits"), 303)


@blueprint.post("/staff/credits/<uuid:credit>/void")
@access.requires(Permission.ISSUE_CREDITS)
def void(credit: UUID) -> ResponseReturnValue:
    """Take an issued credit back by reversal."""
    form = CreditForm()
    try:
        crediting.void(db.session(), access.reader(), credit, form.reason.data or "", clock.now())
    except Invalid as refusal:
        return _refused_credit(form, refusal, credit)
    flash("Taken back. The reversal stands in the ledger.")
    return redirect(url_for("closing.all_credits"), 303)


def _desk(form: MonthForm, month: str) -> str:
    session = db.session()
    found = closing_desk.desk(session, month, clock.now(), request.args.get("after", ""))
    return render_template("closing/desk.html", page=DeskPage(form, month, found, revisions.proposals(session)))


def _refused_month(form: MonthForm, refusal: Invalid) -> ResponseReturnValue:
    form.month.errors = [refusal.sentence]
    return render_template("closing/desk.html", page=DeskPage(form, "", None, ())), 422


def _ruling(text: str) -> Ruling:
    try:
        return Ruling(text)
    except ValueError:
        raise Invalid("ruling", "Choose how to close it.") from None


def _statement_page(statement: UUID, form: RevisionForm) -> str:
    session = db.session()
    found = statements.statement(session, statement)
    shown = closed_periods.statement_shown(session, found, sees_money=True)
    proposal = revisions.proposal(session, statement, clock.now()) if found.heading.is_latest else None
    return render_template("closing/statement.html", page=StatementPage(shown, proposal, form))


def _credits_page(form: CreditForm, refused: UUID | None) -> str:
    is_all = request.args.get("show", "") == "all"
    if refused is None:
        found = ledger.credits_page(db.session(), paging.after(), open_only=not is_all)
    else:
        found = Credits((ledger.credit(db.session(), refused),), None)
    return render_template("closing/credits.html", page=CreditsPage(found, is_all, form, refused))


def _refused_credit(form: CreditForm, refusal: Invalid, credit: UUID) -> ResponseReturnValue:
    if refusal.field not in form:
        raise Conflict(refusal.sentence)
    form[refusal.field].errors = [refusal.sentence]
    return _credits_page(form, credit), 422


def _last_month() -> str:
    return (clock.now().replace(day=1) - timedelta(days=1)).strftime(MONTH)
