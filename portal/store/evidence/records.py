"""What was told of a service beside what was measured: outage records, and what every told row shares (decision D9).

Told rows only grow. A correction is a further revision of the same thing; the latest accepted one stands.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, cast
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    Select,
    SmallInteger,
    Table,
    UniqueConstraint,
    exists,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.evidence.records import OutageRecord
from portal.store.evidence.runs import PROVENANCE_NUMBER, PROVENANCES
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base, Identified, Seconds, new_id
from portal.store.people.people import UserRow as UserRow  # a record names who entered and who approved it

ACCEPTED, PROPOSED, REJECTED = "accepted", "proposed", "rejected"


class Told:
    """What every told row says of itself: its revision, where it comes from, and the UTC second it was taken at.

    `source` is the SHA-256 of the file, or empty for what a person entered.
    """

    revision: Mapped[int]
    provenance: Mapped[int] = mapped_column(SmallInteger)
    source: Mapped[str]
    recorded_at: Mapped[Seconds]


class OutageRow(Told, Identified, Base):
    """One report of an outage [start, end); `incident` is empty where there is none; without length it is withdrawn.

    What a person of the staff enters is proposed until another accepts it; what the operator imports is accepted.
    """

    __tablename__ = "outage_record"

    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    start: Mapped[Seconds]
    severity: Mapped[str]
    incident: Mapped[str]
    end: Mapped[Seconds]
    reported_at: Mapped[Seconds | None]
    affected_users: Mapped[int | None] = mapped_column(BigInteger)
    ratio: Mapped[str | None]
    state: Mapped[str]
    reason: Mapped[str]
    recorded_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))
    decided_by: Mapped[UUID | None] = mapped_column(ForeignKey("user_account.id"))

    __table_args__ = (
        UniqueConstraint("service_id", "start", "severity", "incident", "revision"),
        Index(None, "service_id", "end"),
        {"sqlite_with_rowid": False},
    )


only_grows(cast(Table, OutageRow.__table__))


@dataclass(frozen=True, slots=True)
class Origin:
    """Where told rows come from: provenance, the file's SHA-256 (empty for a person), and the UTC second of taking."""

    provenance: str
    source: str
    recorded_at: int


@dataclass(frozen=True, slots=True)
class StoredOutage:
    """An outage record as it is kept: which revision, from which file, and whether it is accepted."""

    id: UUID
    service_id: UUID
    record: OutageRecord
    revision: int
    state: str
    reason: str
    origin: Origin
    recorded_by: UUID | None
    decided_by: UUID | None


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision of an outage record about to be kept."""

    record: OutageRecord
    number: int
    state: str = ACCEPTED
    reason: str = ""
    recorded_by: UUID | None = None
    decided_by: UUID | None = None


def outages_between(session: Session, service_id: UUID, start: int, end: int) -> tuple[StoredOutage, ...]:
    """Return the records in force that reach into [start, end), each as its latest accepted revision says, in order."""
    later = aliased(OutageRow)
    superseded = exists().where(
        later.service_id == OutageRow.service_id,
        later.start == OutageRow.start,
        later.severity == OutageRow.severity,
        later.incident == OutageRow.incident,
        later.revision > OutageRow.revision,
        later.state == ACCEPTED,
    )
    question = _of_service(service_id, start, end).where(
        OutageRow.state == ACCEPTED, OutageRow.end > OutageRow.start, ~superseded
    )
    return tuple(map(_stored, session.scalars(question)))


def revisions_from(session: Session, service_id: UUID, start: int, end: int) -> tuple[StoredOutage, ...]:
    """Return every revision of the records that begin in [start, end), in order of start and then of revision."""
    question = select(OutageRow).where(OutageRow.service_id == service_id)
    question = question.where(OutageRow.start >= start, OutageRow.start < end)
    return tuple(map(_stored, session.scalars(question.order_by(*_ORDER))))


def outage(session: Session, record_id: UUID) -> StoredOutage | None:
    """Return one revision by its id."""
    row = session.get(OutageRow, record_id)
    return None if row is None else _stored(row)


def save_outages(session: Session, service_id: UUID, revisions: Iterable[Revision], origin: Origin) -> None:
    """Keep further revisions of a service's outage records."""
    rows = [_values(service_id, one, origin) for one in revisions]
    if rows:
        session.execute(insert(cast(Table, OutageRow.__table__)), rows)


def told_values(origin: Origin, revision: int) -> dict[str, object]:
    """Return the columns of Told."""
    return {
        "revision": revision,
        "provenance": PROVENANCE_NUMBER[origin.provenance],
        "source": origin.source,
        "recorded_at": origin.recorded_at,
    }


def origin_of(row: Told) -> Origin:
    """Return where a stored row comes from."""
    return Origin(PROVENANCES[row.provenance], row.source, row.recorded_at)


_ORDER = (OutageRow.start, OutageRow.severity, OutageRow.incident, OutageRow.revision)


def _of_service(service_id: UUID, start: int, end: int) -> Select[Any]:
    question = select(OutageRow).where(OutageRow.service_id == service_id)
    return question.where(OutageRow.start < end, OutageRow.end > start).order_by(*_ORDER)


def _values(service_id: UUID, one: Revision, origin: Origin) -> dict[str, object]:
    record = one.record
    return {
        "id": new_id(),
        "service_id": service_id,
        "start": record.start,
        "severity": record.severity,
        "incident": record.event or "",
        "end": record.end,
        "reported_at": record.reported_at,
        "affected_users": record.affected_users,
        "ratio": None if record.ratio is None else str(record.ratio),
        "state": one.state,
        "reason": one.reason,
        "recorded_by": one.recorded_by,
        "decided_by": one.decided_by,
    } | told_values(origin, one.number)


def _stored(row: OutageRow) -> StoredOutage:
    record = OutageRecord(
        start=row.start,
        end=row.end,
        severity=row.severity,
        reported_at=row.reported_at,
        affected_users=row.affected_users,
        ratio=None if row.ratio is None else Fraction(row.ratio),
        event=row.incident or None,
    )
    return StoredOutage(
        row.id,
        row.service_id,
        record,
        row.revision,
        row.state,
        row.reason,
        origin_of(row),
        row.recorded_by,
        row.decided_by,
    )


def waiting(session: Session) -> Sequence[StoredOutage]:
    """Return the records that wait for a second person, oldest first; a file that tells the same decides nothing."""
    later = aliased(OutageRow)
    decided = exists().where(
        later.service_id == OutageRow.service_id,
        later.start == OutageRow.start,
        later.severity == OutageRow.severity,
        later.incident == OutageRow.incident,
        later.revision > OutageRow.revision,
        later.decided_by.is_not(None),
    )
    question = select(OutageRow).where(OutageRow.state == PROPOSED, ~decided).order_by(OutageRow.id)
    return tuple(map(_stored, session.scalars(question)))
