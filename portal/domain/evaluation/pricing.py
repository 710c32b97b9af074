"""One measurement priced for many contracts: only fee and credit are a contract's own (semantics.md R34–R39)."""

from dataclasses import replace
from fractions import Fraction

from portal.domain.evaluation.credits import Verdict, credit_for
from portal.domain.evaluation.receipt import money
from portal.domain.evaluation.result import Attainment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.periods import Period

REACH_S = 32 * 86_400
"""How far outside a period a service may begin or end and still matter to it: outages reach over its edges (R19)."""


def without_contract(line: ContractLine, period: Period) -> ContractLine:
    """What measuring a period reads of a contract: its zone and customs, but neither whose it is nor what it costs."""
    start, end = line.service_start, line.service_end
    return replace(
        line,
        contract="",
        currency="",
        minor_digits=0,
        monthly_fee=None,
        money_rounding="half_up",
        service_start=None if start is None or start <= period.start - REACH_S else start,
        service_end=None if end is None or end >= period.end + REACH_S else end,
    )


def priced(measurement: Attainment, line: ContractLine) -> Attainment:
    """The measurement as the result of this contract: its fee, its credit; the receipt has only the lines of money.

    `measurement` is what `evaluate` says of `without_contract(line)`; but for the receipt the result is then what
    `evaluate` says of `line`. Raises ValueError when it was measured for a contract of other customs, and for money in
    a foreign currency.
    """
    period = measurement.period
    if without_contract(line, period) != measurement.contract:
        raise ValueError("this was measured for a contract with another zone, other dates or other customs")
    fee = None if line.monthly_fee is None else line.monthly_fee * period.months * measurement.fee_share
    credit = credit_for(measurement.commitment.credit_schedule, _verdict(measurement), fee, line)
    result = replace(measurement, contract=line, fee=fee, credit=credit)
    return replace(result, steps=money(result))


def _verdict(result: Attainment) -> Verdict:
    return Verdict(
        status=result.status,
        compared=result.compared,
        target=result.commitment.target,
        downtime=_lost(result),
        measured_seconds=result.totals.period,
        eligible_seconds=result.totals.eligible,
        outages=result.outages,
        breaches=result.breaches,
        period=result.period,
    )


def _lost(result: Attainment) -> Fraction:
    """The downtime, or what would give the same percentage for methods that count no time."""
    if result.totals.downtime is not None:
        return result.totals.downtime
    if result.attained is None:
        return Fraction(0)
    return result.totals.eligible * (100 - result.attained) / 100
