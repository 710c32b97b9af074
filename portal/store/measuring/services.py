"""Services, the probes that measure them, the locations they run from, and their dated schedules."""

from uuid import UUID

from sqlalchemy import JSON, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portal.store.ground.base import Base, Identified, Seconds


class LocationRow(Identified, Base):
    """A place probes run from. `number` is its short key in the evidence; `allow` lists networks probes may enter."""

    __tablename__ = "location"

    number: Mapped[int] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    allow: Mapped[list[str]] = mapped_column(JSON)


class ServiceRow(Identified, Base):
    """What a customer buys."""

    __tablename__ = "service"

    key: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    group_name: Mapped[str]
    position: Mapped[int]


class ProbeRow(Identified, Base):
    """A scheduled measurement of a service. `number` is its short key in the evidence."""

    __tablename__ = "probe"

    number: Mapped[int] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    service_id: Mapped[UUID] = mapped_column(ForeignKey("service.id"), index=True)


class ScheduleRow(Identified, Base):
    """What a probe does from an instant on; dated and never changed, so that past slots stay computable (decision D5).

    `interval_s` 0 ends the schedule. `locations` holds location numbers; `target` what the kind needs (address, …).
    """

    __tablename__ = "schedule"

    probe_id: Mapped[UUID] = mapped_column(ForeignKey("probe.id"))
    effective_from: Mapped[Seconds]
    kind: Mapped[str]
    target: Mapped[dict[str, object]] = mapped_column(JSON)
    interval_s: Mapped[int]
    timeout_ms: Mapped[int]
    latency_limit_ms: Mapped[int | None]
    locations: Mapped[list[int]] = mapped_column(JSON)

    __table_args__ = (UniqueConstraint("probe_id", "effective_from"),)
