"""What a probe interval can prove."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.comparison import compare, least_kept
from portal.domain.indicators.resolution import Resolution, longest_useful_interval_s, miss_probability, resolve
from portal.domain.promises.commitment import Comparison

JUNE_S = 2_592_000
NINES = Fraction("99.9")


def resolved(failures: int, interval_s: int, outages: int = 1, target: Fraction = NINES) -> Resolution:
    found = resolve(Fraction(failures * interval_s), outages, interval_s, JUNE_S, target)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("failures", "interval_s", "verdict"),
    [(43, 60, "indeterminate"), (45, 60, "breached"), (258, 10, "met"), (42, 60, "met"), (44, 60, "indeterminate")],
)
def test_a_verdict_is_certain_only_when_every_possible_length_gives_it(
    failures: int, interval_s: int, verdict: str
) -> None:
    assert resolved(failures, interval_s).verdict == verdict


def test_one_failure_breaks_a_promise_of_everything() -> None:
    assert resolved(1, 60, target=Fraction(100)).verdict == "breached"
    assert resolved(0, 60, outages=0, target=Fraction(100)).verdict == "met"


def test_without_detected_outages_the_percentage_is_exact() -> None:
    kept, broken = (resolve(Fraction(seconds), 0, 60, JUNE_S, NINES) for seconds in (2592, 2593))
    assert kept is not None
    assert broken is not None
    assert (kept.best, kept.worst, kept.verdict) == (NINES, NINES, "met")
    assert (broken.best == broken.worst, broken.verdict) == (True, "breached")


def test_outages_that_do_not_count_break_no_promise_of_everything() -> None:
    assert resolved(0, 60, outages=3, target=Fraction(100)).verdict == "indeterminate"


def test_the_error_grows_with_every_outage() -> None:
    found = resolved(6, 60, outages=3)
    assert found.uncertainty_seconds == 180
    assert (found.best, found.worst) == (100 * Fraction(JUNE_S - 180, JUNE_S), 100 * Fraction(JUNE_S - 540, JUNE_S))


def test_nothing_eligible_is_not_resolved() -> None:
    assert resolve(Fraction(60), 1, 60, 0, NINES) is None


@given(st.integers(1, 3600), st.integers(1, 100_000), st.integers(0, 7200))
def test_the_true_length_of_an_outage_lies_strictly_between_the_bounds(
    interval_s: int, length: int, phase: int
) -> None:
    first = -(-phase // interval_s) * interval_s
    failures = len(range(first, phase + length, interval_s))
    if failures:
        found = resolved(failures, interval_s)
        assert found.worst < 100 * Fraction(JUNE_S - length, JUNE_S) < found.best


@given(
    st.fractions(90, 100, max_denominator=4000),
    st.decimals("99", "100", places=3).map(Fraction),
    st.sampled_from([None, 0, 1, 2, 3]),
    st.sampled_from(["down", "half_up"]),
)
def test_what_is_at_least_the_least_percentage_and_nothing_else_keeps_the_promise(
    attained: Fraction, target: Fraction, precision: int | None, rounding: str
) -> None:
    comparison = Comparison(precision, None if precision is None else rounding)
    least = least_kept(target, comparison)
    for percent in (attained, least, least - Fraction(1, 10**9)):
        compared = compare(percent, comparison)
        assert compared is not None
        assert (compared >= target) == (percent >= least)


def test_an_outage_that_may_round_to_the_target_either_way_is_indeterminate() -> None:
    least = least_kept(NINES, Comparison(1, "half_up"))
    assert least == Fraction("99.85")
    downtime_s = JUNE_S * (100 - least) / 100
    for seconds, verdict in ((0, "indeterminate"), (60, "breached"), (-60, "met")):
        found = resolve(downtime_s + seconds, 1, 60, JUNE_S, least)
        assert found is not None
        assert found.verdict == verdict


def test_short_outages_are_missed_by_chance() -> None:
    assert miss_probability(Fraction(30), 60) == Fraction(1, 2)
    assert miss_probability(Fraction(60), 60) == 0
    assert miss_probability(Fraction(90), 60) == 0


def test_a_useful_interval_is_a_tenth_of_what_is_allowed() -> None:
    assert longest_useful_interval_s(Fraction(2592)) == Fraction("259.2")
