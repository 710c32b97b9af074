"""Terms that change inside a period."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.evaluation.attainment import Carried
from portal.domain.evaluation.version_change import Facts, InForce, judge_changed
from portal.domain.evidence.records import Evidence, OutageRecord
from portal.domain.promises.flat_contract import FlatContract, from_flat
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.periods import period_from
from portal.domain.quantities.zones import parse_instant

JUNE = period_from({"kind": "calendar_month", "start": "2026-06-01", "end": "2026-07-01"}, "UTC")
MIDDLE = parse_instant("2026-06-16T00:00:00Z")
POLICIES = ("start_version", "latest_version", "customer_best", "split")


def flat(target: str, percent: str, **more: Any) -> FlatContract:
    schedule = {"type": "tiers", "tiers": [{"below": target, "percent": percent}]}
    document = {
        "timezone": "UTC",
        "period": {"kind": "calendar_month"},
        "target_percent": target,
        "methodology": {"type": "continuous"},
        "credit_schedule": schedule | more.pop("limits", {}),
        "monthly_fee": {"amount": more.pop("fee", "1000.00"), "currency": more.pop("currency", "USD")},
    }
    return from_flat(document | more)


def versions(old: FlatContract, new: FlatContract, change_at: int = MIDDLE) -> list[InForce]:
    return [InForce(0, old.commitment, old.line), InForce(change_at, new.commitment, new.line)]


def facts(*outages: tuple[str, str]) -> Facts:
    records = tuple(
        OutageRecord(parse_instant(f"2026-06-{start}:00Z"), parse_instant(f"2026-06-{end}:00Z"))
        for start, end in outages
    )
    return Facts(Evidence(outages=records), (), Carried(), JUNE.end)


OLD, NEW = flat("99.5", "10"), flat("99.9", "20")
THREE_HOURS = facts(("05T00:00", "05T02:00"), ("25T00:00", "25T01:00"))


@pytest.mark.parametrize(
    ("policy", "change_at", "governing", "credit_minor"),
    [
        ("start_version", MIDDLE, 0, 0),
        ("start_version", JUNE.start, 1, 20000),
        ("start_version", JUNE.start - 5, 1, 20000),
        ("start_version", JUNE.end, 0, 0),
        ("latest_version", MIDDLE, 1, 20000),
        ("latest_version", JUNE.end - 1, 1, 20000),
        ("latest_version", JUNE.end, 0, 0),
        ("customer_best", MIDDLE, 1, 20000),
        ("customer_best", JUNE.end, 0, 0),
    ],
)
def test_one_version_governs_the_whole_period(policy: str, change_at: int, governing: int, credit_minor: int) -> None:
    result = judge_changed(policy, versions(OLD, NEW, change_at), JUNE, THREE_HOURS)
    assert (result.governing, result.credit_minor) == (governing, credit_minor)
    assert result.attainment is not None
    assert result.attainment.attained == Fraction(1195, 12)


def test_on_a_tie_the_older_version_governs() -> None:
    same = versions(NEW, NEW)
    assert judge_changed("customer_best", same, JUNE, THREE_HOURS).governing == 0


def test_a_split_judges_each_segment_by_its_own_terms_and_share_of_the_fee() -> None:
    result = judge_changed("split", versions(OLD, NEW), JUNE, facts(("15T23:00", "16T00:30")))
    first, second = result.segments
    assert (first.end, second.start) == (MIDDLE, MIDDLE)
    assert (first.attainment.attained, first.attainment.met) == (Fraction(1795, 18), True)
    assert (second.attainment.attained, second.attainment.met) == (Fraction(3595, 36), False)
    assert (first.fee, second.fee, result.met, result.credit_minor) == (500, 500, False, 10000)


def test_an_empty_segment_owes_nothing() -> None:
    result = judge_changed("split", versions(OLD, NEW, JUNE.start), JUNE, THREE_HOURS)
    first, second = result.segments
    assert (first.start, first.end, first.fee, first.credit) == (JUNE.start, JUNE.start, 0, 0)
    assert first.attainment.met is None
    assert (second.fee, result.met, result.credit_minor) == (1000, False, 20000)


def test_the_sum_of_segments_is_rounded_once() -> None:
    old, new = flat("99.9", "10", fee="0.90"), flat("99.9", "10", fee="0.90")
    result = judge_changed("split", versions(old, new), JUNE, facts(("05T00:00", "06T00:00"), ("25T00:00", "26T00:00")))
    assert [segment.credit for segment in result.segments] == [Fraction("0.045"), Fraction("0.045")]
    assert result.credit_minor == 9


def test_the_minimum_is_compared_with_the_rounded_sum() -> None:
    day = facts(("05T00:00", "06T00:00"), ("25T00:00", "26T00:00"))
    for minimum, credit_minor in (("99.99", 10000), ("100.00", 0)):
        one = flat("99.9", "10", limits={"min_credit_exclusive": minimum})
        assert judge_changed("split", versions(one, one), JUNE, day).credit_minor == credit_minor


@pytest.mark.parametrize(("caps", "credit_minor"), [(("30 USD", "30 USD"), 3000), (("30 USD", "40 USD"), 4000)])
def test_a_cap_in_money_is_one_for_the_whole_period(caps: tuple[str, str], credit_minor: int) -> None:
    """Half the fee is 500.00 USD, so that 10 % of each segment is above its cap already."""
    old, new = (flat("99.9", "10", limits={"cap_amount": cap}) for cap in caps)
    assert judge_changed("split", versions(old, new), JUNE, THREE_HOURS).credit_minor == credit_minor


def test_a_split_waits_for_a_person_when_a_segment_lacks_evidence() -> None:
    limit = {"treat_as": "exclude", "max_unknown_percent": "5"}
    one = flat("99.9", "10", unknown_policy=limit)
    dark = replace(facts(), evidence=Evidence(unknown=(Interval(MIDDLE, JUNE.end),)))
    result = judge_changed("split", versions(one, one), JUNE, dark)
    assert (result.met, result.credit_minor) == (None, None)


def test_the_fee_of_a_service_that_began_late_goes_to_the_segments_it_lived_in() -> None:
    late = flat("99.9", "10", service_start="2026-06-16T00:00:00Z", fee_proration="seconds")
    result = judge_changed("split", versions(late, late), JUNE, facts())
    assert [segment.fee for segment in result.segments] == [0, 500]


def test_an_unknown_policy_is_refused() -> None:
    with pytest.raises(ValueError, match="policy"):
        judge_changed("best_of_three", versions(OLD, NEW), JUNE, facts())


seconds = st.integers(JUNE.start, JUNE.end)
outages = st.lists(st.tuples(seconds, st.integers(1, 100_000)), max_size=5)


@settings(max_examples=25)
@given(outages, seconds)
def test_without_a_change_of_words_every_policy_measures_the_same(each: list[tuple[int, int]], change_at: int) -> None:
    records = tuple(OutageRecord(start, start + length) for start, length in each)
    known = Facts(Evidence(outages=records), (), Carried(), JUNE.end)
    whole = [judge_changed(policy, versions(NEW, NEW, change_at), JUNE, known) for policy in POLICIES[:3]]
    parts = judge_changed("split", versions(NEW, NEW, change_at), JUNE, known).segments
    downtimes = [part.attainment.totals.downtime or 0 for part in parts]
    assert len({one.attainment.totals.downtime for one in whole if one.attainment}) == 1
    assert sum(downtimes) == (whole[0].attainment.totals.downtime if whole[0].attainment else None)
    assert sum((part.fee or Fraction(0) for part in parts), Fraction(0)) == 1000


def test_segments_cover_the_period() -> None:
    three = [*versions(OLD, NEW), InForce(MIDDLE + 86400, OLD.commitment, OLD.line)]
    spans = [(one.start, one.end) for one in judge_changed("split", three, JUNE, facts()).segments]
    assert spans == [(JUNE.start, MIDDLE), (MIDDLE, MIDDLE + 86400), (MIDDLE + 86400, JUNE.end)]
