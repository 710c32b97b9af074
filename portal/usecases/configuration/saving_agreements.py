"""Saving agreements: their names may change, their published versions never do."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import canonical_bytes, digest
from portal.domain.promises.terms import Terms, to_document
from portal.store.promises import configuration as store
from portal.store.promises.agreements import AgreementRow, AgreementVersionRow
from portal.usecases.configuration.entries import AgreementEntry
from portal.usecases.configuration.plan import Ledger


def save(session: Session, entries: Sequence[AgreementEntry], now: datetime, ledger: Ledger) -> None:
    """Save agreements and publish the versions that are new."""
    stored = store.agreements_by_slug(session)
    published = store.version_numbers(session)
    for entry in entries:
        row = stored.get(entry.key)
        if row is None:
            row = AgreementRow(slug=entry.key, name=entry.name)
            session.add(row)
            session.flush()
            ledger.create(f"agreement {entry.key}", {"name": entry.name})
        else:
            ledger.change(f"agreement {entry.key}", row, {"name": entry.name})
        for terms in entry.versions:
            if terms.version.number in published.get(entry.key, ()):
                ledger.unchanged += 1
                continue
            version = _version(row, terms, now)
            session.add(version)
            facts = {"effective_from": version.effective_from, "digest": version.digest}
            ledger.create(f"agreement {entry.key}, version {terms.version.number}", facts)
    session.flush()


def _version(row: AgreementRow, terms: Terms, now: datetime) -> AgreementVersionRow:
    document = to_document(terms)
    return AgreementVersionRow(
        agreement_id=row.id,
        number=terms.version.number,
        effective_from=terms.version.effective_from.isoformat(),
        document=canonical_bytes(document).decode(),
        digest=digest(document),
        published_at=now,
    )
