"""Small documents the tests of terms and contracts start from; each call gives a fresh one."""

from typing import Any


def gold_terms(**changes: Any) -> dict[str, Any]:
    """A complete `sla-terms/1` document with one availability promise."""
    document: dict[str, Any] = {
        "schema": "sla-terms/1",
        "id": "acme-gold",
        "version": {"number": 3, "effective_from": "2026-06-01"},
        "timezone": "Europe/Paris",
        "period": {"kind": "calendar_month"},
        "commitments": [availability()],
    }
    return document | changes


def availability(**changes: Any) -> dict[str, Any]:
    """One promise of 99.9 % with one tier."""
    document: dict[str, Any] = {
        "id": "availability",
        "component": "api",
        "target_percent": "99.9",
        "methodology": {"type": "continuous"},
        "credit_schedule": {"type": "tiers", "tiers": [{"below": "99.9", "percent": "10"}]},
    }
    return document | changes


def promising(**changes: Any) -> dict[str, Any]:
    """Terms whose one promise differs in these keys."""
    return gold_terms(commitments=[availability(**changes)])


def globex_contract(**changes: Any) -> dict[str, Any]:
    """A complete `sla-contract/1` document with one service."""
    document: dict[str, Any] = {
        "schema": "sla-contract/1",
        "id": "globex-2026",
        "customer": "globex",
        "agreement": "acme-gold",
        "currency": "EUR",
        "from": "2026-01-01",
        "services": [
            {
                "service": "api-eu",
                "component": "api",
                "monthly_fee": [
                    {"from": "2026-01-01", "amount": "400.00"},
                    {"from": "2026-07-01", "amount": "450.00"},
                ],
            }
        ],
    }
    return document | changes
