"""Closed periods as a customer reads them: statements, and how each of their figures was made."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import Enumerated, amount, phrase
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.domain.quantities.exact import Rounding, decimal_text, parse_exact, round_to_whole
from portal.domain.quantities.intervals import Interval
from portal.store.measuring import measured
from portal.store.people import people
from portal.usecases.explaining.exclusion_words import spaced
from portal.usecases.explaining.receipt_words import EXCLUSION_REASONS, VERDICTS, value_words
from portal.usecases.explaining.receipts import Receipt, receipt_of, without_money
from portal.usecases.settling import statements
from portal.usecases.settling.ledger import State
from portal.usecases.settling.statements import LEFT, Statement

NOBODY = phrase("the timetable or the command line")
"""Who closed a statement that no person of the staff did."""
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LinePart:
    """The UTC seconds [start, end) of a line that one version of the terms judged, and how it did."""

    version: int
    start: int
    end: int
    promised: str
    attained: str | None
    verdict: str


@dataclass(frozen=True, slots=True)
class Line:
    """One commitment of a statement, as it was closed; all of its money None for those who may not see any.

    `credit_decimal` is the amount of `credit` as a decimal text. Where the terms changed within the period and each
    version judges its own time, there are several `parts`, and `promised` and `attained` name the figures of all.
    """

    service: str
    service_key: str
    commitment: str
    promised: str
    attained: str | None
    status: str
    verdict: str
    credit: str | None
    credit_decimal: str | None
    percent: str | None
    owes: bool
    parts: Sequence[LinePart]


@dataclass(frozen=True, slots=True)
class Excluded:
    """One entry of the register a statement looked at, and what became of it in words for each line."""

    id: str
    type: str
    start: int
    end: int
    status: str
    note: str
    outcomes: Sequence[str]


@dataclass(frozen=True, slots=True)
class ClosedStatement:
    """One statement as people read it; `credit` is what is owed in all, None for those who may not see money.

    `owed` says in words whether it still is, or what became of it; `ruled_by` who decided, None where nobody had to.
    """

    statement: Statement
    timezone: str
    start: int
    end: int
    lines: Sequence[Line]
    excluded: Sequence[Excluded]
    credit: str | None
    owed: str | None
    closed_by: str
    ruled_by: str | None
    claim_until: int | None
    is_claim_required: bool
    sees_money: bool


@dataclass(frozen=True, slots=True)
class ClosedWorking:
    """How one figure of a statement was made: a receipt for each part of the period that counted."""

    statement: Statement
    line: Line
    receipts: Sequence[Receipt]
    sees_money: bool


def closed_statement(session: Session, customer_id: UUID, person: Person, statement_id: UUID) -> ClosedStatement:
    """Return one statement of the scope's customer; raise NotFound for a stranger's as for none at all."""
    found = statements.statement(session, statement_id)
    sees_money = person.may(Permission.SEE_MONEY, customer_id)
    return statement_shown(session, found, sees_money=sees_money)


def statement_shown(session: Session, found: Statement, *, sees_money: bool) -> ClosedStatement:
    """Return a statement as people read it, with or without its money."""
    body, names = found.body, service_names(session, found.body)
    credit = amount(body["credit"]["amount_text"], body["credit"]["currency"])
    return ClosedStatement(
        statement=found,
        timezone=body["period"]["timezone"],
        start=body["period"]["start"],
        end=body["period"]["end"],
        lines=lines_of(body, names, sees_money=sees_money),
        excluded=[_excluded(one, body["commitments"], names) for one in body["exclusions"]],
        credit=credit if sees_money else None,
        owed=_owed(found, credit) if sees_money else None,
        closed_by=found.heading.closed_by_name or NOBODY,
        ruled_by=_ruled_by(session, body["ruling"]),
        claim_until=body["claim"]["until"],
        is_claim_required=body["claim"]["required"],
        sees_money=sees_money,
    )


def closed_working(
    session: Session,
    customer_id: UUID,
    person: Person,
    statement_id: UUID,
    service: str,
    commitment: str,
    look: Interval | None = None,
) -> ClosedWorking:
    """Return how one figure of a statement was made, its time zoomed to a look; raise NotFound without such a line."""
    found = statements.statement(session, statement_id)
    documents = statements.workings_of(session, statement_id, service, commitment)
    sees_money = person.may(Permission.SEE_MONEY, customer_id)
    places = measured.location_names(session)
    lines = lines_of(found.body, service_names(session, found.body), sees_money=sees_money)
    return ClosedWorking(
        statement=found,
        line=next(one for one in lines if (one.service_key, one.commitment) == (service, commitment)),
        receipts=[receipt_of(one if sees_money else without_money(one), places, look) for one in documents],
        sees_money=sees_money,
    )


def working_documents(
    session: Session, customer_id: UUID, person: Person, statement_id: UUID, service: str, commitment: str
) -> Sequence[Document]:
    """Return the `sla-working/1` documents behind one figure, without money for those who may not see it."""
    found = statements.workings_of(session, statement_id, service, commitment)
    return found if person.may(Permission.SEE_MONEY, customer_id) else [without_money(one) for one in found]


def service_names(session: Session, body: Document) -> Mapping[str, str]:
    """Return the names of the services of a statement's body, by key."""
    return measured.service_names(session, {one["service"] for one in body["commitments"]})


def lines_of(body: Document, names: Mapping[str, str], *, sees_money: bool) -> Sequence[Line]:
    """Return the lines of a statement's body, services by these names, with or without their money."""
    return [_line(one, names, body["contract"] if sees_money else None) for one in body["commitments"]]


def _line(line: Document, names: Mapping[str, str], contract: Document | None) -> Line:
    parts = line["parts"] if line["governing"] is None else [line["parts"][line["governing"]]]
    attained = [one["attained"]["display"] for one in parts if one["attained"] is not None]
    owed = None if contract is None else _credit(line, contract)
    return Line(
        service=names.get(line["service"], line["service"]),
        service_key=line["service"],
        commitment=line["commitment"],
        promised=" / ".join(dict.fromkeys(one["target_percent"] for one in parts)),
        attained=" / ".join(attained) or None,
        status=line["status"],
        verdict=VERDICTS[line["status"]],
        credit=None if contract is None or owed is None else amount(owed, contract["currency"]),
        credit_decimal=owed,
        percent=None if contract is None else _percent(line, parts),
        owes=contract is not None and _is_owed(line),
        parts=[_part(one, line["status"] if len(parts) == 1 else one["status"]) for one in parts],
    )


def _part(part: Document, status: str) -> LinePart:
    attained = None if part["attained"] is None else part["attained"]["display"]
    return LinePart(part["version"], part["start"], part["end"], part["target_percent"], attained, VERDICTS[status])


def _is_owed(line: Document) -> bool:
    return line["credit_exact"] is not None and parse_exact(line["credit_exact"]) > 0


def _percent(line: Document, parts: Sequence[Document]) -> str | None:
    """The share of the fee a line owes, where one part says it."""
    share = parts[0]["money"]["credit"]["percent_exact"] if len(parts) == 1 else None
    return None if share is None or not _is_owed(line) else value_words(share)


def _credit(line: Document, contract: Document) -> str | None:
    """A line's credit as a decimal text, rounded as the contract rounds the credit of the whole period (R35)."""
    if line["credit_exact"] is None:
        return None
    digits = contract["minor_digits"]
    minor = round_to_whole(parse_exact(line["credit_exact"]) * 10**digits, Rounding(contract["money_rounding"]))
    return decimal_text(minor, digits)


def _owed(found: Statement, credit: str) -> str | None:
    """What a statement owes in words; it is issued when what was issued for the period is what it owes."""
    if not found.heading.credit_minor:
        return None
    if not found.heading.is_latest:
        return phrase("{amount} was owed by this revision.", amount=credit)
    if any(one.state in (State.ACCRUED, State.APPROVED) for one in found.credits):
        return phrase("{amount} is owed.", amount=credit)
    issued = sum(one.amount_minor for one in found.credits if one.state is State.ISSUED)
    if issued == found.heading.credit_minor:
        return phrase("{amount} was issued.", amount=credit)
    return phrase("{amount} was owed; what became of it stands below.", amount=credit)


def _ruled_by(session: Session, ruling: Document | None) -> str | None:
    return None if ruling is None else people.name_of(session, UUID(ruling["by"])) or LEFT


def _excluded(one: Document, lines: Iterable[Document], names: Mapping[str, str]) -> Excluded:
    outcomes = [
        _outcome(names.get(line["service"], line["service"]), line["commitment"], found, one["status"])
        for line in lines
        for part in line["parts"]
        for found in part["exclusions"]
        if found["id"] == one["id"]
    ]
    shown = tuple(dict.fromkeys(outcomes))
    return Excluded(one["id"], one["type"], one["start"], one["end"], one["status"], one["note"] or "", shown)


def _outcome(service: str, commitment: str, found: Document, status: str) -> str:
    key = status if found["reason"] == "not_approved" else found["reason"]
    reason = EXCLUSION_REASONS.get(key, spaced(key)) if key else ""
    if found["accepted"]:
        left_out = phrase("{seconds} s left out", seconds=found["counted_seconds"])
    else:
        left_out = phrase("not left out")
    outcome = Enumerated.of([left_out, reason] if reason else [left_out])
    return phrase("{service}, {commitment}: {outcome}", service=service, commitment=spaced(commitment), outcome=outcome)
