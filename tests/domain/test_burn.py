"""Burn rates and their alerts."""

from fractions import Fraction

import pytest

from portal.domain.indicators.burn import burn_factor, burn_rate, error_budget, fires, short_window_s

HOUR = 3600
DAY = 24 * HOUR


def test_the_rate_is_errors_over_allowed_errors() -> None:
    assert burn_rate(Fraction(72), Fraction(3600), Fraction("99.9")) == 20
    assert error_budget(Fraction("99.9")) == Fraction(1, 1000)


def test_no_traffic_or_no_budget_has_no_rate() -> None:
    assert burn_rate(Fraction(0), Fraction(0), Fraction("99.9")) is None
    assert burn_rate(Fraction(1), Fraction(10), Fraction(100)) is None


def test_both_windows_must_burn_faster_strictly() -> None:
    factor = Fraction("14.4")
    assert fires(Fraction(15), Fraction(15), factor)
    assert not fires(factor, Fraction(15), factor)
    assert not fires(Fraction(15), factor, factor)
    assert not fires(None, Fraction(15), factor)
    assert not fires(Fraction(15), None, factor)


@pytest.mark.parametrize(
    ("share", "days", "window_s", "factor"),
    [
        ("0.02", 30, HOUR, "14.4"),
        ("0.05", 30, 6 * HOUR, "6"),
        ("0.10", 30, DAY, "3"),
        ("0.10", 30, 3 * DAY, "1"),
        ("0.02", 31, HOUR, "14.88"),
    ],
)
def test_the_factor_spends_its_share_within_the_long_window(share: str, days: int, window_s: int, factor: str) -> None:
    assert burn_factor(Fraction(share), days * DAY, window_s) == Fraction(factor)


def test_the_short_window_is_a_twelfth() -> None:
    assert short_window_s(HOUR) == 300
