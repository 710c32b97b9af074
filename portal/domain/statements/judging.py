"""Judging everything one contract promises over one period, under every version that governs a part of it (R6, R40)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from portal.domain.evaluation.attainment import Attainment, Carried
from portal.domain.evaluation.exclusions import CapUse
from portal.domain.evaluation.pricing import priced, without_contract
from portal.domain.evaluation.result import Status
from portal.domain.evaluation.version_change import ChangedPeriod, InForce, capped_sum, judge_changed_by
from portal.domain.promises.combine import CombinedCredit, CreditShare, combine
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.terms import Terms
from portal.domain.quantities.exact import Rounding, round_to_whole
from portal.domain.quantities.periods import Period


class Ruling(StrEnum):
    """What a named person may decide about a period that knows too little of itself (R16, E2)."""

    AS_MEASURED = "as measured"
    WITHOUT_VERDICT = "without verdict"


@dataclass(frozen=True, slots=True)
class Version:
    """One published version of the terms: its number, its digest, and the UTC second it governs from."""

    number: int
    digest: str
    from_: int
    terms: Terms


@dataclass(frozen=True, slots=True)
class Promised:
    """One version's commitment and the contract as it is seen from one service under that version."""

    version: Version
    commitment: Commitment
    line: ContractLine


@dataclass(frozen=True, slots=True)
class Question:
    """What has to be measured, without anybody's money: equal questions have one answer."""

    version: Version
    commitment: Commitment
    line: ContractLine
    period: Period
    carried: Carried


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured, and the digest of its working."""

    result: Attainment
    working: str


Measure = Callable[[Question], Measured]


@dataclass(frozen=True, slots=True)
class Part:
    """What one version gave over the period or its own part of it, and the digest of its working."""

    version: Version
    result: Attainment
    working: str


@dataclass(frozen=True, slots=True)
class JudgedLine:
    """One commitment about one service: its parts, which of them governs (None: each its own seconds), what is owed.

    `credit` is exact, after every cap of the schedule and 0 where its minimum was not reached; None without a verdict.
    """

    service: str
    component: str
    commitment: str
    parts: tuple[Part, ...]
    governing: int | None
    status: Status
    met: bool | None
    fee: Fraction
    credit: Fraction | None

    @property
    def counted(self) -> Sequence[Part]:
        """The parts whose figures stand: the governing one, or all of them."""
        return self.parts if self.governing is None else (self.parts[self.governing],)

    @property
    def used_caps(self) -> tuple[CapUse, ...]:
        """What this line took of yearly caps."""
        return tuple(use for part in self.counted for use in part.result.used_caps)


@dataclass(frozen=True, slots=True)
class Settled:
    """What a contract is owed for the period: the combined credit, and the same in minor units, rounded once (R35)."""

    combined: CombinedCredit
    amount_minor: int


def settling_terms(versions: Sequence[Version]) -> Terms:
    """The terms that settle the period: the last ones in it under `latest_version`, else those of its start."""
    first = versions[0].terms
    return versions[-1].terms if first.version_change == "latest_version" else first


def commitments_promised(versions: Sequence[Version], component: str) -> tuple[str, ...]:
    """The ids of the commitments about a component that are judged, each once, in the order of the terms."""
    policy = versions[0].terms.version_change
    governing: Sequence[Version] = versions
    if policy in ("start_version", "latest_version"):
        governing = [versions[-1 if policy == "latest_version" else 0]]
    found = (one for version in governing for one in version.terms.commitments if one.component == component)
    return tuple(dict.fromkeys(one.id for one in found))


def judge_line(promised: Sequence[Promised], period: Period, carried: Carried, measure: Measure) -> JudgedLine:
    """One commitment judged over a period by the versions that have it, in their order; the first one's policy holds.

    A commitment that only one of them has is judged by that one over the whole period.
    """
    found: list[Part] = []
    of = {id(one.commitment): one.version for one in promised}

    def judged(version: InForce, part: Period, used: Carried) -> Attainment:
        known = of[id(version.commitment)]
        line = without_contract(version.contract, part)
        measured = measure(Question(known, version.commitment, line, part, used))
        found.append(Part(known, priced(measured.result, version.contract), measured.working))
        return found[-1].result

    in_force = [InForce(one.version.from_, one.commitment, one.line) for one in promised]
    policy = promised[0].version.terms.version_change
    return _line(promised[0], judge_changed_by(policy, in_force, period, judged, carried), found)


def _line(first: Promised, changed: ChangedPeriod, found: Sequence[Part]) -> JudgedLine:
    if changed.attainment is None:
        segments = [one.attainment for one in changed.segments]
        parts = tuple(part for part in found if any(part.result is one for one in segments))
        governing, status = None, _status(changed.met, segments)
        met = None if status is Status.INSUFFICIENT_DATA else changed.met
        fee = sum((one.fee for one in changed.segments if one.fee is not None), Fraction(0))
        credit = _segments_credit(changed)
    else:
        parts = tuple(found)
        governing = next(n for n, part in enumerate(parts) if part.result is changed.attainment)
        status, met = changed.attainment.status, changed.met
        fee = changed.attainment.fee or Fraction(0)
        credit = _credit(changed.attainment)
    line, commitment = first.line, first.commitment
    return JudgedLine(line.service, commitment.component, commitment.id, parts, governing, status, met, fee, credit)


def settle(lines: Sequence[JudgedLine], terms: Terms, line: ContractLine) -> Settled:
    """The credits of all lines as one, in the contract's currency; a line without a verdict owes nothing."""
    shares = [
        CreditShare(one.commitment, one.service, one.fee, one.credit or Fraction(0), _event(one)) for one in lines
    ]
    combined = combine(terms.combine, shares)
    minor = round_to_whole(combined.credit * 10**line.minor_digits, Rounding(line.money_rounding))
    return Settled(combined, minor)


def _credit(result: Attainment) -> Fraction | None:
    if result.credit.exact is None:
        return None
    return Fraction(0) if result.credit.reason == "below_minimum" else result.credit.exact


def _segments_credit(changed: ChangedPeriod) -> Fraction | None:
    if changed.credit_minor is None:
        return None
    if changed.credit_minor == 0:
        return Fraction(0)
    return capped_sum(changed.segments)


def _status(met: bool | None, segments: Sequence[Attainment]) -> Status:
    """Too little known of one segment is too little for the whole: what it owes is not known (R16)."""
    if any(one.status is Status.INSUFFICIENT_DATA for one in segments):
        return Status.INSUFFICIENT_DATA
    if met is None:
        return Status.NOT_APPLICABLE
    return Status.MET if met else Status.BREACHED


def _event(line: JudgedLine) -> str | None:
    """The one incident behind everything that counted; None when there are several or none."""
    events = {one.event for part in line.counted for one in part.result.outages}
    return events.pop() if len(events) == 1 else None
