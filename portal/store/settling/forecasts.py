"""Forecasts beside the current figures: one row per open commitment, made again by the worker."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Seconds, TenantOwned, new_id, same_customer
from portal.store.ground.dialects import insert_into
from portal.store.settling.figures import FigureKey


class CurrentForecastRow(TenantOwned, Base):
    """The forecast of one commitment's open period as `sla-forecast/1` text, from the figure as of an instant.

    `breach_percent` is the chance of a breach in whole percent, cut off; None where there is none to tell.
    """

    __tablename__ = "current_forecast"

    contract_id: Mapped[UUID]
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"))
    commitment: Mapped[str]
    period: Mapped[str]
    as_of: Mapped[Seconds]
    breach_percent: Mapped[int | None]
    document: Mapped[str]

    __table_args__ = (
        UniqueConstraint("customer_id", "contract_id", "service_id", "commitment"),
        same_customer("contract_id", "contract"),
    )


@dataclass(frozen=True, slots=True)
class StoredForecast:
    """A stored forecast: its period, the UTC second of the figure it looks ahead from, and what it says as text."""

    period: str
    as_of: int
    breach_percent: int | None
    document: str


_FORECASTS = select(
    CurrentForecastRow.contract_id,
    CurrentForecastRow.service_id,
    CurrentForecastRow.commitment,
    CurrentForecastRow.period,
    CurrentForecastRow.as_of,
    CurrentForecastRow.breach_percent,
    CurrentForecastRow.document,
)
"""Made once: making a question costs more than asking it."""


def forecasts(session: Session) -> Mapping[FigureKey, StoredForecast]:
    """Return the forecasts of the scope."""
    return {
        FigureKey(contract_id, service_id, commitment): StoredForecast(period, as_of, percent, document)
        for contract_id, service_id, commitment, period, as_of, percent, document in session.execute(_FORECASTS)
    }


def chances(session: Session) -> Mapping[FigureKey, tuple[str, int]]:
    """Return the period and the chance of a breach in percent of every forecast of the scope that has one."""
    row = CurrentForecastRow
    columns = (row.contract_id, row.service_id, row.commitment, row.period, row.breach_percent)
    rows = session.execute(select(*columns).where(row.breach_percent.is_not(None)))
    return {FigureKey(*one[:3]): (one[3], one[4] or 0) for one in rows}


def forecast_times(session: Session) -> Mapping[FigureKey, tuple[str, int]]:
    """Return the period and the second of every forecast of the scope, without what it says."""
    row = CurrentForecastRow
    rows = session.execute(select(row.contract_id, row.service_id, row.commitment, row.period, row.as_of))
    return {FigureKey(*one[:3]): (one[3], one[4] or 0) for one in rows}


def save_forecast(session: Session, customer_id: UUID, key: FigureKey, forecast: StoredForecast) -> None:
    """Store a forecast in the place of the one before it."""
    values = {name: getattr(forecast, name) for name in ("period", "as_of", "breach_percent", "document")}
    identity = {
        "customer_id": customer_id,
        "contract_id": key.contract_id,
        "service_id": key.service_id,
        "commitment": key.commitment,
    }
    insert = insert_into(session, CurrentForecastRow).values(id=new_id(), **identity, **values)
    session.execute(insert.on_conflict_do_update(index_elements=list(identity), set_=values))


def delete_forecasts(session: Session, keys: Collection[FigureKey]) -> None:
    """Remove these forecasts of the scope."""
    for key in keys:
        session.execute(
            delete(CurrentForecastRow).where(
                CurrentForecastRow.contract_id == key.contract_id,
                CurrentForecastRow.service_id == key.service_id,
                CurrentForecastRow.commitment == key.commitment,
            )
        )
