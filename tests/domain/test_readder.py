"""A stranger who has only the working of a result gets its every figure again by adding up."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from portal.domain.evaluation.attainment import Carried, evaluate
from portal.domain.evaluation.working import document
from portal.domain.promises.flat_contract import from_flat
from portal.domain.quantities import zones
from portal.domain.quantities.periods import period_from
from portal.usecases.worked_cases.conformance_evidence import evidence_of, exclusions_of
from tests.oracle.cases import random_case
from tests.oracle.readder import differences

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())
AVAILABILITY = [case for case in VECTORS["vectors"] if case["kind"] == "availability"]
LONG_AFTER = 1 << 40

Object = dict[str, Any]


def working_of(case: Object, as_of: int = LONG_AFTER) -> Object:
    """The working of a worked case as a stranger receives it: JSON text, read back."""
    flat = from_flat(case["contract"])
    period = period_from(flat.period_keys(), flat.line.timezone)
    evidence, register = evidence_of(case["observations"]), exclusions_of(case["exclusions"])
    result = evaluate(flat.commitment, flat.line, period, evidence, register, Carried(), as_of)
    working: Object = json.loads(json.dumps(document(result)))
    return working


def opened(case: Object, share: int) -> Object:
    """The working of a case judged when only a part of its period, in hundredths, has gone by."""
    bounds = working_of(case)["period"]
    return working_of(case, bounds["start"] + (bounds["end"] - bounds["start"]) * share // 100)


@pytest.mark.parametrize("case", AVAILABILITY, ids=[case["id"] for case in AVAILABILITY])
def test_the_working_of_every_vector_can_be_redone(case: Object) -> None:
    with zones.edition(VECTORS["meta"]["tzdata"]):
        assert differences(working_of(case)) == []


@pytest.mark.parametrize("seed", range(20))
def test_the_working_of_a_random_case_can_be_redone(seed: int) -> None:
    assert differences(working_of(random_case(seed))) == []


@pytest.mark.slow
@pytest.mark.parametrize("start", range(2000, 2400, 50))
def test_the_working_of_hundreds_of_random_cases_can_be_redone(start: int) -> None:
    for seed in range(start, start + 50):
        assert differences(working_of(random_case(seed))) == [], seed


@pytest.mark.slow
@pytest.mark.parametrize("start", range(3000, 3150, 50))
def test_the_working_of_a_period_that_still_runs_can_be_redone(start: int) -> None:
    for seed in range(start, start + 50):
        working = opened(random_case(seed), seed % 100)
        assert working["open"]
        assert differences(working) == [], seed


def test_the_working_of_a_running_period_with_exclusions_to_come_that_count_as_up_can_be_redone() -> None:
    working = opened(random_case(10_255), 55)
    ahead = [one for one in working["intervals"] if one["class"] == "excluded" and one["end"] > working["as_of"]]
    assert ahead
    assert working["commitment"]["exclusion_mode"] == "count_as_up"
    assert differences(working) == []


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_the_working_of_thousands_of_random_cases_can_be_redone() -> None:
    for seed in range(10_000, 15_000):
        case = random_case(seed)
        assert differences(working_of(case)) == [], seed
        assert differences(opened(case, seed % 100)) == [], seed


def test_the_re_adder_notices_every_figure_that_is_changed() -> None:
    whole = working_of(random_case(15))
    assert differences(whole) == []
    for path, wrong in {
        "totals.excluded": 1,
        "totals.downtime": "1",
        "attained": None,
        "status": "met",
        "credit.amount_minor": 1,
        "fee_exact": "1",
        "budget.used_exact": "0",
        "coverage.unknown_percent_exact": "1",
    }.items():
        changed = deepcopy(whole)
        holder, _, key = path.rpartition(".")
        (changed[holder] if holder else changed)[key] = wrong
        assert [one.split(":")[0] for one in differences(changed)] == [path]


def test_the_re_adder_notices_a_gap_between_two_pieces() -> None:
    working = working_of(random_case(15))
    del working["intervals"][1]
    assert any("no join" in one for one in differences(working))
