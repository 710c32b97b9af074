"""The working of a result as a plain document, `sla-working/1` (docs/working.md)."""

from fractions import Fraction

from portal.domain.evaluation.exclusions import Outcome
from portal.domain.evaluation.fees import days_in
from portal.domain.evaluation.result import Attainment, Credit, Step, Stretch
from portal.domain.indicators.resolution import Resolution
from portal.domain.promises.credit_schedule_reading import credit_schedule_document
from portal.domain.quantities.exact import exact_text, truncate

SCHEMA = "sla-working/1"

Document = dict[str, object]


def document(result: Attainment) -> Document:
    """Everything a page shows of a result and a stranger needs to redo it, in plain values only."""
    return {
        "schema": SCHEMA,
        "commitment": _commitment(result),
        "contract": contract_part(result),
        "period": _period(result),
        "as_of": result.as_of,
        "open": result.open,
        "provenance": list(result.provenance),
        "totals": _totals(result),
        "attained": shown(result.attained, result.contract.display_decimals),
        "so_far": shown(result.so_far, result.contract.display_decimals),
        "compared_exact": exact_or_none(result.compared),
        "status": result.status.value,
        "met": result.met,
        "coverage": {
            "unknown_percent_exact": exact_or_none(result.coverage.unknown_percent),
            "limit_exact": exact_or_none(result.coverage.limit),
            "sufficient": result.coverage.sufficient,
        },
        "budget": _budget(result),
        "resolution": _resolution(result.resolution, result.contract.display_decimals),
        "intervals": [_interval(one) for one in result.stretches],
        "outages": [
            {
                "start": one.start,
                "end": one.end,
                "counted_seconds": one.counted_seconds,
                "weighted_seconds_exact": exact_text(one.weighted_seconds),
                "event": one.event,
            }
            for one in result.outages
        ],
        "exclusions": [_exclusion(one) for one in result.exclusions],
        "used_caps": [{"type": one.type, "year": one.year, "seconds": one.seconds} for one in result.used_caps],
        "fee_exact": exact_or_none(result.fee),
        "credit": {"terms": credit_schedule_document(result.commitment.credit_schedule), **credit_part(result.credit)},
        "details": [step_part(one) for one in result.details],
        "steps": [step_part(one) for one in result.steps],
    }


def shown(percent: Fraction | None, decimals: int) -> Document | None:
    """A percentage as its exact text and its display, cut and never rounded up (R30)."""
    return None if percent is None else {"exact": exact_text(percent), "display": truncate(percent, decimals)}


def exact_or_none(value: Fraction | None) -> str | None:
    """An exact number as its text."""
    return None if value is None else exact_text(value)


def _commitment(result: Attainment) -> Document:
    commitment = result.commitment
    return {
        "id": commitment.id,
        "component": commitment.component,
        "measured": commitment.measured,
        "target_percent": commitment.target_text,
        "methodology": commitment.methodology.type,
        "comparison": {"precision": commitment.comparison.precision, "rounding": commitment.comparison.rounding},
        "unknown_as": commitment.unknown_policy.treat_as,
        "exclusion_mode": commitment.exclusions_policy.mode,
    }


def contract_part(result: Attainment) -> Document:
    """The contract as the result was judged for it."""
    contract = result.contract
    return {
        "id": contract.contract,
        "service": contract.service,
        "timezone": contract.timezone,
        "currency": contract.currency,
        "minor_digits": contract.minor_digits,
        "monthly_fee_exact": exact_or_none(contract.monthly_fee),
        "fee_proration": contract.fee_proration,
        "money_rounding": contract.money_rounding,
        "service_start": contract.service_start,
        "service_end": contract.service_end,
        "partial_period": contract.partial_period,
        "display_decimals": contract.display_decimals,
    }


def _period(result: Attainment) -> Document:
    period = result.period
    return {
        "kind": period.kind,
        "start": period.start,
        "end": period.end,
        "start_local": period.start_local,
        "end_local": period.end_local,
        "timezone": period.timezone,
        "seconds": period.seconds,
        "days": days_in(period),
        "measured": {"start": result.measured.start, "end": result.measured.end},
    }


def _totals(result: Attainment) -> Document:
    totals = result.totals
    return {
        "period": totals.period,
        "excluded": totals.excluded,
        "unknown": totals.unknown,
        "held": totals.held,
        "remaining": totals.remaining,
        "eligible": totals.eligible,
        "downtime": exact_or_none(totals.downtime),
    }


def _budget(result: Attainment) -> Document | None:
    budget = result.budget
    if budget is None:
        return None
    return {
        "allowed_exact": exact_text(budget.allowed),
        "used_exact": exact_text(budget.used),
        "remaining_exact": exact_text(budget.remaining),
        "consumed_percent_exact": exact_or_none(budget.consumed_percent),
        "exhausted": budget.exhausted,
    }


def _resolution(resolution: Resolution | None, decimals: int) -> Document | None:
    if resolution is None:
        return None
    return {
        "interval_seconds": resolution.interval_s,
        "outages": resolution.outages,
        "uncertainty_seconds": resolution.uncertainty_seconds,
        "best": shown(resolution.best, decimals),
        "worst": shown(resolution.worst, decimals),
        "verdict": resolution.verdict,
    }


def _interval(one: Stretch) -> Document:
    return {
        "start": one.start,
        "end": one.end,
        "class": one.kind.value,
        "reason": one.reason,
        "weight_exact": exact_text(one.weight),
        "held_seconds": one.held_seconds,
        "locations": list(one.locations),
    }


def _exclusion(outcome: Outcome) -> Document:
    exclusion = outcome.exclusion
    return {
        "id": exclusion.id,
        "type": exclusion.type,
        "start": exclusion.start,
        "end": exclusion.end,
        "announced_at": exclusion.announced_at,
        "status": exclusion.status,
        "note": exclusion.reason,
        "accepted": outcome.accepted,
        "reason": outcome.reason,
        "counted_seconds": outcome.counted_seconds,
    }


def credit_part(credit: Credit) -> Document:
    """The credit, without the terms of it."""
    return {
        "schedule": credit.schedule,
        "percent_exact": exact_or_none(credit.percent),
        "uncapped_percent_exact": exact_or_none(credit.uncapped_percent),
        "uncapped_exact": exact_or_none(credit.uncapped),
        "exact": exact_or_none(credit.exact),
        "amount_minor": credit.amount_minor,
        "amount_text": credit.amount_text,
        "currency": credit.currency,
        "reason": credit.reason,
        "steps": [step_part(one) for one in credit.steps],
    }


def step_part(step: Step) -> Document:
    """One line of the receipt."""
    return {
        "key": step.key,
        "value": _plain(step.value),
        "unit": step.unit,
        "rule": step.rule,
        "inputs": {name: _plain(value) for name, value in step.inputs},
    }


def _plain(value: Fraction | int | str | bool | None) -> object:
    return exact_text(value) if isinstance(value, Fraction) else value
