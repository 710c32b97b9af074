"""Forecasts as text: how one is stored, `sla-forecast/1`, and the few words of it that people read."""

import json
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import floor

from portal.domain.documents.canonical import canonical_bytes
from portal.domain.notices.phrases import amount, counted, percentage, phrase
from portal.domain.promises.contract_line import ContractLine
from portal.domain.quantities.exact import decimal_text, exact_text, parse_exact
from portal.domain.quantities.zones import local_date
from portal.usecases.forecasting.calibration import Tried, tried
from portal.usecases.forecasting.forecast import LEAST_HISTORY_S, TOO_LITTLE, Forecast

SCHEMA = "sla-forecast/1"
DAY_S = 86_400
SURE_PERCENT = 99
HARDLY = phrase("under 1 %")
"""A chance too small to expect a credit from: a mean of some cents would say more than is known."""


@dataclass(frozen=True, slots=True)
class ForecastShown:
    """A forecast as people read it; `chance` None with the sentence `why_not`, `expected` None for who sees no money
    and where a breach is hardly to be expected.

    `gone_on` is the local day on which the allowed downtime is gone at the pace of the last `pace_days` days; where it
    never is, `spent_percent` of it is used in the end, cut off. `tried` says how often such chances come true.
    """

    as_of: int = field(compare=False)
    chance: str | None
    why_not: str | None
    expected: str | None
    pace_days: int
    spent_percent: int | None
    gone_on: date | None
    is_broken: bool
    history_days: int
    history_outages: int
    tried: Tried | None


def text_of(found: Forecast, line: ContractLine, as_of: int) -> str:
    """The text a forecast is stored as."""
    minor, spent = found.expected_minor, found.spent_percent
    document = {
        "schema": SCHEMA,
        "as_of": as_of,
        "reason": found.reason,
        "ends": found.ends,
        "breached_ends": found.breached_ends,
        "expected": None if minor is None else f"{line.currency} {decimal_text(minor, line.minor_digits)}",
        "history_days": found.history_days,
        "history_outages": found.history_outages,
        "pace_days": found.pace_days,
        "spent_percent_exact": None if spent is None else exact_text(spent),
        "gone_at": found.gone_at,
        "is_broken": found.is_broken,
    }
    return canonical_bytes(document).decode()


def percent_of(found: Forecast) -> int | None:
    """The chance of a breach in whole percent, cut off."""
    return None if found.breached_ends is None else 100 * found.breached_ends // found.ends


def read_forecast(text: str, timezone: str, *, with_money: bool) -> ForecastShown:
    """A stored forecast as people of a time zone read it."""
    document = json.loads(text)
    spent, gone_at = document["spent_percent_exact"], document["gone_at"]
    chance = _chance(document["breached_ends"], document["ends"])
    return ForecastShown(
        as_of=document["as_of"],
        chance=chance,
        why_not=_why_not(document["reason"], document["history_days"]),
        expected=_expected(document["expected"]) if with_money and chance != HARDLY else None,
        pace_days=document["pace_days"],
        spent_percent=None if spent is None else floor(parse_exact(spent)),
        gone_on=None if gone_at is None else local_date(gone_at, timezone),
        is_broken=document["is_broken"],
        history_days=document["history_days"],
        history_outages=document["history_outages"],
        tried=None if chance is None else tried(100 * document["breached_ends"] // document["ends"]),
    )


def _chance(breached: int | None, ends: int) -> str | None:
    """The chance in words: no draw of ends can tell nothing from little, or little less than all from all."""
    if breached is None:
        return None
    percent = Fraction(100 * breached, ends)
    if percent < 1:
        return HARDLY
    return (
        phrase("over {percent} %", percent=SURE_PERCENT) if percent > SURE_PERCENT else percentage(str(floor(percent)))
    )


def _expected(text: str | None) -> str | None:
    """The stored "EUR 12.50" as an amount."""
    if text is None:
        return None
    currency, _, decimal = text.partition(" ")
    return amount(decimal, currency)


def chance_words(percent: int) -> str:
    """A chance in whole percent, cut off, in words."""
    if percent < 1:
        return HARDLY
    return f"over {SURE_PERCENT} %" if percent >= 100 else f"{percent} %"


def _why_not(reason: str | None, known_days: int) -> str | None:
    if reason != TOO_LITTLE:
        return None
    return counted(
        "There is too little history: {count} day is known, {needed} are needed.",
        "There is too little history: {count} days are known, {needed} are needed.",
        known_days,
        needed=LEAST_HISTORY_S // DAY_S,
    )
