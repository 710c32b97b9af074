"""The configuration of a provider of any size, as `portal-config/1`, for somebody who wants nothing but its size."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.database import transaction
from portal.usecases.configuration.applying import apply_configuration

Document = dict[str, Any]


def provider_document(services: int, locations: int, interval_s: int) -> Document:
    """Return a provider with so many services, each with one probe that runs at every location."""
    places = [f"place-{number}" for number in range(1, locations + 1)]
    keys = [f"service-{number:04}" for number in range(1, services + 1)]
    return {
        "schema": "portal-config/1",
        "provider": {"name": "Generated Cloud", "timezone": "UTC", "contact": "support@generated.example"},
        "locations": [{"id": key, "name": key.capitalize(), "allow": []} for key in places],
        "services": [{"id": key, "name": key.capitalize(), "group": f"Group {key[-1]}"} for key in keys],
        "probes": [_probe(key, places, interval_s) for key in keys],
        "agreements": [],
        "customers": [],
        "contracts": [],
        "users": [],
    }


def configure(session: Session, document: Document, at: int) -> None:
    """Put a configuration in force from this UTC second on; of a provider with a past, a moment before it begins."""
    with transaction(session):
        apply_configuration(session, document, datetime.fromtimestamp(at, UTC), {})


def _probe(key: str, places: list[str], interval_s: int) -> Document:
    return {
        "id": key,
        "service": key,
        "kind": "http",
        "target": f"https://{key}.generated.example/health",
        "interval_seconds": str(interval_s),
        "timeout_ms": "2000",
        "latency_limit_ms": "1000",
        "locations": places,
    }
