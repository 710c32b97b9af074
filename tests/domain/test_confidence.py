"""How sure a counted share is, against an exact inversion of the binomial tails."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.indicators.confidence import clopper_pearson, confidence, regularized_beta, wilson

LEVEL = Fraction("0.95")


def at_least(successes: int, n: int, share: Fraction) -> Fraction:
    """The exact chance of at least so many successes."""
    return sum(
        (comb(n, k) * share**k * (1 - share) ** (n - k) for k in range(successes, n + 1)),
        Fraction(0),
    )


def test_published_values_are_met() -> None:
    assert wilson(59, 60, LEVEL).lower == pytest.approx(0.911448703, abs=1e-8)
    assert wilson(59, 60, LEVEL).upper == pytest.approx(0.997051840, abs=1e-8)
    assert clopper_pearson(59, 60, LEVEL).lower == pytest.approx(0.910600950, abs=1e-8)
    assert clopper_pearson(59, 60, LEVEL).upper == pytest.approx(0.999578126, abs=1e-8)


@given(st.integers(1, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
@settings(max_examples=60)
def test_clopper_pearson_inverts_the_exact_binomial_tails(case: tuple[int, int]) -> None:
    successes, n = case
    bounds = clopper_pearson(successes, n, LEVEL)
    if successes:
        assert float(at_least(successes, n, Fraction(bounds.lower))) == pytest.approx(0.025, abs=1e-9)
    else:
        assert bounds.lower == 0.0
    if successes < n:
        assert float(1 - at_least(successes + 1, n, Fraction(bounds.upper))) == pytest.approx(0.025, abs=1e-9)
    else:
        assert bounds.upper == 1.0


@pytest.mark.parametrize(("successes", "n"), [(999_000, 1_000_000), (1_000_000, 1_000_000), (0, 10**6), (1, 10**7)])
def test_large_counts_stay_in_order(successes: int, n: int) -> None:
    for bounds in (wilson(successes, n, LEVEL), clopper_pearson(successes, n, LEVEL)):
        assert 0.0 <= bounds.lower <= successes / n <= bounds.upper <= 1.0
        assert bounds.upper - bounds.lower < 0.01


def test_the_beta_function_is_symmetric_and_ends_at_its_ends() -> None:
    assert regularized_beta(0.0, 3, 4) == 0.0
    assert regularized_beta(1.0, 3, 4) == 1.0
    assert regularized_beta(0.3, 3, 4) == pytest.approx(1 - regularized_beta(0.7, 4, 3), abs=1e-14)
    assert regularized_beta(0.25, 1, 1) == pytest.approx(0.25, abs=1e-15)


@pytest.mark.parametrize(
    ("successes", "n", "target", "verdict"),
    [
        (59, 60, "99.9", "uncertain"),
        (0, 10, "99.9", "breached_with_confidence"),
        (1000, 1000, "99.5", "met_with_confidence"),
        (0, 0, "99", "uncertain"),
        (10, 10, "100", "uncertain"),
    ],
)
def test_a_verdict_needs_the_whole_interval_on_one_side(successes: int, n: int, target: str, verdict: str) -> None:
    assert confidence(successes, n, LEVEL, Fraction(target)).verdict == verdict


def test_no_trials_prove_nothing() -> None:
    nothing = confidence(0, 0, LEVEL, Fraction(99))
    assert nothing.point is None
    assert (nothing.wilson.lower, nothing.wilson.upper) == (0.0, 1.0)


@pytest.mark.parametrize(("successes", "n", "level"), [(2, 1, "0.95"), (-1, 1, "0.95"), (1, 1, "1"), (1, 1, "0")])
def test_impossible_counts_are_refused(successes: int, n: int, level: str) -> None:
    with pytest.raises(ValueError, match="level"):
        confidence(successes, n, Fraction(level), Fraction(99))
