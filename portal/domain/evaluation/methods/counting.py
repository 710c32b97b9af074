"""The counting method that the terms name, applied to the evidence."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from portal.domain.evaluation import percentile, response
from portal.domain.evaluation.count import Count, Ratio
from portal.domain.evaluation.exclusions import Acceptance, Carried, Exclusion, accept
from portal.domain.evaluation.ground import FAR, Ground
from portal.domain.evaluation.methods.affected import count_affected
from portal.domain.evaluation.methods.continuous import count_continuous
from portal.domain.evaluation.methods.error_rates import count_error_rate_slots, count_mean_error_rate, failing_time
from portal.domain.evaluation.methods.requests import count_request_ratio
from portal.domain.evaluation.methods.slots import count_slots
from portal.domain.evaluation.reports import Reports, read_reports
from portal.domain.evaluation.result import Step
from portal.domain.evidence.records import Evidence, Latency
from portal.domain.promises.commitment import ExclusionsPolicy
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    Detection,
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    OutageRules,
    Percentile,
    RequestRatio,
    ResponseTime,
    Slots,
    UserMinutes,
)
from portal.domain.quantities.intervals import Interval, Intervals, Measure, union


def reports_for(evidence: Evidence, method: Methodology, ground: Ground) -> Reports:
    """The reports as the method's own clock and detection rules read them."""
    until = ground.elapsed_until if ground.elapsed_until < ground.period.end else None
    if isinstance(method, Continuous | Slots | UserMinutes | AffectedRatio):
        return read_reports(evidence, method.outage, method.detection, until)
    if isinstance(method, RequestRatio):
        return read_reports(evidence, OutageRules(), Detection(), until)
    unknown = tuple((one.start, one.end, "reported") for one in union(evidence.unknown))
    return Reports((), (), (), (), unknown, None)


def accepted(
    exclusions: Sequence[Exclusion],
    policy: ExclusionsPolicy,
    carried: Carried,
    reports: Reports,
    evidence: Evidence,
    method: Methodology,
    ground: Ground,
    timezone: str,
) -> Acceptance:
    """The exclusions that count; caps on downtime look at what this method sees down (R15)."""
    down = reports.down
    if isinstance(method, ErrorRateSlots) and any(one.cap_counts == "downtime" for one in policy.types):
        down = failing_time(evidence, method, ground)
    return accept(exclusions, policy, ground.measured, down, carried, timezone)


def count(evidence: Evidence, reports: Reports, method: Methodology, ground: Ground) -> Count:
    """What the method finds on this ground."""
    if isinstance(method, Continuous):
        return count_continuous(reports, method, ground)
    if isinstance(method, Slots):
        return count_slots(reports, method, ground)
    if isinstance(method, UserMinutes | AffectedRatio):
        return count_affected(reports, method, ground)
    if isinstance(method, MeanErrorRate):
        return count_mean_error_rate(evidence, method, ground)
    if isinstance(method, ErrorRateSlots):
        return count_error_rate_slots(evidence, method, ground)
    if isinstance(method, RequestRatio):
        return count_request_ratio(evidence, reports, method, ground)
    if isinstance(method, Percentile):
        return _count_percentile(evidence, reports, method, ground)
    return _count_responses(evidence, reports, method, ground)


def _count_percentile(evidence: Evidence, reports: Reports, method: Percentile, ground: Ground) -> Count:
    heard = _heard(evidence.latencies, ground.excluded, ground.elapsed_until)
    result = percentile.attain(method, ground.measured.start, ground.measured.end, heard)
    missed = sum(not slot.met for slot in result.slots)
    details = [Step("slots_counted", len(result.slots), "slots", "R45"), Step("slots_missed", missed, "slots", "R45")]
    details.extend(
        Step(
            "slot",
            slot.ranked.value,
            "ms",
            "R45",
            (("start", slot.start), ("n", slot.ranked.n), ("rank", slot.ranked.rank)),
        )
        for slot in result.slots
        if not slot.met or len(result.slots) == 1
    )
    return Count(unknown=reports.unknown, ratio=_share(result.attained), details=tuple(details), breaches=missed)


def _heard(latencies: Sequence[Latency], excluded: Intervals, until: int) -> list[Latency]:
    """The latencies so far that no exclusion covers (R12)."""
    measure = Measure(excluded)
    return [one for one in latencies if one.at < until and not measure.within(one.at, one.at + 1)]


def _count_responses(evidence: Evidence, reports: Reports, method: ResponseTime, ground: Ground) -> Count:
    result = response.attain(method, ground.measured.start, ground.measured.end, evidence.tickets, ground.as_of)
    details = [
        Step("tickets_within", result.within, "tickets", "R43"),
        Step("tickets_breached", result.breached, "tickets", "R43"),
        Step("tickets_pending", result.pending, "tickets", "R43"),
    ]
    details.extend(
        Step("ticket", one.result.value, "word", "R41", (("id", one.id), ("elapsed_seconds", one.elapsed_seconds)))
        for one in result.tickets
    )
    return replace(
        Count(unknown=reports.unknown, ratio=_share(result.attained), details=tuple(details)),
        breaches=result.breached,
        forgiven=result.forgiven,
    )


def _share(attained_percent: Fraction | None) -> Ratio:
    share = None if attained_percent is None else attained_percent / 100
    return Ratio(share, share)


def measured_ground(
    period: Interval, service_start: int | None, service_end: int | None, assume_up: bool, as_of: int
) -> Ground:
    """The ground without exclusions: M is the served part of the period, or all of it if it is assumed up (R5)."""
    served = Interval(-FAR if service_start is None else service_start, FAR if service_end is None else service_end)
    start, end = max(period.start, served.start), min(period.end, served.end)
    measured = period if assume_up else Interval(start, max(start, end))
    if measured.seconds == 0:
        measured = Interval(period.start, period.start)
    elapsed = min(max(as_of, period.start), period.end)
    return Ground(period, measured, served, (), "none", "exclude", as_of, elapsed, assume_up)
