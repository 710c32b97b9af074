"""Each methodology counts its own way (R7, R8, R12, R17–R21)."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evaluation.result import Attainment, Kind
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
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    OutageRules,
    RequestRatio,
    Slots,
    UserMinutes,
)
from portal.domain.quantities.intervals import Interval
from tests.domain.promises import JUNE, LINE, START, at, judged, maintenance, outage, promise, timeline

HALF = (("down", Fraction(1)), ("degraded", Fraction(1, 2)))


def downtime(method: Any, *outages: OutageRecord, exclusions: tuple[Any, ...] = (), **evidence: Any) -> Fraction | None:
    result = judged(promise(method=method), Evidence(outages=outages, **evidence), exclusions)
    return result.totals.downtime


def rules(**keys: Any) -> Continuous:
    return Continuous(outage=OutageRules(**keys))


@pytest.mark.parametrize(
    ("keys", "outages", "seconds"),
    [
        ({}, [("10:00", "11:00"), ("10:40", "11:30")], 5400),
        ({"min_outage_seconds": 300}, [("10:00", "10:04:59")], 0),
        ({"min_outage_seconds": 300}, [("10:00", "10:05")], 300),
        ({"min_outage_seconds": 300, "min_outage_op": ">"}, [("10:00", "10:05")], 0),
        ({"min_outage_seconds": 300, "min_outage_op": ">"}, [("10:00", "10:05:01")], 301),
        ({"min_outage_seconds": 300, "count_from": "threshold"}, [("10:00", "11:00")], 3300),
        ({"min_outage_seconds": 300}, [("10:00", "10:03"), ("10:02", "10:05")], 300),
        ({"min_outage_seconds": 300}, [("10:00", "10:03"), ("10:03", "10:05")], 300),
        ({"min_outage_seconds": 60, "merge_gap_seconds": 30}, [("10:00", "10:00:40"), ("10:01", "10:01:40")], 80),
        ({"min_outage_seconds": 60, "merge_gap_seconds": 20}, [("10:00", "10:00:40"), ("10:01", "10:01:40")], 0),
        ({"min_outage_seconds": 60, "merge_gap_seconds": 30, "gap_counts": "down"},
         [("10:00", "10:00:40"), ("10:01", "10:01:40")], 100),
    ],
)  # fmt: skip
def test_short_and_flapping_outages_count_as_the_terms_say(
    keys: dict[str, Any], outages: list[tuple[str, str]], seconds: int
) -> None:
    assert downtime(rules(**keys), *(outage(10, start, end) for start, end in outages)) == seconds


def test_the_clock_may_start_with_the_report_and_without_one_never_does() -> None:
    method = rules(clock_start="reported")
    assert downtime(method, outage(10, "10:00", "14:00", reported_at=at(10, "11:30"))) == 9000
    assert downtime(method, outage(10, "10:00", "14:00", reported_at=at(10, "09:00"))) == 14400
    assert downtime(method, outage(10, "10:00", "14:00")) == 0
    assert downtime(method, outage(10, "10:00", "14:00", reported_at=at(10, "15:00"))) == 0


def test_the_heaviest_severity_of_a_second_counts_and_a_longer_outage_is_one() -> None:
    slow, down = outage(10, "10:00", "14:00", severity="degraded"), outage(10, "11:00", "12:00")
    assert downtime(rules(severity_weights=HALF), slow, down) == 9000
    worse_later = [outage(10, "10:00", "10:03", severity="degraded"), outage(10, "10:03", "10:06")]
    assert downtime(rules(severity_weights=HALF, min_outage_seconds=300), *worse_later) == 270


def test_time_of_a_severity_that_weighs_nothing_is_shown_and_not_counted() -> None:
    result = judged(promise(), Evidence(outages=(outage(10, "10:00", "11:00", severity="degraded"),)))
    assert result.totals.downtime == 0
    assert [(one.kind, one.reason) for one in result.stretches][1] == (Kind.DEGRADED, "degraded")


def test_basis_raw_looks_at_the_whole_outage_and_counted_at_what_remains() -> None:
    whole, window = outage(10, "10:00", "10:08"), maintenance(10, "10:03", "10:05")
    raw, counted = rules(min_outage_seconds=240), rules(min_outage_seconds=240, basis="counted")
    assert downtime(raw, whole, exclusions=(window,)) == 360
    assert downtime(counted, whole, exclusions=(window,)) == 0
    across = OutageRecord(START - 180, START + 120)
    assert downtime(raw, across) == 120
    assert downtime(counted, across) == 0


def test_one_outage_cut_by_an_exclusion_stays_one() -> None:
    cut = judged(promise(), Evidence(outages=(outage(11, "00:00", "09:00"),)), [maintenance(11, "04:00", "05:00")])
    assert [(one.start, one.end, one.counted_seconds) for one in cut.outages] == [(at(11), at(11, "09:00"), 8 * 3600)]


def test_an_outage_carries_the_incident_it_is_linked_to() -> None:
    linked = [outage(10, "10:00", "10:10"), outage(10, "10:05", "10:20", event="i-1"), outage(12, "10:00", "10:01")]
    assert [one.event for one in judged(promise(), Evidence(outages=tuple(linked))).outages] == ["i-1", None]


@pytest.mark.parametrize(
    ("keys", "outages", "seconds"),
    [
        ({}, [("10:00:30", "10:05:30")], 240),
        ({"down_when": "any"}, [("10:00:30", "10:05:30")], 360),
        ({"down_when": "majority"}, [("10:00:30", "10:05:30")], 240),
        ({"down_when": "majority"}, [("10:00:29", "10:05:30")], 300),
        ({}, [("10:00:01", "10:01:01")], 0),
        ({"down_when": "any"}, [("10:00:01", "10:01:01")], 120),
        ({}, [("10:00", "10:00:30"), ("10:00:30", "10:01")], 60),
        ({"min_consecutive_slots": 5}, [("10:00", "10:04"), ("12:00", "12:05")], 300),
    ],
)
def test_a_slot_is_down_by_its_rule(keys: dict[str, Any], outages: list[tuple[str, str]], seconds: int) -> None:
    assert downtime(Slots(60, **keys), *(outage(10, start, end) for start, end in outages)) == seconds


def test_consecutive_slots_across_the_edge_or_an_exclusion_depend_on_the_basis() -> None:
    raw, counted = (
        Slots(60, min_consecutive_slots=5),
        Slots(60, min_consecutive_slots=5, outage=OutageRules(basis="counted")),
    )
    across = OutageRecord(START - 180, START + 120)
    assert (downtime(raw, across), downtime(counted, across)) == (120, 0)
    cut, window = outage(10, "10:00", "10:08"), (maintenance(10, "10:03", "10:05"),)
    assert (downtime(raw, cut, exclusions=window), downtime(counted, cut, exclusions=window)) == (360, 0)


@pytest.mark.parametrize(
    ("slots", "keys", "outages", "seconds"),
    [
        ({}, {"min_outage_seconds": 120}, [("10:00", "10:10", "degraded"), ("10:05", "10:06", "down")], 330),
        ({"min_consecutive_slots": 5}, {}, [("10:00", "10:10", "degraded"), ("10:05", "10:06", "down")], 330),
        ({"min_consecutive_slots": 5}, {}, [("10:00", "10:03", "degraded"), ("10:03", "10:05", "down")], 210),
        ({"min_consecutive_slots": 6}, {}, [("10:00", "10:03", "degraded"), ("10:03", "10:05", "down")], 0),
        ({"min_consecutive_slots": 5}, {"count_from": "threshold"},
         [("10:00", "10:10", "degraded"), ("10:04", "10:06", "down")], 180),
        ({}, {"min_outage_seconds": 120}, [("10:05", "10:06", "down")], 0),
    ],
)  # fmt: skip
def test_an_outage_of_slots_is_as_long_as_its_slots_down_at_any_weight(
    slots: dict[str, Any], keys: dict[str, Any], outages: list[tuple[str, str, str]], seconds: int
) -> None:
    method = Slots(60, outage=OutageRules(severity_weights=HALF, **keys), **slots)
    reports = [outage(10, start, end, severity=severity) for start, end, severity in outages]
    assert downtime(method, *reports) == seconds


def test_a_half_excluded_slot_weighs_its_other_half() -> None:
    method = Slots(60, outage=OutageRules(basis="counted"))
    window = (maintenance(10, "10:00:30", "10:01"),)
    assert downtime(method, outage(10, "10:00", "10:00:30"), exclusions=window) == 30


def test_the_short_last_slot_is_judged_on_its_seconds() -> None:
    method = Slots(100_000)
    assert downtime(method, OutageRecord(JUNE.end - 92_000, JUNE.end)) == 92_000


def test_unknown_seconds_are_not_considered_in_a_slot() -> None:
    gap = (Interval(at(10, "10:00:30"), at(10, "10:01")),)
    assert downtime(Slots(60), outage(10, "10:00", "10:00:30"), unknown=gap) == 30


@pytest.mark.parametrize(("ends", "seconds"), [("10:03", 180), ("10:03:30", 210)])
def test_consecutive_slots_go_on_beyond_the_end_of_the_service_on_basis_raw(ends: str, seconds: int) -> None:
    line = replace(LINE, service_end=at(10, ends))
    evidence = Evidence(outages=(outage(10, "10:00", "10:10"),))
    result = judged(promise(method=Slots(60, min_consecutive_slots=5)), evidence, line=line)
    assert result.totals.downtime == seconds


@pytest.mark.parametrize(("down_when", "start", "seconds"), [("any", "09:50", 0), ("all", "10:00:30", 30)])
def test_a_slot_in_which_the_service_begins_is_judged_on_its_seconds_with_the_service(
    down_when: str, start: str, seconds: int
) -> None:
    line = replace(LINE, service_start=at(10, "10:00:30"))
    evidence = Evidence(outages=(outage(10, start, "10:00:30" if seconds == 0 else "10:01"),))
    result = judged(promise(method=Slots(60, down_when=down_when)), evidence, line=line)
    assert result.totals.downtime == seconds


@pytest.mark.parametrize(
    ("method", "seconds"),
    [(Continuous, 1200), (partial(Slots, 60), 1200), (partial(UserMinutes, 10), 1080), (AffectedRatio, 1080)],
)
def test_a_gap_that_counts_as_down_is_down_in_every_methodology_even_without_evidence(
    method: Callable[..., Methodology], seconds: int
) -> None:
    flapping = OutageRules(merge_gap_seconds=300, gap_counts="down")
    parts = (outage(10, "10:10", "10:20"), outage(10, "10:22", "10:30"))
    gap = Interval(at(10, "10:20"), at(10, "10:22"))
    result = judged(promise(method=method(outage=flapping)), Evidence(outages=parts, unknown=(gap,)))
    assert (result.totals.unknown, result.totals.downtime) == (0, seconds)
    assert {one.kind for one in result.stretches if gap.start <= one.start < gap.end} <= {Kind.DOWN}
    assert [(one.start, one.end, one.counted_seconds) for one in result.outages] == [
        (at(10, "10:10"), at(10, "10:30"), 1200)
    ]


def test_a_month_of_slots_costs_by_its_intervals() -> None:
    assert downtime(Slots(1), OutageRecord(START - 10**9, JUNE.end + 10**9)) == JUNE.seconds


NINE_BAD = tuple(SlotCount(at(10, "10:00") + i * 300, 1000, 1000) for i in range(9))
GOOD = DefaultCount(1000, 0)


def error_rate(result: Attainment) -> dict[str, object]:
    return {one.key: one.value for one in result.details}


def test_the_mean_of_error_rates_is_no_ratio_of_sums() -> None:
    quiet = tuple(replace(one, total=2, errors=2) for one in NINE_BAD)
    result = judged(promise(method=MeanErrorRate(300, "zero_error")), Evidence(counts=quiet, default_count=GOOD))
    assert result.attained == Fraction(4795, 48)
    assert error_rate(result)["slots_counted"] == 8640


def test_empty_slots_are_faultless_or_skipped() -> None:
    evidence = Evidence(
        counts=(SlotCount(at(10), 10, 10), SlotCount(at(10, "00:05"), 10, 0)), default_count=DefaultCount(0, 0)
    )
    assert judged(promise(method=MeanErrorRate(300, "skip")), evidence).attained == 50
    assert judged(promise(method=MeanErrorRate(300, "zero_error")), evidence).attained == 100 - Fraction(100, 8640)


def test_a_slot_leaves_the_mean_only_if_it_lies_entirely_in_an_exclusion() -> None:
    window = maintenance(10, "10:00", "10:07")
    result = judged(
        promise(method=MeanErrorRate(300, "zero_error")), Evidence(counts=NINE_BAD, default_count=GOOD), [window]
    )
    assert error_rate(result)["slots_counted"] == 8639
    assert result.attained == 100 - Fraction(800, 8639)


@pytest.mark.parametrize(("unknown_as", "attained"), [("exclude", 0), ("up", Fraction(100 * 8631, 8640)), ("down", 0)])
def test_a_slot_without_record_is_unknown(unknown_as: str, attained: Fraction) -> None:
    method = MeanErrorRate(300, "zero_error")
    result = judged(promise(method=method, unknown_as=unknown_as), Evidence(counts=NINE_BAD))
    assert result.totals.unknown == JUNE.seconds - 9 * 300
    assert result.attained == attained


@pytest.mark.parametrize(
    ("method", "count", "seconds"),
    [
        (ErrorRateSlots(60, Fraction("0.05"), ">"), (100, 5), 0),
        (ErrorRateSlots(60, Fraction("0.05"), ">="), (100, 5), 600),
        (ErrorRateSlots(60, Fraction("0.05"), ">", min_requests=101), (100, 100), 0),
        (ErrorRateSlots(60, Fraction("0.05"), ">=", min_requests=0), (0, 0), 0),
        (ErrorRateSlots(60, Fraction("0.05"), ">", min_consecutive_slots=11), (100, 50), 0),
        (ErrorRateSlots(60, Fraction("0.05"), ">", min_consecutive_slots=10), (100, 50), 600),
    ],
)
def test_a_slot_past_its_error_threshold_is_down(method: ErrorRateSlots, count: tuple[int, int], seconds: int) -> None:
    counts = tuple(SlotCount(at(10, "10:00") + i * 60, *count) for i in range(10))
    assert downtime(method, counts=counts, default_count=GOOD) == seconds


def test_a_partly_excluded_bad_slot_counts_the_rest() -> None:
    counts = tuple(SlotCount(at(10, "10:00") + i * 60, 10, 10) for i in range(10))
    window = maintenance(10, "10:02:20", "10:04:30")
    method = ErrorRateSlots(60, Fraction("0.05"), ">")
    assert downtime(method, counts=counts, default_count=GOOD, exclusions=(window,)) == 600 - 130


@pytest.mark.parametrize(
    ("start", "end", "counted"), [("11:00", "12:00", 10_800), ("11:01", "12:01", 10_800), ("10:00", "14:00", None)]
)
def test_an_outage_of_error_rates_cut_by_an_exclusion_stays_one(start: str, end: str, counted: int | None) -> None:
    counts = tuple(SlotCount(at(10, "10:00") + i * 300, 10, 1) for i in range(48))
    method = promise(method=ErrorRateSlots(300, Fraction("0.05"), ">="))
    result = judged(method, Evidence(counts=counts, default_count=GOOD), [maintenance(10, start, end)])
    assert [one.counted_seconds for one in result.outages] == ([] if counted is None else [counted])


def test_slots_without_record_that_count_as_down_are_one_outage_across_an_exclusion() -> None:
    counts = tuple(SlotCount(START + i * 300, 10, 0) for i in range(8640) if not 100 <= i < 148)
    window = Exclusion("x", "maintenance", START + 110 * 300, START + 122 * 300)
    result = judged(
        promise(method=ErrorRateSlots(300, Fraction("0.05"), ">="), unknown_as="down"),
        Evidence(counts=counts),
        [window],
    )
    assert [one.counted_seconds for one in result.outages] == [36 * 300]


def samples(words: str) -> Evidence:
    return Evidence(series=(timeline(words),))


def test_each_sample_is_one_request_where_nothing_else_was_counted() -> None:
    month = 43_200
    runs = (
        Run(State.UP, None, START, START + 99 * 60, 100, 60),
        Run(State.DOWN, None, START + 100 * 60, START + 107 * 60, 8, 60),
        Run(State.UP, None, START + 108 * 60, START + (month - 1) * 60, month - 108, 60),
    )
    evidence = Evidence(series=(Series("a", "http", 60, runs),))
    assert judged(promise(method=RequestRatio()), evidence).attained == 100 - Fraction(800, month)
    assert downtime(ErrorRateSlots(300, Fraction("0.5"), ">="), series=evidence.series) == 600
    mean = judged(promise(method=MeanErrorRate(300, "zero_error")), evidence)
    assert mean.attained == 100 - 100 * (Fraction(5, 5) + Fraction(3, 5)) / 8640
    assert mean.totals.unknown == 0


@given(st.lists(st.sampled_from(["up", "down", "missing"]), min_size=1, max_size=50))
def test_slots_counted_from_samples_are_those_a_count_by_hand_finds(words: list[str]) -> None:
    text = " ".join(f"{slot // 60:02}:{slot % 60:02} {word}" for slot, word in enumerate([*words, "end"]))
    by_hand = {}
    for slot, word in enumerate(words):
        if word != "missing":
            total, errors = by_hand.get(slot // 5, (0, 0))
            by_hand[slot // 5] = (total + 1, errors + (word == "down"))
    counts = tuple(SlotCount(START + index * 300, *pair) for index, pair in by_hand.items())
    method = promise(method=MeanErrorRate(300, "zero_error"), unknown_as="down")
    counted, sampled = judged(method, Evidence(counts=counts)), judged(method, samples(text))
    assert (sampled.attained, sampled.totals) == (counted.attained, counted.totals)


def test_requests_are_weighed_by_their_score() -> None:
    classes = (
        RequestClass("fast", 98_700, Fraction(1)),
        RequestClass("slow", 1_000, Fraction(1, 2)),
        RequestClass("error", 300, Fraction(0)),
        RequestClass("maintenance", 5_000, Fraction(0), excluded=True),
    )
    assert judged(promise(method=RequestRatio()), Evidence(classes=classes)).attained == Fraction(992, 10)
    scored = RequestRatio((("slow", Fraction(1)),))
    assert judged(promise(method=scored), Evidence(classes=classes)).attained == Fraction(997, 10)


def test_a_class_without_a_score_is_refused() -> None:
    with pytest.raises(ValueError, match="'odd' has no score"):
        judged(promise(method=RequestRatio()), Evidence(classes=(RequestClass("odd", 1, None),)))


def test_requests_inside_an_exclusion_leave_both_sums() -> None:
    evidence = Evidence(counts=(SlotCount(at(10), 10, 10), SlotCount(at(11), 10, 1)))
    assert judged(promise(method=RequestRatio()), evidence, [maintenance(10, "00:00", "01:00")]).attained == 90


def test_no_requests_at_all_is_not_applicable() -> None:
    result = judged(promise(method=RequestRatio()), Evidence())
    assert (result.attained, result.met, result.status, result.credit.amount_minor) == (None, None, "not_applicable", 0)


USERS = [outage(10, "10:00", "11:00", affected_users=30), outage(10, "10:00", "11:00", affected_users=30)]


def test_overlapping_incidents_affect_at_most_all_users_or_the_same_ones() -> None:
    later = outage(10, "10:30", "11:30", affected_users=5)
    assert downtime(UserMinutes(50), *USERS, later) == 3600 + 180
    assert downtime(UserMinutes(50, overlap="max"), *USERS, later) == 3600 * Fraction(30, 50) + 180


def test_a_share_stays_exact_and_everybody_is_affected_where_none_is_told() -> None:
    assert downtime(UserMinutes(3), outage(10, "10:00", "10:00:10", affected_users=1)) == Fraction(10, 3)
    assert downtime(UserMinutes(3), outage(10, "10:00", "10:00:10")) == 10
    assert downtime(AffectedRatio(), outage(10, "10:00", "10:01", ratio=Fraction(1, 4))) == 15


def test_nobody_is_affected_in_a_gap_between_reports() -> None:
    method = UserMinutes(10, outage=OutageRules(merge_gap_seconds=60, gap_counts="down"))
    parts = [outage(10, "10:00", "10:01", affected_users=5), outage(10, "10:01:30", "10:02", affected_users=1)]
    assert downtime(method, *parts) == 30 + 3
