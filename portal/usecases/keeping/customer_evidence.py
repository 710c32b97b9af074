"""A customer's evidence: the samples behind any stretch of time, hot or sealed, and what else was told of it.

Nothing outside the customer's own contracts is ever read (`covered_services`).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.chunk import DAY_S, BadChunk
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import State
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.quantities.intervals import Interval, Intervals, clip
from portal.store.evidence import evidence_days, records
from portal.store.evidence.sample_counts import PlaceCounts, counts_of_service, measured_between, slots_within
from portal.store.measuring import measured
from portal.usecases.groundwork.local_times import read_local
from portal.usecases.keeping import evidence_export
from portal.usecases.keeping.covered_services import Covered, covered_service
from portal.usecases.keeping.evidence_export import RUNS, SAMPLES, Range, Values, evidence_rows

PAGE = 100
USUAL_S = 3_600
FIRST_LOOK_S = 600
INSTANT_LENGTH = len("2026-11-01T00:00:00Z")
FILE_DAYS_MAX = {SAMPLES: 32, RUNS: 400}
"""How many days a file of a kind holds at most, so that nobody's question keeps everybody else waiting."""
ALTERED = phrase(
    "Sealed samples of this time were altered and are not shown. Tell us; the provider's log names the day."
)
LOOKS: Mapping[State, str] = {State.UP: "ok", State.DEGRADED: "degraded", State.DOWN: "down", State.UNKNOWN: "unknown"}
WORDS: Mapping[State, str] = {
    State.UP: "up",
    State.DEGRADED: "slow",
    State.DOWN: "down",
    State.UNKNOWN: "not known",
}


@dataclass(frozen=True, slots=True, order=True)
class SampleKey:
    """Where a list of samples goes on: after this slot, probe and location (decision D17)."""

    slot: int
    probe: int
    location: int

    def text(self) -> str:
        """The key as an address holds it."""
        return f"{self.slot}-{self.probe}-{self.location}"


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One sample as people read it, milliseconds whole; `why` says what went wrong, empty when nothing did."""

    slot: int
    location: str
    probe: str
    look: str
    state: str
    why: str
    sample: Sample


@dataclass(frozen=True, slots=True)
class Told:
    """An outage somebody recorded, with where it comes from, in a stretch of time."""

    start: int
    end: int
    severity: str
    provenance: str


@dataclass(frozen=True, slots=True)
class SamplesPage:
    """What is known of a service in [start, end): counts by place, told outages, and a page of samples.

    `is_covered` says whether the contracts cover any of it; `pieces` are the parts of it that fit into a file each.
    """

    service: Covered
    start: int
    end: int
    is_covered: bool
    places: Sequence[PlaceCounts]
    told: Sequence[Told]
    lines: Sequence[SampleLine]
    after: str | None
    pieces: Intervals
    is_generated: bool


def read_window(service: Covered, from_: str, until: str, now: datetime) -> Interval:
    """Return the window two texts name, by default the last hour; raise Invalid naming the one that is none.

    A text with a zone ("2026-11-01T00:00:00Z") is an instant; one without is a local time of the contract's zone.
    """
    end = _read("until", until, service.timezone) if until else clock.seconds(now)
    start = _read("from", from_, service.timezone) if from_ else end - USUAL_S
    if end <= start:
        raise Invalid("until", phrase("The time ends before it begins. Give a later end."))
    return Interval(start, end)


def read_key(text: str) -> SampleKey | None:
    """Return the key a list goes on after; None for the first page, and for what is no key."""
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) <= 12 for part in parts):
        return None
    slot, probe, location = map(int, parts)
    return SampleKey(slot, probe, location)


def samples_page(session: Session, key: str, window: Interval, after: SampleKey | None, now: datetime) -> SamplesPage:
    """Return what is known of a service of the scope's contracts in a window; raise NotFound for any other service.

    Raises Conflict when a sealed day of it was altered.
    """
    service = covered_service(session, key)
    spans = _known_spans(session, service, window)
    try:
        found = _take(session, service.id, spans, after, PAGE + 1)
    except BadChunk:
        raise Conflict(ALTERED) from None
    past = service.within(window.start, min(window.end, clock.seconds(now)))
    last = found[PAGE - 1] if len(found) > PAGE else None
    return SamplesPage(
        service=service,
        start=window.start,
        end=window.end,
        is_covered=bool(service.within(window.start, window.end)),
        places=_counts(session, service.id, past),
        told=_told(session, service, window),
        lines=_lines(session, service.id, found[:PAGE]),
        after=None if last is None else _key_of(last).text(),
        pieces=_file_pieces(spans, FILE_DAYS_MAX[SAMPLES]),
        is_generated=any(one.provenance == "generated" for one in found),
    )


def download(session: Session, key: str, kind: str, window: Interval) -> tuple[Covered, Intervals]:
    """Return the service and the covered UTC days of a window as pieces to read one after the other.

    Raises NotFound for a stranger's service or kind, Invalid when the window holds more days than a file does.
    """
    if kind not in FILE_DAYS_MAX:
        raise NotFound(phrase("There is no such file."))
    service, most = covered_service(session, key), FILE_DAYS_MAX[kind]
    if window.seconds > most * DAY_S:
        raise Invalid("until", phrase("A file holds at most {most} days. Ask for one part after the other.", most=most))
    spans = _known_spans(session, service, window)
    return service, spans if kind == RUNS else tuple(piece for span in spans for piece in _days(span))


def rows_of(session: Session, service_id: UUID, kind: str, piece: Interval) -> Iterator[Values]:
    """Yield the rows of one piece of a file, with the columns evidence_export names; runs are cut to the piece."""
    found = evidence_rows(session, kind, Range(service_id, piece.start, piece.end))
    return found if kind == SAMPLES else _cut(found, piece)


def columns_of(kind: str) -> Sequence[str]:
    """Return the names of the columns of a kind."""
    return tuple(evidence_export.COLUMNS[kind])


def _cut(rows: Iterator[Values], piece: Interval) -> Iterator[Values]:
    """Runs without their samples outside a piece: those may be of a time that no contract covers."""
    names = columns_of(RUNS)
    for row in rows:
        run = dict(zip(names, row, strict=True))
        first, last, interval_s = (int(run[name] or 0) for name in ("first", "last", "interval_s"))
        slots = slots_within(first, last, interval_s, piece.start, piece.end)
        if slots:
            yield tuple((run | {"first": slots[0], "last": slots[-1], "count": len(slots)}).values())


def _read(field: str, text: str, zone: str) -> int:
    if text.endswith("Z") and len(text) <= INSTANT_LENGTH:
        return read_local(field, text.removesuffix("Z"), "UTC")
    return read_local(field, text, zone)


def _file_pieces(spans: Intervals, most_days: int) -> Intervals:
    """What there is of a window, cut into parts of at most so many days."""
    if not spans:
        return ()
    cuts = [*range(spans[0].start, spans[-1].end, most_days * DAY_S), spans[-1].end]
    return tuple(Interval(*pair) for pair in pairwise(cuts))


def _known_spans(session: Session, service: Covered, window: Interval) -> Intervals:
    """The covered parts of a window in which there can be samples: neither before the first nor after the last."""
    measured_ = measured_between(session, service.id)
    return clip(service.within(window.start, window.end), *measured_) if measured_ else ()


def _take(session: Session, service_id: UUID, spans: Intervals, after: SampleKey | None, most: int) -> Sequence[Sample]:
    """Up to `most` samples after the key, reading little more than that: each look reaches twice as far as before."""
    found: list[Sample] = []
    for span in spans:
        start, look = max(span.start, after.slot if after else span.start), FIRST_LOOK_S
        while start < span.end:
            until = min(start + look, span.end)
            for one in evidence_days.samples_of_service(session, service_id, start, until):
                if after is None or _key_of(one) > after:
                    found.append(one)
                    if len(found) == most:
                        return found
            start, look = until, look * 2
    return found


def _key_of(one: Sample) -> SampleKey:
    return SampleKey(one.slot, one.probe, one.location)


def _lines(session: Session, service_id: UUID, found: Sequence[Sample]) -> Sequence[SampleLine]:
    probes, keys = measured.probe_keys(session, service_id), measured.location_keys(session)
    names = measured.location_names(session)
    return [
        SampleLine(
            slot=one.slot,
            location=names.get(keys[one.location], keys[one.location]),
            probe=probes[one.probe],
            look=LOOKS[one.state],
            state=WORDS[one.state],
            why=(one.reason or one.error or "").replace("_", " "),
            sample=one,
        )
        for one in found
    ]


def _counts(session: Session, service_id: UUID, spans: Intervals) -> Sequence[PlaceCounts]:
    """The counts of the covered time, or nothing where none of it is."""
    return counts_of_service(session, service_id, spans[0].start, spans[-1].end) if len(spans) == 1 else ()


def _told(session: Session, service: Covered, window: Interval) -> Sequence[Told]:
    return [
        Told(one.record.start, one.record.end, one.record.severity, one.origin.provenance)
        for span in service.within(window.start, window.end)
        for one in records.outages_between(session, service.id, span.start, span.end)
    ]


def _days(span: Interval) -> Iterator[Interval]:
    """A span cut at the UTC days, which is how samples are sealed."""
    cuts = [span.start, *range((span.start // DAY_S + 1) * DAY_S, span.end, DAY_S), span.end]
    return (Interval(*pair) for pair in pairwise(cuts))
