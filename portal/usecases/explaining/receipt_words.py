"""The words of a receipt: classes, reasons, verdicts and exact values as people read them."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from math import ceil
from typing import Any

from portal.domain.notices.phrases import Enumerated, Figure, Moment, Phrase, Style, amount, counted, phrase
from portal.domain.quantities.exact import decimal_text, parse_exact
from portal.domain.quantities.zones import local_time

MILLI = 3
MOST_PLACES = 9
CLASS_WORDS: Mapping[str, str] = {
    "excluded": phrase("not counted"),
    "down": phrase("down"),
    "degraded": phrase("slow"),
    "unknown": phrase("not known"),
    "up": phrase("up"),
    "remaining": phrase("still to come"),
}
CLASS_LOOKS: Mapping[str, str] = {
    "excluded": "maint",
    "down": "down",
    "degraded": "degraded",
    "unknown": "unknown",
    "up": "ok",
    "remaining": "none",
}
REASONS: Mapping[str, str] = {
    "down": phrase("the service failed"),
    "degraded": phrase("the service was slow"),
    "slot": phrase("this slot is down by the rule"),
    "affected": phrase("some users were affected"),
    "error_rate": phrase("too many requests failed"),
    "excluded": phrase("an accepted exclusion"),
    "remaining": phrase("still to come"),
    "not_counted": phrase("seen down, but not long enough to count by the terms"),
    "no_data": phrase("nothing was measured yet"),
    "no_record": phrase("nothing was counted"),
    "probe_gap": phrase("no measurement arrived"),
    "probe_unhealthy": phrase("the probe itself was not healthy"),
    "clock_step": phrase("the clock of the probe was set"),
    "overrun": phrase("the measurement began too late"),
    "reported": phrase("reported as not known"),
}
VERDICTS: Mapping[str, str] = {
    "met": phrase("kept"),
    "breached": phrase("breached"),
    "not_applicable": phrase("nothing to judge"),
    "insufficient_data": phrase("not enough data"),
}
NOTHING_OWED: Mapping[str, str] = {
    "met": phrase("nothing is owed: the promise is kept"),
    "not_applicable": phrase("nothing is owed: there is nothing to judge"),
    "insufficient_data": phrase("no verdict: a person decides"),
    "no_tier": phrase("nothing is owed: no tier is reached"),
    "no_schedule": phrase("these terms pay no credit"),
    "no_fee": phrase("the contract names no fee"),
    "below_minimum": phrase("nothing is owed: it is not above the least amount paid"),
    "rounds_to_zero": phrase("it rounds to nothing"),
}
EXCLUSION_REASONS: Mapping[str, str] = {
    "not_approved": phrase("nobody has approved it"),
    "pending": phrase("nobody has approved it yet"),
    "rejected": phrase("it was rejected"),
    "withdrawn": phrase("it was withdrawn"),
    "not_at_every_location": phrase("it is not for every location"),
    "type_not_listed": phrase("the terms do not list this type"),
    "no_exclusions": phrase("the terms leave nothing out"),
    "announcement_missing": phrase("it was not announced"),
    "notice_short": phrase("it was announced too late"),
    "notice_short_in_part": phrase("it was announced too late for its beginning"),
    "outside_period": phrase("it lies outside the period"),
    "cap_used_up": phrase("no more of this type may be left out"),
    "cap_reached": phrase("only so much of this type may be left out"),
}
ROUNDINGS: Mapping[str, str] = {
    "half_up": phrase("half up"),
    "half_even": phrase("half even"),
    "up": phrase("always up"),
    "down": phrase("always down"),
}
_CREDIT_LABELS: Mapping[str, str] = {
    "days": phrase("days of the fee"),
    "paid_seconds": phrase("time to pay for"),
    "outage": phrase("for one outage"),
    "breaches": phrase("breaches"),
    "percent": phrase("share of the fee"),
    "amount_capped": phrase("after the cap on the amount"),
    "amount_minor": phrase("rounded once, at the end"),
    "below_minimum": phrase("below the least amount paid"),
}


STEPS: Mapping[str, str] = {
    "requests": phrase("requests"),
    "slots_counted": phrase("slots counted"),
    "total_weight": phrase("total weight"),
    "good_weight": phrase("good weight"),
    "slots_unknown": phrase("slots unknown"),
    "slots_remaining": phrase("slots remaining"),
    "slots_missed": phrase("slots missed"),
    "slots_dropped": phrase("slots dropped"),
    "slots_down": phrase("slots down"),
    "slots_by_default": phrase("slots by default"),
    "error_rate_sum": phrase("error rate sum"),
    "divisor": phrase("divisor"),
    "errors": phrase("errors"),
    "total": phrase("total"),
    "score": phrase("score"),
    "at_least": phrase("at least"),
    "max": phrase("max"),
    "limit": phrase("limit"),
    "tickets": phrase("tickets"),
    "tickets_within": phrase("tickets within"),
    "tickets_breached": phrase("tickets breached"),
    "tickets_pending": phrase("tickets pending"),
    "class_excluded": phrase("class excluded"),
    "ratio": phrase("ratio"),
    "elapsed_seconds": phrase("elapsed seconds"),
    "downtime": phrase("downtime"),
    "eligible": phrase("eligible"),
    "excluded": phrase("excluded"),
    "remaining": phrase("remaining"),
    "unknown": phrase("unknown"),
    "held": phrase("held"),
    "period": phrase("period"),
    "target": phrase("target"),
    "attained": phrase("attained"),
    "compared": phrase("compared"),
    "slots": phrase("slots"),
    "status": phrase("status"),
    "start": phrase("start"),
    "ticket": phrase("ticket"),
    "slot": phrase("slot"),
    "treat_as": phrase("treat as"),
    "coverage": phrase("coverage"),
    "minimum": phrase("minimum"),
    "mode": phrase("mode"),
    "rounding": phrase("rounding"),
    "fee": phrase("fee"),
    "days": phrase("days"),
    "percent": phrase("percent"),
    "cap": phrase("cap"),
    "below": phrase("below"),
    "uncapped_percent": phrase("uncapped percent"),
    "seen": phrase("seen"),
    "default": phrase("default"),
    "class": phrase("class"),
    "seconds": phrase("seconds"),
}
"""What the steps of a working, and what went into them, are called."""
EXCLUSION_TYPES: Mapping[str, str] = {
    "scheduled_maintenance": phrase("scheduled maintenance"),
    "emergency_maintenance": phrase("emergency maintenance"),
    "customer_caused": phrase("customer caused"),
    "force_majeure": phrase("force majeure"),
    "third_party": phrase("third party"),
}


def type_words(key: str) -> str:
    """A kind of exclusion in words."""
    return EXCLUSION_TYPES.get(key, spaced(key))


def step_words(key: str) -> str:
    """What a step of a working is called."""
    return STEPS.get(key, spaced(key))


def spaced(key: str) -> str:
    """A key as words: "probe_gap" is "probe gap"."""
    return key.replace("_", " ")


def plural(count: int) -> Phrase:
    """How many outages: "1 outage", "2 outages"."""
    return counted("{count} outage", "{count} outages", count)


def value_words(value: str | int | None) -> str:
    """An exact value in figures: whole and decimal ones in full, others as a fraction."""
    if value is None:
        return "–"
    try:
        exact = parse_exact(str(value))
    except ValueError:
        return step_words(str(value))
    return _decimal(exact) or str(exact)


def seconds_words(value: str | int | Fraction) -> Phrase:
    """Exact seconds in figures, to the millisecond and never rounded down (R30): "2,584.560 s"."""
    exact = value if isinstance(value, Fraction) else parse_exact(str(value))
    if exact.denominator == 1:
        return phrase("{seconds} s", seconds=exact.numerator)
    return phrase("{seconds} s", seconds=Figure(_grouped(decimal_text(ceil(exact * 10**MILLI), MILLI))))


def percent_words(value: str | int) -> Phrase:
    """An exact percentage in figures: "99.95 %"."""
    return phrase("{number} %", number=value_words(value))


def money_words(value: str | int, currency: str, digits: int) -> Phrase:
    """An exact amount in a currency, in its minor unit when it is a whole number of them: "EUR 4,800.00"."""
    minor = parse_exact(str(value)) * 10**digits
    if minor.denominator != 1:
        return phrase("{currency} {number}", currency=currency, number=value_words(value))
    return amount(decimal_text(minor.numerator, digits), currency)


def instant_words(instant: int, zone: str) -> Moment:
    """A UTC second in a zone: "1 November 2026, 00:00"."""
    local = local_time(instant, zone)
    return Moment.of(local, Style.SECOND if local.second else Style.MINUTE)


def period_words(period: Mapping[str, Any]) -> str:
    """The name of a period: "November 2026", "2026", else its first day and the day it ends before."""
    first = date.fromisoformat(period["start_local"][:10])
    if period["kind"] == "calendar_month":
        return Moment.of(first, Style.MONTH)
    if period["kind"] == "calendar_year":
        return Moment.of(first, Style.YEAR)
    last = date.fromisoformat(period["end_local"][:10])
    return phrase("{start} to {end}", start=Moment.of(first, Style.DAY), end=Moment.of(last, Style.DAY))


def credit_label(step: Mapping[str, Any]) -> str:
    """What a step of a credit is: "below 99.9 %" for a tier, "units of 60 s" for started minutes."""
    inputs = step["inputs"]
    if step["key"] == "tier":
        return phrase("below {percent}", percent=percent_words(inputs["below"]))
    if step["key"] == "units":
        return phrase("units of {length}", length=seconds_words(inputs["unit_seconds"]))
    if step["key"] == "amount_exact":
        fee, percent = value_words(inputs["fee"]), percent_words(inputs["percent"])
        return phrase("{fee} × {percent}", fee=fee, percent=percent)
    return _CREDIT_LABELS.get(step["key"], spaced(step["key"]))


def credit_reasons(step: Mapping[str, Any]) -> list[str]:
    """Why a step of a credit is what it is, where its label does not say it."""
    inputs = step["inputs"]
    if step["key"] == "units":
        down = seconds_words(inputs["downtime"])
        if inputs["scope"] == "per_outage":
            return [phrase("of {length} down, each outage for itself", length=down)]
        return [phrase("of {length} down, all outages together", length=down)]
    if step["key"] == "percent":
        return [] if inputs["cap"] is None else [phrase("at most {percent}", percent=percent_words(inputs["cap"]))]
    if step["key"] in ("tier", "amount_exact"):
        return []
    if step["key"] == "amount_minor":
        return [
            phrase("to the smallest coin, {rounding}", rounding=ROUNDINGS.get(inputs["rounding"], inputs["rounding"]))
        ]
    return input_words(step)


def input_words(step: Mapping[str, Any]) -> list[str]:
    """The values a step was made of, as one line, or none."""
    known = [
        phrase("{name} {value}", name=step_words(name), value=value_words(value))
        for name, value in step["inputs"].items()
        if value is not None
    ]
    return [Enumerated.of(known, " · ")] if known else []


def _decimal(exact: Fraction) -> Figure | None:
    """The text of a fraction that is a decimal number of at most nine places, else None."""
    for places in range(MOST_PLACES + 1):
        scaled = exact * 10**places
        if scaled.denominator == 1:
            return Figure(_grouped(decimal_text(scaled.numerator, places)))
    return None


def _grouped(decimal: str) -> str:
    """Decimal text with the thousands of its whole part set apart."""
    whole, point, rest = decimal.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}{point}{rest}"
