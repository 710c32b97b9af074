"""Best and worst case: what unknown time may hide is counted second by second, whatever the terms take it as."""

from fractions import Fraction

import pytest

from portal.domain.indicators.unknown_bounds import UnknownBounds, unknown_bounds


@pytest.mark.parametrize(
    ("eligible", "downtime", "treat_as"), [(900, 10, "exclude"), (1000, 10, "up"), (1000, 110, "down")]
)
def test_the_bounds_are_the_same_whatever_unknown_time_is_taken_as(eligible: int, downtime: int, treat_as: str) -> None:
    found = unknown_bounds(eligible, Fraction(downtime), 100, treat_as)
    assert found == UnknownBounds(Fraction(99), Fraction(89))


@pytest.mark.parametrize(("eligible", "unknown"), [(1000, 0), (0, 0)])
def test_there_are_no_bounds_where_nothing_is_unknown(eligible: int, unknown: int) -> None:
    assert unknown_bounds(eligible, Fraction(0), unknown, "exclude") is None


def test_bounds_stay_within_nothing_and_all() -> None:
    assert unknown_bounds(0, Fraction(0), 100, "exclude") == UnknownBounds(Fraction(100), Fraction(0))
