"""One measurement serves every contract: with a contract's money put beside it, it is that contract's own result."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.pricing import REACH_S, priced, without_contract
from portal.domain.evaluation.working import document
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.flat_contract import from_flat
from portal.domain.quantities import zones
from portal.domain.quantities.periods import period_from
from portal.domain.statements.measurement import measurement_document, money_document, working_of
from portal.usecases.worked_cases.conformance_evidence import evidence_of, exclusions_of
from tests.oracle.cases import random_case

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())
CASES = [case for case in VECTORS["vectors"] if case["kind"] == "availability"]
LONG_AFTER = 1 << 40

Object = dict[str, Any]


def judged(case: Object, line: ContractLine | None = None, *, shared: bool = False) -> Attainment:
    """The result of a worked case for its own line, or for another one; `shared` measures it for nobody."""
    flat = from_flat(case["contract"])
    period = period_from(flat.period_keys(), flat.line.timezone)
    evidence, register = evidence_of(case["observations"]), exclusions_of(case["exclusions"])
    line = line or flat.line
    asked = without_contract(line, period) if shared else line
    return evaluate(flat.commitment, asked, period, evidence, register, Carried(), LONG_AFTER)


def line_of(case: Object) -> ContractLine:
    return from_flat(case["contract"]).line


def whole_working(measurement: Attainment, line: ContractLine) -> Object:
    """The working put together again from its two stored parts."""
    return working_of(measurement_document(measurement), money_document(priced(measurement, line)))


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_a_shared_measurement_and_a_contracts_money_are_the_contracts_own_working(case: Object) -> None:
    with zones.edition(VECTORS["meta"]["tzdata"]):
        assert whole_working(judged(case, shared=True), line_of(case)) == document(judged(case))


@pytest.mark.parametrize("seed", range(40))
def test_the_same_holds_for_random_cases(seed: int) -> None:
    case = random_case(seed)
    assert whole_working(judged(case, shared=True), line_of(case)) == document(judged(case))


@pytest.mark.parametrize("seed", range(40))
def test_a_service_that_began_and_ends_far_outside_the_period_is_measured_as_one_without_bounds(seed: int) -> None:
    case = random_case(seed)
    period = judged(case).period
    line = replace(
        line_of(case), service_start=period.start - REACH_S - 12_345, service_end=period.end + REACH_S + 12_345
    )
    assert without_contract(line, period).service_start is None
    assert whole_working(judged(case, line, shared=True), line) == document(judged(case, line))


def test_a_measurement_for_other_dates_is_not_sold_as_this_contracts() -> None:
    case = CASES[0]
    measurement = judged(case, shared=True)
    other = replace(line_of(case), service_start=measurement.period.start + 3600)
    with pytest.raises(ValueError, match="other dates"):
        priced(measurement, other)
