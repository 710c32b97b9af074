"""Judging one commitment over one period: the only way to any number the product shows (semantics.md, pipeline)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from portal.domain.evaluation.comparison import compare, least_kept
from portal.domain.evaluation.count import Count
from portal.domain.evaluation.credits import Verdict, credit_for
from portal.domain.evaluation.downtime import outage_spans, outages_of, weigh_up
from portal.domain.evaluation.exclusions import Acceptance, Carried, Exclusion
from portal.domain.evaluation.fees import fee_for, fee_share
from portal.domain.evaluation.ground import Ground
from portal.domain.evaluation.methods.counting import accepted, count, measured_ground, reports_for
from portal.domain.evaluation.receipt import receipt
from portal.domain.evaluation.result import (
    Attainment,
    CountedOutage,
    Coverage,
    Credit,
    Kind,
    Status,
    Stretch,
    Totals,
)
from portal.domain.evaluation.stretches import in_order, partition, unknown_stretches, without
from portal.domain.evidence.records import Evidence, State
from portal.domain.indicators.budget import budget
from portal.domain.indicators.resolution import Resolution, resolve
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.intervals import Interval, Intervals, Measure, clip, subtract, total_seconds, union
from portal.domain.quantities.periods import Period

__all__ = ["Attainment", "Carried", "evaluate"]


def evaluate(
    commitment: Commitment,
    contract: ContractLine,
    period: Period,
    evidence: Evidence,
    exclusions: Sequence[Exclusion],
    carried: Carried,
    as_of: int,
) -> Attainment:
    """The result of a commitment over a period, with its working.

    While `as_of` (UTC seconds) lies before the period's end the period is open: nothing later is known, and the
    remaining time is taken as up. Costs by the number of intervals and runs, not of seconds or samples.
    Raises ValueError for samples out of order, a request class without score, money in a foreign currency.
    """
    method, policy = commitment.methodology, commitment.exclusions_policy
    assume_up = contract.partial_period == "assume_up"
    bare = measured_ground(
        Interval(period.start, period.end), contract.service_start, contract.service_end, assume_up, as_of
    )
    reports = reports_for(evidence, method, bare)
    acceptance = accepted(exclusions, policy, carried, reports, evidence, method, bare, contract.timezone)
    unknown_as = commitment.unknown_policy.treat_as
    ground = replace(bare, excluded=acceptance.intervals, exclusion_mode=policy.mode, unknown_as=unknown_as)
    counted = count(evidence, reports, method, ground)
    measured = {run.provenance for series in evidence.series for run in series.runs}
    provenance = tuple(sorted(measured.union(evidence.provenance)))
    return _Judgement(commitment, contract, period, ground, acceptance, counted).result(as_of, provenance)


@dataclass(frozen=True, slots=True)
class _Sums:
    """Seconds on a ground up to some instant."""

    measured: int
    excluded: int
    unknown: int
    eligible: int


@dataclass(frozen=True, slots=True)
class _Figures:
    """Downtime (None for methods that count no time), the downtime of the same worth, and the percentages."""

    downtime: Fraction | None
    lost: Fraction
    attained: Fraction | None
    so_far: Fraction | None
    compared: Fraction | None


@dataclass(frozen=True, slots=True)
class _Judgement:
    """What was counted, put beside what was promised."""

    commitment: Commitment
    contract: ContractLine
    period: Period
    ground: Ground
    acceptance: Acceptance
    count: Count

    def result(self, as_of: int, provenance: tuple[str, ...]) -> Attainment:
        """The judgement written out, with its receipt."""
        ground, found = self.ground, self.count
        degraded = without(found.degraded, found.counted)
        unknown = self._unknown(degraded)
        remaining = self._remaining()
        stretches = self._stretches(degraded, unknown, remaining)
        weighing = in_order(found.counted, unknown if ground.unknown_as == "down" else ())
        whole, elapsed = self._sums(unknown)
        figures = self._figures(whole, elapsed, weighing)
        coverage = self._coverage(elapsed)
        status = self._status(coverage, figures.compared)
        outages = self._outages(weighing)
        fee = fee_for(self.contract, self.period, ground)
        breaches = len(outages) if found.breaches is None else found.breaches
        target = self.commitment.target
        result = Attainment(
            commitment=self.commitment,
            contract=self.contract,
            period=self.period,
            measured=ground.measured,
            as_of=as_of,
            open=as_of < self.period.end,
            totals=self._totals(stretches, remaining, whole, figures.downtime),
            attained=figures.attained,
            so_far=figures.so_far,
            compared=figures.compared,
            status=status,
            met={Status.MET: True, Status.BREACHED: False}.get(status),
            coverage=coverage,
            budget=budget(target, Fraction(whole.eligible), figures.lost) if whole.eligible else None,
            resolution=self._resolution(whole.eligible, figures.downtime),
            stretches=stretches,
            outages=outages,
            breaches=breaches,
            exclusions=self.acceptance.outcomes,
            used_caps=self.acceptance.used,
            fee_share=fee_share(self.contract, self.period, ground),
            fee=fee,
            credit=self._credit(status, figures, whole, outages, breaches, fee),
            details=found.details,
            steps=(),
            provenance=provenance,
        )
        return replace(result, steps=receipt(result))

    def _figures(self, whole: _Sums, elapsed: _Sums, weighing: Sequence[Stretch]) -> _Figures:
        downtime = weigh_up(weighing)[1] if self.count.ratio is None else None
        attained = self._attained(whole.eligible, downtime, projected=True)
        so_far = self._attained(elapsed.eligible, downtime, projected=False)
        lost = _lost(whole.eligible, attained) if downtime is None else downtime
        return _Figures(downtime, lost, attained, so_far, compare(attained, self.commitment.comparison))

    def _credit(
        self,
        status: Status,
        figures: _Figures,
        whole: _Sums,
        outages: tuple[CountedOutage, ...],
        breaches: int,
        fee: Fraction | None,
    ) -> Credit:
        verdict = Verdict(
            status=status,
            compared=figures.compared,
            target=self.commitment.target,
            downtime=figures.lost,
            measured_seconds=whole.measured,
            eligible_seconds=whole.eligible,
            outages=outages,
            breaches=breaches,
            period=self.period,
        )
        return credit_for(self.commitment.credit_schedule, verdict, fee, self.contract)

    def _stretches(
        self, degraded: Sequence[Stretch], unknown: Sequence[Stretch], remaining: Sequence[Stretch]
    ) -> tuple[Stretch, ...]:
        """The measured interval by class: excluded > down > degraded > unknown > up, and what remains of it."""
        ground, found = self.ground, self.count
        excluded = _stretches_of(ground.excluded, Kind.EXCLUDED)
        seen = self._served(clip(found.seen, ground.measured.start, ground.measured.end))
        for taken in (ground.excluded, found.counted, degraded):
            seen = subtract(seen, taken)
        passed = _stretches_of(seen, Kind.UP, "not_counted")
        pieces = in_order(excluded, found.counted, degraded, unknown, passed, remaining)
        return partition(ground.measured, pieces, found.timeline)

    def _remaining(self) -> Sequence[Stretch]:
        """What has not elapsed yet; exclusions to come are excluded already."""
        future = clip((self.ground.measured,), self.ground.elapsed_until, self.ground.measured.end)
        return _stretches_of(subtract(future, self.ground.excluded), Kind.REMAINING)

    def _unknown(self, degraded: Sequence[Stretch]) -> Sequence[Stretch]:
        weight = Fraction(1 if self.ground.unknown_as == "down" else 0)
        ground = self.ground
        start = max(ground.measured.start, ground.served.start)
        end = min(ground.measured.end, ground.served.end, ground.elapsed_until)
        unknown: Sequence[Stretch] = unknown_stretches(self.count.unknown, Interval(start, end), weight)
        for known in (ground.excluded, self.count.counted, degraded, self.count.seen):
            unknown = without(unknown, known)
        return unknown

    def _served(self, seen: Intervals) -> Intervals:
        return clip(seen, self.ground.served.start, min(self.ground.served.end, self.ground.elapsed_until))

    def _sums(self, unknown_stretches: Iterable[Stretch]) -> tuple[_Sums, _Sums]:
        """The sums of the whole measured interval and of what has elapsed of it."""
        unknown = sum(one.seconds for one in unknown_stretches)
        whole = self._sums_until(self.ground.measured.end, unknown)
        if self.ground.elapsed_until >= self.ground.measured.end:
            return whole, whole
        return whole, self._sums_until(self.ground.elapsed_until, unknown)

    def _sums_until(self, until: int, unknown: int) -> _Sums:
        ground = self.ground
        measured = max(until - ground.measured.start, 0)
        excluded = total_seconds(clip(ground.excluded, ground.measured.start, until))
        eligible = measured
        if ground.exclusion_mode == "remove":
            eligible -= excluded
        if ground.unknown_as == "exclude":
            eligible -= unknown
        return _Sums(measured, excluded, unknown, eligible)

    def _totals(
        self, stretches: Iterable[Stretch], remaining: Iterable[Stretch], whole: _Sums, downtime: Fraction | None
    ) -> Totals:
        held = 0 if self.count.timeline is None else sum(one.held_seconds for one in stretches)
        left = sum(one.seconds for one in remaining)
        return Totals(whole.measured, whole.excluded, whole.unknown, held, left, whole.eligible, downtime)

    def _attained(self, eligible: int, downtime: Fraction | None, projected: bool) -> Fraction | None:
        """The attained percentage, exact; None when nothing is eligible or was counted (R27)."""
        ratio = self.count.ratio
        if eligible == 0:
            return None
        if ratio is not None:
            share = ratio.projected if projected else ratio.so_far
            return None if share is None else share * 100
        return None if downtime is None else (eligible - downtime) * 100 / eligible

    def _coverage(self, elapsed: _Sums) -> Coverage:
        """R16: unknown time over the elapsed time outside exclusions; equal to the limit is still enough."""
        limit = self.commitment.unknown_policy.max_unknown_percent
        basis = elapsed.measured - elapsed.excluded
        percent = Fraction(100 * elapsed.unknown, basis) if basis else None
        return Coverage(percent, limit, limit is None or percent is None or percent <= limit)

    def _status(self, coverage: Coverage, compared: Fraction | None) -> Status:
        if not coverage.sufficient:
            return Status.INSUFFICIENT_DATA
        if compared is None:
            return Status.NOT_APPLICABLE
        return Status.MET if self.count.forgiven or compared >= self.commitment.target else Status.BREACHED

    def _outages(self, weighing: Sequence[Stretch]) -> tuple[CountedOutage, ...]:
        """The counted outages; where unknown counts as down it makes outages too, or joins those it touches (R9)."""
        found = self.count
        if found.ratio is not None:
            return ()
        spans = found.spans
        if self.ground.unknown_as == "down":
            unknown = union(Interval(start, end) for start, end, _ in found.unknown)
            spans = union(spans, subtract(unknown, found.seen))
        return outages_of(outage_spans(spans, found.merge_gap_seconds), weighing, found.records)

    def _resolution(self, eligible: int, downtime: Fraction | None) -> Resolution | None:
        """R25: each detected outage may be up to one probe interval longer or shorter than measured."""
        timeline = self.count.timeline
        if timeline is None or downtime is None:
            return None
        measured = self.ground.measured
        down = clip(timeline.intervals(State.DOWN), measured.start, measured.end)
        excluded = Measure(self.ground.excluded)
        outages = sum(excluded.within(one.start, one.end) < one.seconds for one in down)
        least = least_kept(self.commitment.target, self.commitment.comparison)
        return resolve(downtime, outages, timeline.interval_s, eligible, least)


def _stretches_of(spans: Intervals, kind: Kind, reason: str | None = None) -> list[Stretch]:
    return [Stretch(one.start, one.end, kind, reason) for one in spans]


def _lost(eligible: int, attained: Fraction | None) -> Fraction:
    """The downtime that would give the same percentage, for methods that count no time."""
    return Fraction(0) if attained is None else eligible * (100 - attained) / 100
