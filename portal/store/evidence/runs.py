"""Runs of equal samples, kept beside the samples as they arrive and read in their place."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import PrimaryKeyConstraint, Row, Select, SmallInteger, and_, bindparam, delete, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, aliased, mapped_column

from portal.domain.evidence.records import Run, State
from portal.store.ground.base import Base, Seconds
from portal.store.ground.dialects import insert_or_replace_all

STATES = (State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN)
STATE_NUMBER: Mapping[State, int] = {state: number for number, state in enumerate(STATES)}
PROVENANCES = ("measured", "imported", "generated")
PROVENANCE_NUMBER: Mapping[str, int] = {name: number for number, name in enumerate(PROVENANCES)}

Pair = tuple[int, int]
"""Probe number and location number."""


class RunRow(Base):
    """Equal samples in a row: `count` of them at first, first + interval_s … last. Derived from the samples."""

    __tablename__ = "run"

    probe: Mapped[int]
    location: Mapped[int]
    first: Mapped[Seconds]
    last: Mapped[Seconds]
    count: Mapped[int]
    interval_s: Mapped[int]
    state: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str | None]
    provenance: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (PrimaryKeyConstraint("probe", "location", "first"), {"sqlite_with_rowid": False})


def save_runs(session: Session, runs: Iterable[tuple[Pair, Run]]) -> None:
    """Store runs; one that begins where a stored one does takes its place."""
    insert_or_replace_all(session, RunRow, [_run_values(pair, run) for pair, run in runs])


def _run_values(pair: Pair, run: Run) -> tuple[object, ...]:
    """Return the columns of RunRow in their order."""
    state, provenance = STATE_NUMBER[run.state], PROVENANCE_NUMBER[run.provenance]
    return (*pair, run.first, run.last, run.count, run.interval_s, state, run.reason, provenance)


def delete_runs(session: Session, pair: Pair, runs: Iterable[Run]) -> None:
    """Remove the stored runs that begin where these do."""
    firsts = [run.first for run in runs]
    session.execute(delete(RunRow).where(RunRow.probe == pair[0], RunRow.location == pair[1], RunRow.first.in_(firsts)))


_RUN_COLUMNS = (
    RunRow.state,
    RunRow.reason,
    RunRow.first,
    RunRow.last,
    RunRow.count,
    RunRow.interval_s,
    RunRow.provenance,
)


def last_runs(session: Session) -> dict[Pair, Run]:
    """Return the latest run of every probe at every location; costs by the number of runs stored."""
    latest = select(RunRow.probe, RunRow.location, func.max(RunRow.first).label("first"))
    latest_by_pair = latest.group_by(RunRow.probe, RunRow.location).subquery()
    same = and_(*(getattr(RunRow, name) == latest_by_pair.c[name] for name in ("probe", "location", "first")))
    rows = session.execute(select(RunRow.probe, RunRow.location, *_RUN_COLUMNS).join(latest_by_pair, same))
    return {(row[0], row[1]): _run(row[2:]) for row in rows}


def last_run(session: Session, pair: Pair) -> Run | None:
    """Return the latest run of a probe at a location."""
    row = session.execute(_runs(pair).order_by(RunRow.first.desc()).limit(1)).first()
    return None if row is None else _run(row)


def runs_between(session: Session, pair: Pair, start: int, end: int) -> tuple[Run, ...]:
    """Return the runs that reach into [start, end), led by one or two that began before it, in order."""
    window = {"probe": pair[0], "location": pair[1], "start": start, "end": end}
    return tuple(_run(row) for row in session.execute(_BETWEEN, window))


def run_from(session: Session, pair: Pair, start: int) -> Run | None:
    """Return the first run that begins at `start` or later."""
    row = session.execute(_runs(pair).where(RunRow.first >= start).order_by(RunRow.first).limit(1)).first()
    return None if row is None else _run(row)


def _runs(pair: Pair) -> Select[*tuple[Any, ...]]:
    return select(*_RUN_COLUMNS).where(RunRow.probe == pair[0], RunRow.location == pair[1])


def _run(row: Row[*tuple[Any, ...]] | Sequence[Any]) -> Run:
    state, reason, first, last, count, interval_s, provenance = row
    return Run(STATES[state], reason, first, last, count, interval_s, PROVENANCES[provenance])


_EARLIER = aliased(RunRow)
_TWO_BEFORE = (
    select(_EARLIER.first)
    .where(
        _EARLIER.probe == bindparam("probe"),
        _EARLIER.location == bindparam("location"),
        _EARLIER.first < bindparam("start"),
    )
    .order_by(_EARLIER.first.desc())
    .limit(2)
    .subquery()
)
_BETWEEN = (
    select(*_RUN_COLUMNS)
    .where(
        RunRow.probe == bindparam("probe"),
        RunRow.location == bindparam("location"),
        RunRow.first >= select(func.coalesce(func.min(_TWO_BEFORE.c.first), bindparam("start"))).scalar_subquery(),
        RunRow.first < bindparam("end"),
    )
    .order_by(RunRow.first)
)
"""Made once: making a question costs more than asking it."""


def latest_slot_of(session: Session, probes: Sequence[int]) -> int | None:
    """Return the latest slot of any sample of these probes; None when there is none."""
    pairs = select(RunRow.probe, RunRow.location, func.max(RunRow.first)).where(RunRow.probe.in_(probes))
    latest = pairs.group_by(RunRow.probe, RunRow.location)
    key = tuple_(RunRow.probe, RunRow.location, RunRow.first)
    return session.scalar(select(func.max(RunRow.last)).where(key.in_(latest)))
