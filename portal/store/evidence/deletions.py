"""What was deleted because its time was over, written down for good; nothing sealed goes without such a record.

The refusal lives in triggers, as in portal/store/ground/append_only.py, and holds for whoever connects: a chunk never
changes, and it is deleted only when the deletion of its day was recorded before.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from sqlalchemy import DDL, JSON, LargeBinary, PrimaryKeyConstraint, Table, event, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.chunk import DAY_S, DayKey
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base
from portal.store.measuring.services import ProbeRow


class DayDeletionRow(Base):
    """The samples of one day that were deleted: how many, their digest, those of the chunks, when, by which rule."""

    __tablename__ = "day_deletion"

    probe: Mapped[int]
    location: Mapped[int]
    day: Mapped[int]
    samples: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    chunks: Mapped[list[str]] = mapped_column(JSON)
    at: Mapped[datetime]
    rule: Mapped[str]

    __table_args__ = (PrimaryKeyConstraint("probe", "location", "day"),)


only_grows(cast(Table, DayDeletionRow.__table__))


@dataclass(frozen=True, slots=True)
class DayDeletion:
    """One day's samples that are gone: how many, the digest they had, the digests of the chunks, when and why."""

    key: DayKey
    samples: int
    digest: bytes
    chunks: tuple[str, ...]
    at: datetime
    rule: str


def record_deletion(session: Session, deletion: DayDeletion) -> None:
    """Write down that the samples of a day are deleted, in the transaction that deletes them."""
    key = deletion.key
    session.add(
        DayDeletionRow(
            probe=key.probe,
            location=key.location,
            day=key.day,
            samples=deletion.samples,
            digest=deletion.digest,
            chunks=list(deletion.chunks),
            at=deletion.at,
            rule=deletion.rule,
        )
    )
    session.flush()


def deletions_between(
    session: Session, probes: Collection[int], first_day: int, until_day: int
) -> Mapping[DayKey, DayDeletion]:
    """Return what was deleted of these probes' days in [first_day, until_day)."""
    question = select(DayDeletionRow).where(
        DayDeletionRow.probe.in_(probes), DayDeletionRow.day >= first_day, DayDeletionRow.day < until_day
    )
    found = (_deletion(row) for row in session.scalars(question))
    return {deletion.key: deletion for deletion in found}


def deletions_of_pair(session: Session, pair: tuple[int, int]) -> Sequence[DayDeletion]:
    """Return what was ever deleted of a probe at a location, by day."""
    mine = select(DayDeletionRow).where(DayDeletionRow.probe == pair[0], DayDeletionRow.location == pair[1])
    return [_deletion(row) for row in session.scalars(mine.order_by(DayDeletionRow.day))]


def all_deletions(session: Session) -> Sequence[DayDeletion]:
    """Return everything that was ever deleted, by probe, location and day."""
    row = DayDeletionRow
    return [_deletion(one) for one in session.scalars(select(row).order_by(row.probe, row.location, row.day))]


def first_deleted_day(session: Session, service_id: UUID, start: int, end: int) -> DayKey | None:
    """Return the first deleted day of a service's probes that [start, end) UTC seconds reaches into; None for none."""
    row = session.execute(
        select(DayDeletionRow.probe, DayDeletionRow.location, DayDeletionRow.day)
        .join(ProbeRow, ProbeRow.number == DayDeletionRow.probe)
        .where(ProbeRow.service_id == service_id)
        .where(DayDeletionRow.day >= start // DAY_S, DayDeletionRow.day < -(-end // DAY_S))
        .order_by(DayDeletionRow.day, DayDeletionRow.probe, DayDeletionRow.location)
        .limit(1)
    ).first()
    return None if row is None else DayKey(*row)


def _deletion(row: DayDeletionRow) -> DayDeletion:
    key = DayKey(row.probe, row.location, row.day)
    return DayDeletion(key, row.samples, row.digest, tuple(row.chunks), row.at, row.rule)


def leaves_when_recorded(table: Table) -> None:
    """Make the triggers of a table of sealed evidence wherever it is created without a migration."""
    for dialect, statements in refusals(table).items():
        for statement in statements:
            made: Any = DDL  # its constructor is not typed
            event.listen(table, "after_create", made(statement.replace("%", "%%")).execute_if(dialect=dialect))


def refusals(table: Table) -> Mapping[str, Sequence[str]]:
    """Return the statements that make each database refuse changes, and deletions of days not recorded as deleted."""
    key = [column.name for column in table.primary_key.columns]
    return {"sqlite": _of_sqlite(table.name, key), "postgresql": _of_postgresql(table.name)}


def _recorded() -> str:
    same = " AND ".join(f"{name} = OLD.{name}" for name in ("probe", "location", "day"))
    return f"EXISTS (SELECT 1 FROM {DayDeletionRow.__tablename__} WHERE {same})"  # noqa: S608 - a table of ours


def _of_sqlite(name: str, key: Sequence[str]) -> Sequence[str]:
    no = f"BEGIN SELECT RAISE(ABORT, 'Rows of {name} never change.'); END"
    same = " AND ".join(f"{column} = NEW.{column}" for column in key)
    known = f"EXISTS (SELECT 1 FROM {name} WHERE {same})"  # noqa: S608 - a table of ours
    return (
        f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {no}",
        f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} WHEN NOT {_recorded()} {no}",
        f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} WHEN {known} {no}",
    )


def _of_postgresql(name: str) -> Sequence[str]:
    allowed = f"IF TG_OP = 'DELETE' AND TG_LEVEL = 'ROW' THEN IF {_recorded()} THEN RETURN OLD; END IF; END IF;"
    body = f"BEGIN {allowed} RAISE EXCEPTION 'Rows of {name} never change.'; END"
    function = f"EXECUTE FUNCTION {name}_refuses()"
    return (
        f"CREATE FUNCTION {name}_refuses() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        f"CREATE TRIGGER {name}_stays BEFORE UPDATE OR DELETE ON {name} FOR EACH ROW {function}",
        f"CREATE TRIGGER {name}_is_never_emptied BEFORE TRUNCATE ON {name} FOR EACH STATEMENT {function}",
        f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_stays",
        f"ALTER TABLE {name} ENABLE ALWAYS TRIGGER {name}_is_never_emptied",
    )
