"""Which version governs which period (semantics.md R2, R6)."""

from typing import Any

import pytest

from portal.domain.promises.contract import Contract, parse_contract
from portal.domain.promises.open_period import governed
from portal.domain.promises.terms import Terms, parse_terms
from portal.domain.quantities.zones import parse_instant


def terms(number: int, effective_from: str, **period: Any) -> Terms:
    document = {
        "schema": "sla-terms/1",
        "id": "gold",
        "version": {"number": number, "effective_from": effective_from},
        "timezone": "UTC",
        "period": period or {"kind": "calendar_month"},
        "commitments": [
            {
                "id": "availability",
                "component": "api",
                "target_percent": "99.9",
                "methodology": {"type": "continuous"},
                "credit_schedule": {"type": "none"},
            }
        ],
    }
    return parse_terms(document)


def contract(**changes: Any) -> Contract:
    service = {"service": "api", "component": "api", "monthly_fee": [{"from": "2026-01-01", "amount": "1"}]}
    document = {
        "schema": "sla-contract/1",
        "id": "one",
        "customer": "globex",
        "agreement": "gold",
        "currency": "EUR",
        "from": "2026-01-01",
        "services": [service],
    }
    return parse_contract(document | changes)


VERSIONS = (terms(1, "2026-01-01"), terms(2, "2026-11-01"), terms(3, "2026-11-15"))


@pytest.mark.parametrize(
    ("zone", "now", "number", "key"),
    [
        ("UTC", "2026-11-22T12:00:00Z", 2, "2026-11-01"),
        ("UTC", "2026-12-01T00:00:00Z", 3, "2026-12-01"),
        ("UTC", "2026-10-31T23:59:59Z", 1, "2026-10-01"),
        ("Asia/Tokyo", "2026-10-31T15:00:00Z", 2, "2026-11-01"),
        ("America/New_York", "2026-11-01T03:59:59Z", 1, "2026-10-01"),
        ("UTC", "2025-06-01T00:00:00Z", 1, "2025-06-01"),
    ],
)
def test_the_version_in_force_at_the_local_start_of_the_period_governs(
    zone: str, now: str, number: int, key: str
) -> None:
    found = governed(VERSIONS, contract(timezone=zone), parse_instant(now))
    assert found is not None
    assert (found.terms.version.number, found.key) == (number, key)


def test_a_contract_that_begins_inside_a_period_is_governed_by_the_version_of_its_first_day() -> None:
    late = contract(**{"from": "2026-11-20"})
    found = governed(VERSIONS, late, parse_instant("2026-11-22T12:00:00Z"))
    assert found is not None
    assert found.terms.version.number == 3


@pytest.mark.parametrize(
    ("now", "kind", "key"),
    [
        ("2026-11-22T12:00:00Z", "calendar_quarter", "2026-10-01"),
        ("2026-12-31T23:59:59Z", "calendar_quarter", "2026-10-01"),
        ("2027-01-01T00:00:00Z", "calendar_month", "2027-01-01"),
    ],
)
def test_a_version_that_cuts_time_otherwise_waits_for_the_end_of_the_period_it_came_into(
    now: str, kind: str, key: str
) -> None:
    versions = (terms(1, "2026-01-01", kind="calendar_quarter"), terms(2, "2026-11-15"))
    found = governed(versions, contract(), parse_instant(now))
    assert found is not None
    assert (found.period.kind, found.key) == (kind, key)


def test_a_version_with_a_rolling_period_is_judged_up_to_now() -> None:
    versions = (terms(1, "2026-01-01"), terms(2, "2026-11-15", kind="rolling", seconds=86400))
    now = parse_instant("2026-12-22T12:00:00Z")
    found = governed(versions, contract(), now)
    assert found is not None
    assert (found.key, found.period.end) == ("rolling", now)


def test_a_rolling_period_has_no_date_in_its_address() -> None:
    found = governed(
        (terms(1, "2026-01-01", kind="rolling", seconds=86400),), contract(), parse_instant("2026-11-22T12:00:00Z")
    )
    assert found is not None
    assert (found.key, found.period.seconds) == ("rolling", 86_400)


def test_without_a_version_or_after_the_one_custom_period_there_is_none() -> None:
    now = parse_instant("2026-11-22T12:00:00Z")
    assert governed((), contract(), now) is None
    assert (
        governed((terms(1, "2026-01-01", kind="custom", start="2026-02-01", end="2026-03-01"),), contract(), now)
        is None
    )
