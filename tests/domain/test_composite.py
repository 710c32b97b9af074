"""Estimates of services that depend on each other."""

from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.indicators.composite import Composite, composite_percent

percents = st.fractions(min_value=0, max_value=100, max_denominator=1000)


def joined(op: str, *parts: Composite | Fraction | str, k: int | None = None) -> Composite:
    return Composite(op, tuple(Fraction(part) if isinstance(part, str) else part for part in parts), k)


def test_parts_in_series_multiply() -> None:
    assert composite_percent(joined("serial", "99.9", "99.95")) == Fraction("99.85005")


def test_two_of_three_are_counted_over_every_case() -> None:
    assert composite_percent(joined("k_of_n", "99", "99", "99", k=2)) == Fraction("99.9702")


def test_trees_nest() -> None:
    pair = joined("parallel", "99", "99")
    assert composite_percent(joined("serial", pair, "50")) == Fraction("49.995")


@settings(max_examples=40)
@given(st.lists(percents, min_size=1, max_size=5), st.integers(0, 5))
def test_k_of_n_equals_the_sum_over_all_cases(parts: list[Fraction], k: int) -> None:
    k = min(k, len(parts))
    total = Fraction(0)
    for works in product([False, True], repeat=len(parts)):
        chance = Fraction(1)
        for part, up in zip(parts, works, strict=True):
            chance *= part / 100 if up else 1 - part / 100
        total += chance if sum(works) >= k else 0
    assert composite_percent(Composite("k_of_n", tuple(parts), k)) == 100 * total


@settings(max_examples=40)
@given(st.lists(percents, min_size=1, max_size=5))
def test_series_and_parallel_are_the_ends_of_k_of_n(parts: list[Fraction]) -> None:
    each = tuple(parts)
    assert composite_percent(Composite("serial", each)) == composite_percent(Composite("k_of_n", each, len(each)))
    assert composite_percent(Composite("parallel", each)) == composite_percent(Composite("k_of_n", each, 1))


@pytest.mark.parametrize(
    "tree",
    [
        joined("serial"),
        joined("parallel", "101"),
        joined("average", "99"),
        joined("k_of_n", "99"),
        joined("k_of_n", "99", k=2),
        Composite("serial", (Fraction(99),) * 201),
    ],
)
def test_an_impossible_tree_is_refused(tree: Composite) -> None:
    with pytest.raises(ValueError, match=r"\."):
        composite_percent(tree)


def test_a_tree_of_any_depth_is_refused_without_a_crash() -> None:
    tree = joined("serial", "99")
    for _ in range(100):
        tree = joined("serial", tree)
    with pytest.raises(ValueError, match="levels"):
        composite_percent(tree)
