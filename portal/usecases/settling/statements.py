"""Statements as people read them: what was committed to, revision by revision, and the working of every figure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import decimal_text
from portal.domain.quantities.zones import local_text
from portal.domain.statements.measurement import working_of
from portal.store.settling import statements as store
from portal.store.settling import workings
from portal.store.settling.statements import NamedStatement, PeriodKey
from portal.usecases.settling import ledger
from portal.usecases.settling.ledger import CreditView

Document = dict[str, Any]
NO_SUCH = phrase("There is no such statement.")
LEFT = phrase("somebody who has left")
"""Who a person is called who was erased."""


@dataclass(frozen=True, slots=True)
class Heading:
    """One revision of a statement in a list; `title` is how people call it, such as "ACME-2026-10, revision 2".

    `met` is None where there is no verdict; `closed_by_name` where no person of the staff closed it by hand.
    """

    id: UUID
    customer_id: UUID
    contract_id: UUID
    contract: str
    period: str
    title: str
    revision: int
    is_latest: bool
    closed_at: datetime
    closed_by_name: str | None
    reason: str
    met: bool | None
    credit_minor: int
    credit_text: str
    currency: str
    is_generated: bool
    digest: str


@dataclass(frozen=True, slots=True)
class Statement:
    """One revision in full: its body (`sla-statement/1`), its envelope, all revisions and the period's credits."""

    heading: Heading
    body: Document
    code_version: str
    tzdata: str
    period_local: tuple[str, str]
    revisions: Sequence[Heading]
    credits: Sequence[CreditView]


def headings(session: Session, contract_id: UUID | None = None, *, latest_only: bool = True) -> Sequence[Heading]:
    """Return the statements of the scope, or of one of its contracts, the latest period first."""
    found = _headings(store.statements(session, contract_id, with_bodies=False))
    return [one for one in found if one.is_latest or not latest_only]


def headings_by_id(session: Session, ids: Collection[UUID]) -> Mapping[UUID, Heading]:
    """Return the headings of these statements of the scope, by id, without reading a body."""
    return {one.id: one for one in _headings(store.statements_by_id(session, ids))}


def statement(session: Session, statement_id: UUID) -> Statement:
    """Return one revision of a statement of the scope; raise NotFound when there is none."""
    row = store.statement_by_id(session, statement_id)
    if row is None:
        raise NotFound(NO_SUCH)
    revisions = _headings(store.revisions_of(session, PeriodKey(row.contract_id, row.period)))
    body = json.loads(row.body)
    zone = body["period"]["timezone"]
    credits_ = [one for one in ledger.credits_of(session, contract_id=row.contract_id) if one.period == row.period]
    return Statement(
        heading=next(one for one in revisions if one.id == row.id),
        body=body,
        code_version=row.code_version,
        tzdata=row.tzdata,
        period_local=(local_text(row.starts_at, zone), local_text(row.ends_at, zone)),
        revisions=revisions,
        credits=credits_,
    )


def working(session: Session, statement_id: UUID, service: str, commitment: str) -> Document:
    """Return the whole working of one line of a statement, `sla-working/1` (docs/working.md), as its terms govern it.

    Where each version governs its own seconds it is the last of them; `workings_of` has all. Raises NotFound.
    """
    return workings_of(session, statement_id, service, commitment)[-1]


def workings_of(session: Session, statement_id: UUID, service: str, commitment: str) -> Sequence[Document]:
    """Return the whole workings of the parts of a line that count, in order; raise NotFound without such a line."""
    row = store.statement_by_id(session, statement_id)
    if row is None:
        raise NotFound(NO_SUCH)
    for line in json.loads(row.body)["commitments"]:
        if (line["service"], line["commitment"]) == (service, commitment):
            parts = line["parts"] if line["governing"] is None else [line["parts"][line["governing"]]]
            return [_working(session, part) for part in parts]
    raise NotFound(phrase("There is no such line in this statement."))


def _working(session: Session, part: Mapping[str, Any]) -> Document:
    found = workings.working(session, part["working"])
    if found is None:
        raise NotFound(phrase("The working of this figure is not stored here. Tell your administrator."))
    return working_of(json.loads(found), part["money"])


def _headings(found: Sequence[NamedStatement]) -> Sequence[Heading]:
    latest: dict[PeriodKey, int] = {}
    for one in found:
        key = PeriodKey(one.row.contract_id, one.row.period)
        latest[key] = max(latest.get(key, 0), one.row.revision)
    return [_heading(one, latest[PeriodKey(one.row.contract_id, one.row.period)]) for one in found]


def _heading(one: NamedStatement, latest: int) -> Heading:
    row = one.row
    return Heading(
        id=row.id,
        customer_id=row.customer_id,
        contract_id=row.contract_id,
        contract=one.contract,
        period=row.period,
        title=_title(one),
        revision=row.revision,
        is_latest=row.revision == latest,
        closed_at=row.closed_at,
        closed_by_name=one.closed_by if row.closed_by is None else one.closed_by or LEFT,
        reason=row.reason,
        met=row.met,
        credit_minor=row.credit_minor,
        credit_text=decimal_text(row.credit_minor, minor_digits(row.currency)),
        currency=row.currency,
        is_generated=row.is_generated,
        digest=row.digest,
    )


def _title(one: NamedStatement) -> str:
    """The contract and its period; a period that begins with a month is called by the month."""
    period = one.row.period.removesuffix("-01")
    name = f"{one.contract.upper()}-{period}"
    return phrase("{statement}, revision {number}", statement=name, number=one.row.revision)
