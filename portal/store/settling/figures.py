"""Current figures: one row per open commitment, refreshed by the worker through the one evaluation (decision D20)."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ForeignKey, Row, UniqueConstraint, case, delete, func, select, true
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.records import State
from portal.store.evidence.runs import STATE_NUMBER, RunRow
from portal.store.ground.base import Base, Seconds, TenantOwned, new_id, same_customer
from portal.store.ground.dialects import insert_into
from portal.store.measuring.services import LocationRow, ProbeRow


class CurrentFigureRow(TenantOwned, Base):
    """The working of one commitment's open period as `sla-working/1` text, as of an instant."""

    __tablename__ = "current_figure"

    contract_id: Mapped[UUID]
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    commitment: Mapped[str]
    period: Mapped[str]
    as_of: Mapped[Seconds]
    document: Mapped[str]

    __table_args__ = (
        UniqueConstraint("customer_id", "contract_id", "service_id", "commitment"),
        same_customer("contract_id", "contract"),
    )


@dataclass(frozen=True, slots=True, order=True)
class FigureKey:
    """Which figure: one contract, seen from one service, for one commitment."""

    contract_id: UUID
    service_id: UUID
    commitment: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A stored figure: the period it is about, the UTC second it was computed for, and its working as text."""

    period: str
    as_of: int
    document: str


@dataclass(frozen=True, slots=True)
class LatestRuns:
    """What the probes of a service say last: when the latest run began, and whether every place says up."""

    began: int
    all_up: bool


_FIGURES = select(
    CurrentFigureRow.contract_id,
    CurrentFigureRow.service_id,
    CurrentFigureRow.commitment,
    CurrentFigureRow.period,
    CurrentFigureRow.as_of,
    CurrentFigureRow.document,
)
"""Made once: making a question costs more than asking it."""


def figures(session: Session) -> Mapping[FigureKey, Figure]:
    """Return the current figures of the scope in force."""
    return _by_key(session.execute(_FIGURES))


def figures_of_service(session: Session, service_id: UUID) -> Mapping[FigureKey, Figure]:
    """Return the current figures of the scope about one service."""
    return _by_key(session.execute(_FIGURES.where(CurrentFigureRow.service_id == service_id)))


def _by_key(rows: Iterable[Row[UUID, UUID, str, str, int, str]]) -> Mapping[FigureKey, Figure]:
    return {
        FigureKey(contract_id, service_id, commitment): Figure(period, as_of, document)
        for contract_id, service_id, commitment, period, as_of, document in rows
    }


def figure_times(session: Session) -> Mapping[FigureKey, tuple[str, int]]:
    """Return the period and the second of every current figure of the scope, without their documents."""
    columns = (CurrentFigureRow.contract_id, CurrentFigureRow.service_id, CurrentFigureRow.commitment)
    rows = session.execute(select(*columns, CurrentFigureRow.period, CurrentFigureRow.as_of))
    return {FigureKey(*row[:3]): (row[3], row[4]) for row in rows}


def save_figure(session: Session, customer_id: UUID, key: FigureKey, figure: Figure) -> None:
    """Store a figure in the place of the one before it."""
    values = {"period": figure.period, "as_of": figure.as_of, "document": figure.document}
    identity = {
        "customer_id": customer_id,
        "contract_id": key.contract_id,
        "service_id": key.service_id,
        "commitment": key.commitment,
    }
    insert = insert_into(session, CurrentFigureRow).values(id=new_id(), **identity, **values)
    session.execute(insert.on_conflict_do_update(index_elements=list(identity), set_=values))


def delete_figures(session: Session, keys: Collection[FigureKey]) -> None:
    """Remove these figures of the scope."""
    for key in keys:
        session.execute(
            delete(CurrentFigureRow).where(
                CurrentFigureRow.contract_id == key.contract_id,
                CurrentFigureRow.service_id == key.service_id,
                CurrentFigureRow.commitment == key.commitment,
            )
        )


def latest_runs(session: Session) -> Mapping[UUID, LatestRuns]:
    """Return what the probes of each service said last, by service; costs by the number of probes and places."""
    latest = (
        select(func.max(RunRow.first))
        .where(RunRow.probe == ProbeRow.number, RunRow.location == LocationRow.number)
        .correlate(ProbeRow, LocationRow)
        .scalar_subquery()
    )
    # A sum, so that SQLite goes from places to runs: the other way it would read all runs a probe ever had.
    place = LocationRow.number + 0
    all_up = func.min(case((RunRow.state == STATE_NUMBER[State.UP], 1), else_=0))
    # Added up by the database: thousands of rows as Python objects every few seconds cost more than the probes.
    rows = session.execute(
        select(ProbeRow.service_id, func.max(RunRow.first), all_up)
        .select_from(ProbeRow)
        .join(LocationRow, true())
        .join(
            RunRow,
            (RunRow.probe == ProbeRow.number) & (RunRow.location == place) & (RunRow.first == latest),
        )
        .group_by(ProbeRow.service_id)
    )
    return {service_id: LatestRuns(began, up == 1) for service_id, began, up in rows}
