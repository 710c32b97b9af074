"""Evidence of a service as rows of plain values, whatever they are written as: everything that is kept can be had.

Rows come as they are read, so that memory does not grow with the range. Instants are UTC seconds; each row says where
it comes from (decision D13).
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.measurements import Sample
from portal.domain.notices.refusals import Invalid
from portal.store.evidence import counts, evidence, evidence_days, imports, records, tickets
from portal.store.measuring import measured

Value = str | int | None
Values = Sequence[Value]
TEXT, NUMBER = "text", "number"

SAMPLES, RUNS, OUTAGES, COUNTS, TICKETS = "samples", "runs", "outages", "counts", "tickets"
_SAMPLE = {
    "probe": TEXT, "location": TEXT, "slot": NUMBER, "interval_s": NUMBER, "state": TEXT, "reason": TEXT, "error": TEXT,
    "http_status": NUMBER, "start_offset_ms": NUMBER, "resolve_ms": NUMBER, "connect_ms": NUMBER, "tls_ms": NUMBER,
    "processing_ms": NUMBER, "transfer_ms": NUMBER, "total_ms": NUMBER, "monotonic_ms": NUMBER, "boot": NUMBER,
    "provenance": TEXT,
}  # fmt: skip
COLUMNS: Mapping[str, Mapping[str, str]] = {
    SAMPLES: _SAMPLE,
    RUNS: {
        "probe": TEXT, "location": TEXT, "first": NUMBER, "last": NUMBER, "count": NUMBER, "interval_s": NUMBER,
        "state": TEXT, "reason": TEXT, "provenance": TEXT,
    },
    OUTAGES: {
        "start": NUMBER, "end": NUMBER, "severity": TEXT, "reported_at": NUMBER, "affected_users": NUMBER,
        "ratio": TEXT, "incident": TEXT, "revision": NUMBER, "recorded_at": NUMBER, "source": TEXT, "provenance": TEXT,
    },
    COUNTS: {
        "slot": NUMBER, "class": TEXT, "total": NUMBER, "good": NUMBER, "revision": NUMBER, "recorded_at": NUMBER,
        "source": TEXT, "provenance": TEXT,
    },
    TICKETS: {
        "id": TEXT, "contract": TEXT, "opened": NUMBER, "responded": NUMBER, "pauses": TEXT, "revision": NUMBER,
        "recorded_at": NUMBER, "source": TEXT, "provenance": TEXT,
    },
}  # fmt: skip
"""The columns of each kind of evidence in their order, and what stands in them."""


@dataclass(frozen=True, slots=True)
class Range:
    """Evidence of one service over [start, end) in UTC seconds: what begins in it; runs and outages that reach in."""

    service_id: UUID
    start: int
    end: int


def range_of(session: Session, service: str, start: int, end: int) -> Range:
    """Return the range of a service by its key; raise Invalid when there is none or the range is empty."""
    known = imports.service_ids(session)
    if service not in known:
        raise Invalid("service", f"There is no service {service}. There is: {', '.join(sorted(known)) or 'none yet'}.")
    if end <= start:
        raise Invalid("range", "The range ends before it begins.")
    return Range(known[service], start, end)


def evidence_rows(session: Session, kind: str, wanted: Range) -> Iterator[Values]:
    """Yield the rows of a kind of evidence, each with the values of COLUMNS[kind]."""
    return _KINDS[kind](session, wanted)


def _samples(session: Session, wanted: Range) -> Iterator[Values]:
    """Hot and sealed ones alike, by slot, then probe and location."""
    probes = measured.probe_keys(session, wanted.service_id)
    places = measured.location_keys(session)
    for one in evidence_days.samples_of_service(session, wanted.service_id, wanted.start, wanted.end):
        yield _sample_values(one, probes[one.probe], places[one.location])


def _sample_values(one: Sample, probe: str, location: str) -> Values:
    return (
        probe, location, one.slot, one.interval_s, one.state.value, one.reason, one.error, one.http_status,
        one.start_offset_ms, one.resolve_ms, one.connect_ms, one.tls_ms, one.processing_ms, one.transfer_ms,
        one.total_ms, one.monotonic_ms, one.boot, one.provenance,
    )  # fmt: skip


def _runs(session: Session, wanted: Range) -> Iterator[Values]:
    """Runs that reach into the range, whole."""
    for series in evidence.series_of_service(session, wanted.service_id, wanted.start, wanted.end):
        for run in series.runs:
            if run.last >= wanted.start and run.first < wanted.end:
                place = (series.probe, series.location)
                yield (
                    *place,
                    run.first,
                    run.last,
                    run.count,
                    run.interval_s,
                    run.state.value,
                    run.reason,
                    run.provenance,
                )


def _outages(session: Session, wanted: Range) -> Iterator[Values]:
    for one in records.outages_between(session, wanted.service_id, wanted.start, wanted.end):
        told, origin = one.record, one.origin
        yield (
            told.start, told.end, told.severity, told.reported_at, told.affected_users, _exact(told.ratio), told.event,
            one.revision, origin.recorded_at, origin.source, origin.provenance,
        )  # fmt: skip


def _counts(session: Session, wanted: Range) -> Iterator[Values]:
    for stored in counts.told_counts(session, wanted.service_id, wanted.start, wanted.end):
        one, origin = stored.count, stored.origin
        yield (
            one.start, one.request_class, one.total, one.total - one.errors, stored.revision, origin.recorded_at,
            origin.source, origin.provenance,
        )  # fmt: skip


def _tickets(session: Session, wanted: Range) -> Iterator[Values]:
    for one in tickets.tickets_between(session, wanted.service_id, wanted.start, wanted.end):
        contract = None if one.contract_id == tickets.EVERY_CONTRACT else str(one.contract_id)
        pauses = ";".join(f"{pause.start}/{pause.end}" for pause in one.ticket.pauses)
        ticket, origin = one.ticket, one.origin
        yield (
            ticket.id, contract, ticket.opened, ticket.responded, pauses, one.revision, origin.recorded_at,
            origin.source, origin.provenance,
        )  # fmt: skip


def _exact(number: Fraction | None) -> str | None:
    return None if number is None else str(number)


_KINDS: Mapping[str, Callable[[Session, Range], Iterator[Values]]] = {
    SAMPLES: _samples,
    RUNS: _runs,
    OUTAGES: _outages,
    COUNTS: _counts,
    TICKETS: _tickets,
}
