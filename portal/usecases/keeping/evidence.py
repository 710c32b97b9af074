"""The evidence of a service as the one evaluation reads it: loaded once, then fitted to each promise (decision D8).

A method reads only what it needs: time from runs and outage records, requests from counts or else from runs, latencies
from samples, answers from tickets. Samples are opened for latencies alone.
"""

from bisect import bisect_left
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.lead_in import LeadIn, certain_from, lead_in_for
from portal.domain.evidence.records import Evidence, Latency, OutageRecord, Series, SlotCount, State
from portal.domain.promises.methodology import (
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    Percentile,
    RequestRatio,
    ResponseTime,
)
from portal.domain.quantities.intervals import Interval, Intervals, Span, subtract
from portal.store.evidence import counts, evidence, evidence_days, imports, records, tickets
from portal.store.evidence.tickets import EVERY_CONTRACT, StoredTicket

__all__ = ["NOTHING_MEASURED", "ServiceEvidence", "evidence_of", "led_in_series"]

LEAD_IN_RUNS = 2
FURTHER_S = 86_400
"""How far back is looked first where two runs before a window do not tell how it begins; then four times as far."""
AROUND_S = 86_400
"""How far beyond the window outage records are read: flapping may join one with an outage inside (R20)."""
ANSWERED = (State.UP, State.DEGRADED)
NOTHING_MEASURED = Series("", "", 0, ())
"""The evidence of a service nobody measures: all of its time is unknown, none of it up."""


@dataclass(frozen=True, slots=True)
class ServiceEvidence:
    """What is known of one service over `window`, for every promise about it; `read_by` is what one of them reads.

    `covered` is the time of which files told all outages; `records_from` says of which time outage records and files
    have which provenance, `counts_from` and `latencies_from` are the provenances of the counts and the samples.
    """

    window: Interval
    series: tuple[Series, ...] = ()
    outages: tuple[OutageRecord, ...] = ()
    covered: Intervals = ()
    counts: tuple[SlotCount, ...] = ()
    tickets: tuple[StoredTicket, ...] = ()
    latencies: tuple[Latency, ...] = ()
    records_from: tuple[tuple[Interval, str], ...] = ()
    counts_from: tuple[str, ...] = ()
    latencies_from: tuple[str, ...] = ()

    def read_by(self, method: Methodology, period: Span, contract_id: UUID) -> Evidence:
        """Return what a method reads for a period, under one contract."""
        if isinstance(method, ResponseTime):
            return self._answers(contract_id)
        if isinstance(method, Percentile):
            return Evidence(latencies=self.latencies, provenance=self.latencies_from)
        if isinstance(method, MeanErrorRate | ErrorRateSlots | RequestRatio):
            return self._requests(method, period)
        return self._time(method, period)

    def _answers(self, contract_id: UUID) -> Evidence:
        own = [one for one in self.tickets if one.contract_id in (EVERY_CONTRACT, contract_id)]
        return Evidence(
            tickets=tuple(one.ticket for one in own), provenance=_provenances(one.origin.provenance for one in own)
        )

    def _requests(self, method: Methodology, period: Span) -> Evidence:
        """Counts where there are any in the period; else each up or down sample is one request (D8)."""
        first, after = (bisect_left(self.counts, at, key=lambda one: one.start) for at in (period.start, period.end))
        if first < after:
            return Evidence(counts=self.counts[first:after], provenance=self.counts_from)
        return Evidence(series=self._series(method, period.start) or (NOTHING_MEASURED,))

    def _time(self, method: Methodology, period: Span) -> Evidence:
        """Samples say what is up; of a period without any, a file that told all outages of a time says it."""
        if self.covered and not self._is_measured(period):
            untold = subtract((self.window,), self.covered)
            return Evidence(outages=self.outages, unknown=untold, provenance=self._records_from(period))
        series = self._series(method, period.start) or (NOTHING_MEASURED,)
        return Evidence(series, self.outages, provenance=self._records_from(period))

    def _records_from(self, period: Span) -> tuple[str, ...]:
        """The provenances of what was told about the period itself: what lies around it is not of it."""
        return _provenances(word for of, word in self.records_from if of.start < period.end and of.end > period.start)

    def _is_measured(self, period: Span) -> bool:
        """Whether there is a sample within the period: ones before and after it are not of it."""
        return any(run.first < period.end and run.last >= period.start for one in self.series for run in one.runs)

    def _series(self, method: Methodology, start: int) -> tuple[Series, ...]:
        """The series as far back as they matter to this method and start, whatever else was asked for with them."""
        first = certain_from(self.series, start, lead_in_for([method]))
        return self.series if first is None else tuple(_from(one, first) for one in self.series)


def evidence_of(
    session: Session, service_id: UUID, start: int, end: int, methods: Collection[Methodology]
) -> ServiceEvidence:
    """Return what is known of a service over [start, end) in UTC seconds, as far as these methods need it.

    Runs before `start` lead in as far as they matter (semantics.md R19–R23) and outage records are whole (R19); counts
    and tickets begin within.
    """
    found = ServiceEvidence(Interval(start, end))
    answers = [isinstance(one, ResponseTime | Percentile) for one in methods]
    if not all(answers):
        found = replace(found, series=led_in_series(session, service_id, start, end, lead_in_for(methods)))
        found = _with_records(session, service_id, found)
    if any(isinstance(one, MeanErrorRate | ErrorRateSlots | RequestRatio) for one in methods):
        found = _with_counts(session, service_id, found)
    if any(isinstance(one, ResponseTime) for one in methods):
        found = replace(found, tickets=tuple(tickets.tickets_between(session, service_id, start, end)))
    if any(isinstance(one, Percentile) for one in methods):
        found = _with_latencies(session, service_id, found)
    return found


def led_in_series(session: Session, service_id: UUID, start: int, end: int, rules: LeadIn) -> tuple[Series, ...]:
    """Return the series of a service over [start, end) in UTC seconds, led in so far that nothing earlier matters.

    Two runs before the window nearly always say that; what an outage under way needs more costs by its own length.
    """
    since, further_s = start, FURTHER_S
    while True:
        found = evidence.series_of_service(session, service_id, since, end)
        if certain_from(found, start, rules, since) is not None:
            return found
        since, further_s = start - further_s, further_s * 4


def _with_records(session: Session, service_id: UUID, known: ServiceEvidence) -> ServiceEvidence:
    start, end = known.window.start, known.window.end
    found = records.outages_between(session, service_id, start - AROUND_S, end + AROUND_S)
    covered = imports.covered(session, service_id, start, end)
    told = [(Interval(one.record.start, one.record.end), one.origin.provenance) for one in found]
    told += [(one, "imported") for one in covered]
    return replace(known, outages=tuple(one.record for one in found), covered=covered, records_from=tuple(told))


def _with_counts(session: Session, service_id: UUID, known: ServiceEvidence) -> ServiceEvidence:
    found = list(counts.counts_between(session, service_id, known.window.start, known.window.end))
    origins = _provenances(provenance for _, provenance in found)
    return replace(known, counts=tuple(count for count, _ in found), counts_from=origins)


def _with_latencies(session: Session, service_id: UUID, known: ServiceEvidence) -> ServiceEvidence:
    """A request that failed has no latency: only up and degraded samples say how long an answer took."""
    found: list[Latency] = []
    origins: set[str] = set()
    for sample in evidence_days.samples_of_service(session, service_id, known.window.start, known.window.end):
        if sample.state in ANSWERED and sample.total_ms is not None:
            found.append(Latency(sample.slot, sample.total_ms))
            origins.add(sample.provenance)
    return replace(known, latencies=tuple(found), latencies_from=_provenances(origins))


def _provenances(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(words)))


def _from(series: Series, start: int) -> Series:
    """A series without its runs before a second, but for the last ones: what they say is carried on (R22)."""
    first = bisect_left(series.runs, start, key=lambda run: run.first)
    return replace(series, runs=series.runs[max(0, first - LEAD_IN_RUNS) :])
