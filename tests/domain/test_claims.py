"""Deadlines of claims."""

from datetime import date

import pytest

from portal.domain.promises.claims import claim_accepted, claim_deadline
from portal.domain.promises.settlement import Deadline
from portal.domain.quantities.periods import Period, period_from, period_of
from portal.domain.quantities.zones import instant_text, parse_instant

MONTH: dict[str, object] = {"kind": "calendar_month"}
JULY_3 = (date(2026, 7, 3),)


def june(zone: str = "UTC") -> tuple[Period, dict[str, object]]:
    return period_of(MONTH, zone, parse_instant("2026-06-10T00:00:00Z")), MONTH


@pytest.mark.parametrize(
    ("deadline", "zone", "expected"),
    [
        (Deadline("days_after_period_end", 30), "UTC", "2026-07-31T00:00:00Z"),
        (Deadline("days_after_period_end", 30), "America/New_York", "2026-07-31T04:00:00Z"),
        (Deadline("months_after_period_end", 3), "UTC", "2026-10-01T00:00:00Z"),
        (Deadline("end_of_nth_period_after", 2), "UTC", "2026-09-01T00:00:00Z"),
        (Deadline("business_days_after_period_end", 7, JULY_3), "America/New_York", "2026-07-11T04:00:00Z"),
        (Deadline("business_days_after_period_end", 1), "UTC", "2026-07-02T00:00:00Z"),
        (Deadline("days_after_incident", 30), "UTC", "2026-07-13T00:00:00Z"),
        (Deadline("business_days_after_incident", 5), "UTC", "2026-06-20T00:00:00Z"),
        (Deadline("business_days_after_incident", 5, (date(2026, 6, 19),)), "UTC", "2026-06-23T00:00:00Z"),
    ],
)
def test_a_deadline_is_the_local_midnight_after_its_last_day(deadline: Deadline, zone: str, expected: str) -> None:
    period, rule = june(zone)
    incident_end = parse_instant("2026-06-12T11:00:00Z")
    too_late_from = claim_deadline(deadline, period, rule, incident_end)
    assert too_late_from is not None
    assert instant_text(too_late_from) == expected


def test_days_count_from_the_date_of_the_last_down_second() -> None:
    period, rule = june()
    until_midnight = claim_deadline(
        Deadline("days_after_incident", 1),
        period,
        rule,
        parse_instant("2026-06-13T00:00:00Z"),
    )
    assert until_midnight == parse_instant("2026-06-14T00:00:00Z")


def test_the_months_of_a_billing_period_are_clamped_to_short_months() -> None:
    rule: dict[str, object] = {"kind": "billing_month", "anchor_day": 31}
    period = period_of(rule, "UTC", parse_instant("2026-01-10T00:00:00Z"))
    month_later = claim_deadline(Deadline("months_after_period_end", 1), period, rule, None)
    next_period = claim_deadline(Deadline("end_of_nth_period_after", 2), period, rule, None)
    assert month_later == parse_instant("2026-02-28T00:00:00Z")
    assert next_period == parse_instant("2026-03-31T00:00:00Z")


def test_a_claim_is_in_time_until_the_second_before_the_deadline() -> None:
    by_hand = Deadline("days_after_period_end", 30)
    assert claim_accepted(by_hand, 100, 99) is True
    assert claim_accepted(by_hand, 100, 100) is False
    assert claim_accepted(by_hand, 100, None) is False


def test_an_automatic_credit_has_no_deadline_and_is_always_accepted() -> None:
    period, rule = june()
    assert claim_deadline(Deadline(), period, rule, None) is None
    assert claim_accepted(Deadline(), None, None) is True


def test_a_deadline_by_contract_is_for_a_person_to_decide() -> None:
    period, rule = june()
    deadline = Deadline("by_contract")
    assert claim_deadline(deadline, period, rule, None) is None
    assert claim_accepted(deadline, None, 5) is None
    assert claim_accepted(deadline, None, None) is False


def test_a_deadline_after_an_incident_needs_an_incident() -> None:
    period, rule = june()
    with pytest.raises(ValueError, match="incident"):
        claim_deadline(Deadline("days_after_incident", 3), period, rule, None)


def test_a_custom_period_is_followed_by_none() -> None:
    rule: dict[str, object] = {"kind": "custom", "start": "2026-01-01", "end": "2026-02-01"}
    with pytest.raises(ValueError, match="custom"):
        claim_deadline(Deadline("end_of_nth_period_after", 1), period_from(rule, "UTC"), rule, None)
