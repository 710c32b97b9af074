"""A period in which terms change gives the worked cases' numbers all the way: applied, told, closed, read back (R6)."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.cli.csv_rows import rows_of
from portal.database import reading, transaction
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import parse_instant
from portal.store.ground.tenancy import provider_scope
from portal.store.settling import statements as store
from portal.usecases.closing import closing
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.keeping.import_rows import COLUMNS
from portal.usecases.keeping.importing import Order, take_file
from tests.customers import utc

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())["vectors"]
CASES = {one["id"]: one for one in VECTORS if one["kind"] == "version_change"}
AGREEMENT = ("timezone", "fee_proration", "money_rounding", "combine", "claim", "restatement", "display_decimals")
CONTRACT = ("monthly_fee", "period", "service_start", "service_end", "preset")
JUNE = Interval(parse_instant("2026-06-01T00:00:00Z"), parse_instant("2026-07-01T00:00:00Z"))
APPLIED, CLOSED = utc("2026-05-01 00:00"), utc("2026-07-05 00:00")

Case = Mapping[str, Any]


def terms(case: Case, which: str, number: int, effective_from: str) -> dict[str, Any]:
    """The version of the agreement that a case's flat contract stands for."""
    flat = case[f"contract_{which}"]
    commitment = {key: value for key, value in flat.items() if key not in (*AGREEMENT, *CONTRACT)}
    return {
        "schema": "sla-terms/1",
        "id": "changing",
        "version": {"number": number, "effective_from": effective_from},
        "period": {"kind": flat["period"]["kind"]},
        "version_change": case["policy"],
        "commitments": [{"id": "availability", "component": "api", **commitment}],
        **{key: flat[key] for key in AGREEMENT if key in flat},
    }


def configuration(case: Case) -> dict[str, Any]:
    fee = case["contract_old"]["monthly_fee"]
    bought = {"service": "api", "component": "api", "monthly_fee": [{"from": "2026-01-01", "amount": fee["amount"]}]}
    versions = [terms(case, "old", 1, "2026-01-01"), terms(case, "new", 2, case["change_at"][:10])]
    return {
        "schema": "portal-config/1",
        "provider": {"name": "Northwind Cloud", "timezone": "UTC", "contact": "help@northwind.example"},
        "services": [{"id": "api", "name": "API"}],
        "agreements": [{"id": "changing", "name": "Changing", "versions": versions}],
        "customers": [{"id": "globex", "name": "Globex", "timezone": "UTC"}],
        "contracts": [
            {
                "schema": "sla-contract/1",
                "id": "globex-changing",
                "customer": "globex",
                "agreement": "changing",
                "currency": fee["currency"],
                "from": "2026-01-01",
                "services": [bought],
            }
        ],
    }


def tell(session: Session, case: Case) -> None:
    """Tell the case's outages by a file that covers the month and a day around it."""
    rows = [
        [one["start"], one["end"], "", "", "", "", f"o{n}"] for n, one in enumerate(case["observations"]["outages"])
    ]
    text = "\n".join(",".join(row) for row in [COLUMNS["outages"], *rows])
    order = Order("outages", "api", case["id"], covers=Interval(JUNE.start - 86_400, JUNE.end + 86_400))
    told = rows_of(io.BytesIO(text.encode()), "outages", COLUMNS["outages"])
    assert take_file(session, order, told, CLOSED, lambda *why: pytest.fail(str(why))).added == len(rows)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", CASES)
def test_a_period_of_changed_terms_is_closed_with_the_numbers_of_the_worked_case(session: Session, name: str) -> None:
    case = CASES[name]
    expected = case["expect"]
    with provider_scope(), transaction(session):
        apply_configuration(session, configuration(case), APPLIED, {})
    with provider_scope():
        tell(session, case)
    assert closing.close(session, "2026-06", CLOSED).waiting == ()
    with provider_scope(), reading(session):
        (statement,) = store.statements(session)
        body = json.loads(statement.row.body)
    (line,) = body["commitments"]
    assert body["version_change"] == expected["policy"]
    assert (line["met"], body["credit"]["amount_text"]) == (expected["met"], expected["credit_amount"])
    parts = line["parts"]
    if "segments" in expected:
        assert [shown(one) for one in parts] == [wanted(one) for one in expected["segments"] if one["attained_percent"]]
    else:
        (governing,) = [parts[line["governing"]]]
        assert governing["version"] == {"old": 1, "new": 2}[expected["governing"]]
        assert governing["attained"] == expected["attained_percent"]


def shown(part: Case) -> tuple[object, ...]:
    money = part["money"]
    return part["start"], part["end"], part["attained"], money["credit"]["percent_exact"], money["fee_exact"]


def wanted(segment: Case) -> tuple[object, ...]:
    start, end = parse_instant(segment["start"]), parse_instant(segment["end"])
    return start, end, segment["attained_percent"], segment["credit_percent"], segment["fee_exact"]
