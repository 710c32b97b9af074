"""Worked cases of the leaf rules: each reads one case's keys, asks the domain, and writes the keys of its kind.

A case has lost its id, title, expected values and reasons before it comes here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import cast

from portal.domain.documents.reading import InvalidDocument, Problem, Reader
from portal.domain.documents.scalars import read_date
from portal.domain.evaluation.attainment import Carried
from portal.domain.evaluation.percentile import nearest_rank
from portal.domain.evaluation.response import ALERT_SHARES, due_at
from portal.domain.evaluation.version_change import ChangedPeriod, Facts, InForce, Segment, judge_changed
from portal.domain.evaluation.working import shown
from portal.domain.indicators.budget import budget, project
from portal.domain.indicators.burn import burn_rate, error_budget, fires
from portal.domain.indicators.composite import Composite, composite_percent
from portal.domain.indicators.confidence import Bounds, confidence
from portal.domain.indicators.resolution import miss_probability, resolve
from portal.domain.promises.business_hours import BusinessHours, read_business_hours
from portal.domain.promises.claims import claim_accepted, claim_deadline
from portal.domain.promises.combine import CreditShare, combine
from portal.domain.promises.flat_contract import from_flat
from portal.domain.promises.settlement import Combine, Deadline, read_deadline
from portal.domain.promises.tier_lint import Finding, Stretch, lint_ranges
from portal.domain.quantities.currencies import minor_digits
from portal.domain.quantities.exact import Rounding, decimal_text, exact_text, parse_exact, round_to_whole, truncate
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.periods import period_from, period_of
from portal.domain.quantities.zones import instant_text, parse_instant
from portal.usecases.worked_cases.conformance_evidence import Case, evidence_of, exclusions_of

Got = dict[str, object]


def timer(case: Case) -> Got:
    """When 80, 90 and 100 % of a response target have elapsed (R44)."""
    hours = _business_hours(case["calendar"])
    pauses = [Interval(parse_instant(start), parse_instant(end)) for start, end in case.get("pauses") or ()]
    opened, target_seconds = parse_instant(case["opened"]), int(case["target_seconds"])
    due = {share: due_at(opened, target_seconds, share, hours, pauses) for share in ALERT_SHARES}
    return {f"at_{int(share * 100)}_percent": _maybe_instant(at) for share, at in due.items()}


def claim(case: Case) -> Got:
    """Until when a credit can be claimed and whether the claim was in time (R37)."""
    deadline = _deadline(case["rule"], case.get("holidays") or ())
    period = period_from(case["period"], case["timezone"])
    incident = case.get("incident")
    incident_end = parse_instant(incident["end"]) if incident else None
    too_late_from = claim_deadline(deadline, period, case["period"], incident_end)
    claim_at = parse_instant(case["claim_at"]) if case.get("claim_at") else None
    return {
        "deadline_utc_exclusive": _maybe_instant(too_late_from),
        "accepted": claim_accepted(deadline, too_late_from, claim_at),
    }


def period(case: Case) -> Got:
    """The period that holds an instant (R2)."""
    rule = {"kind": case["period_kind"]} | {
        key: case[key] for key in ("anchor_day", "fiscal_year_start_month", "seconds") if key in case
    }
    found = period_of(rule, case["timezone"], parse_instant(case["instant"]))
    return {
        "start_local": found.start_local,
        "end_local": found.end_local,
        "start_utc": instant_text(found.start),
        "end_utc": instant_text(found.end),
    }


def combined(case: Case) -> Got:
    """What several commitments' credits come to together (R40)."""
    cap = case.get("cap_percent_of_total_fee")
    rule = Combine(case["policy"], _default_cap(case["policy"]) if cap is None else parse_exact(cap))
    result = combine(rule, [_share(item) for item in case["items"]])
    rounding = Rounding(case.get("money_rounding", "half_up"))
    return {
        "total_fee_exact": exact_text(result.total_fee),
        "credit_amount": _money_text(result.credit, case["currency"], rounding),
    }


def percentile(case: Case) -> Got:
    """The value at a percentile, by nearest rank, and whether it keeps the threshold (R45)."""
    ranked = nearest_rank([(value, 1) for value in case["values"]], parse_exact(case["percentile"]))
    met = None if ranked.value is None else ranked.value <= case["threshold"]
    return {"n": ranked.n, "rank": ranked.rank, "value": ranked.value, "met": met}


def sure(case: Case) -> Got:
    """How surely a share of successes reaches a target (R48)."""
    level, target = parse_exact(case["confidence"]), parse_exact(case["target_percent"])
    result = confidence(case["successes"], case["n"], level, target)
    return {
        "point": None if result.point is None else exact_text(result.point),
        "wilson": _bounds_text(result.wilson),
        "clopper_pearson": _bounds_text(result.clopper_pearson),
        "verdict_by_clopper_pearson": result.verdict,
    }


def resolution(case: Case) -> Got:
    """What the probe interval can prove about the runs of failures found (R25)."""
    interval_s, eligible_seconds = int(case["probe_interval_seconds"]), int(case["period_seconds"])
    runs = [failures for failures in case["failed_runs"] if failures > 0]
    measured = sum(runs) * interval_s
    error = len(runs) * interval_s
    target = parse_exact(case["target_percent"])
    result = resolve(Fraction(measured), len(runs), interval_s, eligible_seconds, target)
    percent = 100 * max(Fraction(eligible_seconds - measured, eligible_seconds), Fraction(0)) if result else None
    return {
        "measured_seconds": measured,
        "lower_bound_seconds_exclusive": measured - error,
        "upper_bound_seconds_exclusive": measured + error,
        "attained_measured": _maybe_exact(percent),
        "attained_best_exclusive": _maybe_exact(result.best if result else None),
        "attained_worst_exclusive": _maybe_exact(result.worst if result else None),
        "verdict_on_detected_outages": result.verdict if result else "not_applicable",
        "miss_probability_for_half_interval_outage": exact_text(miss_probability(Fraction(interval_s, 2), interval_s)),
    }


def burning(case: Case) -> Got:
    """How fast the budget burns in each window, and which alerts fire (R49)."""
    target = parse_exact(case["target_percent"])
    burn = {
        name: burn_rate(_number(window["bad"]), _number(window["total"]), target)
        for name, window in case["windows"].items()
    }
    alerts = {
        name: fires(burn[alert["long"]], burn[alert["short"]], parse_exact(alert["factor"]))
        for name, alert in case["alerts"].items()
    }
    rates = {name: _maybe_exact(rate) for name, rate in burn.items()}
    return {"error_budget": exact_text(error_budget(target)), "burn": rates, "alerts": alerts}


def spent_budget(case: Case) -> Got:
    """What is left of the downtime a promise allows, and where it is heading (R50)."""
    eligible = _number(case["eligible_seconds"])
    spent = budget(parse_exact(case["target_percent"]), eligible, _number(case["downtime_seconds"]))
    got: Got = {
        "budget_seconds_exact": exact_text(spent.allowed),
        "allowed_whole_seconds": spent.allowed_whole_seconds,
        "remaining_seconds_exact": exact_text(spent.remaining),
        "consumed_percent_exact": _maybe_exact(spent.consumed_percent),
        "exhausted": spent.exhausted,
    }
    if case.get("elapsed_seconds") is None:
        return got
    ahead = project(spent, eligible, _number(case["elapsed_seconds"]))
    return got | {
        "projected_downtime_exact": exact_text(ahead.downtime) if ahead else None,
        "on_track": ahead.on_track if ahead else None,
    }


def estimate(case: Case) -> Got:
    """The estimated availability of services that depend on each other (R51)."""
    percent = composite_percent(_tree(case["tree"]))
    return {"percent_exact": exact_text(percent), "percent_display_6": truncate(percent, 6)}


def lint(case: Case) -> Got:
    """The flaws of a published table of credit ranges (R33)."""
    findings = lint_ranges(parse_exact(case["target_percent"]), [_range(row) for row in case["ranges"]])
    return {"findings": [_finding(one) for one in findings]}


def changed(case: Case) -> Got:
    """A period in which the terms change, under a change policy (R6)."""
    old, new = from_flat(case["contract_old"]), from_flat(case["contract_new"])
    period = period_from(old.period_keys(), old.line.timezone)
    observations = case.get("observations", {})
    as_of = parse_instant(observations["as_of"]) if "as_of" in observations else period.end
    facts = Facts(evidence_of(observations), exclusions_of(case.get("exclusions", ())), Carried(), as_of)
    versions = [
        InForce(period.start, old.commitment, old.line),
        InForce(parse_instant(case["change_at"]), new.commitment, new.line),
    ]
    result = judge_changed(case["policy"], versions, period, facts)
    amount = None if result.credit_minor is None else decimal_text(result.credit_minor, old.line.minor_digits)
    return {"policy": result.policy} | _who_governed(result) | {"met": result.met, "credit_amount": amount}


KINDS: Mapping[str, Callable[[Case], Got]] = {
    "timer": timer,
    "claim": claim,
    "period_of": period,
    "combine": combined,
    "percentile": percentile,
    "confidence": sure,
    "resolution": resolution,
    "burn_rate": burning,
    "error_budget": spent_budget,
    "composite": estimate,
    "tier_lint": lint,
    "version_change": changed,
}
"""Which function answers which kind of case."""


def _who_governed(result: ChangedPeriod) -> Got:
    if result.attainment is None or result.governing is None:
        return {"segments": [_segment(one) for one in result.segments]}
    governing = ("old", "new")[result.governing]
    decimals = result.attainment.contract.display_decimals
    return {"governing": governing, "attained_percent": shown(result.attainment.attained, decimals)}


def _segment(one: Segment) -> Got:
    result = one.attainment
    return {
        "start": instant_text(one.start),
        "end": instant_text(one.end),
        "attained_percent": shown(result.attained, result.contract.display_decimals),
        "met": result.met,
        "credit_percent": _maybe_exact(result.credit.percent),
        "fee_exact": _maybe_exact(one.fee),
    }


def _business_hours(document: object) -> BusinessHours | None:
    if document is None:
        return None
    problems: list[Problem] = []
    hours = read_business_hours(Reader(document, "calendar", problems))
    _require_none(problems)
    return hours


def _deadline(document: object, holidays: Sequence[object]) -> Deadline:
    problems: list[Problem] = []
    deadline = read_deadline(Reader(document, "rule", problems))
    _require_none(problems)
    days = {*deadline.holidays, *(read_date(day) for day in holidays)}
    return replace(deadline, holidays=tuple(sorted(days)))


def _require_none(problems: Sequence[Problem]) -> None:
    if problems:
        raise InvalidDocument(problems)


def _share(item: Case) -> CreditShare:
    fee = parse_exact(item["fee"])
    credit = fee * parse_exact(item["percent"]) / 100
    return CreditShare(item["commitment"], item["component"], fee, credit, item.get("event"))


def _default_cap(policy: str) -> Fraction | None:
    return Fraction(100) if policy == "highest_per_component" else None


def _money_text(amount: Fraction, currency: str, rounding: Rounding) -> str:
    digits = minor_digits(currency)
    return decimal_text(round_to_whole(amount * 10**digits, rounding), digits)


def _tree(node: object) -> Composite | Fraction:
    if isinstance(node, Mapping):
        return Composite(str(node["op"]), tuple(_tree(part) for part in node["of"]), node.get("k"))
    return _number(node)


def _range(row: Case) -> Stretch:
    low = Fraction(0) if row["from"] is None else parse_exact(row["from"])
    high = Fraction(100) if row["to"] is None else parse_exact(row["to"])
    return Stretch(low, row["from"] is None or row["from_incl"], high, row["to"] is None or row["to_incl"])


def _finding(one: Finding) -> Got:
    return {
        "finding": one.flaw.value,
        "from": exact_text(one.stretch.from_),
        "from_incl": one.stretch.from_incl,
        "to": exact_text(one.stretch.to),
        "to_incl": one.stretch.to_incl,
    }


def _number(value: object) -> Fraction:
    """An exact number given as an integer or as a string; raises ValueError for a float."""
    return parse_exact(str(value) if isinstance(value, int) else cast("str", value))


def _maybe_exact(value: Fraction | None) -> str | None:
    return None if value is None else exact_text(value)


def _maybe_instant(instant: int | None) -> str | None:
    return None if instant is None else instant_text(instant)


def _bounds_text(bounds: Bounds) -> list[str]:
    return [f"{bounds.lower:.9f}", f"{bounds.upper:.9f}"]
