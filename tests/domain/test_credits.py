"""What a breach is worth: schedule, caps, one rounding, minimum (R5, R31–R36, R38, R39)."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.credits import lowest_tier
from portal.domain.evaluation.result import Credit
from portal.domain.evidence.records import Evidence, OutageRecord, RequestClass
from portal.domain.promises.commitment import Comparison
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CountBand,
    CreditSchedule,
    Days,
    DayTier,
    DurationBand,
    Money,
    NoCredit,
    PerOutage,
    PerUnit,
    ProRata,
    Tier,
    Tiers,
)
from portal.domain.promises.methodology import RequestRatio
from portal.domain.quantities.periods import period_of
from tests.domain.promises import LINE, TIERS, at, judged, outage, promise

HOUR = outage(10, "00:00", "01:00")


def owed(
    schedule: CreditSchedule, *outages: OutageRecord, target: str = "100", line: ContractLine = LINE, **keys: Any
) -> Credit:
    return judged(promise(target, schedule=schedule, **keys), Evidence(outages=outages), line=line).credit


def amount(credit: Credit) -> tuple[Fraction | None, str | None]:
    return credit.percent, credit.amount_text


@pytest.mark.parametrize(
    ("compared", "percent"),
    [("100", None), ("99.9", None), ("99.8", 10), ("99", 10), ("98.9", 25), ("95", 25), ("94", 50), ("0", 50)],
)
def test_the_tier_with_the_smallest_bound_that_covers_wins(compared: str, percent: int | None) -> None:
    for tiers in (TIERS.tiers, TIERS.tiers[::-1]):
        found = lowest_tier(tiers, Fraction(compared))
        assert (None if found is None else found.percent) == percent


def test_an_inclusive_bound_covers_itself() -> None:
    tier = Tier(Fraction(99), Fraction(25), inclusive=True)
    assert lowest_tier([tier], Fraction(99)) is tier
    assert lowest_tier([replace(tier, inclusive=False)], Fraction(99)) is None


def test_a_met_promise_owes_nothing_unless_the_tier_alone_pays() -> None:
    exactly = outage(10, "10:00", "10:43:12")
    tiers = Tiers(tiers=(Tier(Fraction("99.9"), Fraction(10), inclusive=True),))
    met = owed(tiers, exactly, target="99.9")
    assert (amount(met), met.reason) == ((0, "0.00"), "met")
    assert amount(owed(replace(tiers, requires_breach=False), exactly, target="99.9")) == (10, "100.00")


def test_a_breach_that_no_tier_covers_owes_nothing_and_says_so() -> None:
    credit = owed(TIERS, outage(10, "10:00", "10:30"), target="99.95")
    assert (amount(credit), credit.reason) == ((0, "0.00"), "no_tier")


def test_tiers_look_at_the_value_the_terms_rounded() -> None:
    tiers = Tiers(tiers=(Tier(Fraction("99.87"), Fraction(10)),))
    assert owed(tiers, HOUR, comparison=Comparison(2, "down")).percent == 10
    assert owed(tiers, HOUR, comparison=Comparison(1, "half_up")).percent == 0


UNIT = PerUnit(unit_seconds=1800, percent_per_unit=Fraction(5), days_per_unit=None, rounding="ceil", scope="total")
TEN_MINUTES_TWICE = (outage(10, "10:00", "10:10"), outage(12, "10:00", "10:10"))


@pytest.mark.parametrize(
    ("keys", "outages", "percent"),
    [
        ({}, (outage(10, "10:00", "10:31"),), 10),
        ({"rounding": "floor"}, (outage(10, "10:00", "10:31"),), 5),
        ({"rounding": "exact"}, (outage(10, "10:00", "10:31"),), Fraction(31, 6)),
        ({"scope": "per_outage"}, TEN_MINUTES_TWICE, 10),
        ({"scope": "total"}, TEN_MINUTES_TWICE, 5),
        ({"unit_seconds": 3600, "scope": "per_outage", "free_seconds": 3600},
         (HOUR, outage(12, "00:00", "02:00:01")), 10),
        ({"unit_seconds": 3600, "percent_per_unit": None, "days_per_unit": Fraction(1)},
         (outage(10, "00:00", "02:30"),), 10),
        ({"unit_seconds": 3600, "percent_per_unit": None, "days_per_unit": Fraction(1), "day_divisor": 31},
         (outage(10, "00:00", "02:30"),), Fraction(300, 31)),
    ],
)  # fmt: skip
def test_units_of_downtime_are_paid_each(
    keys: dict[str, Any], outages: tuple[OutageRecord, ...], percent: Fraction
) -> None:
    assert owed(replace(UNIT, **keys), *outages).percent == percent


@pytest.mark.parametrize(("divisor", "percent"), [(None, 10), (31, Fraction(300, 31))])
def test_days_are_shares_of_the_period_or_of_a_fixed_number(divisor: int | None, percent: Fraction) -> None:
    schedule = Days(tiers=(DayTier(Fraction("99.9"), Fraction(3)),), day_divisor=divisor)
    assert owed(schedule, HOUR).percent == percent


@pytest.mark.parametrize(
    ("keys", "target", "percent"),
    [
        ({}, "100", Fraction(5, 36)),
        ({"multiplier": Fraction(10)}, "100", Fraction(50, 36)),
        ({"excess_only": True}, "99.9", Fraction(7, 180)),
    ],
)
def test_pro_rata_pays_the_share_of_the_downtime(keys: dict[str, Any], target: str, percent: Fraction) -> None:
    schedule = ProRata(**{"multiplier": Fraction(1), **keys})
    assert owed(schedule, HOUR, target=target).percent == percent


def test_a_method_that_counts_no_time_pays_pro_rata_what_its_percentage_is_worth() -> None:
    classes = (RequestClass("ok", 99, Fraction(1)), RequestClass("error", 1, Fraction(0)))
    commitment = promise(method=RequestRatio(), schedule=ProRata(multiplier=Fraction(1)))
    assert judged(commitment, Evidence(classes=classes)).credit.percent == 1


BANDS = (DurationBand(300, Fraction(5)), DurationBand(14400, Fraction(10)), DurationBand(28800, Fraction(15)))


@pytest.mark.parametrize(("aggregate", "percent"), [("sum", 20), ("max", 15)])
def test_each_outage_is_paid_by_its_length(aggregate: str, percent: int) -> None:
    three = (outage(10, "00:00", "00:04:59"), outage(11, "00:00", "03:00"), outage(12, "00:00", "09:00"))
    assert owed(PerOutage(bands=BANDS, aggregate=aggregate), *three).percent == percent


def test_breaches_are_paid_by_their_number() -> None:
    bands = (CountBand(1, Fraction(5)), CountBand(3, Fraction(10)))
    assert owed(BreachCount(bands=bands), HOUR).percent == 5
    assert owed(BreachCount(bands=bands), HOUR, *TEN_MINUTES_TWICE[:1], outage(13, "00:00", "00:01")).percent == 10


def test_no_schedule_owes_nothing() -> None:
    assert owed(NoCredit(), HOUR).reason == "no_schedule"


def test_the_percent_cap_comes_before_the_amount_cap_and_both_before_rounding() -> None:
    capped = replace(TIERS, cap_percent=Fraction(30), cap_amount=Money(Fraction("222.225"), "222.225"))
    credit = owed(capped, OutageRecord(at(10), at(13)))
    assert (credit.uncapped_percent, credit.uncapped, credit.percent) == (50, 500, 30)
    assert (credit.exact, credit.amount_minor) == (Fraction("222.225"), 22223)


@pytest.mark.parametrize(("fee", "expected"), [("10.00", (0, "0.00")), ("10.10", (10, "1.01"))])
def test_a_credit_must_exceed_the_minimum_after_rounding(fee: str, expected: tuple[int, str]) -> None:
    schedule = replace(TIERS, min_credit_exclusive=Money(Fraction(1), "1.00"))
    assert amount(owed(schedule, HOUR, line=replace(LINE, monthly_fee=Fraction(fee)))) == expected


def test_a_minimum_in_another_currency_is_refused() -> None:
    schedule = replace(TIERS, min_credit_exclusive=Money(Fraction(1), "1.00", "EUR"))
    with pytest.raises(ValueError, match="the contract is in USD"):
        owed(schedule, HOUR)


@pytest.mark.parametrize(
    ("fee", "currency", "digits", "rounding", "text"),
    [
        ("12345", "JPY", 0, "half_up", "1235"),
        ("12345", "JPY", 0, "half_even", "1234"),
        ("12355", "JPY", 0, "half_even", "1236"),
        ("12341", "JPY", 0, "up", "1235"),
        ("123.455", "KWD", 3, "half_up", "12.346"),
        ("100.05", "USD", 2, "half_even", "10.00"),
        ("0.005", "USD", 2, "half_up", "0.00"),
    ],
)
def test_money_is_rounded_once_to_the_minor_unit(
    fee: str, currency: str, digits: int, rounding: str, text: str
) -> None:
    line = replace(LINE, monthly_fee=Fraction(fee), currency=currency, minor_digits=digits, money_rounding=rounding)
    credit = owed(TIERS, HOUR, line=line)
    assert (credit.percent, credit.amount_text) == (10, text)


def test_a_contract_without_a_fee_has_a_percentage_and_no_amount() -> None:
    credit = owed(TIERS, HOUR, line=replace(LINE, monthly_fee=None))
    assert (credit.percent, credit.amount_minor, credit.reason) == (10, None, "no_fee")


@pytest.mark.parametrize(
    ("proration", "start", "fee"),
    [
        ("none", at(16), 1000),
        ("days", at(16), 500),
        ("days", at(16, "12:00"), 500),
        ("seconds", at(16, "12:00"), Fraction(1450, 3)),
        ("days", at(30, "23:59:59"), Fraction(1000, 30)),
    ],
)
def test_the_fee_follows_the_time_the_service_existed(proration: str, start: int, fee: Fraction) -> None:
    line = replace(LINE, fee_proration=proration, service_start=start)
    assert judged(promise(), Evidence(), line=line).fee == fee


def test_a_quarter_is_worth_three_monthly_fees_and_a_year_twelve() -> None:
    for kind, fee in (("calendar_quarter", 3000), ("calendar_year", 12000)):
        period = period_of({"kind": kind}, "UTC", at(1))
        assert judged(promise(), Evidence(), period=period).fee == fee


@given(st.integers(0, 2_000_000), st.sampled_from(["half_up", "half_even", "up"]))
def test_what_is_paid_differs_from_what_is_owed_by_less_than_one_minor_unit(cents: int, rounding: str) -> None:
    line = replace(LINE, monthly_fee=Fraction(cents, 100), money_rounding=rounding)
    credit = owed(TIERS, HOUR, line=line)
    assert credit.exact is not None
    assert credit.amount_minor is not None
    assert abs(Fraction(credit.amount_minor, 100) - credit.exact) < Fraction(1, 100)
