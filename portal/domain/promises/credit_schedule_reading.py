"""Reading and writing the credit schedule of a commitment (terms-schema.md "Credit schedule by type")."""

from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from typing import TypedDict

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import (
    ONE_YEAR_S,
    between,
    choose,
    exact_between,
    number_text,
    read_decimal,
    read_flag,
    read_percent,
)
from portal.domain.promises.credit_schedule import (
    BreachCount,
    CountBand,
    CreditSchedule,
    Days,
    DayTier,
    DurationBand,
    Money,
    NoCredit,
    PerOutage,
    PerUnit,
    ProRata,
    Tier,
    Tiers,
)
from portal.domain.quantities.currencies import read_currency

MOST_TIERS = 100

_credit_percent = exact_between(0, 1000)
_days = exact_between(0, 366)


class _Limits(TypedDict):
    requires_breach: bool
    cap_percent: Fraction | None
    cap_amount: Money | None
    min_credit_exclusive: Money | None


def read_money(value: object) -> Money:
    """An amount with the currency it names, "500.00 EUR", or without one, "500.00" (D3)."""
    if not isinstance(value, str):
        raise ValueError('must be an amount with its currency, like "500.00 EUR".')
    text, _, currency = value.partition(" ")
    amount = read_decimal(text)
    return Money(amount, text, read_currency(currency) if currency else None)


def read_credit_schedule(reader: Reader) -> CreditSchedule:
    """The credit schedule an object describes; problems are noted on the reader."""
    kind = reader.read("type", choose(*_READERS), "")
    limits = _read_limits(reader)
    schedule = _READERS.get(kind, _read_none)(reader, limits)
    if kind:
        reader.finish()
    return schedule


def credit_schedule_document(schedule: CreditSchedule) -> dict[str, object]:
    """The document of a credit schedule, every key written out with its default."""
    return {
        "type": schedule.type,
        "requires_breach": schedule.requires_breach,
        "cap_percent": _maybe_text(schedule.cap_percent),
        "cap_amount": _maybe_money(schedule.cap_amount),
        "min_credit_exclusive": _maybe_money(schedule.min_credit_exclusive),
    } | _own_keys(schedule)


def _read_limits(reader: Reader) -> _Limits:
    limits: _Limits = {
        "requires_breach": reader.read("requires_breach", read_flag, True, True),
        "cap_percent": reader.maybe("cap_percent", _credit_percent),
        "cap_amount": reader.maybe("cap_amount", read_money),
        "min_credit_exclusive": reader.maybe("min_credit_exclusive", read_money),
    }
    cap, least = limits["cap_amount"], limits["min_credit_exclusive"]
    if cap and least and cap.currency and least.currency and cap.currency != least.currency:
        reader.refuse("min_credit_exclusive", "This must be in the same currency as cap_amount.")
    return limits


def _read_tiers(reader: Reader, limits: _Limits) -> Tiers:
    nodes = reader.children("tiers", 1, MOST_TIERS)
    tiers = tuple(_read_tier(node) for node in nodes)
    _refuse_repeats(nodes, [tier.below for tier in tiers], "below")
    return Tiers(tiers=_by_bound(tiers), **limits)


def _read_tier(node: Reader) -> Tier:
    tier = Tier(
        below=node.read("below", read_percent, Fraction(0)),
        inclusive=node.read("inclusive", read_flag, False, False),
        percent=node.read("percent", _credit_percent, Fraction(0)),
    )
    node.finish()
    return tier


def _read_days(reader: Reader, limits: _Limits) -> Days:
    nodes = reader.children("tiers", 1, MOST_TIERS)
    tiers = tuple(_read_day_tier(node) for node in nodes)
    _refuse_repeats(nodes, [tier.below for tier in tiers], "below")
    return Days(tiers=tuple(sorted(tiers, key=lambda tier: -tier.below)), day_divisor=_divisor(reader), **limits)


def _read_day_tier(node: Reader) -> DayTier:
    tier = DayTier(
        below=node.read("below", read_percent, Fraction(0)),
        inclusive=node.read("inclusive", read_flag, False, False),
        days=node.read("days", _read_day_count, Fraction(0)),
    )
    node.finish()
    return tier


def _read_per_unit(reader: Reader, limits: _Limits) -> PerUnit:
    percent = reader.maybe("percent_per_unit", _credit_percent)
    days = reader.maybe("days_per_unit", _read_day_count)
    if reader.clean and (percent is None) == (days is None):
        reader.refuse("", "This needs exactly one of percent_per_unit and days_per_unit.")
    if percent is not None and reader.has("day_divisor"):
        reader.refuse("day_divisor", "This has no meaning beside percent_per_unit.")
    return PerUnit(
        unit_seconds=reader.read("unit_seconds", between(1, ONE_YEAR_S), 1),
        percent_per_unit=percent,
        days_per_unit=days,
        rounding=reader.read("rounding", choose("ceil", "floor", "exact"), "exact"),
        scope=reader.read("scope", choose("total", "per_outage"), "total"),
        free_seconds=reader.read("free_seconds", between(0, ONE_YEAR_S), 0, 0),
        day_divisor=_divisor(reader),
        **limits,
    )


def _read_pro_rata(reader: Reader, limits: _Limits) -> ProRata:
    return ProRata(
        multiplier=reader.read("multiplier", exact_between(0, 10_000), Fraction(0)),
        excess_only=reader.read("excess_only", read_flag, False, False),
        denominator=reader.read("denominator", choose("period", "eligible"), "period", "period"),
        **limits,
    )


def _read_per_outage(reader: Reader, limits: _Limits) -> PerOutage:
    nodes = reader.children("tiers", 1, MOST_TIERS)
    bands = [
        DurationBand(
            node.read("at_least_seconds", between(0, ONE_YEAR_S), 0),
            node.read("percent", _credit_percent, Fraction(0)),
        )
        for node in nodes
    ]
    _finish_all(nodes)
    _refuse_repeats(nodes, [band.at_least_seconds for band in bands], "at_least_seconds")
    aggregate = reader.read("aggregate", choose("sum", "max"), "max")
    return PerOutage(bands=tuple(sorted(bands, key=lambda band: band.at_least_seconds)), aggregate=aggregate, **limits)


def _read_breach_count(reader: Reader, limits: _Limits) -> BreachCount:
    nodes = reader.children("tiers", 1, MOST_TIERS)
    bands = [
        CountBand(node.read("at_least", between(1, 1_000_000), 1), node.read("percent", _credit_percent, Fraction(0)))
        for node in nodes
    ]
    _finish_all(nodes)
    _refuse_repeats(nodes, [band.at_least for band in bands], "at_least")
    return BreachCount(bands=tuple(sorted(bands, key=lambda band: band.at_least)), **limits)


def _read_none(_reader: Reader, limits: _Limits) -> NoCredit:
    return NoCredit(**limits)


def _read_day_count(value: object) -> Fraction:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return _days(value)


def _divisor(reader: Reader) -> int | None:
    return reader.read("day_divisor", _read_divisor, None, None)


def _read_divisor(value: object) -> int | None:
    if value == "period_days":
        return None
    if value in (30, "30") and not isinstance(value, bool):
        return 30
    raise ValueError("must be 30 or period_days.")


def _refuse_repeats(nodes: Sequence[Reader], bounds: Sequence[Hashable], key: str) -> None:
    seen: set[Hashable] = set()
    for node, bound in zip(nodes, bounds, strict=True):
        if bound in seen and node.clean:
            node.refuse(key, "Two tiers overlap: this bound already stands in another tier.")
        seen.add(bound)


def _finish_all(nodes: Sequence[Reader]) -> None:
    for node in nodes:
        node.finish()


def _by_bound(tiers: Sequence[Tier]) -> tuple[Tier, ...]:
    return tuple(sorted(tiers, key=lambda tier: -tier.below))


def _own_keys(schedule: CreditSchedule) -> dict[str, object]:
    match schedule:
        case Tiers(tiers=tiers):
            return {"tiers": [_bound_keys(tier) | {"percent": number_text(tier.percent)} for tier in tiers]}
        case Days(tiers=day_tiers, day_divisor=divisor):
            rows = [_bound_keys(tier) | {"days": number_text(tier.days)} for tier in day_tiers]
            return {"tiers": rows, "day_divisor": divisor or "period_days"}
        case PerUnit():
            return _per_unit_keys(schedule)
        case ProRata(multiplier=times, excess_only=excess, denominator=denominator):
            return {"multiplier": number_text(times), "excess_only": excess, "denominator": denominator}
        case PerOutage(bands=bands, aggregate=aggregate):
            rows = [{"at_least_seconds": b.at_least_seconds, "percent": number_text(b.percent)} for b in bands]
            return {"tiers": rows, "aggregate": aggregate}
        case BreachCount(bands=counts):
            return {"tiers": [{"at_least": b.at_least, "percent": number_text(b.percent)} for b in counts]}
        case _:
            return {}


def _bound_keys(tier: Tier | DayTier) -> dict[str, object]:
    return {"below": number_text(tier.below), "inclusive": tier.inclusive}


def _per_unit_keys(schedule: PerUnit) -> dict[str, object]:
    keys: dict[str, object] = {
        "unit_seconds": schedule.unit_seconds,
        "percent_per_unit": _maybe_text(schedule.percent_per_unit),
        "days_per_unit": _maybe_text(schedule.days_per_unit),
        "rounding": schedule.rounding,
        "scope": schedule.scope,
        "free_seconds": schedule.free_seconds,
    }
    if schedule.days_per_unit is not None:
        keys["day_divisor"] = schedule.day_divisor or "period_days"
    return keys


def _maybe_text(number: Fraction | None) -> str | None:
    return None if number is None else number_text(number)


def _maybe_money(money: Money | None) -> str | None:
    if money is None:
        return None
    return f"{money.text} {money.currency}" if money.currency else money.text


_READERS: dict[str, Callable[[Reader, _Limits], CreditSchedule]] = {
    "tiers": _read_tiers,
    "days": _read_days,
    "per_unit": _read_per_unit,
    "pro_rata": _read_pro_rata,
    "per_outage": _read_per_outage,
    "breach_count": _read_breach_count,
    "none": _read_none,
}
