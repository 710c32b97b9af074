"""How credits of an agreement are combined, claimed and restated (semantics.md R37, R40, R46)."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import between, choose, number_text, positive_percent, read_date, read_flag

_COUNT_KEYS = {
    "days_after_period_end": "days",
    "business_days_after_period_end": "days",
    "days_after_incident": "days",
    "business_days_after_incident": "days",
    "months_after_period_end": "months",
    "end_of_nth_period_after": "n",
}
_CAP_BY_DEFAULT = "highest_per_component"


@dataclass(frozen=True, slots=True)
class Combine:
    """How the credits of several commitments become one (R40); `cap_percent` of the total fee, None for no cap."""

    policy: str = _CAP_BY_DEFAULT
    cap_percent: Fraction | None = Fraction(100)


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when a credit may be claimed (R37); `count` is the days, months or periods of the type."""

    type: str = "automatic"
    count: int | None = None
    holidays: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """Whether a credit must be claimed, and until when."""

    required: bool = False
    deadline: Deadline = Deadline()


@dataclass(frozen=True, slots=True)
class Restatement:
    """What a changed result does to a credit already issued (R46)."""

    policy: str = "no_clawback"
    dispute_days: int | None = None


def read_combine(reader: Reader) -> Combine:
    """The combine rule an object describes; problems are noted on the reader."""
    words = ("highest_per_component", "highest", "sum", "sum_capped", "highest_per_event")
    policy = reader.read("policy", choose(*words), _CAP_BY_DEFAULT, _CAP_BY_DEFAULT)
    default = Fraction(100) if policy == _CAP_BY_DEFAULT else None
    cap = reader.maybe("cap_percent", positive_percent)
    if policy == "sum" and cap is not None:
        reader.refuse("cap_percent", "The policy sum has no cap; write sum_capped.")
    if policy == "sum_capped" and cap is None and reader.clean:
        reader.refuse("cap_percent", "The policy sum_capped needs a cap.")
    reader.finish()
    return Combine(policy, default if cap is None else cap)


def combine_document(combine: Combine) -> dict[str, object]:
    """The document of a combine rule, every key written out."""
    cap = combine.cap_percent
    return {"policy": combine.policy, "cap_percent": None if cap is None else number_text(cap)}


def read_claim(reader: Reader) -> Claim:
    """The claim rule an object describes; problems are noted on the reader."""
    required = reader.read("required", read_flag, False, False)
    holidays = reader.listed("holidays", read_date, 0, 5000)
    deadline = read_deadline(reader.maybe_child("deadline"), holidays)
    if reader.clean and required == (deadline.type == "automatic"):
        words = "A required claim needs a deadline." if required else "Only a required claim has a deadline."
        reader.refuse("deadline", words)
    reader.finish()
    return Claim(required, deadline)


def read_deadline(reader: Reader, holidays: tuple[date, ...] = ()) -> Deadline:
    """The deadline an object describes; holidays may stand in it or beside it, not both."""
    kind = reader.read("type", choose("automatic", "by_contract", *_COUNT_KEYS), "automatic", "automatic")
    count = reader.read(_COUNT_KEYS[kind], between(0, 1000), 0) if kind in _COUNT_KEYS else None
    own = reader.listed("holidays", read_date, 0, 5000)
    if own and holidays:
        reader.refuse("holidays", "Holidays stand beside the deadline already; give them once.")
    if (own or holidays) and not kind.startswith("business_days") and reader.clean:
        reader.refuse("holidays", "Holidays matter only to a deadline in business days.")
    reader.finish()
    return Deadline(kind, count, tuple(sorted({*own, *holidays})))


def claim_document(claim: Claim) -> dict[str, object]:
    """The document of a claim rule, every key written out."""
    deadline: dict[str, object] = {"type": claim.deadline.type}
    if claim.deadline.count is not None:
        deadline[_COUNT_KEYS[claim.deadline.type]] = claim.deadline.count
    deadline["holidays"] = [day.isoformat() for day in claim.deadline.holidays]
    return {"required": claim.required, "deadline": deadline}


def read_restatement(reader: Reader) -> Restatement:
    """The restatement rule an object describes; problems are noted on the reader."""
    policy = reader.read("policy", choose("no_clawback", "adjust", "frozen"), "no_clawback", "no_clawback")
    days = reader.maybe("dispute_days", between(0, 3660))
    if policy == "frozen" and days is None and reader.clean:
        reader.refuse("dispute_days", "The policy frozen needs the length of the dispute window.")
    reader.finish()
    return Restatement(policy, days)


def restatement_document(restatement: Restatement) -> dict[str, object]:
    """The document of a restatement rule, every key written out."""
    return {"policy": restatement.policy, "dispute_days": restatement.dispute_days}
