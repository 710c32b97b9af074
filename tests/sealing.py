"""Days of samples in a database, and sealing them, for tests of sealed evidence."""

from collections.abc import Collection, Sequence

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from portal.domain.evidence.chunk import DAY_S, DayKey
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.quantities.slots import slots_between
from portal.store.measuring.schedules import schedules_of_probes
from portal.usecases.measuring import measurement, sealed_days
from portal.usecases.measuring.sealed_days import Sealed
from tests.databases import OWNER, as_role
from tests.measuring import LEASE_MS, add_probes, add_service

DAY = 20_779
FIRST = DAY * DAY_S
INTERVAL_S = 1_800
KEY = DayKey(1, 1, DAY)
SEALED_MS = (FIRST + 5 * DAY_S) * 1000
"""An instant at which the first three days are to be sealed."""
UNPROTECTED_SQLITE = [f"DROP TRIGGER IF EXISTS chunk_no_{change}" for change in ("update", "delete", "replace")]
UNPROTECTED_POSTGRESQL = ["ALTER TABLE chunk DISABLE TRIGGER chunk_stays"]


def furnish(session: Session, probes: int = 1, days: int = 1, left_out: Collection[int] = ()) -> list[Sample]:
    """Store a service with probes, each with samples on some days from DAY on; return all, those not stored too."""
    targets: list[tuple[str, dict[str, object]]] = [("tcp", {"address": "localhost:1"})] * probes
    add_probes(session, add_service(session), targets, interval_s=INTERVAL_S)
    versions = schedules_of_probes(session, range(1, probes + 1))
    session.rollback()
    samples = [
        told(probe, slot)
        for probe in range(1, probes + 1)
        for slots in slots_between(versions[probe], 1, FIRST, FIRST + days * DAY_S)
        for slot in slots
    ]
    record(session, [sample for number, sample in enumerate(samples) if number not in left_out])
    return samples


def told(probe: int, slot: int, state: State | None = None) -> Sample:
    """A sample with every column told, or missing, in a way that follows from its slot."""
    number = slot // INTERVAL_S
    state = state or (State.DOWN if number % 11 == 0 else State.UNKNOWN if number % 17 == 0 else State.UP)
    if state is State.UNKNOWN:
        return Sample(probe, 1, slot, INTERVAL_S, state, "overrun", boot=2)
    phases = {"resolve_ms": number % 2, "connect_ms": 9, "tls_ms": 20 + number % 3, "processing_ms": 48}
    error = "status" if state is State.DOWN else None
    return Sample(
        probe,
        1,
        slot,
        INTERVAL_S,
        state,
        error=error,
        http_status=503 if error else 200,
        start_offset_ms=3,
        **phases,
        transfer_ms=None if error else 1,
        total_ms=80 + number % 5,
        monotonic_ms=1000 * slot - 7_000_000,
        boot=2,
    )


def record(session: Session, samples: Sequence[Sample], at: int = FIRST + DAY_S) -> None:
    """Store samples through the door probes use, by a leader of their own."""
    leadership = measurement.lead(session, "test", at * 1000, LEASE_MS)
    assert leadership is not None
    measurement.record(session, leadership, samples)
    measurement.resign(session, leadership)


def seal(session: Session, now_ms: int = SEALED_MS, most: int = 100) -> Sealed:
    """Seal what is due."""
    lease = sealed_days.begin(session, "test", now_ms)
    assert lease is not None
    sealed = sealed_days.seal_days(session, lease, now_ms, most)
    sealed_days.end(session, lease)
    return sealed


def seal_all(session: Session, now_ms: int = SEALED_MS) -> int:
    """Seal until nothing is due, and return how many days were."""
    days = 0
    while (sealed := seal(session, now_ms)).days:
        days += sealed.days
    return days


def as_owner(session: Session, *statements: str) -> None:
    """Do to the rows what only the owner of the database can: protections off."""
    engine = create_engine(as_role(session.get_bind().engine.url.render_as_string(hide_password=False), OWNER))
    sqlite = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        for statement in (*(UNPROTECTED_SQLITE if sqlite else UNPROTECTED_POSTGRESQL), *statements):
            connection.exec_driver_sql(statement)
    engine.dispose()
