"""The latency sketch: exact in its counts, at most 1/32 above in its values, the same however it was put together."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evidence.latency_sketch import LatencySketch, bucket, highest_ms, merged, read_sketch, sketch

latencies = st.lists(st.integers(0, 100_000) | st.integers(0, 2**40), max_size=40)


@given(st.integers(0, 2**50))
def test_a_bucket_names_no_value_below_one_in_it_and_none_far_above(latency_ms: int) -> None:
    shown = highest_ms(bucket(latency_ms))
    assert latency_ms <= shown
    assert (shown - latency_ms) * 32 < max(latency_ms, 1)


@given(st.integers(0, 5_000))
def test_buckets_follow_each_other_without_gap_or_overlap(number: int) -> None:
    assert bucket(highest_ms(number)) == number
    assert bucket(highest_ms(number) + 1) == number + 1


@given(st.lists(latencies, max_size=5))
def test_sketches_added_up_are_the_sketch_of_everything(days: list[list[int]]) -> None:
    whole = sketch(value for day in days for value in day)
    assert merged(map(sketch, days)).text() == whole.text()
    assert whole.total == sum(map(len, days))


@given(latencies.filter(len), st.integers(1, 100))
def test_a_percentile_is_that_of_the_values_up_to_a_bucket(values: list[int], percent: int) -> None:
    exact = sorted(values)[max(-(-percent * len(values) // 100), 1) - 1]
    found = sketch(values).at_percentile(Fraction(percent))
    assert found == highest_ms(bucket(exact))


@given(latencies)
def test_a_sketch_survives_its_text(values: list[int]) -> None:
    assert read_sketch(sketch(values).text()).text() == sketch(values).text()


def test_no_latencies_have_no_percentile() -> None:
    assert LatencySketch().at_percentile(Fraction(95)) is None
    assert read_sketch("").total == 0
