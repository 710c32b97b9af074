"""What a forecast looks ahead from, read from a result of the one evaluation or from its stored working."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from portal.domain.evaluation.ending import Unfinished
from portal.domain.evaluation.result import Attainment, CountedOutage, Kind, Stretch
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.exact import parse_exact
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.periods import Period
from portal.usecases.forecasting.forecast import PACE_S, Prospect
from portal.usecases.forecasting.history import NOT_UP, History, pace_over

UNDER_WAY_S = 120
"""An outage that ends so shortly before the present is not known to be over."""


def prospect_of(result: Attainment, history: History) -> Prospect:
    """The prospect of a result for an open period."""
    totals = result.totals
    unfinished = Unfinished(
        commitment=result.commitment,
        contract=result.contract,
        period=result.period,
        measured_seconds=totals.period,
        eligible_seconds=totals.eligible,
        downtime=Fraction(0) if totals.downtime is None else totals.downtime,
        outages=result.outages,
        fee=result.fee,
    )
    return _prospect(unfinished, result.stretches, result.as_of, history)


def prospect_of_working(
    working: Mapping[str, Any], commitment: Commitment, line: ContractLine, period: Period, history: History
) -> Prospect:
    """The prospect of a stored `sla-working/1` document of a commitment's open period."""
    totals = working["totals"]
    unfinished = Unfinished(
        commitment=commitment,
        contract=line,
        period=period,
        measured_seconds=totals["period"],
        eligible_seconds=totals["eligible"],
        downtime=parse_exact(totals["downtime"]),
        outages=tuple(_outage(one) for one in working["outages"]),
        fee=None if working["fee_exact"] is None else parse_exact(working["fee_exact"]),
    )
    stretches = [_stretch(one) for one in working["intervals"]]
    return _prospect(unfinished, stretches, working["as_of"], history)


def _prospect(unfinished: Unfinished, stretches: Sequence[Stretch], as_of: int, history: History) -> Prospect:
    ahead = tuple(Interval(one.start, one.end) for one in stretches if one.kind is Kind.REMAINING)
    wrong = [one for one in stretches if one.kind in NOT_UP]
    start = min(one.start for one in stretches) if stretches else as_of
    since = max(as_of - PACE_S, min(history.start, start) if history.countable_seconds else start)
    before = [one for one in history.stretches if one.end > since and one.start < start]
    known = [_until(one, start) for one in before] + wrong
    under_way = _under_way(unfinished.outages, as_of)
    return Prospect(unfinished, ahead, under_way, pace_over(known, since, as_of), as_of - since)


def _until(one: Stretch, end: int) -> Stretch:
    return one._replace(end=min(one.end, end))


def _under_way(outages: Sequence[CountedOutage], as_of: int) -> int | None:
    """How long an outage lasts that is not over; None without one."""
    if not outages or outages[-1].end < as_of - UNDER_WAY_S:
        return None
    return outages[-1].counted_seconds


def _outage(one: Mapping[str, Any]) -> CountedOutage:
    weighted = parse_exact(one["weighted_seconds_exact"])
    return CountedOutage(one["start"], one["end"], one["counted_seconds"], weighted, one["event"])


def _stretch(one: Mapping[str, Any]) -> Stretch:
    return Stretch(one["start"], one["end"], Kind(one["class"]), one["reason"], parse_exact(one["weight_exact"]))
