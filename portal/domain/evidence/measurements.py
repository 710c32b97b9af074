"""One sample: what a probe found at its due slot."""

from dataclasses import dataclass

from portal.domain.evidence.records import State


@dataclass(frozen=True, slots=True)
class Sample:
    """What was found at `slot`, the due second, not the second of the answer (decision D5).

    `interval_s` is that of the schedule governing the slot. `reason` says why the state is unknown, `error` why it is
    down or degraded. `start_offset_ms` counts from the slot to the start, `monotonic_ms` is the start by a clock that
    never steps, comparable within one `boot` (trust.md E8); both are None when nothing was started.
    """

    probe: int
    location: int
    slot: int
    interval_s: int
    state: State
    reason: str | None = None
    error: str | None = None
    http_status: int | None = None
    start_offset_ms: int | None = None
    resolve_ms: int | None = None
    connect_ms: int | None = None
    tls_ms: int | None = None
    processing_ms: int | None = None
    transfer_ms: int | None = None
    total_ms: int | None = None
    monotonic_ms: int | None = None
    boot: int = 0
    provenance: str = "measured"
