"""What a change means for the customer, said only where it holds whatever happens; else it depends.

Each judge puts the customer's side of a version into numbers of which larger is better. Where one number rises and
another falls, or where rules of length, slots or unknown time can turn a good change into a bad one, nothing is said.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from fractions import Fraction
from functools import partial
from math import inf

from portal.domain.promises.commitment import Commitment
from portal.domain.promises.credit_schedule import BreachCount, PerOutage, PerUnit
from portal.domain.promises.lint import worse_pays_less
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    ErrorRateSlots,
    MeanErrorRate,
    Percentile,
    RequestRatio,
    ResponseTime,
    UserMinutes,
)
from portal.domain.promises.terms import Terms
from portal.usecases.wording.effects_of_credit import compare_credits

Number = int | float | Fraction
Side = tuple[Number, ...] | None
Judge = Callable[[Commitment], Side]


class Effect(StrEnum):
    """What a change is worth to a customer."""

    BETTER = "better"
    WORSE = "worse"
    SAME = "same"
    DEPENDS = "depends"


def effect_on_promise(about: str, before: Commitment, after: Commitment) -> Effect:
    """What the change of one sentence about a promise means, everything else staying as it is."""
    if about == "credit_schedule":
        return _of_sign(compare_credits(before.credit_schedule, after.credit_schedule))
    judge = _judge(about)
    is_counting = about.split(".")[0] in ("methodology", "unknown_policy", "comparison")
    if is_counting and (_is_odd(before, after) or type(before.methodology) is not type(after.methodology)):
        return Effect.DEPENDS
    return Effect.DEPENDS if judge is None else weigh(judge(before), judge(after))


def effect_on_all(about: str, before: Terms, after: Terms) -> Effect:
    """What the change of one sentence about all promises means, everything else staying as it is."""
    judge = _OF_ALL.get(about)
    return Effect.DEPENDS if judge is None else weigh(judge(before), judge(after))


def weigh(before: Side, after: Side) -> Effect:
    """Better where no number fell and one rose, worse the other way round; None cannot be compared."""
    if before is None or after is None or len(before) != len(after):
        return Effect.DEPENDS
    rose = any(one > other for one, other in zip(after, before, strict=True))
    fell = any(one < other for one, other in zip(after, before, strict=True))
    if rose and fell:
        return Effect.DEPENDS
    return Effect.BETTER if rose else Effect.WORSE if fell else Effect.SAME


def _of_sign(sign: int | None) -> Effect:
    if sign is None:
        return Effect.DEPENDS
    return (Effect.SAME, Effect.BETTER, Effect.WORSE)[sign]


def _judge(about: str) -> Judge | None:
    if about.startswith(_SCORES):
        return partial(_score, about.removeprefix(_SCORES))
    return _OF_PROMISE.get(about)


def _is_odd(before: Commitment, after: Commitment) -> bool:
    """Whether a lower figure might pay less, so that nothing follows from a lower figure."""
    return worse_pays_less(before.credit_schedule) or worse_pays_less(after.credit_schedule)


def _apart(*words: object) -> tuple[Number, Number]:
    """Two numbers that are equal for equal words, and of which one rises and one falls for others."""
    number = int.from_bytes(repr(words).encode())
    return number, -number


def _pays_by_outage(one: Commitment) -> bool:
    schedule = one.credit_schedule
    per_outage = isinstance(schedule, PerUnit) and schedule.scope == "per_outage"
    return per_outage or isinstance(schedule, PerOutage | BreachCount)


def _length(one: Commitment) -> Side:
    method = one.methodology
    if not isinstance(method, Continuous) or method.outage.basis != "raw" or method.outage.merge_gap_seconds:
        return None
    rules = method.outage
    return (-rules.min_outage_seconds, rules.min_outage_op == ">=", rules.count_from == "start")


def _clock(one: Commitment) -> Side:
    method = one.methodology
    if not isinstance(method, Continuous) or _pays_by_outage(one):
        return None
    return (method.outage.clock_start == "measured",)


def _threshold(one: Commitment) -> Side:
    """The phrase of the method: thresholds of one kind of method, of which the stricter is better for the customer."""
    match one.methodology:
        case Continuous():
            return ()
        case ErrorRateSlots(slot_seconds=seconds, threshold=threshold, op=op) if not _pays_by_outage(one):
            return (*_apart(seconds), -threshold, op == ">=")
        case Percentile(percentile=percentile, threshold_ms=threshold_ms, slot_seconds=slot):
            return (*_apart(slot), percentile, -threshold_ms)
        case ResponseTime(target_seconds=seconds, calendar=calendar):
            return (calendar is None, -seconds)
        case UserMinutes(total_users=users):
            return (-users,)
        case _:
            return None


def _requests(one: Commitment) -> Side:
    match one.methodology:
        case ErrorRateSlots(min_requests=least) if not _pays_by_outage(one):
            return (-least,)
        case _:
            return None


def _empty(one: Commitment) -> Side:
    return (one.methodology.empty == "skip",) if isinstance(one.methodology, MeanErrorRate) else None


def _overlap(one: Commitment) -> Side:
    match one.methodology:
        case UserMinutes(overlap=overlap) | AffectedRatio(overlap=overlap) if not _pays_by_outage(one):
            return (overlap == "sum_capped",)
        case _:
            return None


def _small_sample(one: Commitment) -> Side:
    if not isinstance(one.methodology, ResponseTime):
        return None
    small = one.methodology.small_sample
    return (0, 0) if small is None else (-small.below, -small.allowed_misses)


def _comparison(one: Commitment) -> Side:
    """Rounding down never helps the provider; rounding to the nearest may help either."""
    precision, rounding = one.comparison.precision, one.comparison.rounding
    if precision is None:
        return (0,)
    return (10 - precision,) if rounding == "down" else None


def _unknown(one: Commitment) -> Side:
    if not isinstance(one.methodology, Continuous | UserMinutes | AffectedRatio) or _pays_by_outage(one):
        return None
    return (("up", "exclude", "down").index(one.unknown_policy.treat_as),)


def _cap_percent(one: Commitment) -> Side:
    cap = one.credit_schedule.cap_percent
    return (inf if cap is None else cap,)


def _cap_amount(one: Commitment) -> Side:
    money = one.credit_schedule.cap_amount
    return (inf, inf, inf) if money is None else (money.amount, *_apart(money.currency))


def _least_amount(one: Commitment) -> Side:
    money = one.credit_schedule.min_credit_exclusive
    return (0, inf, inf) if money is None else (-money.amount, *_apart(money.currency))


def _slots_in_a_row(one: Commitment) -> Side:
    method = one.methodology
    if not isinstance(method, ErrorRateSlots) or _pays_by_outage(one):
        return None
    return (-method.min_consecutive_slots,)


def _score(name: str, one: Commitment) -> Side:
    score = dict(one.methodology.scores).get(name) if isinstance(one.methodology, RequestRatio) else None
    return None if score is None else (-score,)


def _combined(terms: Terms) -> Side:
    """What two policies leave out of the sum of all credits, and the cap; `sum` leaves nothing out."""
    cap = terms.combine.cap_percent
    return (*_LEFT_IN[terms.combine.policy], inf if cap is None else cap)


def _claim(terms: Terms) -> Side:
    deadline = terms.claim.deadline
    if not terms.claim.required:
        return (1, inf, inf, inf)
    return (0, deadline.count or 0, *_apart(deadline.type, deadline.holidays))


def _policy(terms: Terms) -> Side:
    policy = terms.restatement.policy
    return None if policy == "frozen" else (policy == "no_clawback",)


def _dispute(terms: Terms) -> Side:
    days = terms.restatement.dispute_days
    return None if terms.restatement.policy == "frozen" else (inf if days is None else days,)


_SCORES = "methodology.scores."
_LEFT_IN = {
    "highest": (0, 0),
    "highest_per_component": (1, 0),
    "highest_per_event": (0, 1),
    "sum_capped": (1, 1),
    "sum": (1, 1),
}
_PRORATED = {"none": (2, 2), "days": (1, 0), "seconds": (0, 1)}
_OF_PROMISE: Mapping[str, Judge] = {
    "target_percent": lambda one: (one.target,),
    "methodology.type": _threshold,
    "methodology.length": _length,
    "methodology.clock_start": _clock,
    "methodology.min_requests": _requests,
    "methodology.min_consecutive_slots": _slots_in_a_row,
    "methodology.empty": _empty,
    "methodology.overlap": _overlap,
    "methodology.small_sample": _small_sample,
    "comparison": _comparison,
    "unknown_policy.treat_as": _unknown,
    "credit_schedule.requires_breach": lambda one: (not one.credit_schedule.requires_breach,),
    "credit_schedule.cap_percent": _cap_percent,
    "credit_schedule.cap_amount": _cap_amount,
    "credit_schedule.min_credit_exclusive": _least_amount,
}
_OF_ALL: Mapping[str, Callable[[Terms], Side]] = {
    "fee_proration": lambda one: _PRORATED[one.fee_proration],
    "money_rounding": lambda one: (("half_even", "half_up", "up").index(one.money_rounding),),
    "combine": _combined,
    "claim": _claim,
    "restatement.policy": _policy,
    "restatement.dispute_days": _dispute,
    "display_decimals": lambda _: (0,),
}
