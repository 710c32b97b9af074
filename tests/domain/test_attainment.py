"""A verdict is exact, an open period is judged as if nothing more happens, and unknown time is never hidden."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evaluation.result import Attainment, Kind, Status
from portal.domain.evidence.records import Evidence, OutageRecord, Series, SlotCount
from portal.domain.promises.commitment import Comparison, ExclusionType
from portal.domain.promises.methodology import Continuous, Detection, MeanErrorRate, ResponseTime, Slots
from portal.domain.quantities.intervals import Interval, total_seconds, union
from portal.domain.quantities.periods import Period, period_from
from tests.domain.promises import JUNE, LINE, START, at, judged, maintenance, outage, promise, timeline

DAY_S = 86400
UNKNOWN_DAY = (Interval(at(15), at(16)),)


def test_the_target_is_met_exactly_and_broken_by_one_second() -> None:
    exactly = judged(promise(), Evidence(outages=(outage(10, "10:00", "10:43:12"),)))
    broken = judged(promise(), Evidence(outages=(outage(10, "10:00", "10:43:13"),)))
    assert (exactly.attained, exactly.status, exactly.met) == (Fraction(999, 10), Status.MET, True)
    assert (broken.status, broken.met) == (Status.BREACHED, False)


@pytest.mark.parametrize(
    ("comparison", "status"),
    [(Comparison(), "breached"), (Comparison(1, "half_up"), "met"), (Comparison(2, "down"), "breached")],
)
def test_terms_may_round_before_they_compare(comparison: Comparison, status: str) -> None:
    result = judged(promise(comparison=comparison), Evidence(outages=(outage(10, "00:00", "01:00"),)))
    assert result.status == status
    assert result.attained == Fraction(3595, 36)


@pytest.mark.parametrize(
    ("unknown_as", "eligible", "downtime"),
    [("exclude", JUNE.seconds - DAY_S, 2400), ("up", JUNE.seconds, 2400), ("down", JUNE.seconds, DAY_S + 2400)],
)
def test_unknown_time_counts_as_the_contract_says(unknown_as: str, eligible: int, downtime: int) -> None:
    evidence = Evidence(outages=(outage(10, "00:00", "00:40"),), unknown=UNKNOWN_DAY)
    totals = judged(promise(unknown_as=unknown_as), evidence).totals
    assert (totals.unknown, totals.eligible, totals.downtime) == (DAY_S, eligible, downtime)


def test_time_nobody_ever_measured_is_an_outage_within_the_period_where_unknown_counts_as_down() -> None:
    nobody = Evidence(series=(Series("here", "probe", 60, ()),))
    (whole,) = judged(promise(unknown_as="down"), nobody).outages
    assert (whole.start, whole.end, whole.counted_seconds) == (JUNE.start, JUNE.end, JUNE.seconds)


def test_down_beats_unknown_and_excluded_beats_both() -> None:
    evidence = Evidence(outages=(outage(10, "00:00", "02:00"),), unknown=(Interval(at(10, "01:00"), at(10, "04:00")),))
    result = judged(promise(), evidence, [maintenance(10, "03:00", "05:00")])
    assert (result.totals.downtime, result.totals.unknown, result.totals.excluded) == (7200, 3600, 7200)


def test_too_much_unknown_time_gives_no_verdict_and_no_credit() -> None:
    evidence = Evidence(outages=(outage(10, "00:00", "20:00"),), unknown=UNKNOWN_DAY)
    result = judged(promise(limit="3"), evidence)
    assert (result.status, result.met, result.coverage.sufficient) == (Status.INSUFFICIENT_DATA, None, False)
    assert (result.credit.percent, result.credit.amount_minor, result.credit.reason) == (
        None,
        None,
        "insufficient_data",
    )
    assert judged(promise(limit="10/3"), evidence).status == Status.BREACHED


def test_nothing_eligible_is_not_applicable_and_owes_nothing() -> None:
    everything = Exclusion("all", "maintenance", JUNE.start, JUNE.end)
    result = judged(promise(), Evidence(outages=(outage(5, "00:00", "08:00"),)), [everything])
    assert (result.attained, result.status, result.credit.amount_minor) == (None, Status.NOT_APPLICABLE, 0)
    assert (result.budget, result.credit.reason) == (None, "not_applicable")
    counted_as_up = judged(promise(mode="count_as_up"), Evidence(outages=(outage(5, "00:00", "08:00"),)), [everything])
    assert (counted_as_up.attained, counted_as_up.status) == (100, Status.MET)


def test_the_mode_of_exclusions_alone_can_turn_a_verdict() -> None:
    evidence, window = Evidence(outages=(outage(20, "00:00", "00:43"),)), [maintenance(10, "00:00", "06:00")]
    assert judged(promise(mode="remove"), evidence, window).status == Status.BREACHED
    assert judged(promise(mode="count_as_up"), evidence, window).status == Status.MET
    assert judged(promise(mode="none", types=()), evidence, window).totals.excluded == 0


def test_outages_outside_the_time_of_the_service_never_count() -> None:
    evidence = Evidence(outages=(OutageRecord(at(10), at(17)),))
    existing = replace(LINE, service_start=at(16))
    assumed = replace(existing, partial_period="assume_up")
    assert judged(promise(), evidence, line=existing).totals.period == 15 * DAY_S
    for line in (existing, assumed):
        assert judged(promise(), evidence, line=line).totals.downtime == DAY_S
    assert judged(promise(), evidence, line=assumed).totals.eligible == 30 * DAY_S
    later = replace(LINE, service_start=JUNE.end + 5)
    assert judged(promise(), evidence, line=later).status == Status.NOT_APPLICABLE


NOON = at(10, "12:00")


def test_an_open_period_takes_the_remaining_time_as_up() -> None:
    result = judged(promise(), Evidence(outages=(outage(10, "10:00", "11:00"),)), as_of=NOON)
    elapsed = NOON - START
    assert result.open
    assert (result.totals.remaining, result.totals.downtime) == (JUNE.end - NOON, 3600)
    assert result.attained == 100 - Fraction(360_000, JUNE.seconds)
    assert result.so_far == 100 - Fraction(360_000, elapsed)
    assert result.status == Status.BREACHED


def test_a_closed_period_has_nothing_remaining() -> None:
    result = judged(promise(), Evidence(outages=(outage(10, "10:00", "11:00"),)), as_of=JUNE.end)
    assert (result.open, result.totals.remaining, result.so_far) == (False, 0, result.attained)


def test_nothing_after_the_moment_of_judgement_is_known() -> None:
    evidence = Evidence(outages=(outage(10, "11:00", "13:00"), outage(20, "00:00", "01:00")))
    assert judged(promise(), evidence, as_of=NOON).totals.downtime == 3600


def test_coverage_of_an_open_period_looks_at_elapsed_time_only() -> None:
    evidence = Evidence(unknown=(Interval(START, START + DAY_S),))
    assert judged(promise(limit="5"), evidence, as_of=START + 2 * DAY_S).coverage.unknown_percent == 50
    assert judged(promise(limit="5"), evidence).coverage.sufficient


def test_announced_maintenance_to_come_is_excluded_and_not_remaining() -> None:
    result = judged(promise(), Evidence(), [maintenance(20, "00:00", "06:00")], as_of=NOON)
    assert result.totals.excluded == 21600
    assert result.totals.remaining == JUNE.end - NOON - 21600


def test_samples_of_an_open_period_hold_only_until_now() -> None:
    evidence = Evidence(series=(timeline("00:00 up 00:10 down 00:20 end"),))
    result = judged(promise(), evidence, as_of=START + 19 * 60 + 30)
    assert result.totals.downtime == 9 * 60 + 30
    assert (result.totals.unknown, result.totals.remaining) == (0, JUNE.end - START - 19 * 60 - 30)


def test_slots_still_to_come_are_faultless_in_the_projection_only() -> None:
    method = promise(method=MeanErrorRate(DAY_S, "zero_error"))
    evidence = Evidence(counts=(SlotCount(at(1), 10, 5), SlotCount(at(2), 10, 0)))
    result = judged(method, evidence, as_of=at(3))
    assert (result.attained, result.so_far) == (100 - Fraction(50, 30), 75)


def test_the_budget_is_what_may_still_fail() -> None:
    budget = judged(promise(), Evidence(outages=(outage(10, "10:00", "10:30"),))).budget
    assert budget is not None
    assert (budget.allowed, budget.used, budget.remaining, budget.exhausted) == (2592, 1800, 792, False)


def test_what_the_probe_interval_can_prove_stands_beside_the_number() -> None:
    runs = timeline("00:00 up 10:00 down 10:43 up 720:00 end")
    near = judged(promise(), Evidence(series=(runs,))).resolution
    assert near is not None
    assert (near.outages, near.uncertainty_seconds, near.verdict) == (1, 60, "indeterminate")
    assert near.best == 100 - Fraction(252_000, JUNE.seconds)
    far = judged(promise("99"), Evidence(series=(runs,))).resolution
    assert far is not None
    assert far.verdict == "met"
    assert judged(promise(), Evidence()).resolution is None


def test_held_time_is_told_apart() -> None:
    runs = timeline("00:00 up 10:00 missing 10:01 up 720:00 end")
    assert judged(promise(), Evidence(series=(runs,))).totals.held == 60


def test_degraded_samples_are_their_own_class_and_weigh_nothing() -> None:
    runs = timeline("00:00 up 10:00 degraded 10:30 up 720:00 end")
    result = judged(promise(), Evidence(series=(runs,)))
    assert [one.kind for one in result.stretches] == [Kind.UP, Kind.DEGRADED, Kind.UP]
    assert result.totals.downtime == 0


def test_the_provenance_of_samples_is_kept() -> None:
    runs = timeline("00:00 up 720:00 end")
    generated = replace(runs, runs=tuple(replace(run, provenance="generated") for run in runs.runs))
    both = Evidence(series=(runs, replace(generated, location="b")))
    assert judged(promise(), both).provenance == ("generated", "measured")


def test_tickets_are_judged_by_the_same_entry() -> None:
    result = judged(promise("95", ResponseTime(3600, None)), Evidence())
    assert (result.status, result.totals.downtime) == (Status.NOT_APPLICABLE, None)


spans = st.tuples(st.integers(-2000, 9000), st.integers(0, 3000)).map(
    lambda pair: (START + pair[0], START + pair[0] + pair[1])
)
outages = st.lists(spans.map(lambda span: OutageRecord(*span)), max_size=5)
windows = st.lists(spans.map(lambda span: Exclusion("x", "maintenance", *span)), max_size=4)
unknowns = st.lists(spans.map(lambda span: Interval(*span)), max_size=3)
modes = st.sampled_from(["remove", "count_as_up"])
treatments = st.sampled_from(["exclude", "up", "down"])
TWO_HOURS = Period(START, START + 7200, "", "", "UTC", "custom")


def evaluated(
    records: Sequence[OutageRecord],
    exclusions: Sequence[Exclusion] = (),
    unknown: Sequence[Interval] = (),
    mode: str = "remove",
    unknown_as: str = "exclude",
    period: Period = TWO_HOURS,
) -> Attainment:
    commitment = promise(mode=mode, unknown_as=unknown_as)
    return judged(commitment, Evidence(outages=tuple(records), unknown=tuple(unknown)), exclusions, period)


@given(outages, windows, unknowns, modes, treatments)
def test_the_stretches_partition_the_measured_interval_and_add_up(
    records: list[OutageRecord], exclusions: list[Exclusion], unknown: list[Interval], mode: str, unknown_as: str
) -> None:
    result = evaluated(records, exclusions, unknown, mode, unknown_as)
    assert result.stretches[0].start == result.measured.start
    assert result.stretches[-1].end == result.measured.end
    assert all(one.end == other.start and one.start < one.end for one, other in pairwise(result.stretches))
    seconds = {kind: sum(one.seconds for one in result.stretches if one.kind is kind) for kind in Kind}
    assert sum(seconds.values()) == result.totals.period
    assert (seconds[Kind.EXCLUDED], seconds[Kind.UNKNOWN]) == (result.totals.excluded, result.totals.unknown)
    assert sum(one.weight * one.seconds for one in result.stretches) == result.totals.downtime


@given(st.lists(spans.map(lambda span: OutageRecord(*span)), max_size=4), windows)
def test_the_order_of_reports_and_exclusions_changes_nothing(
    records: list[OutageRecord], exclusions: list[Exclusion]
) -> None:
    first = evaluated(records, exclusions)
    for order in permutations(records):
        other = evaluated(order, exclusions[::-1])
        assert (other.totals, other.stretches, other.credit) == (first.totals, first.stretches, first.credit)


@given(outages, windows, unknowns)
def test_the_same_outage_told_twice_or_merged_changes_no_total(
    records: list[OutageRecord], exclusions: list[Exclusion], unknown: list[Interval]
) -> None:
    merged = [OutageRecord(one.start, one.end) for one in union(Interval(one.start, one.end) for one in records)]
    once, twice = evaluated(merged, exclusions, unknown), evaluated([*records, *records], exclusions, unknown)
    assert once.totals == twice.totals


@given(outages, st.lists(spans.map(lambda span: OutageRecord(*span)), max_size=2), windows, modes, treatments)
def test_more_downtime_never_raises_attainment(
    records: list[OutageRecord], more: list[OutageRecord], exclusions: list[Exclusion], mode: str, unknown_as: str
) -> None:
    before = evaluated(records, exclusions, (), mode, unknown_as).attained
    after = evaluated([*records, *more], exclusions, (), mode, unknown_as).attained
    assert before is None or after is None or after <= before


@given(outages, windows, windows)
def test_a_further_exclusion_counted_as_up_never_lowers_attainment(
    records: list[OutageRecord], exclusions: list[Exclusion], more: list[Exclusion]
) -> None:
    before = evaluated(records, exclusions, mode="count_as_up").attained
    after = evaluated(records, [*exclusions, *more], mode="count_as_up").attained
    assert before is not None
    assert after is not None
    assert after >= before


def test_a_further_exclusion_that_is_removed_may_lower_attainment() -> None:
    evidence = [outage(1, "00:00", "00:10")]
    up_time_removed = [maintenance(1, "01:00", "02:00")]
    before, after = evaluated(evidence).attained, evaluated(evidence, up_time_removed).attained
    assert before is not None
    assert after is not None
    assert after < before


@given(outages, windows, unknowns, st.integers(0, 7200))
def test_the_parts_of_a_period_add_up_to_the_whole(
    records: list[OutageRecord], exclusions: list[Exclusion], unknown: list[Interval], cut: int
) -> None:
    whole = evaluated(records, exclusions, unknown).totals
    halves = [replace(TWO_HOURS, end=START + cut), replace(TWO_HOURS, start=START + cut)]
    parts = [evaluated(records, exclusions, unknown, period=half).totals for half in halves]
    for name in ("period", "excluded", "unknown", "eligible", "downtime"):
        assert sum(getattr(part, name) for part in parts) == getattr(whole, name)


@given(outages, st.integers(0, 7200))
def test_what_has_elapsed_of_an_open_period_is_judged_like_a_period_of_its_own(
    records: list[OutageRecord], elapsed: int
) -> None:
    now = START + elapsed
    running = judged(promise(), Evidence(outages=tuple(records)), (), TWO_HOURS, as_of=now)
    ended = judged(promise(), Evidence(outages=tuple(records)), (), replace(TWO_HOURS, end=now), as_of=now)
    assert running.so_far == ended.attained
    assert running.totals.downtime == ended.totals.downtime


def test_a_period_of_a_local_zone_is_judged_from_its_own_midnight() -> None:
    tokyo = period_from({"kind": "calendar_month", "start": "2026-06-01", "end": "2026-07-01"}, "Asia/Tokyo")
    record = OutageRecord(tokyo.start - 3600, tokyo.start + 3600)
    result = judged(promise(), Evidence(outages=(record,)), period=tokyo, line=replace(LINE, timezone="Asia/Tokyo"))
    assert result.totals.downtime == 3600


def test_slots_open_now_are_counted_only_as_far_as_time_has_come() -> None:
    method = promise(method=Slots(3600, down_when="any"))
    result = judged(method, Evidence(outages=(outage(10, "11:10", "13:00"),)), as_of=at(10, "11:40"))
    assert result.totals.downtime == 2400
    assert total_seconds(Interval(one.start, one.end) for one in result.stretches) == JUNE.seconds


def test_a_cap_on_downtime_looks_at_slots_that_fail_by_their_error_rate() -> None:
    cap = ExclusionType("maintenance", cap_seconds=0, cap_counts="downtime")
    detection = promise(method=Continuous(detection=Detection(confirm_failures=2)), types=(cap,))
    runs = timeline("00:00 up 10:00 down 11:00 up 720:00 end")
    result = judged(detection, Evidence(series=(runs,)), [maintenance(1, "09:00", "12:00")])
    assert (result.totals.excluded, result.totals.downtime) == (7200, 3600)
