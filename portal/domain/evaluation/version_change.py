"""Terms that change inside a period: which version governs, or each its own segment (semantics.md R6)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evaluation.result import Status
from portal.domain.evidence.records import Evidence
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.exact import Rounding, round_to_whole
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import local_text


@dataclass(frozen=True, slots=True)
class InForce:
    """One version of a commitment as one contract sees it, in force from a UTC second until the next one begins."""

    from_: int
    commitment: Commitment
    contract: ContractLine


@dataclass(frozen=True, slots=True)
class Segment:
    """The part [start, end) of a period under one version, with its exact fee and credit (None without a verdict)."""

    start: int
    end: int
    attainment: Attainment
    fee: Fraction | None
    credit: Fraction | None


@dataclass(frozen=True, slots=True)
class ChangedPeriod:
    """The result of a period in which terms may change.

    One version, numbered by `governing`, gave `attainment`; under `split` both are None and `segments` has one
    segment for each version, empty ones too. `credit_minor` is None where a person must decide or no fee is named.
    """

    policy: str
    governing: int | None
    attainment: Attainment | None
    segments: tuple[Segment, ...]
    met: bool | None
    credit_minor: int | None


@dataclass(frozen=True, slots=True)
class Facts:
    """What a period is judged on, the same for every version."""

    evidence: Evidence
    exclusions: Sequence[Exclusion]
    carried: Carried
    as_of: int


Judge = Callable[[InForce, Period, Carried], Attainment]
"""Says what one version gives over a period, or over a part of it, on facts it knows."""


def judge_changed(policy: str, versions: Sequence[InForce], period: Period, facts: Facts) -> ChangedPeriod:
    """The result of a period under a change policy, judged by `evaluate` on these facts."""

    def judge(version: InForce, part: Period, carried: Carried) -> Attainment:
        return evaluate(
            version.commitment, version.contract, part, facts.evidence, facts.exclusions, carried, facts.as_of
        )

    return judge_changed_by(policy, versions, period, judge, facts.carried)


def judge_changed_by(
    policy: str, versions: Sequence[InForce], period: Period, judge: Judge, carried: Carried
) -> ChangedPeriod:
    """The result of a period under a change policy; `versions` in the order of their beginnings, the first one first.

    start_version: the version in force at the period's start governs. latest_version: the last one that begins in it.
    customer_best: each is judged on the whole period and the larger credit is paid, on a tie the older. split: each
    segment has its own verdict and its share of the fee by seconds, and the sum is rounded once.
    """
    if policy == "split":
        return _split(versions, period, judge, carried)
    numbers = [n for n, (start, end) in enumerate(_spans(versions, period)) if start < end]
    numbers = numbers or [len(versions) - 1]
    if policy == "start_version":
        return _governed(policy, numbers[0], judge(versions[numbers[0]], period, carried))
    if policy == "latest_version":
        return _governed(policy, numbers[-1], judge(versions[numbers[-1]], period, carried))
    if policy != "customer_best":
        raise ValueError(f"'{policy[:40]}' is not a policy for changed terms")
    judged = {n: judge(versions[n], period, carried) for n in numbers}
    best = max(numbers, key=lambda n: (judged[n].credit.amount_minor or 0, -n))
    return _governed(policy, best, judged[best])


def _spans(versions: Sequence[InForce], period: Period) -> list[tuple[int, int]]:
    """The part of the period each version is in force, possibly empty; the first one reaches back without end."""
    cuts = [period.start, *(min(max(one.from_, period.start), period.end) for one in versions[1:]), period.end]
    return list(pairwise(cuts))


def _governed(policy: str, number: int, attainment: Attainment) -> ChangedPeriod:
    return ChangedPeriod(policy, number, attainment, (), attainment.met, attainment.credit.amount_minor)


def _split(versions: Sequence[InForce], period: Period, judge: Judge, carried: Carried) -> ChangedPeriod:
    whole = judge(versions[0], period, carried)
    segments: list[Segment] = []
    for version, (start, end) in zip(versions, _spans(versions, period), strict=True):
        segments.append(_segment(version, (start, end), whole, judge, carried))
        carried = Carried((*carried.used, *segments[-1].attainment.used_caps))
    met = _all_met([segment.attainment for segment in segments])
    return ChangedPeriod("split", None, None, tuple(segments), met, _rounded_sum(segments, whole.contract))


def _segment(version: InForce, span: tuple[int, int], whole: Attainment, judge: Judge, carried: Carried) -> Segment:
    """One version on its own seconds; its fee is the period's fee by its share of the measured seconds."""
    start, end = span
    zone = whole.period.timezone
    piece = Period(start, end, local_text(start, zone), local_text(end, zone), zone, "custom")
    fee = None if whole.fee is None else whole.fee * _share(start, end, whole)
    line = replace(version.contract, monthly_fee=fee, fee_proration="none")
    attainment = judge(replace(version, contract=line), piece, carried)
    return Segment(start, end, attainment, fee, _exact_credit(attainment, fee))


def _share(start: int, end: int, whole: Attainment) -> Fraction:
    measured = whole.measured
    seconds = min(end, measured.end) - max(start, measured.start)
    return Fraction(max(seconds, 0), measured.seconds) if measured.seconds else Fraction(0)


def _exact_credit(attainment: Attainment, fee: Fraction | None) -> Fraction | None:
    """The segment's credit after its own caps and before any rounding (R38)."""
    schedule, percent = attainment.commitment.credit_schedule, attainment.credit.uncapped_percent
    if percent is None or fee is None:
        return None
    amount = fee * (percent if schedule.cap_percent is None else min(percent, schedule.cap_percent)) / 100
    return amount if schedule.cap_amount is None else min(amount, schedule.cap_amount.amount)


def capped_sum(segments: Sequence[Segment]) -> Fraction | None:
    """What all segments owe, exactly: a cap in money is one for the whole period, the highest of the versions (R38).

    None where one of them has no credit to add.
    """
    owed = [segment.credit for segment in segments if segment.credit is not None]
    if len(owed) < len(segments):
        return None
    total = sum(owed, Fraction(0))
    schedules = [segment.attainment.commitment.credit_schedule for segment in segments]
    caps = [one.cap_amount.amount for one in schedules if one.cap_amount is not None]
    return min(total, max(caps)) if caps and len(caps) == len(schedules) else total


def _rounded_sum(segments: Sequence[Segment], contract: ContractLine) -> int | None:
    """The sum in minor units, rounded once; nothing unless it exceeds the lowest minimum of the versions (R39)."""
    total = capped_sum(segments)
    if total is None:
        return None
    unit = 10**contract.minor_digits
    minor = round_to_whole(total * unit, Rounding(contract.money_rounding))
    minima = [segment.attainment.commitment.credit_schedule.min_credit_exclusive for segment in segments]
    least = min((Fraction(0) if one is None else one.amount for one in minima), default=Fraction(0))
    return minor if Fraction(minor, unit) > least else 0


def _all_met(results: Sequence[Attainment]) -> bool | None:
    statuses = {result.status for result in results}
    if Status.BREACHED in statuses:
        return False
    if Status.INSUFFICIENT_DATA in statuses or Status.MET not in statuses:
        return None
    return True
