"""A provider with probes, in rows, for tests of measuring."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import transaction
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, State
from portal.store.evidence.evidence import SampleRow
from portal.store.evidence.runs import RunRow
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow

STEP = 60
NOW = 1_800_000_000
LEASE_MS = 15_000


def add_service(session: Session, key: str = "api") -> ServiceRow:
    """Store a service and the location 1, "here", that may ask this machine."""
    with transaction(session):
        if session.scalar(select(func.count()).select_from(LocationRow)) == 0:
            session.add(LocationRow(number=1, key="here", name="Here", allow=["127.0.0.0/8", "::1/128"]))
        service = ServiceRow(key=key, name=key, group_name="All", position=1)
        session.add(service)
    return service


def add_probes(
    session: Session,
    service: ServiceRow,
    targets: Sequence[tuple[str, dict[str, object]]],
    *,
    interval_s: int = STEP,
    effective_from: int = 0,
    first: int = 1,
    timeout_ms: int = 5_000,
) -> None:
    """Store a probe for each (kind, target), numbered from `first` on, each with one schedule."""
    with transaction(session):
        probes = [
            ProbeRow(number=number, key=f"probe-{number}", service_id=service.id)
            for number in range(first, first + len(targets))
        ]
        session.add_all(probes)
        session.flush()
        session.add_all(
            ScheduleRow(
                probe_id=probe.id,
                effective_from=effective_from,
                kind=kind,
                target=target,
                interval_s=interval_s,
                timeout_ms=timeout_ms,
                latency_limit_ms=None,
                locations=[1],
            )
            for probe, (kind, target) in zip(probes, targets, strict=True)
        )


def sample(slot: int, state: State = State.UP, **changes: object) -> Sample:
    """A sample of probe 1 at location 1, every minute."""
    whole = Sample(1, 1, slot, STEP, state, start_offset_ms=3, total_ms=12, monotonic_ms=3_000_000_000, boot=1)
    return replace(whole, **changes)  # type: ignore[arg-type]


def stored_runs(session: Session, probe: int = 1) -> list[Run]:
    """The stored runs of a probe at location 1, in order."""
    states = (State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN)
    rows = session.scalars(select(RunRow).where(RunRow.probe == probe).order_by(RunRow.first)).all()
    provenances = ("measured", "imported", "generated")
    return [
        Run(states[row.state], row.reason, row.first, row.last, row.count, row.interval_s, provenances[row.provenance])
        for row in rows
    ]


def count_samples(session: Session) -> int:
    """How many samples are stored."""
    return session.scalars(select(func.count()).select_from(SampleRow)).one()
