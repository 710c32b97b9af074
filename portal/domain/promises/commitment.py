"""One promise of an agreement: what is measured, the target, what does not count, what a breach is worth."""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import (
    ONE_YEAR_S,
    between,
    choose,
    number_text,
    positive_percent,
    read_name,
    read_percent,
    read_text,
)
from portal.domain.promises.credit_schedule import CreditSchedule
from portal.domain.promises.credit_schedule_reading import credit_schedule_document, read_credit_schedule
from portal.domain.promises.methodology import Methodology, Percentile, ResponseTime
from portal.domain.promises.methodology_reading import methodology_document, read_methodology

LONGEST_MEASURED = 500


@dataclass(frozen=True, slots=True)
class Comparison:
    """How attained meets the target: exactly (`precision` None) or rounded to decimals first (R28)."""

    precision: int | None = None
    rounding: str | None = None


@dataclass(frozen=True, slots=True)
class UnknownPolicy:
    """What time without evidence counts as (R9) and how much of it still allows a verdict (R16)."""

    treat_as: str = "exclude"
    max_unknown_percent: Fraction | None = None


@dataclass(frozen=True, slots=True)
class ExclusionType:
    """One kind of time that may be left out: the notice it needs (R14) and its cap (R15)."""

    name: str
    notice_seconds: int | None = None
    notice_shortfall: str = "reject"
    cap_seconds: int | None = None
    cap_per: str = "period"
    cap_counts: str = "window"


@dataclass(frozen=True, slots=True)
class ExclusionsPolicy:
    """What accepted exclusions do to the sums (R10) and the types that may be accepted (R13)."""

    mode: str = "remove"
    types: tuple[ExclusionType, ...] = ()

    def type_named(self, name: str) -> ExclusionType | None:
        """The type of this name, None when the terms do not list it."""
        return next((one for one in self.types if one.name == name), None)


@dataclass(frozen=True, slots=True)
class Commitment:
    """One promise; `target` is the percentage, `target_text` the same as the terms write it."""

    id: str
    component: str
    measured: str | None
    target: Fraction
    target_text: str
    comparison: Comparison
    methodology: Methodology
    unknown_policy: UnknownPolicy
    exclusions_policy: ExclusionsPolicy
    credit_schedule: CreditSchedule


def read_commitment(reader: Reader, finish: bool = True) -> Commitment:
    """The commitment an object describes; problems are noted on the reader."""
    commitment = Commitment(
        id=reader.read("id", read_name, ""),
        component=reader.read("component", read_name, ""),
        measured=reader.maybe("measured", lambda value: read_text(value, LONGEST_MEASURED)),
        target=reader.read("target_percent", positive_percent, Fraction(100)),
        target_text=str(reader.values.get("target_percent")),
        comparison=_read_comparison(reader.maybe_child("comparison")),
        methodology=read_methodology(reader.child("methodology")),
        unknown_policy=_read_unknown_policy(reader.maybe_child("unknown_policy")),
        exclusions_policy=_read_exclusions_policy(reader.maybe_child("exclusions_policy")),
        credit_schedule=read_credit_schedule(reader.child("credit_schedule")),
    )
    _refuse_misfits(reader, commitment)
    if finish:
        reader.finish()
    return commitment


def commitment_document(commitment: Commitment) -> dict[str, object]:
    """The document of a commitment, every key written out with its default."""
    return {
        "id": commitment.id,
        "component": commitment.component,
        "measured": commitment.measured,
        "target_percent": commitment.target_text,
        "comparison": _comparison_document(commitment.comparison),
        "methodology": methodology_document(commitment.methodology),
        "unknown_policy": _unknown_policy_document(commitment.unknown_policy),
        "exclusions_policy": {
            "mode": commitment.exclusions_policy.mode,
            "types": {one.name: _exclusion_type_document(one) for one in commitment.exclusions_policy.types},
        },
        "credit_schedule": credit_schedule_document(commitment.credit_schedule),
    }


def _read_comparison(reader: Reader) -> Comparison:
    precision = reader.read("precision", _read_precision, None, None)
    rounding = reader.maybe("rounding", choose("down", "half_up"))
    if reader.clean and (precision is None) != (rounding is None):
        reader.refuse("rounding", "This stands exactly where precision is a number of decimals.")
    reader.finish()
    return Comparison(precision, rounding)


def _read_precision(value: object) -> int | None:
    if value == "exact":
        return None
    try:
        return between(0, 9)(value)
    except ValueError:
        raise ValueError("must be exact or a number of decimals from 0 to 9.") from None


def _read_unknown_policy(reader: Reader) -> UnknownPolicy:
    policy = UnknownPolicy(
        treat_as=reader.read("treat_as", choose("exclude", "up", "down"), "exclude", "exclude"),
        max_unknown_percent=reader.maybe("max_unknown_percent", read_percent),
    )
    reader.finish()
    return policy


def _read_exclusions_policy(reader: Reader) -> ExclusionsPolicy:
    mode = reader.read("mode", choose("remove", "count_as_up", "none"), "remove", "remove")
    types = tuple(_read_exclusion_type(name, node) for name, node in reader.named("types"))
    reader.finish()
    return ExclusionsPolicy(mode, types)


def _read_exclusion_type(name: str, node: Reader) -> ExclusionType:
    try:
        read_name(name)
    except ValueError as problem:
        node.refuse("", f"The name of an exclusion type {problem}")
    notice_seconds = node.maybe("notice_seconds", between(0, ONE_YEAR_S))
    shortfall = node.maybe("notice_shortfall", choose("reject", "partial"))
    cap_seconds = node.maybe("cap_seconds", between(0, ONE_YEAR_S))
    cap_per = node.maybe("cap_per", choose("period", "year"))
    cap_counts = node.maybe("cap_counts", choose("window", "downtime"))
    if shortfall and notice_seconds is None and node.clean:
        node.refuse("notice_shortfall", "This needs notice_seconds beside it.")
    _refuse_half_caps(node, cap_seconds, cap_per, cap_counts)
    node.finish()
    return ExclusionType(
        name, notice_seconds, shortfall or "reject", cap_seconds, cap_per or "period", cap_counts or "window"
    )


def _refuse_half_caps(node: Reader, cap_seconds: int | None, cap_per: str | None, cap_counts: str | None) -> None:
    if not node.clean:
        return
    if cap_seconds is not None and cap_per is None:
        node.refuse("cap_per", "A cap needs its unit: so many seconds per period or per year?")
    for key, value in (("cap_per", cap_per), ("cap_counts", cap_counts)):
        if cap_seconds is None and value is not None:
            node.refuse(key, "This needs cap_seconds beside it: a cap of how many seconds?")


def _refuse_misfits(reader: Reader, commitment: Commitment) -> None:
    schedule, methodology = commitment.credit_schedule, commitment.methodology
    if schedule.type in ("per_unit", "pro_rata", "per_outage") and isinstance(methodology, Percentile | ResponseTime):
        reader.refuse(
            "credit_schedule", f"A {schedule.type} schedule needs downtime, which {methodology.type} has not."
        )


def _comparison_document(comparison: Comparison) -> dict[str, object]:
    if comparison.precision is None:
        return {"precision": "exact"}
    return {"precision": comparison.precision, "rounding": comparison.rounding}


def _unknown_policy_document(policy: UnknownPolicy) -> dict[str, object]:
    limit = policy.max_unknown_percent
    return {
        "treat_as": policy.treat_as,
        "max_unknown_percent": None if limit is None else number_text(limit),
    }


def _exclusion_type_document(kind: ExclusionType) -> dict[str, object]:
    noticed, capped = kind.notice_seconds is not None, kind.cap_seconds is not None
    return {
        "notice_seconds": kind.notice_seconds,
        "notice_shortfall": kind.notice_shortfall if noticed else None,
        "cap_seconds": kind.cap_seconds,
        "cap_per": kind.cap_per if capped else None,
        "cap_counts": kind.cap_counts if capped else None,
    }
