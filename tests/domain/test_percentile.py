"""Latency promises by nearest rank."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.percentile import RankedValue, attain, nearest_rank
from portal.domain.evidence.records import Latency
from portal.domain.promises.methodology import Percentile


@pytest.mark.parametrize(
    ("percent", "n", "rank"),
    [("28", 100, 28), ("29", 100, 29), ("95", 20, 19), ("99", 5, 5), ("0", 7, 1), ("100", 7, 7), ("99.9", 9, 9)],
)
def test_the_rank_is_exact(percent: str, n: int, rank: int) -> None:
    ranked = nearest_rank([(value, 1) for value in range(1, n + 1)], Fraction(percent))
    assert (ranked.n, ranked.rank, ranked.value) == (n, rank, rank)


def test_no_values_have_no_rank() -> None:
    assert nearest_rank([], Fraction(95)) == RankedValue(0, None, None)


latencies = st.lists(st.tuples(st.integers(0, 50), st.integers(1, 4)), min_size=1)
percents = st.fractions(min_value=0, max_value=100)


@given(latencies, percents)
def test_counted_values_rank_as_if_each_stood_alone(pairs: list[tuple[int, int]], percent: Fraction) -> None:
    alone = [(value, 1) for value, count in pairs for _ in range(count)]
    assert nearest_rank(pairs, percent) == nearest_rank(alone, percent)


@given(latencies, percents.filter(bool))
def test_the_value_is_the_smallest_that_enough_values_do_not_pass(
    pairs: list[tuple[int, int]], percent: Fraction
) -> None:
    ranked = nearest_rank(pairs, percent)
    enough = percent * ranked.n / 100

    def up_to(limit: int) -> int:
        return sum(count for value, count in pairs if value <= limit)

    assert ranked.value is not None
    assert up_to(ranked.value) >= enough
    assert up_to(ranked.value - 1) < enough


def test_a_period_without_slots_is_one_slot() -> None:
    promise = Percentile(Fraction(95), threshold_ms=300)
    fast, slow = [Latency(5, 200, 19)], [Latency(6, 400, 1)]
    assert attain(promise, 0, 100, fast + slow).attained == 100
    assert attain(promise, 0, 100, fast + slow * 2).attained == 0
    assert attain(promise, 0, 100, []).attained is None


def test_slots_are_judged_one_by_one_and_empty_ones_left_out() -> None:
    promise = Percentile(Fraction(50), threshold_ms=300, slot_seconds=60)
    measured = [Latency(1_130, 100), Latency(1_000, 100), Latency(1_059, 100), Latency(1_060, 301), Latency(999, 900)]
    result = attain(promise, 1_000, 1_300, measured)
    assert [slot.start for slot in result.slots] == [1_000, 1_060, 1_120]
    assert [slot.met for slot in result.slots] == [True, False, True]
    assert result.attained == Fraction(200, 3)


def test_the_end_of_the_period_is_outside_it() -> None:
    promise = Percentile(Fraction(50), threshold_ms=300)
    assert attain(promise, 0, 100, [Latency(100, 900)]).attained is None
