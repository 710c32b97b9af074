"""The fee a credit is a share of (semantics.md R5, R34)."""

from fractions import Fraction

from portal.domain.evaluation.ground import Ground
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.periods import Period
from portal.domain.quantities.zones import local_dates


def fee_for(contract: ContractLine, period: Period, ground: Ground) -> Fraction | None:
    """The exact fee of the period after proration; None when the contract names no fee."""
    if contract.monthly_fee is None:
        return None
    return contract.monthly_fee * period.months * fee_share(contract, period, ground)


def days_in(period: Period) -> int:
    """Local calendar dates of the period; a date the zone skipped is none of them."""
    return local_dates(period.start, period.end, period.timezone)


def fee_share(contract: ContractLine, period: Period, ground: Ground) -> Fraction:
    """The share of the period in which the service existed, by days or by seconds (R5)."""
    start, end = max(period.start, ground.served.start), min(period.end, ground.served.end)
    if contract.fee_proration == "none" or period.seconds == 0:
        return Fraction(1) if period.seconds else Fraction(0)
    if contract.fee_proration == "seconds":
        return Fraction(max(end - start, 0), period.seconds)
    return Fraction(local_dates(start, end, period.timezone), days_in(period))
