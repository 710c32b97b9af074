"""The provider of a simulated year: three agreements in three versions, customers with their people and contracts."""

from typing import Any

from demo.generated.episodes import drawing
from demo.generated.provider import Document, provider_document
from demo.generated.year.size import Size

MAINTENANCE, FORCE_MAJEURE = "scheduled_maintenance", "force_majeure"
ZONES = {"bronze": "UTC", "silver": "Europe/Berlin", "gold": "America/New_York"}
TARGETS = {"bronze": "99.5", "silver": "99.9", "gold": "99.95"}
CURRENCIES = {"bronze": "JPY", "silver": "EUR", "gold": "USD"}
STAFF = {"rosa": "responder", "max": "manager", "fay": "finance", "ada": "administrator"}
DOMAIN = "generated.example"
VERSIONS = 3
MOST_BOUGHT = 4
NOTICE_S = 172_800
Row = dict[str, Any]


def year_document(size: Size) -> Document:
    """Return the configuration of a year, `portal-config/1`, whole from its first day."""
    return provider_document(size.services, size.locations, size.interval_s) | {
        "agreements": [{"id": key, "name": key.capitalize(), "versions": _versions(size, key)} for key in ZONES],
        "customers": [
            {"id": customer(number), "name": f"Customer {number}", "timezone": ZONES[agreement(number)]}
            for number in range(size.customers)
        ],
        "contracts": [_contract(size, number) for number in range(size.customers)],
        "users": [*_staff(), *(_owner(number) for number in range(size.customers))],
    }


def customer(number: int) -> str:
    """Return the key of a customer."""
    return f"customer-{number:04}"


def agreement(number: int) -> str:
    """Return the key of the agreement a customer has."""
    return tuple(ZONES)[number % len(ZONES)]


def services_of(size: Size, number: int) -> list[str]:
    """Return the keys of the services a customer buys."""
    keys = [f"service-{one:04}" for one in range(1, size.services + 1)]
    if number < len(size.bought):
        return keys[: size.bought[number]]
    draw = drawing(size.seed, "bought", number)
    return sorted(draw.sample(keys, min(len(keys), draw.randint(1, MOST_BOUGHT))))


def _versions(size: Size, key: str) -> list[Row]:
    """Each version pays a little more than the one before, from a third of the year on."""
    return [_terms(size, key, number) for number in range(1, VERSIONS + 1)]


def _terms(size: Size, key: str, number: int) -> Row:
    begins = size.month((number - 1) * max(1, size.months // VERSIONS))
    return {
        "schema": "sla-terms/1",
        "id": key,
        "version": {"number": str(number), "effective_from": begins.isoformat()},
        "timezone": ZONES[key],
        "period": {"kind": "calendar_month"},
        "commitments": [_availability(key, number), _minutes(key, number)],
        "claim": {"required": "true", "deadline": {"type": "days_after_period_end", "days": "30"}}
        if key == "silver"
        else {"required": "false", "deadline": {"type": "automatic"}},
    }


def _availability(key: str, number: int) -> Row:
    return {
        "id": "availability",
        "component": "main",
        "target_percent": TARGETS[key],
        "methodology": {"type": "continuous", "confirm_failures": "2"},
        "unknown_policy": {"treat_as": "exclude", "max_unknown_percent": "20"},
        "exclusions_policy": {
            "mode": "remove",
            "types": {
                FORCE_MAJEURE: {},
                MAINTENANCE: {
                    "notice_seconds": str(NOTICE_S), "notice_shortfall": "reject",
                    "cap_seconds": "14400", "cap_per": "period", "cap_counts": "window",
                },
            },
        },
        "credit_schedule": {
            "type": "tiers",
            "cap_percent": "50",
            "tiers": [{"below": TARGETS[key], "percent": str(8 + 2 * number)}, {"below": "99", "percent": "25"}],
        },
    }  # fmt: skip


def _minutes(key: str, number: int) -> Row:
    """Bad minutes, paid each once the monthly target of one nine less is missed."""
    return {
        "id": "minutes",
        "component": "main",
        "target_percent": "99" if key == "bronze" else "99.5",
        "methodology": {"type": "slots", "slot_seconds": "60", "down_when": "all", "confirm_failures": "2"},
        "unknown_policy": {"treat_as": "exclude"},
        "credit_schedule": {
            "type": "per_unit", "unit_seconds": "60", "percent_per_unit": f"0.0{number}", "rounding": "ceil",
            "scope": "total", "cap_percent": "20",
        },
    }  # fmt: skip


def _contract(size: Size, number: int) -> Row:
    key, first = agreement(number), size.first.isoformat()
    fee = [{"from": first, "amount": f"{100 + number}00" if key == "bronze" else f"{100 + number}.00"}]
    return {
        "schema": "sla-contract/1",
        "id": f"contract-{number:04}",
        "customer": customer(number),
        "agreement": key,
        "currency": CURRENCIES[key],
        "from": first,
        "services": [{"service": one, "component": "main", "monthly_fee": fee} for one in services_of(size, number)],
    }


def _staff() -> list[Row]:
    return [{"email": f"{name}@{DOMAIN}", "name": name.capitalize(), "staff": role} for name, role in STAFF.items()]


def _owner(number: int) -> Row:
    roles = [{"customer": customer(number), "role": "owner"}]
    return {"email": f"owner-{number:04}@{DOMAIN}", "name": f"Owner {number}", "customers": roles}
