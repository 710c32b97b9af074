"""The flat form of the worked cases: one commitment's keys beside the agreement's and the contract's (terms-schema.md).

Nothing else of the product accepts this form.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from portal.domain.documents.reading import InvalidDocument, Problem, Reader, require_plain
from portal.domain.documents.scalars import (
    FEE_PRORATION,
    MONEY_ROUNDING,
    PARTIAL_PERIOD,
    VERSION_CHANGE,
    between,
    read_decimal,
    read_name,
)
from portal.domain.promises.commitment import Commitment, read_commitment
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.period_rule import PeriodRule, read_period
from portal.domain.promises.settlement import read_claim, read_combine, read_restatement
from portal.domain.quantities.currencies import MINOR_DIGITS, read_currency
from portal.domain.quantities.zones import parse_instant, read_zone

_NAMELESS = {"id": "commitment", "component": "service"}
_SAYING_NOTHING: Mapping[str, Mapping[str, object]] = {
    "fiscal_quarter": {"fiscal_year_start_month": 1},
    "billing_month": {"anchor_day": 1},
    "rolling": {"seconds": 1},
}
"""Keys of a kind of period that decide nothing where both ends are given, and so may be left out."""


@dataclass(frozen=True, slots=True)
class FlatContract:
    """What a flat contract says: the promise, the contract's line, the period's rule and its own ends as given."""

    commitment: Commitment
    line: ContractLine
    period: PeriodRule
    ends: tuple[str, str] | None

    def period_keys(self) -> dict[str, object]:
        """The period as `periods.period_from` reads it: kind and ends, or a rolling kind's seconds and as_of."""
        if self.ends is not None:
            return {"kind": self.period.kind, "start": self.ends[0], "end": self.ends[1]}
        return {"kind": self.period.kind, "seconds": self.period.seconds, "as_of": self.period.as_of}


def from_flat(document: Mapping[str, object]) -> FlatContract:
    """The pieces of a flat contract; raises InvalidDocument with every problem found."""
    require_plain(document)
    problems: list[Problem] = []
    if not isinstance(document, Mapping):
        raise InvalidDocument([Problem("", "This must be an object with named keys.")])
    reader = Reader(_with_units(document), "", problems)
    flat = _read_flat(reader)
    if problems:
        raise InvalidDocument(problems)
    return flat


def _read_flat(reader: Reader) -> FlatContract:
    period, ends = _read_period(reader.child("period"))
    line = _read_line(reader)
    _read_agreement(reader)
    commitment = read_commitment(reader)
    return FlatContract(commitment, line, period, ends)


def _read_agreement(reader: Reader) -> None:
    """The agreement's keys that judging one commitment over one period does not need: checked, not kept."""
    reader.maybe("preset", read_name)
    reader.maybe("version_change", VERSION_CHANGE)
    read_combine(reader.maybe_child("combine"))
    read_claim(reader.maybe_child("claim"))
    read_restatement(reader.maybe_child("restatement"))


def _read_line(reader: Reader) -> ContractLine:
    fee = reader.child("monthly_fee")
    currency = fee.read("currency", read_currency, "EUR")
    amount = fee.read("amount", read_decimal, Fraction(0))
    fee.finish()
    return ContractLine(
        contract="contract",
        service="service",
        timezone=reader.read("timezone", read_zone, "UTC"),
        currency=currency,
        minor_digits=MINOR_DIGITS[currency],
        monthly_fee=amount,
        fee_proration=reader.read("fee_proration", FEE_PRORATION, "none", "none"),
        money_rounding=reader.read("money_rounding", MONEY_ROUNDING, "half_up", "half_up"),
        service_start=reader.maybe("service_start", _read_instant),
        service_end=reader.maybe("service_end", _read_instant),
        partial_period=reader.read("partial_period", PARTIAL_PERIOD, "existing_portion", "existing_portion"),
        display_decimals=reader.read("display_decimals", between(0, 9), 3, 3),
    )


def _read_period(reader: Reader) -> tuple[PeriodRule, tuple[str, str] | None]:
    """The rule and, for every kind that gives them, both ends of the one period that is judged."""
    if "start" not in reader.values:
        return read_period(reader), None
    ends = (str(reader.values["start"]), str(reader.values.get("end")))
    whole = Reader({"kind": "custom", "start": ends[0], "end": ends[1]}, reader.path, reader.problems)
    custom = read_period(whole)
    if reader.values.get("kind") == "custom":
        return custom, ends
    given = {key: value for key, value in reader.values.items() if key not in ("start", "end")}
    whole_kind = {**_SAYING_NOTHING.get(str(given.get("kind")), {}), **given}
    return read_period(Reader(whole_kind, reader.path, reader.problems)), ends


def _with_units(document: Mapping[str, object]) -> Mapping[str, object]:
    """The document with the unit this form leaves unsaid: a cap is per period (R15); and with a name and component."""
    policy = document.get("exclusions_policy")
    types = policy.get("types") if isinstance(policy, Mapping) else None
    if not isinstance(policy, Mapping) or not isinstance(types, Mapping):
        return _NAMELESS | dict(document)
    with_units = {name: _with_unit(one) for name, one in types.items()}
    return _NAMELESS | dict(document) | {"exclusions_policy": dict(policy) | {"types": with_units}}


def _with_unit(kind: object) -> object:
    if isinstance(kind, Mapping) and "cap_seconds" in kind and "cap_per" not in kind:
        return {**kind, "cap_per": "period"}
    return kind


def _read_instant(value: object) -> int:
    if not isinstance(value, str):
        raise ValueError("must be a time like 2026-06-10T10:00:00Z.")
    try:
        return parse_instant(value)
    except ValueError:
        raise ValueError("must be a time like 2026-06-10T10:00:00Z.") from None
