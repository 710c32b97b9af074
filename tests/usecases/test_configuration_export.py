"""What is exported is what was applied: applying an export changes nothing, and exporting again gives the same."""

import json
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.cli.yaml_text import parse
from portal.database import reading, transaction
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.configuration.exporting import export_configuration
from portal.usecases.configuration.plan import Plan
from portal.usecases.groundwork import scopes
from portal.usecases.people.users import disable
from tests.databases import prepared_engine, sessions
from tests.usecases.configurations import contract, probe, terms, whole

NOW = datetime(2026, 6, 10, 12, 0, 3, tzinfo=UTC)
LATER = datetime(2026, 6, 11, tzinfo=UTC)
NAMES = ("Ä & <b>", "名前", "a: b", "#1", "null", "1e3")


@pytest.fixture(autouse=True)
def provider_scope() -> Iterator[None]:
    """The operator's work touches every customer."""
    with scopes.provider():
        yield


def apply(session: Session, document: Any, now: datetime = NOW) -> Plan:
    with transaction(session):
        return apply_configuration(session, document, now, {})


def exported(session: Session) -> dict[str, Any]:
    """The export as a file would hold it."""
    with reading(session):
        return dict(json.loads(json.dumps(export_configuration(session))))


def demo() -> Any:
    text = (files("demo") / "provider.yaml").read_text(encoding="utf-8")
    for port, name in enumerate(("api", "dashboard", "storage", "postgres", "runners"), 9001):
        text = text.replace(f"{{{name}}}", str(port))
    return parse(text.replace("{first day}", "2025-10-01"))


def some(seed: int) -> dict[str, Any]:
    """A configuration drawn at random, the same for the same seed."""
    dice = random.Random(seed)
    services = [f"s-{n}" for n in range(dice.randint(1, 4))]
    locations = [f"l-{n}" for n in range(dice.randint(1, 3))]
    customers = [f"c-{n}" for n in range(dice.randint(1, 3))]
    dice.shuffle(services)
    numbers = range(1, dice.randint(1, 3) + 1)
    return {
        "schema": "portal-config/1",
        "provider": {"name": dice.choice(NAMES), "timezone": "Asia/Tokyo", "contact": "help@provider.example"},
        "locations": [
            {"id": key, "name": dice.choice(NAMES), "allow": ["127.0.0.0/8", "10.1.0.0/16"][: dice.randint(1, 2)]}
            for key in locations
        ],
        "services": [
            {"id": key, "name": dice.choice(NAMES)} | dice.choice([{}, {"group": dice.choice(NAMES)}])
            for key in services
        ],
        "probes": [some_probe(dice, n, services, locations) for n in range(dice.randint(0, 5))],
        "agreements": [
            {"id": "gold", "name": "Gold", "versions": [terms(n, f"2026-0{n}-01") for n in numbers]},
        ],
        "customers": [{"id": key, "name": dice.choice(NAMES), "timezone": "Europe/Berlin"} for key in customers],
        "contracts": [
            contract(id=f"{key}-1", customer=key, services=[
                {"service": services[0], "component": "api", "monthly_fee": [{"from": "2026-02-01", "amount": "0.10"}]}
            ])
            for key in customers if dice.random() < 0.7
        ],
        "users": [
            {"email": f"p{n}@x.example", "name": dice.choice(NAMES)}
            | dice.choice([{}, {"staff": dice.choice(["responder", "administrator"])}])
            | {"customers": [{"customer": key, "role": dice.choice(["member", "billing", "owner"])}
                             for key in dice.sample(customers, dice.randint(0, len(customers)))]}
            for n in range(dice.randint(0, 4))
        ],
    }  # fmt: skip


def some_probe(dice: random.Random, number: int, services: list[str], locations: list[str]) -> dict[str, Any]:
    more: dict[str, Any] = dice.choice([{}, {"latency_limit_ms": "900"}])
    if dice.random() < 0.3:
        more |= {"kind": "tcp", "target": "127.0.0.1:5432"}
    else:
        expect = {"status": "200-204", "body_contains": dice.choice(NAMES), "follow_redirects": "true"}
        kept = dice.sample(sorted(expect), dice.randint(0, 3))
        more |= {"expect": {key: expect[key] for key in kept}} if kept else {}
    chosen = dice.sample(locations, dice.randint(1, len(locations)))
    return probe(id=f"p-{number}", service=dice.choice(services), locations=chosen, **more)


@pytest.mark.parametrize(
    "document", [whole(), demo(), *map(some, range(12))], ids=["one of each", "the demo", *map(str, range(12))]
)
def test_applying_an_export_changes_nothing(session: Session, document: Any) -> None:
    apply(session, document)
    before = exported(session)
    plan = apply(session, before, LATER)
    assert plan.is_empty, list(plan.lines())
    assert exported(session) == before


@pytest.mark.parametrize("document", [demo(), *map(some, range(3))], ids=["the demo", *map(str, range(3))])
def test_an_export_makes_the_same_portal_elsewhere(
    session: Session, empty_sqlite_url: str, sqlite_template: Path, document: Any
) -> None:
    apply(session, document)
    before = exported(session)
    shutil.copyfile(sqlite_template, empty_sqlite_url.removeprefix("sqlite:///"))
    elsewhere = prepared_engine(empty_sqlite_url)
    with sessions(elsewhere)() as other:
        apply(other, before, LATER)
        assert exported(other) == before
    elsewhere.dispose()


def test_ended_probes_and_disabled_people_are_left_out(session: Session) -> None:
    apply(session, whole())
    apply(session, whole() | {"probes": []})
    with transaction(session):
        disable(session, "ann@globex.example", NOW)
    found = exported(session)
    assert found["probes"] == []
    assert [user["email"] for user in found["users"]] == ["sam@northwind.example"]
    assert apply(session, found, LATER).is_empty


def test_an_empty_portal_exports_an_empty_configuration(session: Session) -> None:
    found = exported(session)
    assert "provider" not in found
    assert not any(value for key, value in found.items() if key != "schema")
