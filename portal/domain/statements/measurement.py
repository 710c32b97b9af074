"""What was measured of one commitment, without any contract's money: one document for all who were promised the same.

A statement's line and this document together are the whole working, `sla-working/1` (docs/closing.md).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from portal.domain.evaluation.receipt import measured
from portal.domain.evaluation.result import Attainment
from portal.domain.evaluation.working import SCHEMA as WORKING_SCHEMA
from portal.domain.evaluation.working import contract_part, credit_part, document, exact_or_none, step_part

SCHEMA = "sla-measurement/1"
SHARED_OF_CONTRACT = ("service", "timezone", "fee_proration", "partial_period", "display_decimals")
OWN_OF_CONTRACT = (
    "id",
    "currency",
    "minor_digits",
    "monthly_fee_exact",
    "money_rounding",
    "service_start",
    "service_end",
)

Document = Mapping[str, Any]


def measurement_document(measurement: Attainment) -> dict[str, Any]:
    """The working of a measurement without a contract: its keys are those of a working, less the contract's own."""
    whole: dict[str, Any] = document(replace(measurement, steps=measured(measurement)))
    contract, credit = whole.pop("contract"), whole.pop("credit")
    whole.pop("fee_exact")
    return whole | {
        "schema": SCHEMA,
        "contract": {key: contract[key] for key in SHARED_OF_CONTRACT},
        "credit_terms": credit["terms"],
    }


def money_document(result: Attainment) -> dict[str, Any]:
    """What a contract's own result adds to the measurement: its dates, fee, credit and the lines of money."""
    contract = contract_part(result)
    return {
        "contract": {key: contract[key] for key in OWN_OF_CONTRACT},
        "fee_exact": exact_or_none(result.fee),
        "credit": credit_part(result.credit),
        "steps": [step_part(one) for one in result.steps],
    }


def working_of(measurement: Document, money: Document) -> dict[str, Any]:
    """The whole working of a contract's result, `sla-working/1`, from the shared document and the contract's own."""
    whole = {key: value for key, value in measurement.items() if key != "credit_terms"}
    return whole | {
        "schema": WORKING_SCHEMA,
        "contract": {**measurement["contract"], **money["contract"]},
        "fee_exact": money["fee_exact"],
        "credit": {"terms": measurement["credit_terms"], **money["credit"]},
        "steps": [*measurement["steps"], *money["steps"]],
    }
