"""Claims: customers ask for credits the terms give on request, staff decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid
from portal.domain.people.roles import Permission
from portal.usecases.people import customers
from portal.usecases.settling import claims
from portal.usecases.settling.claims import Claimable, Claims, Outcome
from portal.web import access, formats, paging, spreadsheets
from portal.web.saying import say

blueprint = Blueprint("claims", __name__)
HEADER = ("customer", "contract", "period", "claimed_utc", "words", "outcome", "decided_utc", "reason")


class WordsForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What somebody says about a claim."""

    words = TextAreaField(phrase("Your words"))


@dataclass(frozen=True, slots=True)
class CustomerPage:
    """Every credit that must be claimed, and the form; `refused` is the credit whose words could not be taken."""

    customer: customers.Customer
    claimable: Sequence[Claimable]
    form: WordsForm
    refused: UUID | None


@dataclass(frozen=True, slots=True)
class DeskPage:
    """Claims that wait, or all, and the form to decide; `refused` is the claim whose words could not be taken."""

    claims: Claims
    is_all: bool
    form: WordsForm
    refused: UUID | None


@blueprint.get("/c/<uuid:customer>/claims")
@access.requires(Permission.SEE_MONEY)
def show(customer: UUID) -> ResponseReturnValue:
    """Show the credits that must be claimed, until when, and what became of each claim."""
    return _customer_page(customer, WordsForm(), None)


@blueprint.post("/c/<uuid:customer>/credits/<uuid:credit>/claim")
@access.requires(Permission.CLAIM_CREDITS)
def claim(customer: UUID, credit: UUID) -> ResponseReturnValue:
    """Claim a credit."""
    form = WordsForm()
    try:
        claims.claim(db.session(), access.reader(), credit, form.words.data or "", clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _customer_page(customer, form, credit), 422
    flash(say(phrase("Your claim is made. You find the answer here.")))
    return redirect(url_for("claims.show", customer=customer), 303)


@blueprint.get("/staff/claims")
@access.requires(Permission.ANSWER_CUSTOMERS)
def desk() -> ResponseReturnValue:
    """Show the claims that wait, or with `?show=all` every one."""
    return _desk(WordsForm(), None)


@blueprint.get("/staff/claims.csv")
@access.requires(Permission.ANSWER_CUSTOMERS)
def desk_csv() -> ResponseReturnValue:
    """Hand all claims out."""
    rows = (
        (
            one.customer,
            one.contract,
            one.period,
            formats.iso(one.made_at),
            one.words,
            one.outcome.value,
            formats.iso(one.decided_at) if one.decided_at else None,
            one.decision,
        )
        for one in claims.claims(db.session())
    )
    return spreadsheets.answer("claims", HEADER, rows)


@blueprint.post("/staff/claims/<uuid:claim>/accept")
@access.requires(Permission.ANSWER_CUSTOMERS)
def accept(claim: UUID) -> ResponseReturnValue:
    """Accept a claim."""
    return _decide(claim, Outcome.ACCEPTED)


@blueprint.post("/staff/claims/<uuid:claim>/reject")
@access.requires(Permission.ANSWER_CUSTOMERS)
def reject(claim: UUID) -> ResponseReturnValue:
    """Reject a claim with a reason."""
    return _decide(claim, Outcome.REJECTED)


def _decide(claim_id: UUID, outcome: Outcome) -> ResponseReturnValue:
    form = WordsForm()
    try:
        claims.decide(db.session(), access.reader(), claim_id, outcome, form.words.data or "", clock.now())
    except Invalid as refusal:
        form[refusal.field].errors = [refusal.sentence]
        return _desk(form, claim_id), 422
    flash(f"The claim is {outcome.value}; the customer reads it now.")
    return redirect(url_for("claims.desk"), 303)


def _customer_page(customer: UUID, form: WordsForm, refused: UUID | None) -> str:
    session = db.session()
    page = CustomerPage(customers.customer(session, customer), claims.claimable(session, clock.now()), form, refused)
    return render_template("claims/customer.html", page=page)


def _desk(form: WordsForm, refused: UUID | None) -> str:
    is_all = request.args.get("show", "") == "all"
    if refused is None:
        found = claims.claims_page(db.session(), paging.after(), waiting_only=not is_all)
    else:
        found = Claims([claims.claim_shown(db.session(), refused)], None)
    return render_template("claims/desk.html", page=DeskPage(found, is_all, form, refused))
