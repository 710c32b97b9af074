"""Closed periods: compliance by period, each statement, and how each of its figures was made."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from portal import clock
from portal.database import db
from portal.domain.documents.canonical import canonical_bytes
from portal.domain.notices.phrases import phrase
from portal.domain.people.roles import Permission
from portal.usecases.customer import closed_periods, heat_maps, histories
from portal.usecases.customer.closed_periods import ClosedStatement, ClosedWorking, Line
from portal.usecases.customer.heat_maps import HeatRow, PeriodHead
from portal.usecases.people import customers
from portal.usecases.settling import claims, disputes, statements
from portal.usecases.settling.claims import Claimable
from portal.usecases.settling.disputes import Dispute
from portal.usecases.settling.statements import Heading
from portal.web import access, filenames, formats, looks, private_answers, spreadsheets, workings
from portal.web.spreadsheets import Cell

blueprint = Blueprint("statements", __name__)
ONE = "/c/<uuid:customer>/statements/<uuid:statement>"
LINE = f"{ONE}/<service>/<commitment>"
LINE_HEADER = (
    "statement", "period", "service", "commitment", "terms_version", "start_utc", "end_utc", "promised_percent",
    "attained_percent", "verdict", "credit", "currency",
)  # fmt: skip
LIST_HEADER = (
    "statement", "contract", "period", "revision", "closed_utc", "closed_by", "kept", "credit", "currency", "digest",
)  # fmt: skip


class DisputeForm(FlaskForm):  # type: ignore[misc]  # flask_wtf ships no types
    """What is not right about a statement."""

    words = TextAreaField(phrase("What is not right?"))


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """Compliance by period and the list of all statements."""

    customer: customers.Customer
    periods: Sequence[PeriodHead]
    rows: Sequence[HeatRow]
    headings: Sequence[Heading]
    sees_money: bool


@dataclass(frozen=True, slots=True)
class StatementPage:
    """One statement, its credits that must be claimed, the disputes about any revision, and the form to dispute it."""

    customer: customers.Customer
    shown: ClosedStatement
    claimable: Sequence[Claimable]
    disputes: Sequence[Dispute]
    form: DisputeForm


@dataclass(frozen=True, slots=True)
class WorkingPage:
    """How one figure of a statement was made."""

    customer: customers.Customer
    shown: ClosedWorking


@blueprint.get("/c/<uuid:customer>/statements")
@access.requires(Permission.SEE_CUSTOMER)
def show_all(customer: UUID) -> ResponseReturnValue:
    """Show compliance by period and every statement."""
    session, person = db.session(), access.reader()
    history = histories.history(session, customer, person)
    page = HistoryPage(
        customer=customers.customer(session, customer),
        periods=heat_maps.period_heads(history.periods),
        rows=heat_maps.heat_rows(history),
        headings=statements.headings(session, latest_only=False),
        sees_money=person.may(Permission.SEE_MONEY, customer),
    )
    return render_template("statements/history.html", page=page)


@blueprint.get("/c/<uuid:customer>/statements.csv")
@access.requires(Permission.SEE_MONEY)
def all_csv(customer: UUID) -> ResponseReturnValue:
    """Hand out the list of every statement."""
    rows = (
        (
            one.title,
            one.contract,
            one.period,
            one.revision,
            formats.iso(one.closed_at),
            one.closed_by_name or closed_periods.NOBODY,
            {True: "kept", False: "breached", None: "no verdict"}[one.met],
            Decimal(one.credit_text),
            one.currency,
            one.digest,
        )
        for one in _asked()
    )
    return spreadsheets.answer(f"statements-{customer}", LIST_HEADER, rows)


@blueprint.get("/c/<uuid:customer>/statements.json")
@access.requires(Permission.SEE_MONEY)
def all_json(customer: UUID) -> ResponseReturnValue:
    """Hand out the list of every statement, each with the address of its own document."""
    found = [_listed(customer, one) for one in _asked()]
    return _json(canonical_bytes({"schema": "sla-statements/1", "statements": found}), f"statements-{customer}")


def _asked() -> Sequence[Heading]:
    """The statements of the periods that begin on the days `from` to `until` of the question, both among them."""
    first, last = request.args.get("from", ""), request.args.get("until", "")
    found = statements.headings(db.session(), latest_only=False)
    return [one for one in found if first <= one.period and (not last or one.period[: len(last)] <= last)]


def _listed(customer: UUID, one: Heading) -> Mapping[str, object]:
    """A heading in plain values; its credit in minor units and as a decimal text."""
    address = url_for("statements.document", customer=customer, statement=one.id)
    return {
        "statement": one.title,
        "id": str(one.id),
        "contract": one.contract,
        "period": one.period,
        "revision": one.revision,
        "is_latest": one.is_latest,
        "closed_at": formats.iso(one.closed_at),
        "kept": one.met,
        "credit_minor": one.credit_minor,
        "credit": one.credit_text,
        "currency": one.currency,
        "is_generated": one.is_generated,
        "digest": one.digest,
        "address": private_answers.full(address),
    }


@blueprint.get(ONE)
@access.requires(Permission.SEE_CUSTOMER)
def show(customer: UUID, statement: UUID) -> ResponseReturnValue:
    """Show one statement."""
    session = db.session()
    shown = closed_periods.closed_statement(session, customer, access.reader(), statement)
    about = disputes.about(session, [one.id for one in shown.statement.revisions])
    asked = claims.claimable_among(session, shown.statement.credits, clock.now()) if shown.sees_money else ()
    page = StatementPage(customers.customer(session, customer), shown, asked, about, DisputeForm())
    return render_template("statements/statement.html", page=page)


@blueprint.get(f"{ONE}/statement.json")
@access.requires(Permission.SEE_MONEY)
def document(customer: UUID, statement: UUID) -> ResponseReturnValue:
    """Hand out the body of a statement, whose digest is that of the statement."""
    shown = closed_periods.closed_statement(db.session(), customer, access.reader(), statement)
    return _json(canonical_bytes(shown.statement.body), shown.statement.heading.title)


@blueprint.get(f"{ONE}/statement.csv")
@access.requires(Permission.SEE_CUSTOMER)
def table(customer: UUID, statement: UUID) -> ResponseReturnValue:
    """Hand out the lines of a statement: a row for each version of the terms that judged a part of the period."""
    shown = closed_periods.closed_statement(db.session(), customer, access.reader(), statement)
    heading, currency = shown.statement.heading, shown.statement.body["contract"]["currency"]
    rows = ((heading.title, heading.period, *row) for one in shown.lines for row in _rows_of(one, currency))
    return spreadsheets.answer(filenames.of(heading.title), LINE_HEADER, rows)


def _rows_of(line: Line, currency: str) -> Iterator[Sequence[Cell]]:
    """A row for each part of a line; its credit stands once, in the last of them, so that a column adds up."""
    for part in line.parts:
        owes = line.credit_decimal is not None and part is line.parts[-1]
        yield (
            line.service,
            line.commitment,
            part.version,
            formats.iso(part.start),
            formats.iso(part.end),
            part.promised,
            part.attained,
            part.verdict,
            Decimal(line.credit_decimal) if owes and line.credit_decimal else None,
            currency if owes else None,
        )


@blueprint.get(LINE)
@access.requires(Permission.SEE_CUSTOMER)
def working(customer: UUID, statement: UUID, service: str, commitment: str) -> ResponseReturnValue:
    """Show how one figure of a statement was made."""
    session, person = db.session(), access.reader()
    shown = closed_periods.closed_working(session, customer, person, statement, service, commitment, looks.asked())
    return render_template("statements/working.html", page=WorkingPage(customers.customer(session, customer), shown))


@blueprint.get(f"{LINE}/working.csv")
@access.requires(Permission.SEE_CUSTOMER)
def working_table(customer: UUID, statement: UUID, service: str, commitment: str) -> ResponseReturnValue:
    """Hand out every piece of time of the documents a figure was read from."""
    found = closed_periods.working_documents(db.session(), customer, access.reader(), statement, service, commitment)
    return workings.table(filenames.of(f"{service}-{commitment}-{statement}"), found)


@blueprint.get(f"{LINE}/working.json")
@access.requires(Permission.SEE_CUSTOMER)
def working_document(customer: UUID, statement: UUID, service: str, commitment: str) -> ResponseReturnValue:
    """Hand out the documents a figure was read from; without money for those who may not see it."""
    found = closed_periods.working_documents(db.session(), customer, access.reader(), statement, service, commitment)
    body = canonical_bytes(found[0]) if len(found) == 1 else json.dumps(found, sort_keys=True).encode()
    return _json(body, f"{service}-{commitment}")


def _json(body: bytes, name: str) -> Response:
    disposition = f'attachment; filename="{filenames.of(name)}.json"'
    return Response(body, mimetype="application/json", headers={"Content-Disposition": disposition})
