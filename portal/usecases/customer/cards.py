"""Cards: a commitment's working as the few figures a customer looks at first; nothing is computed twice (D20)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any
from uuid import UUID

from portal.domain.indicators.unknown_bounds import unknown_bounds
from portal.domain.quantities.exact import parse_exact, truncate
from portal.store.settling.figures import Figure
from portal.store.settling.forecasts import StoredForecast
from portal.usecases.forecasting.words import ForecastShown, read_forecast
from portal.usecases.judging.promises import Phase, Promise

AT_RISK_PERCENT = 80
FULL_PERCENT = 100
SHARE_DECIMALS = 2


class Standing(StrEnum):
    """How a commitment stands, in the words people read."""

    ON_TRACK = "on track"
    AT_RISK = "at risk"
    BREACHED = "breached"
    TOO_LITTLE = "not enough data"
    NOT_APPLICABLE = "not applicable"
    WAITING = "not computed yet"
    NOT_BEGUN = "not begun"
    ENDED = "ended"


LOOKS: Mapping[Standing, str] = {
    Standing.ON_TRACK: "ok",
    Standing.AT_RISK: "degraded",
    Standing.BREACHED: "down",
    Standing.TOO_LITTLE: "unknown",
}
"""The look of the tag that says it; any other standing looks like nothing was said."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """Allowed downtime in whole seconds: allowed and left are cut off, used and over are rounded up (R30).

    `percent_used` is cut off and None when nothing is allowed; `bar_percent` is 0 to 100.
    """

    allowed_s: int
    used_s: int
    left_s: int
    over_s: int
    percent_used: int | None
    bar_percent: int


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in a currency, None without a verdict, and why nothing is owed when nothing is."""

    text: str | None
    currency: str
    reason: str | None


@dataclass(frozen=True, slots=True)
class Span:
    """Two percentages between which the true one lies, cut off."""

    best: str
    worst: str


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one commitment as of a UTC second; percentages are cut off, seconds are whole.

    They equal others that say the same as of another second.
    `doubt` is what the probes' interval leaves open where that could turn the verdict (R25), `unknown` what the time
    nobody knows of may hide.
    """

    as_of: int = field(compare=False)
    so_far: str | None
    attained: str | None
    allowance: Allowance | None
    downtime_s: int | None
    unknown_s: int
    unknown_percent: str | None
    excluded_s: int
    held_s: int
    outages: int
    resolution_s: int | None
    doubt: Span | None
    unknown: Span | None
    credit: Money | None
    is_generated: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One commitment to a customer; `figures` and `forecast` are None while there are none."""

    contract_id: UUID
    agreement: str
    version: int
    service: str
    service_key: str
    group: str
    commitment: str
    measured: str | None
    target: str
    period: str
    period_start: int
    period_end: int
    period_kind: str
    timezone: str
    begins: date
    ends: date | None
    standing: Standing
    look: str
    figures: Figures | None
    forecast: ForecastShown | None = None


def card(promise: Promise, figure: Figure | None, *, with_money: bool, forecast: StoredForecast | None = None) -> Card:
    """The card of a promise from its current figure and forecast, if those are about the promise's open period."""
    document: dict[str, Any] | None = None
    if figure is not None and figure.period == promise.period_key and promise.phase is Phase.OPEN:
        document = json.loads(figure.document)
    standing = _standing(promise, document)
    contract = promise.stored.contract
    return Card(
        contract_id=promise.stored.id,
        agreement=promise.stored.agreement,
        version=promise.published.terms.version.number,
        service=promise.service.name,
        service_key=promise.service.key,
        group=promise.service.group,
        commitment=promise.commitment.id,
        measured=promise.commitment.measured,
        target=promise.commitment.target_text,
        period=promise.period_key,
        period_start=promise.period.start,
        period_end=promise.period.end,
        period_kind=promise.period.kind,
        timezone=promise.period.timezone,
        begins=contract.from_,
        ends=contract.until,
        standing=standing,
        look=LOOKS.get(standing, "none"),
        figures=None if document is None else figures_of(document, with_money=with_money),
        forecast=None if document is None else _forecast(promise, forecast, with_money=with_money),
    )


def _forecast(promise: Promise, found: StoredForecast | None, *, with_money: bool) -> ForecastShown | None:
    if found is None or found.period != promise.period_key:
        return None
    return read_forecast(found.document, promise.period.timezone, with_money=with_money)


def figures_of(document: Mapping[str, Any], *, with_money: bool) -> Figures:
    """The figures a working holds; without `with_money` the credit is left out."""
    totals, resolution, unknown_percent = (
        document["totals"],
        document["resolution"],
        document["coverage"]["unknown_percent_exact"],
    )
    return Figures(
        as_of=document["as_of"],
        so_far=_display(document["so_far"]),
        attained=_display(document["attained"]),
        allowance=_allowance(document),
        downtime_s=None if totals["downtime"] is None else ceil(parse_exact(totals["downtime"])),
        unknown_s=totals["unknown"],
        unknown_percent=None if unknown_percent is None else truncate(parse_exact(unknown_percent), SHARE_DECIMALS),
        excluded_s=totals["excluded"],
        held_s=totals["held"],
        outages=len(document["outages"]),
        resolution_s=None if resolution is None else resolution["interval_seconds"],
        doubt=_doubt(resolution),
        unknown=_unknown(document),
        credit=_money(document["credit"]) if with_money else None,
        is_generated="generated" in document["provenance"],
    )


def standing_of(document: Mapping[str, Any]) -> Standing:
    """How a commitment stands by its working: at risk once 80 % of what is allowed is used."""
    words = {
        "breached": Standing.BREACHED,
        "insufficient_data": Standing.TOO_LITTLE,
        "not_applicable": Standing.NOT_APPLICABLE,
    }
    if document["status"] in words:
        return words[document["status"]]
    budget = document["budget"]
    used = None if budget is None else budget["consumed_percent_exact"]
    return Standing.ON_TRACK if used is None or parse_exact(used) < AT_RISK_PERCENT else Standing.AT_RISK


def _standing(promise: Promise, document: Mapping[str, Any] | None) -> Standing:
    if promise.phase is Phase.NOT_BEGUN:
        return Standing.NOT_BEGUN
    if promise.phase is Phase.ENDED:
        return Standing.ENDED
    return Standing.WAITING if document is None else standing_of(document)


def _display(percent: Mapping[str, str] | None) -> str | None:
    return None if percent is None else percent["display"]


def _allowance(document: Mapping[str, Any]) -> Allowance | None:
    budget = document["budget"]
    if budget is None or document["totals"]["downtime"] is None:
        return None
    left = parse_exact(budget["remaining_exact"])
    share = budget["consumed_percent_exact"]
    percent = None if share is None else floor(parse_exact(share))
    used = parse_exact(budget["used_exact"])
    return Allowance(
        allowed_s=floor(parse_exact(budget["allowed_exact"])),
        used_s=ceil(used),
        left_s=max(0, floor(left)),
        over_s=max(0, ceil(-left)),
        percent_used=percent,
        bar_percent=_bar(percent, used),
    )


def _doubt(resolution: Mapping[str, Any] | None) -> Span | None:
    if resolution is None or resolution["verdict"] != "indeterminate":
        return None
    return Span(resolution["best"]["display"], resolution["worst"]["display"])


def _unknown(document: Mapping[str, Any]) -> Span | None:
    totals, decimals = document["totals"], document["contract"]["display_decimals"]
    if totals["downtime"] is None:
        return None
    downtime, treat_as = parse_exact(totals["downtime"]), document["commitment"]["unknown_as"]
    found = unknown_bounds(totals["eligible"], downtime, totals["unknown"], treat_as)
    return None if found is None else Span(truncate(found.best, decimals), truncate(found.worst, decimals))


def _bar(percent: int | None, used: Fraction) -> int:
    if percent is None:
        return FULL_PERCENT if used > 0 else 0
    return min(percent, FULL_PERCENT)


def _money(credit: Mapping[str, Any]) -> Money:
    return Money(credit["amount_text"], credit["currency"], credit["reason"])
