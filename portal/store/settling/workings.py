"""Workings of closed periods, stored once under the digest of their content and shared by all who were promised it."""

from collections.abc import Collection, Mapping, Sequence
from typing import cast

import zstandard
from sqlalchemy import LargeBinary, Table, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base
from portal.store.ground.dialects import insert_all_new

LEVEL = 9
LARGEST_BYTES = 64 * 1024 * 1024
ASKED_AT_ONCE = 500


class WorkingRow(Base):
    """One `sla-measurement/1` document, compressed; `size_bytes` is its length before."""

    __tablename__ = "working"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy's own form

    digest: Mapped[str] = mapped_column(primary_key=True)
    size_bytes: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)


only_grows(cast(Table, WorkingRow.__table__))


def save_workings(session: Session, documents: Mapping[str, bytes]) -> None:
    """Store documents by their digest; one that is there already is left alone."""
    known = _known(session, list(documents))
    compress = zstandard.ZstdCompressor(level=LEVEL).compress
    new = {digest: content for digest, content in sorted(documents.items()) if digest not in known}
    rows = [(digest, len(content), compress(content)) for digest, content in new.items()]
    insert_all_new(session, WorkingRow, rows)


def working(session: Session, digest: str) -> bytes | None:
    """Return the document of a digest, if it is stored."""
    found = session.scalar(select(WorkingRow.content).where(WorkingRow.digest == digest))
    return None if found is None else zstandard.ZstdDecompressor().decompress(found, max_output_size=LARGEST_BYTES)


def digests(session: Session) -> Sequence[str]:
    """Return the digests of all workings, in order."""
    return session.scalars(select(WorkingRow.digest).order_by(WorkingRow.digest)).all()


def stored_bytes(session: Session) -> tuple[int, int, int]:
    """Return how many workings there are, and their bytes before and after compression."""
    length = func.coalesce(func.sum(func.length(WorkingRow.content)), 0)
    row = session.execute(select(func.count(), func.coalesce(func.sum(WorkingRow.size_bytes), 0), length)).one()
    return int(row[0]), int(row[1]), int(row[2])


def _known(session: Session, digests: Collection[str]) -> set[str]:
    asked, known = list(digests), set[str]()
    for first in range(0, len(asked), ASKED_AT_ONCE):
        some = asked[first : first + ASKED_AT_ONCE]
        known.update(session.scalars(select(WorkingRow.digest).where(WorkingRow.digest.in_(some))))
    return known
