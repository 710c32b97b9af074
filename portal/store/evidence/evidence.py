"""Evidence: samples as they arrive, known gaps, and the series of a service that the arithmetic reads."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import PrimaryKeyConstraint, SmallInteger, bindparam, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, Series
from portal.domain.evidence.runs import mark_gap
from portal.domain.quantities.slots import Schedule, interval_at, slots_between
from portal.store.evidence.runs import PROVENANCE_NUMBER, STATE_NUMBER, Pair, latest_slot_of, runs_between
from portal.store.evidence.runs import RunRow as RunRow  # samples and runs are asked for together
from portal.store.ground.base import Base, Seconds
from portal.store.ground.dialects import insert_all_new, insert_or_replace
from portal.store.ground.partitions import make_days
from portal.store.measuring.schedules import schedules_of_probes
from portal.store.measuring.services import LocationRow, ProbeRow

EVERY_LOCATION = 0


class SampleRow(Base):
    """One result of a probe at its due slot (decision D5); at most one per probe, location and slot (trust.md E1)."""

    __tablename__ = "sample"

    probe: Mapped[int]
    location: Mapped[int]
    slot: Mapped[Seconds]
    state: Mapped[int] = mapped_column(SmallInteger)
    reason: Mapped[str | None]
    error: Mapped[str | None]
    http_status: Mapped[int | None] = mapped_column(SmallInteger)
    start_offset_ms: Mapped[int | None]
    resolve_ms: Mapped[int | None]
    connect_ms: Mapped[int | None]
    tls_ms: Mapped[int | None]
    processing_ms: Mapped[int | None]
    transfer_ms: Mapped[int | None]
    total_ms: Mapped[int | None]
    monotonic_ms: Mapped[Seconds | None]
    boot: Mapped[int]
    provenance: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        PrimaryKeyConstraint("probe", "location", "slot"),
        {"sqlite_with_rowid": False, "postgresql_partition_by": "RANGE (slot)"},
    )


class GapRow(Base):
    """Slots in [first, until) without a sample for a known reason (worker paused, clock stepped).

    `location` 0 stands for every location the worker measures from.
    """

    __tablename__ = "gap"

    location: Mapped[int]
    first: Mapped[Seconds]
    until: Mapped[Seconds]
    reason: Mapped[str]

    __table_args__ = (PrimaryKeyConstraint("location", "first"),)


@dataclass(frozen=True, slots=True)
class Gap:
    """Slots in [first, until) that have no sample, and why; `location` 0 is every location."""

    location: int
    first: int
    until: int
    reason: str


_GAPS = (
    select(GapRow.location, GapRow.first, GapRow.until, GapRow.reason)
    .where(GapRow.first < bindparam("end"), GapRow.until > bindparam("start"))
    .order_by(GapRow.first, GapRow.location)
)


def insert_samples(session: Session, samples: Iterable[Sample]) -> None:
    """Store samples; one whose slot is taken already changes nothing (trust.md E1)."""
    samples = tuple(samples)
    rows = [sample_values(sample) for sample in samples]
    make_days(session, (sample.slot for sample in samples))
    insert_all_new(session, SampleRow, rows)


def sample_values(sample: Sample) -> tuple[object, ...]:
    """Return the columns of SampleRow in their order."""
    return (
        sample.probe,
        sample.location,
        sample.slot,
        STATE_NUMBER[sample.state],
        sample.reason,
        sample.error,
        sample.http_status,
        sample.start_offset_ms,
        sample.resolve_ms,
        sample.connect_ms,
        sample.tls_ms,
        sample.processing_ms,
        sample.transfer_ms,
        sample.total_ms,
        sample.monotonic_ms,
        sample.boot,
        PROVENANCE_NUMBER[sample.provenance],
    )


def save_gap(session: Session, gap: Gap) -> None:
    """Store a gap; a second one from the same second on takes the place of the first."""
    row = {"location": gap.location, "first": gap.first, "until": gap.until, "reason": gap.reason}
    session.connection().execute(insert_or_replace(session, GapRow), row)


def gaps_between(session: Session, start: int, end: int) -> tuple[Gap, ...]:
    """Return the gaps that reach into [start, end), in order."""
    return tuple(Gap(*row) for row in session.execute(_GAPS, {"start": start, "end": end}))


def series_of_service(session: Session, service_id: UUID, start: int, end: int) -> tuple[Series, ...]:
    """Return one series for each probe of the service and each location it runs from, over [start, end) or earlier.

    Runs before `start` lead in, so that what they say can be carried into the window (semantics.md R22, R23). Slots
    without a sample where the clock had stepped are unknown(clock_step); other missing slots simply lie between runs.
    """
    probes = dict(session.execute(select(ProbeRow.number, ProbeRow.key).where(ProbeRow.service_id == service_id)).all())
    places = dict(session.execute(select(LocationRow.number, LocationRow.key)).all())
    gaps = [gap for gap in gaps_between(session, start, end) if gap.reason == "clock_step"]
    schedules = schedules_of_probes(session, probes)
    return tuple(
        Series(places[location], probes[probe], _latest_interval_s(schedules.get(probe, ()), end, runs), runs)
        for probe in sorted(probes)
        for location in _locations(schedules.get(probe, ()), places)
        if (runs := _marked(session, (probe, location), schedules.get(probe, ()), gaps, (start, end)))
    )


def _locations(schedules: Sequence[Schedule], places: Iterable[int]) -> list[int]:
    """Return the locations a probe ever ran from; without a schedule its evidence may come from any."""
    scheduled = {location for schedule in schedules for location in schedule.locations}
    return sorted(scheduled.intersection(places) if schedules else places)


def _marked(
    session: Session, pair: Pair, schedules: Sequence[Schedule], gaps: Iterable[Gap], window: tuple[int, int]
) -> tuple[Run, ...]:
    start, end = window
    runs = runs_between(session, pair, start, end)
    for gap in gaps:
        if gap.location in (EVERY_LOCATION, pair[1]):
            slots = slots_between(schedules, pair[1], max(start, gap.first), min(end, gap.until))
            runs = mark_gap(runs, slots, gap.reason)
    return runs


def _latest_interval_s(schedules: Sequence[Schedule], end: int, runs: Sequence[Run]) -> int:
    return interval_at(schedules, end - 1) or runs[-1].interval_s


def has_evidence_before(session: Session, service_id: UUID, instant: int) -> bool:
    """Return whether any sample of the service's probes has a slot before a UTC second: each is part of a run."""
    probes = select(ProbeRow.number).where(ProbeRow.service_id == service_id)
    earlier = select(RunRow.probe).where(RunRow.probe.in_(probes), RunRow.first < instant).limit(1)
    return session.scalar(earlier) is not None


def last_sample_at(session: Session, service_id: UUID) -> int | None:
    """Return the slot of the latest sample of any probe of the service; None when there is none."""
    probes = session.scalars(select(ProbeRow.number).where(ProbeRow.service_id == service_id))
    return latest_slot_of(session, probes.all())
