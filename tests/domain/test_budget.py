"""Error budgets."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.indicators.budget import budget, consumed_percent, project

JUNE_S = Fraction(2_592_000)
NINES = Fraction("99.9")


@pytest.mark.parametrize(("used", "remaining", "exhausted"), [(1000, 1592, False), (2592, 0, False), (2593, -1, True)])
def test_exactly_used_up_is_not_exhausted(used: int, remaining: int, exhausted: bool) -> None:
    spent = budget(NINES, JUNE_S, Fraction(used))
    assert (spent.allowed, spent.remaining, spent.exhausted) == (2592, remaining, exhausted)


def test_allowed_seconds_are_cut_to_whole_ones() -> None:
    spent = budget(Fraction("99.999"), Fraction(2_678_400), Fraction(0))
    assert (spent.allowed, spent.allowed_whole_seconds) == (Fraction("26.784"), 26)


def test_a_promise_of_everything_has_no_budget_to_consume() -> None:
    spent = budget(Fraction(100), JUNE_S, Fraction(1))
    assert (spent.allowed, spent.consumed_percent, spent.exhausted) == (0, None, True)


def test_a_projection_is_on_track_up_to_exactly_the_budget() -> None:
    for used, on_track in ((1296, True), (1297, False)):
        ahead = project(budget(NINES, JUNE_S, Fraction(used)), JUNE_S, JUNE_S / 2)
        assert ahead is not None
        assert (ahead.downtime, ahead.on_track) == (2 * used, on_track)


def test_nothing_elapsed_projects_nothing() -> None:
    assert project(budget(NINES, JUNE_S, Fraction(0)), JUNE_S, Fraction(0)) is None


shares = st.fractions(min_value=0, max_value=100)


@given(shares, st.integers(1, 10**8), st.integers(0, 10**8))
def test_a_budget_is_exhausted_exactly_when_the_promise_is_broken(target: Fraction, eligible: int, down: int) -> None:
    attained = Fraction(100 * (eligible - down), eligible)
    assert budget(target, Fraction(eligible), Fraction(down)).exhausted == (attained < target)


def test_the_share_of_a_budget_is_that_of_the_percentages() -> None:
    spent = budget(Fraction("99.9"), Fraction(2_682_000), Fraction(2_400))
    attained = Fraction(100) - Fraction(2_400 * 100, 2_682_000)
    assert consumed_percent(attained, Fraction("99.9")) == spent.consumed_percent
    assert consumed_percent(attained, Fraction(100)) is None
