"""Agreements and their published, immutable versions."""

import json
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import cast
from uuid import UUID

from sqlalchemy import ForeignKey, Table, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.promises.terms import Terms, parse_terms
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified


class AgreementRow(Identified, Base):
    """A named SLA; `slug` stands in its address (decision D17)."""

    __tablename__ = "agreement"

    slug: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]


class AgreementVersionRow(Identified, Base):
    """One published version: the canonical `sla-terms/1` text, its digest, and the local date it governs from."""

    __tablename__ = "agreement_version"

    agreement_id: Mapped[UUID] = mapped_column(ForeignKey("agreement.id"))
    number: Mapped[int]
    effective_from: Mapped[str]
    document: Mapped[str]
    digest: Mapped[str]
    published_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("agreement_id", "number"),)


only_grows(cast(Table, AgreementVersionRow.__table__))

IN_ORDER = (AgreementVersionRow.effective_from, AgreementVersionRow.number)
VERSIONS_KEPT = 256


@dataclass(frozen=True, slots=True)
class Published:
    """One published version: its terms, its canonical text and digest, and when it was published."""

    terms: Terms
    document: str
    digest: str
    published_at: datetime


def published_agreements(session: Session) -> dict[tuple[str, str], Sequence[Published]]:
    """Return the versions of each agreement, in the order they come into force, by (slug, name), by name."""
    question = (
        select(AgreementRow, AgreementVersionRow)
        .join(AgreementVersionRow, AgreementVersionRow.agreement_id == AgreementRow.id)
        .order_by(AgreementRow.name, AgreementRow.slug, *IN_ORDER)
    )
    found: dict[tuple[str, str], list[Published]] = defaultdict(list)
    for agreement, version in session.execute(question):
        found[agreement.slug, agreement.name].append(_published(version))
    return dict(found)


def agreement_versions(session: Session, slug: str) -> tuple[str, Sequence[Published]] | None:
    """Return an agreement's name and its versions in the order they come into force, if there is one."""
    agreement = session.scalar(select(AgreementRow).where(AgreementRow.slug == slug))
    if agreement is None:
        return None
    versions = select(AgreementVersionRow).where(AgreementVersionRow.agreement_id == agreement.id).order_by(*IN_ORDER)
    return agreement.name, tuple(_published(row) for row in session.scalars(versions))


def _published(row: AgreementVersionRow) -> Published:
    return Published(_terms(row.document), row.document, row.digest, row.published_at)


@lru_cache(maxsize=VERSIONS_KEPT)
def _terms(text: str) -> Terms:
    return parse_terms(json.loads(text))
