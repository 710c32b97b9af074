"""How large a simulated year is, and when its months begin and close."""

from dataclasses import dataclass
from datetime import date

from demo.generated.episodes import DAY_S, HOUR_S
from portal.domain.quantities.zones import instant_of

MONTHS_A_YEAR = 12
LEAD_S = 2 * DAY_S
"""Measuring begins that long before the first month, whatever zone a contract is in."""
TAIL_S = 2 * DAY_S


@dataclass(frozen=True, slots=True)
class Size:
    """How many of each there are. `first` is the first day of the first month.

    `bought` says how many services the first customers buy, one after another; the others buy one to four.
    """

    customers: int = 200
    services: int = 40
    months: int = 13
    seed: int = 1
    first: date = date(2025, 10, 1)
    interval_s: int = 300
    locations: int = 2
    bought: tuple[int, ...] = ()

    def month(self, number: int) -> date:
        """Return the first day of a month; 0 is the first one, `months` the one after the last."""
        months = self.first.year * MONTHS_A_YEAR + self.first.month - 1 + number
        return date(months // MONTHS_A_YEAR, months % MONTHS_A_YEAR + 1, 1)

    def starts_at(self, number: int) -> int:
        """Return the UTC second at which a month begins in UTC."""
        return instant_of(self.month(number), "UTC")

    def closes_at(self, number: int) -> int:
        """Return the UTC second at which a month is closed: 48 hours after its end in every zone that is used."""
        return self.starts_at(number + 1) + TAIL_S + 12 * HOUR_S

    @property
    def start(self) -> int:
        """The UTC second at which measuring begins."""
        return self.starts_at(0) - LEAD_S
