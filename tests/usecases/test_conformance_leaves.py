"""The worked cases of the leaf rules, without their answers."""

import json
from pathlib import Path
from typing import Any

import pytest

from portal.usecases.worked_cases.conformance import HIDDEN, compare
from portal.usecases.worked_cases.conformance_leaves import KINDS

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())["vectors"]
LEAVES = [case for case in CASES if case["kind"] in KINDS]


def test_every_leaf_kind_has_worked_cases() -> None:
    assert {case["kind"] for case in LEAVES} == set(KINDS)


@pytest.mark.parametrize("case", LEAVES, ids=lambda case: case["id"])
def test_a_worked_case_comes_out_as_expected(case: dict[str, Any]) -> None:
    assert list(compare({"vectors": [case]})) == []


@pytest.mark.parametrize("case", LEAVES, ids=lambda case: case["id"])
def test_the_answer_takes_no_part_in_what_is_got(case: dict[str, Any]) -> None:
    question = {key: value for key, value in case.items() if key not in HIDDEN}
    got = KINDS[case["kind"]](question)
    assert got.keys() == case["expect"].keys()


def case_of(kind: str, **changes: Any) -> dict[str, Any]:
    return next(case for case in CASES if case["kind"] == kind) | changes


def test_an_automatic_claim_has_no_deadline_and_is_accepted() -> None:
    got = KINDS["claim"](case_of("claim", rule={"type": "automatic"}, claim_at=None))
    assert got == {"deadline_utc_exclusive": None, "accepted": True}


def test_no_values_give_null() -> None:
    assert KINDS["percentile"](case_of("percentile", values=[])) == {"n": 0, "rank": None, "value": None, "met": None}


def test_a_float_in_a_case_is_refused() -> None:
    with pytest.raises(ValueError, match="decimal number"):
        KINDS["error_budget"](case_of("error_budget", target_percent=99.9))


def test_components_with_their_own_fees_are_summed_in_the_currency_s_minor_units() -> None:
    items = [
        {"commitment": "up", "component": "api", "fee": "12345", "percent": "10", "event": "e1"},
        {"commitment": "up", "component": "db", "fee": "1000", "percent": "25", "event": None},
    ]
    case = case_of("combine", policy="highest_per_component", currency="JPY", items=items)
    assert KINDS["combine"](case) == {"total_fee_exact": "13345", "credit_amount": "1485"}
