"""A small whole configuration for tests; every test changes its own copy."""

from typing import Any


def terms(number: int = 1, effective_from: str = "2026-01-01") -> dict[str, Any]:
    """Terms that promise 99.9 % of one component."""
    return {
        "schema": "sla-terms/1",
        "id": "gold",
        "version": {"number": str(number), "effective_from": effective_from},
        "timezone": "Europe/Berlin",
        "period": {"kind": "calendar_month"},
        "commitments": [
            {
                "id": "availability",
                "component": "api",
                "target_percent": "99.9",
                "methodology": {"type": "probe", "confirm_failures": "2"},
                "credit_schedule": {"type": "tiers", "tiers": [{"below": "99.9", "percent": "10"}]},
            }
        ],
    }


def probe(**changes: Any) -> dict[str, Any]:
    """A probe of the service api from here."""
    return {
        "id": "api-health",
        "service": "api",
        "kind": "http",
        "target": "http://127.0.0.1:8181/health",
        "interval_seconds": "10",
        "timeout_ms": "2000",
        "locations": ["here"],
        **changes,
    }


def contract(**changes: Any) -> dict[str, Any]:
    """Globex buys api under gold."""
    return {
        "schema": "sla-contract/1",
        "id": "globex-1",
        "customer": "globex",
        "agreement": "gold",
        "currency": "EUR",
        "from": "2026-02-01",
        "services": [
            {"service": "api", "component": "api", "monthly_fee": [{"from": "2026-02-01", "amount": "400.00"}]}
        ],
        **changes,
    }


def whole() -> dict[str, Any]:
    """A configuration with one of everything."""
    return {
        "schema": "portal-config/1",
        "provider": {"name": "Northwind Cloud", "timezone": "Europe/Berlin", "contact": "help@northwind.example"},
        "locations": [{"id": "here", "name": "This machine", "allow": ["127.0.0.0/8"]}],
        "services": [{"id": "api", "name": "API", "group": "Platform"}, {"id": "web", "name": "Web"}],
        "probes": [probe()],
        "agreements": [{"id": "gold", "name": "Gold", "versions": [terms()]}],
        "customers": [{"id": "globex", "name": "Globex", "timezone": "Europe/Berlin"}],
        "users": [
            {"email": "Ann@Globex.example", "name": "Ann", "customers": [{"customer": "globex", "role": "owner"}]},
            {"email": "sam@northwind.example", "name": "Sam", "staff": "manager"},
        ],
        "contracts": [contract()],
    }
