"""Evidence that contradicts itself is refused, never repaired in silence."""

from collections.abc import Callable
from fractions import Fraction

import pytest

from portal.domain.evidence.records import (
    DefaultCount,
    Evidence,
    OutageRecord,
    RequestClass,
    Run,
    Series,
    SlotCount,
    State,
)
from portal.domain.quantities.intervals import Interval
from tests.domain.promises import START, judged, promise


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (lambda: OutageRecord(10, 9), "ends before it starts"),
        (lambda: SlotCount(0, 5, 6), "6 errors of 5 requests"),
        (lambda: SlotCount(0, 5, -1), "-1 errors of 5 requests"),
        (lambda: DefaultCount(0, 1), "1 errors of 0 requests"),
        (lambda: RequestClass("ok", -1, Fraction(1)), "needs a count from 0"),
        (lambda: RequestClass("ok", 1, Fraction(3, 2)), "score from 0 to 1"),
        (lambda: Evidence(unknown=(Interval(5, 4),)), "ends before it starts"),
    ],
)
def test_an_impossible_record_is_refused(made: Callable[[], object], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        made()


def test_a_run_that_ends_before_it_starts_is_refused() -> None:
    run = Run(State.UP, None, START + 60, START, 2, 60)
    with pytest.raises(ValueError, match="out of order"):
        judged(promise(), Evidence(series=(Series("a", "http", 60, (run,)),)))


def test_an_empty_outage_is_no_outage() -> None:
    assert judged(promise(), Evidence(outages=(OutageRecord(START, START),))).totals.downtime == 0
