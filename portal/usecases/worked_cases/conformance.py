"""Worked cases run through the engine: what it got, and where that differs from what a case expects."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal.domain.documents.reading import InvalidDocument
from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.result import Step
from portal.domain.evaluation.working import shown
from portal.domain.promises.flat_contract import FlatContract, from_flat
from portal.domain.promises.restatement import restate
from portal.domain.promises.settlement import Restatement
from portal.domain.quantities import zones
from portal.domain.quantities.exact import decimal_text, exact_text
from portal.domain.quantities.intervals import Interval, union
from portal.domain.quantities.periods import period_from
from portal.domain.quantities.zones import instant_text, parse_instant
from portal.usecases.worked_cases.conformance_evidence import Case, evidence_of, exclusions_of
from portal.usecases.worked_cases.conformance_leaves import KINDS as LEAVES

HIDDEN = ("expect", "why", "title", "id")
"""Keys of a case that the engine never sees."""
EDITION = "2025b"
"""The time zone edition cases are judged under when their file names none: the one the format was published with."""
AFTER_EVERYTHING = 1 << 40
"""An instant, in UTC seconds, by which every case has been decided."""

Got = dict[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One key of one case where the engine got something else than the case expects."""

    id: object
    key: str
    expected: object
    got: object


def run(vectors: Mapping[str, Any]) -> Iterator[Got]:
    """One line per case, in order: `{"id", "got"}`, or `{"id", "unsupported"}` with the reason.

    Raises ValueError when the document is no vectors file.
    """
    for case in _cases(vectors):
        with zones.edition(_edition_of(vectors)):
            found = got({key: value for key, value in case.items() if key not in HIDDEN})
        yield {"id": case.get("id")} | ({"got": found} if "unsupported" not in found else found)


def compare(vectors: Mapping[str, Any]) -> Iterator[Difference]:
    """Every difference between what the cases expect and what the engine got, a missing or foreign key included."""
    for case, line in zip(_cases(vectors), run(vectors), strict=True):
        if "got" not in line:
            yield Difference(line["id"], "unsupported", case.get("expect"), line["unsupported"])
            continue
        tolerance = Fraction(str(case.get("tolerance", 0)))
        for key, wanted, result in _beside(case["expect"], line["got"]):
            if not _equal(wanted, result, tolerance):
                yield Difference(line["id"], key, wanted, result)


def _edition_of(vectors: Mapping[str, Any]) -> str:
    meta = vectors.get("meta")
    return str(meta.get("tzdata", EDITION)) if isinstance(meta, Mapping) else EDITION


def _beside(expected: Any, found: Any) -> Iterator[tuple[str, object, object]]:
    for key in sorted(expected.keys() | found.keys()):
        yield key, expected.get(key, "(no such key)"), found.get(key, "(no such key)")


def got(case: Case) -> Got:
    """What the engine makes of one case without its answers: the keys of its kind, or `{"unsupported": reason}`."""
    answer = KINDS.get(str(case.get("kind")))
    if answer is None:
        return {"unsupported": f"there is no kind of case '{str(case.get('kind'))[:40]}'"}
    try:
        return answer(case)
    except InvalidDocument as refusal:
        return {"unsupported": str(refusal)}
    except KeyError as missing:
        return {"unsupported": f"the case has no {missing}"}
    except ValueError as problem:
        return {"unsupported": str(problem)}
    except (TypeError, AttributeError, LookupError, ArithmeticError, RecursionError) as problem:
        return {"unsupported": f"the case is malformed: {problem}"}


def availability(case: Case) -> Got:
    """A commitment over a period, by any methodology that is not about tickets."""
    result = _evaluate(from_flat(case["contract"]), case.get("observations", {}), case.get("exclusions", ()))
    totals = result.totals
    return {
        **_period_keys(result),
        "period_seconds": totals.period,
        "excluded_seconds": totals.excluded,
        "unknown_seconds": totals.unknown,
        **_method_keys(result),
        "eligible_seconds": totals.eligible,
        "downtime_seconds": None if totals.downtime is None else _number(totals.downtime),
        **_verdict_keys(result),
    }


def response(case: Case) -> Got:
    """A promise about tickets (R41–R43)."""
    observations = case.get("observations", {})
    result = _evaluate(from_flat(case["contract"]), observations, case.get("exclusions", ()))
    tickets = [_ticket_keys(one) for one in result.details if one.key == "ticket"]
    results = [one["result"] for one in tickets]
    return {
        **_period_keys(result),
        "tickets": tickets,
        "total": results.count("within") + results.count("breached"),
        "within": results.count("within"),
        "pending": results.count("pending"),
        **_verdict_keys(result),
    }


def restatement(case: Case) -> Got:
    """Two versions of the exclusion register over the same evidence, and what the ledger books (R46)."""
    flat, observations = from_flat(case["contract"]), case.get("observations", {})
    first = _evaluate(flat, observations, case["exclusions_v1"])
    second = _evaluate(flat, observations, case["exclusions_v2"])
    rule = Restatement(case["policy"])
    restated = restate(rule, first.credit.amount_minor or 0, second.credit.amount_minor or 0)
    digits = flat.line.minor_digits
    return {
        "v1": _version_keys(first),
        "v2": _version_keys(second),
        "final_credit_amount": decimal_text(restated.final_minor, digits),
        "ledger_delta": decimal_text(restated.delta_minor, digits),
    }


KINDS: Mapping[str, Callable[[Case], Got]] = {
    "availability": availability,
    "response": response,
    "restatement": restatement,
    **LEAVES,
}
"""Which function answers which kind of case."""


def _cases(vectors: Mapping[str, Any]) -> Sequence[Case]:
    cases = vectors.get("vectors") if isinstance(vectors, Mapping) else None
    if not isinstance(cases, list) or not all(isinstance(one, Mapping) for one in cases):
        raise ValueError("this is no vectors file: it needs a list 'vectors' of objects")
    return cases


def _evaluate(flat: FlatContract, observations: Case, exclusions: Sequence[Case]) -> Attainment:
    period = period_from(flat.period_keys(), flat.line.timezone)
    as_of = parse_instant(observations["as_of"]) if "as_of" in observations else AFTER_EVERYTHING
    evidence, register = evidence_of(observations), exclusions_of(exclusions)
    return evaluate(flat.commitment, flat.line, period, evidence, register, Carried(), as_of)


def _period_keys(result: Attainment) -> Got:
    return {
        "period_start_utc": instant_text(result.period.start),
        "period_end_utc": instant_text(result.period.end),
    }


def _method_keys(result: Attainment) -> Got:
    """The keys that only some methodologies have."""
    figures = {one.key: one.value for one in result.details}
    keys: Got = {}
    if result.commitment.methodology.type == "probe":
        down = union(Interval(one.start, one.end) for one in result.stretches if one.weight and one.kind == "down")
        keys["outages_utc"] = [[instant_text(one.start), instant_text(one.end)] for one in down]
    if "slots_counted" in figures:
        keys["slots_counted"] = figures["slots_counted"]
    for key in ("good_weight", "total_weight"):
        if isinstance(figures.get(key), Fraction):
            keys[key] = exact_text(Fraction(str(figures[key])))
    return keys


def _ticket_keys(line: Step) -> Got:
    known = {key: value for key, value in line.inputs if value is not None}
    return {**known, "result": line.value}


def _verdict_keys(result: Attainment) -> Got:
    keys: Got = {
        "attained_percent": shown(result.attained, result.contract.display_decimals),
        "status": result.status.value,
        "met": result.met,
        "credit_percent": None if result.credit.percent is None else exact_text(result.credit.percent),
        "credit_amount": result.credit.amount_text,
    }
    if result.fee is not None and result.fee != result.contract.monthly_fee:
        keys["fee_for_period_exact"] = exact_text(result.fee)
    return keys


def _version_keys(result: Attainment) -> Got:
    return {
        "attained_percent": shown(result.attained, result.contract.display_decimals),
        "met": result.met,
        "credit_amount": result.credit.amount_text,
    }


def _number(value: Fraction) -> int | str:
    return value.numerator if value.denominator == 1 else exact_text(value)


def _equal(expected: object, found: object, tolerance: Fraction) -> bool:
    if expected == found and type(expected) is type(found):
        return True
    if isinstance(expected, list) and isinstance(found, list) and tolerance:
        pairs = zip(expected, found, strict=False)
        return len(expected) == len(found) and all(_equal(one, other, tolerance) for one, other in pairs)
    if tolerance and isinstance(expected, str) and isinstance(found, str):
        return _close(expected, found, tolerance)
    return False


def _close(expected: str, found: str, tolerance: Fraction) -> bool:
    try:
        return abs(Fraction(expected) - Fraction(found)) <= tolerance
    except ValueError:
        return False
