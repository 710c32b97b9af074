"""One contract seen from one service, as evaluation reads it (D3)."""

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class ContractLine:
    """One contract seen from one service: all that evaluation needs beside the commitment; instants in UTC seconds."""

    contract: str
    service: str
    timezone: str
    currency: str
    minor_digits: int
    monthly_fee: Fraction | None
    fee_proration: str = "none"
    money_rounding: str = "half_up"
    service_start: int | None = None
    service_end: int | None = None
    partial_period: str = "existing_portion"
    display_decimals: int = 3
