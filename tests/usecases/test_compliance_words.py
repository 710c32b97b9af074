"""The words of compliance: the headline never says more good than is known, figures are cut off, credits explain."""

from datetime import date
from fractions import Fraction
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.usecases.customer.cards import LOOKS, Allowance, Card, Standing, figures_of, standing_of
from portal.usecases.customer.headlines import headline
from portal.usecases.explaining.receipt_words import (
    credit_label,
    credit_reasons,
    money_words,
    period_words,
    seconds_words,
)
from portal.usecases.explaining.receipt_words import value_words as words

TRACK, RISK, BREACHED, LITTLE, NONE, WAITING, SOON, OVER = (
    Standing.ON_TRACK,
    Standing.AT_RISK,
    Standing.BREACHED,
    Standing.TOO_LITTLE,
    Standing.NOT_APPLICABLE,
    Standing.WAITING,
    Standing.NOT_BEGUN,
    Standing.ENDED,
)


def card(standing: Standing, kind: str = "calendar_month") -> Card:
    return Card(
        contract_id=UUID(int=1),
        agreement="Gold",
        version=1,
        service="API",
        service_key="api",
        group="Platform",
        commitment="availability",
        measured=None,
        target="99.9",
        period="2026-11-01",
        period_start=0,
        period_end=1,
        period_kind=kind,
        timezone="UTC",
        begins=date(2026, 1, 1),
        ends=None,
        standing=standing,
        look=LOOKS.get(standing, "none"),
        figures=None,
    )


@pytest.mark.parametrize(
    ("standings", "sentence"),
    [
        ([], "There is no contract with you yet."),
        ([SOON], "Your contract has not begun yet."),
        ([OVER], "Your contracts have ended."),
        ([OVER, SOON], "Your contract has not begun yet."),
        ([TRACK], "Everything you were promised has been kept so far."),
        ([TRACK, NONE, OVER], "Everything you were promised has been kept so far."),
        ([NONE], "There is nothing to judge this month yet."),
        ([RISK], "Your commitment is at risk this month."),
        ([RISK, TRACK], "One of your two commitments is at risk this month."),
        ([RISK, RISK], "Both of your commitments are at risk this month."),
        ([RISK] * 3, "All three of your commitments are at risk this month."),
        ([BREACHED, RISK, TRACK], "One of your three commitments is breached this month. One more is at risk."),
        ([BREACHED, BREACHED, LITTLE], "Two of your three commitments are breached this month."),
        ([LITTLE, TRACK], "One of your two commitments is without enough data for a verdict this month."),
        ([WAITING, TRACK], "One of your two commitments is not computed yet."),
        ([RISK] + [TRACK] * 19, "One of your 20 commitments is at risk this month."),
    ],
)
def test_the_headline_says_the_worst_that_is_true(standings: list[Standing], sentence: str) -> None:
    assert headline([card(one) for one in standings]) == sentence


def test_the_headline_names_the_kind_of_period_only_where_all_share_it() -> None:
    assert headline([card(RISK, "calendar_quarter")]) == "Your commitment is at risk this quarter."
    mixed = [card(RISK), card(RISK, "rolling")]
    assert headline(mixed) == "Both of your commitments are at risk in this period."


@given(st.lists(st.sampled_from(list(Standing)), max_size=8))
def test_everything_is_kept_only_when_nothing_else_is_known_or_missing(standings: list[Standing]) -> None:
    is_kept = headline([card(one) for one in standings]) == "Everything you were promised has been kept so far."
    judged = {one for one in standings if one not in (SOON, OVER)}
    assert is_kept == (TRACK in judged and judged <= {TRACK, NONE})


@pytest.mark.parametrize(
    ("status", "consumed", "standing"),
    [
        ("met", "0", TRACK),
        ("met", None, TRACK),
        ("met", "7999/100", TRACK),
        ("met", "80", RISK),
        ("met", "100", RISK),
        ("breached", "101", BREACHED),
        ("breached", None, BREACHED),
        ("insufficient_data", "0", LITTLE),
        ("not_applicable", None, NONE),
    ],
)
def test_at_risk_begins_at_80_percent_exactly(status: str, consumed: str | None, standing: Standing) -> None:
    assert standing_of({"status": status, "budget": {"consumed_percent_exact": consumed}}) is standing


def figures(allowed: str, used: str) -> Allowance | None:
    left = Fraction(allowed) - Fraction(used)
    share = None if Fraction(allowed) == 0 else str(100 * Fraction(used) / Fraction(allowed))
    document = {
        "as_of": 0,
        "so_far": None,
        "attained": None,
        "contract": {"display_decimals": 3},
        "commitment": {"unknown_as": "exclude"},
        "totals": {"downtime": used, "unknown": 0, "excluded": 0, "held": 0, "eligible": 2_592_000},
        "coverage": {"unknown_percent_exact": None},
        "budget": {
            "allowed_exact": allowed,
            "used_exact": used,
            "remaining_exact": str(left),
            "consumed_percent_exact": share,
        },
        "outages": [],
        "resolution": None,
        "provenance": [],
    }
    return figures_of(document, with_money=False).allowance


@pytest.mark.parametrize(
    ("allowed", "used", "allowance"),
    [
        ("2592", "0", Allowance(2592, 0, 2592, 0, 0, 0)),
        ("13374/5", "2674", Allowance(2674, 2674, 0, 0, 99, 99)),
        ("13374/5", "2675", Allowance(2674, 2675, 0, 1, 100, 100)),
        ("100", "1/3", Allowance(100, 1, 99, 0, 0, 0)),
        ("100", "250", Allowance(100, 250, 0, 150, 250, 100)),
        ("0", "0", Allowance(0, 0, 0, 0, None, 0)),
        ("0", "1", Allowance(0, 1, 0, 1, None, 100)),
    ],
)
def test_what_is_allowed_and_left_is_cut_off_and_what_is_used_never_is(
    allowed: str, used: str, allowance: Allowance
) -> None:
    assert figures(allowed, used) == allowance


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2592000", "2,592,000"),
        ("5349/2", "2,674.5"),
        ("1/3", "1/3"),
        ("-1/2", "-0.5"),
        (None, "–"),
        ("half_up", "half up"),
    ],
)
def test_exact_values_are_written_exactly(value: str | None, text: str) -> None:
    assert words(value) == text


@pytest.mark.parametrize(("value", "text"), [("7200", "7,200 s"), ("5349/2", "2,674.500 s"), ("4000/3", "1,333.334 s")])
def test_seconds_are_never_rounded_down(value: str, text: str) -> None:
    assert seconds_words(value) == text


@pytest.mark.parametrize(
    ("value", "currency", "digits", "text"),
    [
        ("4800", "EUR", 2, "EUR 4,800.00"),
        ("50000", "JPY", 0, "JPY 50,000"),
        ("1/2", "KWD", 3, "KWD 0.500"),
        ("1/3", "EUR", 2, "EUR 1/3"),
    ],
)
def test_money_has_the_digits_of_its_currency(value: str, currency: str, digits: int, text: str) -> None:
    assert money_words(value, currency, digits) == text


@pytest.mark.parametrize(
    ("period", "text"),
    [
        (("calendar_month", "2026-11-01", "2026-12-01"), "November 2026"),
        (("calendar_year", "2026-01-01", "2027-01-01"), "2026"),
        (("billing_month", "2026-01-31", "2026-02-28"), "31 January 2026 to 28 February 2026"),
    ],
)
def test_a_period_has_a_name(period: tuple[str, str, str], text: str) -> None:
    kind, start, end = period
    assert period_words({"kind": kind, "start_local": start, "end_local": end}) == text


def test_a_credit_by_started_minutes_says_what_was_counted() -> None:
    step = {"key": "units", "inputs": {"downtime": "2280", "unit_seconds": 60, "scope": "per_outage"}}
    assert (credit_label(step), credit_reasons(step)) == ("units of 60 s", ["of 2,280 s down, each outage for itself"])
