"""Exclusions are accepted, refused with a reason, or capped; never dropped in silence (R10–R15)."""

from dataclasses import replace
from itertools import permutations

import pytest

from portal.domain.evaluation.exclusions import Acceptance, CapUse, Carried, Exclusion, accept
from portal.domain.promises.commitment import ExclusionsPolicy, ExclusionType
from portal.domain.quantities.intervals import Interval, Intervals, total_seconds
from tests.domain.promises import JUNE, at, maintenance

HOUR_S = 3600
JUNE_SPAN = Interval(JUNE.start, JUNE.end)
DOWN = (Interval(at(5, "01:00"), at(5, "04:00")),)
NOTICE = ExclusionType("maintenance", notice_seconds=48 * HOUR_S)
PARTIAL = replace(NOTICE, notice_shortfall="partial")
CAPPED = ExclusionType("maintenance", cap_seconds=4 * HOUR_S)


def taken(
    *exclusions: Exclusion,
    types: tuple[ExclusionType, ...] = (ExclusionType("maintenance"),),
    mode: str = "remove",
    down: Intervals = (),
    carried: Carried = Carried(),  # noqa: B008  (frozen)
    measured: Interval = JUNE_SPAN,
    timezone: str = "UTC",
) -> Acceptance:
    return accept(exclusions, ExclusionsPolicy(mode, types), measured, down, carried, timezone)


def hours(result: Acceptance) -> float:
    return total_seconds(result.intervals) / HOUR_S


@pytest.mark.parametrize(
    ("exclusion", "types", "reason"),
    [
        (maintenance(10, "00:00", "06:00", status="pending"), (ExclusionType("maintenance"),), "not_approved"),
        (maintenance(10, "00:00", "06:00", status="rejected"), (ExclusionType("maintenance"),), "not_approved"),
        (maintenance(10, "00:00", "06:00", type="third_party"), (ExclusionType("maintenance"),), "type_not_listed"),
        (maintenance(10, "00:00", "06:00"), (NOTICE,), "announcement_missing"),
        (maintenance(10, "00:00", "06:00", announced_at=at(8) + 1), (NOTICE,), "notice_short"),
        (maintenance(10, "00:00", "06:00", announced_at=at(8, "06:00")), (PARTIAL,), "notice_short"),
        (maintenance(10, "00:00", "00:00"), (ExclusionType("maintenance"),), "outside_period"),
        (maintenance(31, "00:00", "06:00"), (ExclusionType("maintenance"),), "outside_period"),
    ],
)
def test_what_is_not_accepted_says_why(exclusion: Exclusion, types: tuple[ExclusionType, ...], reason: str) -> None:
    result = taken(exclusion, types=types)
    assert result.intervals == ()
    assert [(one.accepted, one.reason, one.counted_seconds) for one in result.outcomes] == [(False, reason, 0)]


def test_terms_without_exclusions_accept_none() -> None:
    assert taken(maintenance(10, "00:00", "06:00"), mode="none").outcomes[0].reason == "no_exclusions"


def test_an_exclusion_that_ends_before_it_starts_is_refused() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        maintenance(10, "06:00", "00:00")


def test_notice_that_is_just_long_enough_is_enough() -> None:
    assert hours(taken(maintenance(10, "00:00", "06:00", announced_at=at(8)), types=(NOTICE,))) == 6


def test_short_notice_may_count_from_the_moment_it_is_long_enough() -> None:
    result = taken(maintenance(10, "00:00", "06:00", announced_at=at(8, "02:00")), types=(PARTIAL,))
    assert result.intervals == (Interval(at(10, "02:00"), at(10, "06:00")),)
    assert result.outcomes[0].reason == "notice_short_in_part"


def test_overlapping_exclusions_are_a_union_and_clipped_to_the_period() -> None:
    result = taken(
        replace(maintenance(1, "00:00", "02:00"), start=at(1) - 7200), maintenance(1, "01:00", "03:00", id="second")
    )
    assert result.intervals == (Interval(at(1), at(1, "03:00")),)
    assert [one.counted_seconds for one in result.outcomes] == [2 * HOUR_S, 2 * HOUR_S]


def test_a_cap_is_used_in_order_of_time_whatever_the_order_of_the_register() -> None:
    entries = [maintenance(20, "00:00", "03:00"), maintenance(5, "00:00", "03:00"), maintenance(12, "00:00", "00:30")]
    for order in permutations(entries):
        result = taken(*order, types=(CAPPED,))
        assert result.intervals == (
            Interval(at(5), at(5, "03:00")),
            Interval(at(12), at(12, "00:30")),
            Interval(at(20), at(20, "00:30")),
        )
    assert {one.exclusion.id: one.reason for one in result.outcomes}["20-00:00"] == "cap_reached"


def test_what_lies_beyond_a_used_up_cap_is_named() -> None:
    result = taken(maintenance(5, "00:00", "04:00"), maintenance(6, "00:00", "01:00"), types=(CAPPED,))
    assert result.outcomes[1].reason == "cap_used_up"


def test_uncapped_types_never_use_the_cap_of_another() -> None:
    types = (CAPPED, ExclusionType("force_majeure"))
    major = maintenance(5, "00:00", "03:00", type="force_majeure", id="storm")
    result = taken(maintenance(5, "00:00", "06:00"), major, types=types)
    assert hours(result) == 6


def test_a_cap_on_downtime_leaves_up_seconds_free() -> None:
    cap = ExclusionType("maintenance", cap_seconds=2 * HOUR_S, cap_counts="downtime")
    result = taken(maintenance(5, "00:00", "06:00"), types=(cap,), down=DOWN)
    assert hours(result) == 5
    assert result.intervals[0] == Interval(at(5), at(5, "03:00"))


YEARLY = ExclusionType("maintenance", cap_seconds=4 * HOUR_S, cap_per="year")


def test_a_yearly_cap_remembers_what_earlier_periods_used() -> None:
    carried = Carried((CapUse("maintenance", 2026, 3 * HOUR_S), CapUse("maintenance", 2025, 4 * HOUR_S)))
    result = taken(maintenance(5, "00:00", "03:00"), types=(YEARLY,), carried=carried)
    assert hours(result) == 1
    assert result.used == (CapUse("maintenance", 2026, HOUR_S),)


def test_a_period_across_new_year_has_the_cap_of_each_local_year() -> None:
    new_year = 1798761600 - 9 * HOUR_S  # 2027-01-01 in Tokyo
    window = Exclusion("night", "maintenance", new_year - 6 * HOUR_S, new_year + 6 * HOUR_S)
    measured = Interval(new_year - 86400, new_year + 86400)
    result = taken(window, types=(YEARLY,), measured=measured, timezone="Asia/Tokyo")
    assert result.used == (CapUse("maintenance", 2026, 4 * HOUR_S), CapUse("maintenance", 2027, 4 * HOUR_S))
    assert result.intervals == (
        Interval(new_year - 6 * HOUR_S, new_year - 2 * HOUR_S),
        Interval(new_year, new_year + 4 * HOUR_S),
    )
