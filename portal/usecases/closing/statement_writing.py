"""Writing statements: the body in its one byte form, its envelope, its workings and what it owes, all or nothing."""

import hashlib
import importlib.metadata
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import canonical_bytes
from portal.domain.quantities.zones import installed_edition
from portal.domain.statements.body import Judgement, body, kept, provenance
from portal.store.ground.base import new_id
from portal.store.promises.contracts import StoredContract
from portal.store.settling.statements import StatementRow
from portal.usecases.settling.crediting import Owed
from portal.usecases.settling.near_misses import near_misses_of

DISTRIBUTION = "sla-portal"
GENERATED = "generated"


@dataclass(frozen=True, slots=True)
class Written:
    """A body in its byte form, its digest, and what the ledger and the envelope take from it."""

    text: str
    digest: str
    amount_minor: int
    currency: str
    is_generated: bool
    met: bool | None
    near_misses: int
    claim: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a body: its number, when and by whom it was closed, and why there is a new one."""

    revision: int
    closed_at: datetime
    closed_by: UUID | None
    reason: str


def written(judgement: Judgement) -> Written:
    """Return a judgement's body as it is stored."""
    document: dict[str, Any] = dict(body(judgement))
    content = canonical_bytes(document)
    return Written(
        text=content.decode(),
        digest=digest_of(content),
        amount_minor=judgement.settled.amount_minor,
        currency=judgement.line.currency,
        is_generated=GENERATED in provenance(judgement.lines),
        met=kept(judgement.lines),
        near_misses=near_misses_of(judgement.lines),
        claim=document["claim"],
    )


def digest_of(content: bytes) -> str:
    """Return the digest of a document's bytes."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def add_statement(
    session: Session, stored: StoredContract, judgement: Judgement, one: Written, envelope: Envelope
) -> UUID:
    """Add one revision of a statement to the session.

    When it is flushed, its key refuses a second one.
    """
    closing = judgement.closing
    row = StatementRow(
        customer_id=stored.customer_id,
        id=new_id(),
        contract_id=stored.id,
        period=closing.key,
        revision=envelope.revision,
        starts_at=closing.period.start,
        ends_at=closing.period.end,
        body=one.text,
        digest=one.digest,
        closed_at=envelope.closed_at,
        closed_by=envelope.closed_by,
        code_version=_code_version(),
        tzdata=installed_edition(),
        reason=envelope.reason,
        is_generated=one.is_generated,
        met=one.met,
        credit_minor=one.amount_minor,
        currency=one.currency,
        near_misses=one.near_misses,
    )
    session.add(row)
    return row.id


def owed(
    stored: StoredContract, statement_id: UUID, period: str, revision: int, one: Written, amount_minor: int
) -> Owed:
    """Return what the ledger books for a statement."""
    return Owed(
        customer_id=stored.customer_id,
        contract_id=stored.id,
        statement_id=statement_id,
        period=period,
        revision=revision,
        amount_minor=amount_minor,
        currency=one.currency,
        is_generated=one.is_generated,
        claim_required=one.claim["required"],
        claim_until=one.claim["until"],
    )


@cache
def _code_version() -> str:
    return importlib.metadata.version(DISTRIBUTION)
