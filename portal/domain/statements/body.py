"""The body of a statement, `sla-statement/1`: what was judged and what is owed, nothing about who closed it and when.

Computed again from the same facts, by whatever later code, it is the same document (decision D10, docs/closing.md).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from portal.domain.documents.canonical import digest
from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evaluation.working import shown
from portal.domain.promises.claims import claim_deadline
from portal.domain.promises.closing_periods import ClosingPeriod
from portal.domain.promises.contract import Contract
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.period_rule import period_document
from portal.domain.promises.terms import Terms
from portal.domain.quantities.exact import decimal_text, exact_text
from portal.domain.statements.judging import JudgedLine, Part, Settled, Version, settling_terms
from portal.domain.statements.measurement import money_document

SCHEMA = "sla-statement/1"

Document = dict[str, object]


@dataclass(frozen=True, slots=True)
class Ruled:
    """What a person decided where too little was known, by id, and why."""

    ruling: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    """The digests of what was known of one service: of its samples (D10), and of what was told about it."""

    service: str
    samples: str
    told: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """Everything a body is made of."""

    contract: Contract
    line: ContractLine
    closing: ClosingPeriod
    versions: Sequence[Version]
    lines: Sequence[JudgedLine]
    settled: Settled
    facts: Sequence[ServiceFacts]
    ruled: Ruled | None = None


def body(judgement: Judgement) -> Document:
    """The body of a statement, in plain values only."""
    return {
        "schema": SCHEMA,
        "contract": _contract(judgement),
        "period": _period(judgement.closing),
        "terms": [{"number": one.number, "digest": one.digest, "from": one.from_} for one in judgement.versions],
        "version_change": judgement.versions[0].terms.version_change,
        "evidence": _evidence(judgement),
        "exclusions": [_entry(one) for one in _exclusions(judgement.lines)],
        "ruling": _ruling(judgement.ruled),
        "commitments": [_line(one) for one in judgement.lines],
        "credit": _credit(judgement),
        "claim": _claim(judgement),
    }


def provenance(lines: Iterable[JudgedLine]) -> Sequence[str]:
    """The sorted words of where the evidence of all lines comes from (decision D13)."""
    return sorted({word for one in lines for part in one.parts for word in part.result.provenance})


def kept(lines: Sequence[JudgedLine]) -> bool | None:
    """Whether every commitment was kept; None when one has no verdict and none is breached, or none applies."""
    verdicts = {one.met for one in lines}
    if False in verdicts:
        return False
    return True if verdicts == {True} else None


def _contract(judgement: Judgement) -> Document:
    contract, line = judgement.contract, judgement.line
    return {
        "id": contract.id,
        "customer": contract.customer,
        "agreement": contract.agreement,
        "currency": line.currency,
        "minor_digits": line.minor_digits,
        "money_rounding": line.money_rounding,
        "display_decimals": line.display_decimals,
    }


def _period(closing: ClosingPeriod) -> Document:
    period = closing.period
    return {
        "key": closing.key,
        "kind": period.kind,
        "start": period.start,
        "end": period.end,
        "start_local": period.start_local,
        "end_local": period.end_local,
        "timezone": period.timezone,
        "judged_as_of": closing.closable_from,
    }


def _evidence(judgement: Judgement) -> Document:
    services = [{"service": one.service, "samples": one.samples, "told": one.told} for one in judgement.facts]
    facts: Document = {"services": services, "provenance": list(provenance(judgement.lines))}
    return {"digest": digest(facts), **facts}


def _ruling(ruled: Ruled | None) -> Document | None:
    return None if ruled is None else {"ruling": ruled.ruling, "reason": ruled.reason, "by": ruled.by}


def _exclusions(lines: Iterable[JudgedLine]) -> Sequence[Exclusion]:
    """Every entry of the register that was looked at, by start and id."""
    outcomes = (one for line in lines for part in line.parts for one in part.result.exclusions)
    found = {one.exclusion.id: one.exclusion for one in outcomes}
    return sorted(found.values(), key=lambda one: (one.start, one.id))


def _entry(one: Exclusion) -> Document:
    return {
        "id": one.id,
        "type": one.type,
        "start": one.start,
        "end": one.end,
        "announced_at": one.announced_at,
        "status": one.status,
        "note": one.reason,
    }


def _line(line: JudgedLine) -> Document:
    return {
        "service": line.service,
        "component": line.component,
        "commitment": line.commitment,
        "status": line.status.value,
        "met": line.met,
        "governing": line.governing,
        "credit_exact": None if line.credit is None else exact_text(line.credit),
        "used_caps": [{"type": one.type, "year": one.year, "seconds": one.seconds} for one in line.used_caps],
        "parts": [_part(one) for one in line.parts],
    }


def _part(part: Part) -> Document:
    result, money = part.result, money_document(part.result)
    return {
        "version": part.version.number,
        "start": result.period.start,
        "end": result.period.end,
        "target_percent": result.commitment.target_text,
        "attained": shown(result.attained, result.contract.display_decimals),
        "status": result.status.value,
        "exclusions": [
            {
                "id": one.exclusion.id,
                "accepted": one.accepted,
                "reason": one.reason,
                "counted_seconds": one.counted_seconds,
            }
            for one in result.exclusions
        ],
        "working": part.working,
        "money": money,
    }


def _credit(judgement: Judgement) -> Document:
    combined, terms = judgement.settled.combined, settling_terms(judgement.versions)
    line, amount = judgement.line, judgement.settled.amount_minor
    cap = terms.combine.cap_percent
    return {
        "policy": terms.combine.policy,
        "cap_percent_exact": None if cap is None else exact_text(cap),
        "counted": [{"service": one.component, "commitment": one.commitment} for one in combined.counted],
        "total_fee_exact": exact_text(combined.total_fee),
        "uncapped_exact": exact_text(combined.uncapped),
        "exact": exact_text(combined.credit),
        "amount_minor": amount,
        "amount_text": decimal_text(amount, line.minor_digits),
        "currency": line.currency,
    }


def _claim(judgement: Judgement) -> Mapping[str, object]:
    terms = settling_terms(judgement.versions)
    if not terms.claim.required:
        return {"required": False, "until": None}
    return {"required": True, "until": _claim_until(terms, judgement)}


def _claim_until(terms: Terms, judgement: Judgement) -> int | None:
    """The first second too late; None where a person decides, or where the rule needs what is not there (R37)."""
    ends = [one.end for line in judgement.lines for part in line.counted for one in part.result.outages]
    period = judgement.closing.period
    incident_end = min(max(ends), period.end) if ends else None
    try:
        return claim_deadline(terms.claim.deadline, period, period_document(terms.period), incident_end)
    except ValueError:  # no incident to count from, or no period after a custom one
        return None
