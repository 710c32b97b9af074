"""Statements and months as PDF: handed out when they are made, ordered when they are not, never made by a page."""

from dataclasses import dataclass
from uuid import UUID

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.database import db
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.people.roles import Permission
from portal.usecases.closing import papers
from portal.usecases.closing.papers import Kind, Paper, Standing, Wanted
from portal.usecases.customer import months
from portal.usecases.groundwork.local_months import period_words
from portal.usecases.people import customers
from portal.usecases.settling import statements
from portal.web import access, filenames

blueprint = Blueprint("papers", __name__)
RETRY_AFTER_S = 5
GROUPS = {Kind.STATEMENT: "statements", Kind.MONTH: "months"}
STATEMENT = "/c/<uuid:customer>/statements/<uuid:statement>.pdf"
MONTH = "/c/<uuid:customer>/months/<month>.pdf"


@dataclass(frozen=True, slots=True)
class WaitingPage:
    """A paper that is not there: what it is of, how far it has come, its own address and the one to go back to.

    `group` is which of a customer's pages it belongs to.
    """

    customer: customers.Customer
    group: str
    title: str
    standing: Standing
    here: str
    back: str
    may_order: bool


@blueprint.get(STATEMENT)
@access.requires(Permission.SEE_CUSTOMER)
def statement(customer: UUID, statement: UUID) -> ResponseReturnValue:
    """Hand out a statement as PDF, or say that it is still to be made."""
    wanted, title = _statement(customer, statement)
    back = url_for("statements.show", customer=customer, statement=statement)
    return _answer(customer, wanted, title, back, title)


@blueprint.post(STATEMENT)
@access.requires(Permission.ORDER_PAPERS)
def order_statement(customer: UUID, statement: UUID) -> ResponseReturnValue:
    """Order a statement as PDF."""
    wanted, _ = _statement(customer, statement)
    papers.order(db.session(), customer, access.reader(), wanted, clock.now())
    return redirect(url_for("papers.statement", customer=customer, statement=statement), 303)


@blueprint.get(MONTH)
@access.requires(Permission.SEE_CUSTOMER)
def month(customer: UUID, month: str) -> ResponseReturnValue:
    """Hand out a month as PDF, or say that it is still to be made."""
    back = url_for("months.show", customer=customer, month=month)
    return _answer(customer, _month(customer, month), period_words(f"{month}-01"), back, month)


@blueprint.post(MONTH)
@access.requires(Permission.ORDER_PAPERS)
def order_month(customer: UUID, month: str) -> ResponseReturnValue:
    """Order a month as PDF."""
    papers.order(db.session(), customer, access.reader(), _month(customer, month), clock.now())
    return redirect(url_for("papers.month", customer=customer, month=month), 303)


def _month(customer: UUID, month: str) -> Wanted:
    edition = months.edition(db.session(), month)
    if edition is None:
        raise NotFound(phrase("No period of this month is closed yet. Its PDF can be made when the first one is."))
    sees_money = access.reader().may(Permission.SEE_MONEY, customer)
    return papers.month_wanted(month, edition, access.reader().language.value, with_money=sees_money)


def _statement(customer: UUID, statement: UUID) -> tuple[Wanted, str]:
    heading = statements.statement(db.session(), statement).heading
    sees_money = access.reader().may(Permission.SEE_MONEY, customer)
    wanted = papers.statement_wanted(statement, heading.digest, access.reader().language.value, with_money=sees_money)
    return wanted, heading.title


def _answer(customer: UUID, wanted: Wanted, title: str, back: str, file: str) -> ResponseReturnValue:
    found = papers.find(db.session(), customer, wanted)
    if isinstance(found, Paper):
        return _file(found, file)
    may_order = access.reader().may(Permission.ORDER_PAPERS, customer)
    whose = customers.customer(db.session(), customer)
    page = WaitingPage(whose, GROUPS[Kind(wanted.kind)], title, found, request.path, back, may_order)
    shown = render_template("papers/waiting.html", page=page)
    return (shown, 202, {"Retry-After": str(RETRY_AFTER_S)}) if found is Standing.ORDERED else shown


def _file(paper: Paper, name: str) -> Response:
    disposition = f'attachment; filename="{filenames.of(name)}.pdf"'
    response = Response(paper.content, mimetype="application/pdf", headers={"Content-Disposition": disposition})
    response.set_etag(paper.digest)
    response.make_conditional(request)
    return response
