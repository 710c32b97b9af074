"""What is known of a service when a period is closed: its evidence, cut where it is complete, and the digests of it."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.documents.canonical import digest
from portal.domain.evidence.records import OutageRecord, Run, Series, SlotCount
from portal.domain.promises.closing_periods import ClosingPeriod
from portal.domain.promises.methodology import Methodology
from portal.domain.quantities.exact import exact_text
from portal.domain.quantities.intervals import Interval, clip
from portal.store.evidence.evidence_days import evidence_digest
from portal.store.evidence.tickets import EVERY_CONTRACT, StoredTicket
from portal.usecases.keeping.evidence import ServiceEvidence, evidence_of

TAIL_S = 24 * 3600
"""How far beyond a period's end evidence is read: an outage is as long as it is, not as the period leaves of it (R19).
All of it is there when the period may be closed."""
LEAD_S = 24 * 3600
"""How far before a period samples may be carried into it: longer than any gap that is bridged (D10)."""


@dataclass(frozen=True, slots=True)
class ServiceKnown:
    """The evidence of one service over one period, the digest of its samples, and what was told about it."""

    evidence: ServiceEvidence
    samples: str
    told: str

    def told_to(self, contract_id: UUID) -> str:
        """The digest of what was told about the service that one contract is judged on: no stranger's tickets."""
        own = [one for one in self.evidence.tickets if one.contract_id in (EVERY_CONTRACT, contract_id)]
        return digest({"told": self.told, "tickets": sorted(map(_ticket, own), key=str)}) if own else self.told


def known_of(
    session: Session, service_id: UUID, closing: ClosingPeriod, methods: Collection[Methodology]
) -> ServiceKnown:
    """Return what is known of a service for a period that is closed; the same whenever it is asked later."""
    found = known_without_proof(session, service_id, closing, methods)
    start, end = closing.period.start, closing.period.end
    samples = evidence_digest(session, [service_id], start - LEAD_S, end)
    return replace(found, samples=f"sha256:{samples}", told=_told(found.evidence, Interval(start, end)))


def known_without_proof(
    session: Session, service_id: UUID, closing: ClosingPeriod, methods: Collection[Methodology]
) -> ServiceKnown:
    """Return what is known of a service for a period, without the digests that prove it later.

    Time is read beyond the end, because an outage goes on there; counts, tickets and latencies are the period's own.
    """
    start, end = closing.period.start, closing.period.end
    period = Interval(start, end)
    found = evidence_of(session, service_id, start, end + TAIL_S, methods)
    evidence = replace(
        found,
        series=tuple(cut(one, end + TAIL_S) for one in found.series),
        outages=tuple(one for one in found.outages if one.start < end + TAIL_S),
        counts=tuple(one for one in found.counts if period.start <= one.start < period.end),
        tickets=tuple(one for one in found.tickets if period.start <= one.ticket.opened < period.end),
        latencies=tuple(one for one in found.latencies if period.start <= one.at < period.end),
    )
    return ServiceKnown(evidence, "", "")


def cut(series: Series, end: int) -> Series:
    """A series without its samples at `end` or later: a run that goes on then has grown since."""
    return replace(series, runs=tuple(_cut(run, end) for run in series.runs if run.first < end))


def _cut(run: Run, end: int) -> Run:
    if run.last < end:
        return run
    count = (end - 1 - run.first) // run.interval_s + 1
    return replace(run, last=run.first + (count - 1) * run.interval_s, count=count)


def _told(known: ServiceEvidence, period: Interval) -> str:
    """The digest of the outage records, the time files told of and the counts of the period itself."""
    outages = [one for one in known.outages if one.start < period.end and one.end > period.start]
    return digest(
        {
            "outages": sorted(map(_outage, outages), key=str),
            "covered": [[one.start, one.end] for one in clip(known.covered, period.start, period.end)],
            "counts": [_count(one) for one in known.counts],
        }
    )


def _outage(one: OutageRecord) -> list[object]:
    ratio = None if one.ratio is None else exact_text(one.ratio)
    return [one.start, one.end, one.severity, one.reported_at, one.affected_users, ratio, one.event]


def _count(one: SlotCount) -> list[object]:
    return [one.start, one.request_class, one.total, one.errors]


def _ticket(one: StoredTicket) -> list[object]:
    pauses = [[pause.start, pause.end] for pause in one.ticket.pauses]
    return [str(one.contract_id), one.ticket.id, one.ticket.opened, one.ticket.responded, pauses]
