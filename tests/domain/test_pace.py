"""Where a period ends at the pace of the last days, in exact seconds (R50)."""

from fractions import Fraction

import pytest

from portal.domain.indicators.pace import Pace, gone_at
from portal.domain.quantities.intervals import Interval

AHEAD = (Interval(1_000, 2_000), Interval(5_000, 9_000))
"""From 2,000 to 5,000 nothing counts, such as planned maintenance."""


@pytest.mark.parametrize(
    ("spare", "downtime", "second"),
    [
        (Fraction(99), 10, 1_991),
        (Fraction(100), 10, 5_001),
        (Fraction(499), 10, 8_991),
        (Fraction(500), 10, None),
        (Fraction(3), 1, 1_301),
        (Fraction(7, 2), 1, 1_351),
        (Fraction(3), 0, None),
        (Fraction(-1), 0, 1_000),
    ],
)
def test_more_than_what_is_spare_is_gone_after_so_many_seconds_that_count(
    spare: Fraction, downtime: int, second: int | None
) -> None:
    assert gone_at(spare, Pace(Fraction(downtime), 100), AHEAD) == second


def test_where_nothing_could_have_been_down_there_is_no_pace() -> None:
    nothing = Pace(Fraction(0), 0)
    assert nothing.further(1_000) == 0
    assert gone_at(Fraction(5), nothing, AHEAD) is None


def test_a_pace_goes_on_in_proportion() -> None:
    assert Pace(Fraction(7), 100).further(1_550) == Fraction(217, 2)
