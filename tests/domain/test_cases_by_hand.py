"""Cases worked by hand from the rules, at their edges: what each says is what the engine gets."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from portal.domain.quantities import zones
from portal.usecases.worked_cases.conformance import got

FILE = json.loads((Path(__file__).parents[1] / "vectors" / "by_hand.json").read_text(encoding="utf-8"))
CASES: dict[str, Mapping[str, Any]] = {one["id"]: one for one in FILE["cases"]}
CONTRACTS = ("contract", "contract_old", "contract_new")


def rule(name: str) -> str:
    return name.split("-")[0]


def asked(case: Mapping[str, Any]) -> dict[str, Any]:
    """The case without name and answer, each contract written out."""
    whole = {key: value for key, value in case.items() if key not in ("id", "expect")}
    return whole | {key: FILE["usual"] | whole[key] for key in CONTRACTS if key in whole}


def test_no_two_cases_have_one_name() -> None:
    assert len(CASES) == len(FILE["cases"])


@pytest.mark.parametrize("of", sorted({rule(name) for name in CASES}))
def test_the_engine_says_what_was_worked_out_by_hand(of: str) -> None:
    with zones.edition(FILE["tzdata"]):
        found = {name: got(asked(case)) for name, case in CASES.items() if rule(name) == of}
    wrong = {
        name: (key, wanted, found[name].get(key, found[name]))
        for name in found
        for key, wanted in CASES[name]["expect"].items()
        if key not in found[name] or found[name][key] != wanted
    }
    assert wrong == {}
