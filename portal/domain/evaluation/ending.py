"""How an open period ends if more downtime comes: the same comparison and the same credit as everywhere else."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.evaluation.comparison import compare, least_kept
from portal.domain.evaluation.credits import Verdict, credit_for
from portal.domain.evaluation.result import CountedOutage, Credit, Status
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.periods import Period


@dataclass(frozen=True, slots=True)
class Unfinished:
    """A commitment within its open period, with what `evaluate` found so far; seconds, and exact seconds of downtime.

    The rest of the period is among the eligible seconds already. Only for methods that count time.
    """

    commitment: Commitment
    contract: ContractLine
    period: Period
    measured_seconds: int
    eligible_seconds: int
    downtime: Fraction
    outages: tuple[CountedOutage, ...]
    fee: Fraction | None


@dataclass(frozen=True, slots=True)
class Ending:
    """The verdict at the end of a period, and what is owed for it."""

    status: Status
    credit: Credit


def spare_seconds(unfinished: Unfinished) -> Fraction:
    """How much downtime may still come and the promise is kept; negative once it is broken (R28, R50)."""
    commitment = unfinished.commitment
    allowed = 100 - least_kept(commitment.target, commitment.comparison)
    return unfinished.eligible_seconds * allowed / 100 - unfinished.downtime


def ended(unfinished: Unfinished, further: Sequence[CountedOutage]) -> Ending:
    """How the period ends if exactly these outages still come in its remaining time; what `evaluate` would then say."""
    downtime = unfinished.downtime + sum((one.weighted_seconds for one in further), Fraction(0))
    commitment, eligible = unfinished.commitment, unfinished.eligible_seconds
    attained = (eligible - downtime) * 100 / eligible if eligible else None
    compared = compare(attained, commitment.comparison)
    outages = (*unfinished.outages, *further)
    verdict = Verdict(
        status=_status(compared, commitment.target),
        compared=compared,
        target=commitment.target,
        downtime=downtime,
        measured_seconds=unfinished.measured_seconds,
        eligible_seconds=eligible,
        outages=outages,
        breaches=len(outages),
        period=unfinished.period,
    )
    credit = credit_for(commitment.credit_schedule, verdict, unfinished.fee, unfinished.contract)
    return Ending(verdict.status, credit)


def _status(compared: Fraction | None, target: Fraction) -> Status:
    if compared is None:
        return Status.NOT_APPLICABLE
    return Status.MET if compared >= target else Status.BREACHED
