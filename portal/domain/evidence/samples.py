"""One series of samples as the spans that follow from it: known, fresh, down, degraded (semantics.md R22, R23)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from portal.domain.evidence.records import Run, Series, State
from portal.domain.promises.methodology import Detection

BRIDGED = frozenset({None, "probe_gap", "no_data"})
"""Reasons of missing samples across which the last state is held; every other reason ends the hold (decision D6)."""

_DOWN, _DEGRADED, _UNKNOWN = State.DOWN, State.DEGRADED, State.UNKNOWN
"""States by a name of their own: looked up in their class they cost more than all else of a run (until Python 3.12)."""

Span = tuple[int, int]


@dataclass(slots=True)
class Spans:
    """What one series says, as lists of (start, end) in UTC seconds.

    `reasons` are (from when, why unknown), `unknown` the starts of the runs that say so themselves.

    `known`: a sample's state holds. `fresh`: within the samples' own slots, so not only held.
    `down`: confirmed outages while known. `degraded`: the samples' own word.
    """

    known: list[Span]
    fresh: list[Span]
    down: list[Span]
    degraded: list[Span]
    reasons: list[tuple[int, str]]
    unknown: list[int]


def spans_of(series: Series, rules: Detection) -> Spans:
    """The spans of one series under these rules; costs by the number of runs.

    Raises ValueError when a run starts before the previous one has ended.
    """
    reader = _Reader(rules)
    reader.read(_steady(series, rules))
    spans = reader.spans
    spans.down = _meet(spans.down, spans.known)
    return spans


def _steady(series: Series, rules: Detection) -> Iterable[Run]:
    """The runs, with those cut into single samples whose interval outlasts the hold of a sample."""
    gap, before = rules.max_gap_seconds, None
    for run in series.runs:
        if run.last < run.first or (before is not None and run.first <= before):
            raise ValueError(f"the samples of {series.location} {series.probe} are out of order at second {run.first}")
        before = run.last
    if gap is None or all(run.interval_s <= gap for run in series.runs):
        return series.runs
    return _single_samples(series.runs, gap)


def _single_samples(runs: Iterable[Run], gap: int) -> Iterator[Run]:
    for run in runs:
        if run.count == 1 or run.interval_s <= gap:
            yield run
        else:
            for at in range(run.first, run.last + 1, run.interval_s):
                yield replace(run, first=at, last=at, count=1)


class _Reader:
    """Walks the runs of one series once, keeping the hold of the last sample and the confirmation counters."""

    def __init__(self, rules: Detection) -> None:
        self.rules = rules
        self.spans = Spans([], [], [], [], [], [])
        self.last: int | None = None
        self.gap = self.interval = 0
        self.failures = self.successes = 0
        self.first_failure = self.first_success = 0
        self.down_from: int | None = None

    def read(self, runs: Iterable[Run]) -> None:
        for run in runs:
            if run.state is not _UNKNOWN:
                self._known(run)
                continue
            self.spans.unknown.append(run.first)
            if run.reason in BRIDGED:
                self.spans.reasons.append((run.first, run.reason or "probe_gap"))
            else:
                self._unknown(run)
        if self.down_from is not None and self.last is not None:
            self.spans.down.append((self.down_from, self.last + self.gap))

    def _known(self, run: Run) -> None:
        first, last, spans = run.first, run.last, self.spans
        if self.last is not None and first - self.last >= self.gap:
            self._reset_after_silence(first - self.last)
        gap = self.rules.max_gap_seconds
        self.gap = gap = 2 * run.interval_s if gap is None else gap
        self.interval, self.last = run.interval_s, last
        _extend(spans.known, first, last + gap)
        _extend(spans.fresh, first, last + (run.interval_s if run.interval_s < gap else gap))
        if not spans.reasons or spans.reasons[-1][1] != "probe_gap":
            spans.reasons.append((first, "probe_gap"))
        if spans.degraded:
            _cut(spans.degraded, first)
        if run.state is _DOWN:
            self._fail(run)
        elif self.down_from is not None or self.failures:
            self._succeed(run)
        if run.state is _DEGRADED:
            _extend(spans.degraded, first, last + gap)

    def _unknown(self, run: Run) -> None:
        for spans in (self.spans.known, self.spans.fresh, self.spans.degraded):
            _cut(spans, run.first)
        self.spans.reasons.append((run.first, run.reason or "probe_gap"))

    def _reset_after_silence(self, silence: int) -> None:
        """A gap of max_gap or more, the samples' own interval aside, clears the counters and ends an outage (R23)."""
        if silence == self.gap and silence <= self.interval:
            return
        if self.down_from is not None:
            self.spans.down.append((self.down_from, (self.last or 0) + self.gap))
        self.down_from = None
        self.failures = self.successes = 0

    def _fail(self, run: Run) -> None:
        self.successes = 0
        if self.down_from is not None:
            return
        if self.failures == 0:
            self.first_failure = run.first
        missing = self.rules.confirm_failures - self.failures
        self.failures += run.count
        if run.count >= missing:
            confirmed = run.first + (missing - 1) * run.interval_s
            self.down_from = self.first_failure if self.rules.outage_begins == "first_failure" else confirmed

    def _succeed(self, run: Run) -> None:
        self.failures = 0
        if self.down_from is None:
            return
        if self.successes == 0:
            self.first_success = run.first
        missing = self.rules.confirm_successes - self.successes
        self.successes += run.count
        if run.count >= missing:
            confirmed = run.first + (missing - 1) * run.interval_s
            end = self.first_success if self.rules.outage_ends == "first_success" else confirmed
            self.spans.down.append((self.down_from, end))
            self.down_from, self.successes = None, 0


def _extend(spans: list[Span], start: int, end: int) -> None:
    """Add [start, end): what was held beyond `start` gives way, touching spans are joined."""
    if spans and spans[-1][1] >= start:
        spans[-1] = (spans[-1][0], end)
    else:
        spans.append((start, end))


def _meet(first: list[Span], second: list[Span]) -> list[Span]:
    """The seconds in both of two sorted disjoint lists."""
    common: list[Span] = []
    position = 0
    for start, end in first:
        while position < len(second) and second[position][1] <= start:
            position += 1
        at = position
        while at < len(second) and second[at][0] < end:
            first_second, after_last = second[at]
            common.append((start if start > first_second else first_second, end if end < after_last else after_last))
            at += 1
    return common


def _cut(spans: list[Span], at: int) -> None:
    """End the last span at this second at the latest."""
    if spans and spans[-1][1] > at:
        start = spans.pop()[0]
        if start < at:
            spans.append((start, at))
