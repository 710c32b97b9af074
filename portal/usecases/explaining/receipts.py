"""Receipts: a working written out as lines that add up, with its waterfall and its timeline (docs/working.md)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any
from uuid import UUID

from portal.domain.notices.phrases import Enumerated, Figure, amount, percentage, phrase
from portal.domain.quantities.exact import decimal_text, parse_exact, truncate
from portal.domain.quantities.intervals import Interval
from portal.usecases.explaining.receipt_words import (
    EXCLUSION_REASONS,
    NOTHING_OWED,
    VERDICTS,
    credit_label,
    credit_reasons,
    input_words,
    instant_words,
    money_words,
    percent_words,
    period_words,
    plural,
    seconds_words,
    spaced,
    step_words,
    type_words,
    value_words,
)
from portal.usecases.explaining.timelines import Timeline, timeline_of
from portal.usecases.explaining.waterfalls import Waterfall, waterfall_of

Document = Mapping[str, Any]
BIG, SUM, PLAIN = "big", "sum", "plain"
UNKNOWN_AS: Mapping[str, str] = {
    "up": phrase("not known, taken as up"),
    "down": phrase("not known, taken as down"),
}
UNITS: Mapping[str, str] = {
    "requests": phrase("requests"),
    "slots": phrase("slots"),
    "users": phrase("users"),
    "days": phrase("days"),
}


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    """One line: what it is, its value, why, and how it stands: `plain`, a `sum` under a rule, or the `big` end."""

    label: str
    value: str
    why: Sequence[str] = ()
    kind: str = PLAIN


@dataclass(frozen=True, slots=True)
class OutageLine:
    """One outage with the seconds of it that count, the same after weighting, and the incident it is part of."""

    start: int
    end: int
    counted_s: int
    weighted: str
    incident: UUID | None


@dataclass(frozen=True, slots=True)
class ExclusionLine:
    """One exclusion and what became of it."""

    type: str
    start: int
    end: int
    counted_s: int
    accepted: bool
    words: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """One working as people read it; times in `timezone`, money lines empty for those who may not see them."""

    as_of: int
    is_open: bool
    timezone: str
    period: str
    lines: Sequence[ReceiptLine]
    money: Sequence[ReceiptLine]
    waterfall: Waterfall | None
    timeline: Timeline
    outages: Sequence[OutageLine]
    exclusions: Sequence[ExclusionLine]
    is_generated: bool


def receipt_of(working: Document, location_names: Mapping[str, str], look: Interval | None = None) -> Receipt:
    """The receipt of a working; its lines use nothing but the working's own figures. `look` zooms its timeline."""
    return Receipt(
        as_of=working["as_of"],
        is_open=working["open"],
        timezone=working["period"]["timezone"],
        period=period_words(working["period"]),
        lines=(*_time_lines(working), *_result_lines(working), *_budget_lines(working)),
        money=_money_lines(working),
        waterfall=waterfall_of(working),
        timeline=timeline_of(working, location_names, look),
        outages=[_outage(one) for one in working["outages"]],
        exclusions=[_exclusion(one) for one in working["exclusions"]],
        is_generated="generated" in working["provenance"],
    )


def without_money(working: Document) -> dict[str, Any]:
    """A working in which every fee, amount and credit is null and their steps are left out."""
    keys = {"fee", *(step["key"] for step in (working["credit"] or {"steps": ()})["steps"])}
    return {
        **working,
        "contract": {**working["contract"], "monthly_fee_exact": None},
        "fee_exact": None,
        "credit": None,
        "steps": [step for step in working["steps"] if step["key"] not in keys],
    }


def _time_lines(working: Document) -> Iterable[ReceiptLine]:
    totals, commitment, period = working["totals"], working["commitment"], working["period"]
    zone, measured = period["timezone"], period["measured"]
    start, end = instant_words(measured["start"], zone), instant_words(measured["end"], zone)
    is_part = (measured["start"], measured["end"]) != (period["start"], period["end"])
    if is_part:
        bounds = phrase("only the part in which the service was yours: {start} to {end}", start=start, end=end)
    else:
        bounds = phrase("{start} to {end}", start=start, end=end)
    yield ReceiptLine(
        phrase("{period}, {zone}", period=period_words(period), zone=zone), seconds_words(totals["period"]), [bounds]
    )
    is_removed, is_left_out = commitment["exclusion_mode"] == "remove", commitment["unknown_as"] == "exclude"
    if is_removed:
        yield ReceiptLine(phrase("− not counted"), seconds_words(totals["excluded"]), _why_excluded(working))
    if is_left_out:
        yield ReceiptLine(phrase("− not known"), seconds_words(totals["unknown"]), _why_unknown(working))
    ahead = totals["remaining"]
    why = [phrase("{length} of it are still to come and taken as up", length=seconds_words(ahead))] if ahead else []
    yield ReceiptLine(phrase("counted time"), seconds_words(totals["eligible"]), why, SUM)
    if not is_removed and totals["excluded"]:
        yield ReceiptLine(phrase("not counted against it"), seconds_words(totals["excluded"]), _why_excluded(working))
    if not is_left_out:
        label = UNKNOWN_AS.get(commitment["unknown_as"], spaced(commitment["unknown_as"]))
        yield ReceiptLine(label, seconds_words(totals["unknown"]), _why_unknown(working))


def _why_excluded(working: Document) -> list[str]:
    return [line.words for line in map(_exclusion, working["exclusions"])]


def _why_unknown(working: Document) -> list[str]:
    coverage = working["coverage"]
    if coverage["unknown_percent_exact"] is None:
        return []
    share = percentage(truncate(parse_exact(coverage["unknown_percent_exact"]), 2))
    limit = coverage["limit_exact"]
    is_open = working["totals"]["remaining"] > 0
    so_far = phrase("{percent} of the time so far", percent=share)
    of_time = so_far if is_open else phrase("{percent} of the time", percent=share)
    if limit is None:
        return [of_time]
    return [phrase("{share}; a verdict needs at most {most}", share=of_time, most=percent_words(limit))]


def _result_lines(working: Document) -> Iterable[ReceiptLine]:
    downtime = working["totals"]["downtime"]
    if downtime is None:
        yield from (
            ReceiptLine(step_words(one["key"]), _step_value(one), input_words(one)) for one in working["details"]
        )
    else:
        yield ReceiptLine(phrase("down"), seconds_words(downtime), _why_down(working))
    attained, so_far = working["attained"], working["so_far"]
    whole = _formula(working["totals"]["eligible"], downtime)
    if working["open"]:
        elapsed = _formula(_elapsed(working), downtime)
        yield ReceiptLine(phrase("so far{formula}", formula=elapsed), _percent(so_far), (), SUM)
        yield ReceiptLine(phrase("if nothing more happens{formula}", formula=whole), _percent(attained), (), SUM)
    else:
        yield ReceiptLine(phrase("attained{formula}", formula=whole), _percent(attained), (), SUM)
    precision = working["commitment"]["comparison"]["precision"]
    if precision is not None and working["compared_exact"] is not None:
        compared = percentage(truncate(parse_exact(working["compared_exact"]), precision))
        yield ReceiptLine(phrase("compared with {number} decimals", number=precision), compared)
    yield ReceiptLine(phrase("promised"), percentage(working["commitment"]["target_percent"]))
    yield ReceiptLine(
        phrase("verdict so far") if working["open"] else phrase("verdict"), VERDICTS[working["status"]], (), SUM
    )


def _why_down(working: Document) -> list[str]:
    outages = len(working["outages"])
    why: list[str] = [plural(outages)] if outages else []
    resolution = working["resolution"]
    if resolution is None or not resolution["outages"]:
        return why
    error, verdict = resolution["uncertainty_seconds"], resolution["verdict"]
    every, error = seconds_words(resolution["interval_seconds"]), seconds_words(error)
    if verdict == "indeterminate":
        coarse = phrase("measured every {every}: ± {error}, too coarse for a certain verdict", every=every, error=error)
        return [*why, coarse]
    holds = phrase("measured every {every}: ± {error}, the verdict holds at both ends", every=every, error=error)
    return [*why, holds]


def _elapsed(working: Document) -> int:
    """The counted seconds that have passed: counted time less what is still to come (an exclusion ahead included)."""
    ahead: int = sum(
        one["end"] - max(one["start"], working["as_of"])
        for one in working["intervals"]
        if one["end"] > working["as_of"]
        and (one["class"] == "remaining" or working["commitment"]["exclusion_mode"] != "remove")
    )
    eligible: int = working["totals"]["eligible"]
    return eligible - ahead


def _formula(eligible: int, downtime: str | None) -> str:
    if downtime is None or eligible == 0:
        return ""
    return phrase(" = ({eligible} − {down}) / {eligible}", eligible=eligible, down=value_words(downtime))


def _budget_lines(working: Document) -> Iterable[ReceiptLine]:
    budget = working["budget"]
    if budget is None or working["totals"]["downtime"] is None:
        return
    eligible, target = working["totals"]["eligible"], working["commitment"]["target_percent"]
    label = phrase("allowed = {eligible} × (100 − {target}) / 100", eligible=eligible, target=Figure(target))
    yield ReceiptLine(label, seconds_words(budget["allowed_exact"]))
    yield ReceiptLine(phrase("− down"), seconds_words(budget["used_exact"]))
    left = parse_exact(budget["remaining_exact"])
    yield ReceiptLine(
        phrase("left") if left >= 0 else phrase("over what is allowed"), seconds_words(abs(left)), (), SUM
    )


def _money_lines(working: Document) -> Sequence[ReceiptLine]:
    credit, digits = working["credit"], working["contract"]["minor_digits"]
    if credit is None:
        return ()
    currency = credit["currency"]
    steps = [one for one in credit["steps"] if not _says_nothing(one, credit["steps"], digits)]
    lines = [ReceiptLine(credit_label(one), _step_value(one, currency, digits), credit_reasons(one)) for one in steps]
    name = phrase("credit so far") if working["open"] else phrase("credit")
    owed = "–" if credit["amount_text"] is None else amount(credit["amount_text"], currency)
    reason = [NOTHING_OWED.get(credit["reason"], spaced(credit["reason"]))] if credit["reason"] else []
    return (*_fee_lines(working), *lines, ReceiptLine(name, owed, reason, BIG))


def _says_nothing(step: Document, steps: Sequence[Document], digits: int) -> bool:
    """A share or amount of zero, or a rounding that changed nothing; the line of the credit says the rest."""
    if step["key"] not in ("percent", "amount_exact", "amount_capped", "amount_minor"):
        return False
    value = parse_exact(str(step["value"]))
    if step["key"] != "amount_minor":
        return value == 0
    before: list[Fraction] = [
        parse_exact(str(one["value"])) for one in steps if one["key"] in ("amount_exact", "amount_capped")
    ]
    is_unchanged: bool = value == before[-1] * 10**digits
    return is_unchanged


def _fee_lines(working: Document) -> Iterable[ReceiptLine]:
    fee, monthly = working["fee_exact"], working["contract"]["monthly_fee_exact"]
    if fee is None:
        return
    currency, digits = working["contract"]["currency"], working["contract"]["minor_digits"]
    why = (
        []
        if monthly == fee
        else [phrase("from a monthly fee of {amount}", amount=money_words(monthly, currency, digits))]
    )
    yield ReceiptLine(
        phrase("fee of {period}", period=period_words(working["period"])), money_words(fee, currency, digits), why
    )


def _step_value(step: Document, currency: str = "", digits: int = 0) -> str:
    unit = str(step["unit"])
    if unit == "seconds":
        return seconds_words(step["value"])
    if unit == "word":
        return spaced(str(step["value"]))
    if unit == "minor units":
        return amount(decimal_text(step["value"], digits), currency)
    if currency and unit == currency:
        return money_words(step["value"], currency, digits)
    if unit == "percent":
        return percent_words(step["value"])
    if unit == "percent of the fee":
        return phrase("{percent} of the fee", percent=percent_words(step["value"]))
    return phrase("{number} {unit}", number=value_words(step["value"]), unit=UNITS.get(unit, unit))


def _percent(shown: Mapping[str, str] | None) -> str:
    return "–" if shown is None else percentage(shown["display"])


def _outage(one: Document) -> OutageLine:
    weighted = seconds_words(one["weighted_seconds_exact"])
    return OutageLine(one["start"], one["end"], one["counted_seconds"], weighted, _incident(one["event"]))


def _incident(event: str | None) -> UUID | None:
    """The incident an outage was told of; files may name events that are none of ours."""
    try:
        return UUID(event or "")
    except ValueError:
        return None


def _exclusion(one: Document) -> ExclusionLine:
    state = phrase("accepted") if one["accepted"] else phrase("not accepted")
    key = one["status"] if one["reason"] == "not_approved" else one["reason"]
    reason = EXCLUSION_REASONS.get(key, spaced(key)) if key else ""
    words = Enumerated.of(part for part in (type_words(one["type"]), state, reason, one["note"] or "") if part)
    return ExclusionLine(one["type"], one["start"], one["end"], one["counted_seconds"], one["accepted"], words)
