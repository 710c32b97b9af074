"""Waterfalls: from the seconds of a period to what is owed, a bar a step; every figure is the working's own."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal.domain.notices.phrases import Phrase, amount, phrase
from portal.domain.quantities.exact import parse_exact
from portal.usecases.explaining.receipt_words import money_words, percent_words, period_words, seconds_words

Document = Mapping[str, Any]
WIDTH = 100_000
"""Places are told in thousandths of a percent of the width."""
NARROWEST = 400
ROOM = Fraction(3, 5)
"""The share of the width between the lowest level and the period's seconds."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One step: what it is, its value in words, and its bar in percent of the width, as an SVG says it.

    `is_total` says that it is what is left after the steps above it; others take something away.
    """

    label: str
    value: str
    x: str
    width: str
    look: str
    is_total: bool


@dataclass(frozen=True, slots=True)
class Waterfall:
    """The steps in seconds, where the promise lies among them, and the steps in money (none without the right).

    `begins_at` are the seconds at the left edge, 0 where the bars are whole.
    """

    time: Sequence[Bar]
    promise_x: str
    promise: str
    begins_at: int
    money: Sequence[Bar]


@dataclass(frozen=True, slots=True)
class _Step:
    """A level reached, or a fall from `before` to `after`, in exact seconds."""

    label: str
    before: Fraction
    after: Fraction
    look: str
    is_total: bool = False

    @property
    def value(self) -> str:
        """The seconds it is about."""
        return seconds_words(self.after if self.is_total else self.before - self.after)


def waterfall_of(working: Document) -> Waterfall | None:
    """The waterfall of a working; None for a method that counts no time, or when there is no time to count."""
    totals = working["totals"]
    if totals["downtime"] is None or not totals["eligible"]:
        return None
    steps = tuple(_steps(working))
    promise = totals["eligible"] * parse_exact(working["commitment"]["target_percent"]) / 100
    floor = _floor(min(promise, *(one.after for one in steps)), Fraction(totals["period"]))
    scale = _Scale(floor, max(one.before for one in steps))
    return Waterfall(
        time=[_bar(one, scale) for one in steps],
        promise_x=scale.place(promise),
        promise=seconds_words(promise),
        begins_at=floor,
        money=tuple(_money(working)),
    )


def _steps(working: Document) -> Iterator[_Step]:
    totals, commitment = working["totals"], working["commitment"]
    level, eligible = Fraction(totals["period"]), Fraction(totals["eligible"])
    yield _Step(period_words(working["period"]), level, level, "ground", True)
    for label, key, look, is_taken in (
        (phrase("not counted"), "excluded", "maint", commitment["exclusion_mode"] == "remove"),
        (phrase("not known"), "unknown", "unknown", commitment["unknown_as"] == "exclude"),
    ):
        if is_taken and totals[key]:
            yield _Step(label, level, level - totals[key], look)
            level -= totals[key]
    if level != totals["period"] or level != eligible:
        yield _Step(phrase("counted time"), eligible, eligible, "ground", True)
    up = eligible - parse_exact(totals["downtime"])
    yield _Step(phrase("down"), eligible, up, "down")
    yield _Step(phrase("up, of what counts"), up, up, "ok", True)


def _floor(lowest: Fraction, highest: Fraction) -> int:
    """The seconds at the left edge: such that what was taken away fills its share of the width."""
    return max(0, int(highest - (highest - lowest) / ROOM))


@dataclass(frozen=True, slots=True)
class _Scale:
    """Seconds to places."""

    left: int
    right: Fraction

    def thousandths(self, seconds: Fraction) -> int:
        """The place of a level, inside the width."""
        span = self.right - self.left
        return min(max(int((seconds - self.left) / span * WIDTH), 0), WIDTH) if span else WIDTH

    def place(self, seconds: Fraction) -> str:
        """The place of a level as an SVG says it."""
        return _percent(self.thousandths(seconds))


def _bar(step: _Step, scale: _Scale) -> Bar:
    left = 0 if step.is_total else scale.thousandths(step.after)
    width = max(scale.thousandths(step.before) - left, NARROWEST)
    label = step.label if step.is_total else phrase("− {step}", step=step.label)
    return Bar(label, step.value, _percent(left), _percent(width), step.look, step.is_total)


def _money(working: Document) -> Iterator[Bar]:
    credit, fee = working["credit"], working["fee_exact"]
    if credit is None or fee is None or credit["amount_minor"] is None or parse_exact(fee) <= 0:
        return
    currency, digits = credit["currency"], working["contract"]["minor_digits"]
    whole = parse_exact(fee)
    fee_of = phrase("fee of {period}", period=period_words(working["period"]))
    yield Bar(fee_of, money_words(fee, currency, digits), *_of(1), "ground", True)
    share, uncapped = credit["percent_exact"], credit["uncapped_exact"]
    owed = Fraction(credit["amount_minor"], 10**digits)
    if uncapped is not None and parse_exact(uncapped) != owed:
        before = parse_exact(uncapped)
        yield Bar(
            phrase("before caps and rounding"),
            money_words(uncapped, currency, digits),
            *_of(before / whole),
            "none",
            True,
        )
    label: Phrase = phrase("credit so far") if working["open"] else phrase("credit")
    if share is not None and owed:
        label = phrase("{credit}, {percent} of the fee", credit=label, percent=percent_words(share))
    yield Bar(label, amount(credit["amount_text"], currency), *_of(owed / whole), "brand", True)


def _of(share: Fraction | int) -> tuple[str, str]:
    """The place and the width of a bar that is a share of the whole width."""
    return _percent(0), _percent(min(int(share * WIDTH), WIDTH))


def _percent(thousandths: int) -> str:
    return f"{thousandths // 1000}.{thousandths % 1000:03}%"
