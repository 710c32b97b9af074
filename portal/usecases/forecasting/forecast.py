"""The forecast of one open commitment: its chance of a breach, the credit to expect, and where the last days lead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np

from portal.domain.evaluation.ending import Unfinished, ended, spare_seconds
from portal.domain.evaluation.result import CountedOutage, Status
from portal.domain.indicators.pace import Pace, gone_at
from portal.domain.promises.commitment import Commitment
from portal.domain.promises.credit_schedule import BreachCount, Days, PerOutage, PerUnit, Tiers
from portal.domain.promises.methodology import ErrorRateSlots, Slots
from portal.domain.quantities.intervals import Intervals, total_seconds
from portal.usecases.forecasting.history import History
from portal.usecases.forecasting.possible_ends import PossibleEnds, draw

DAY_S = 86_400
LEAST_HISTORY_S = 28 * DAY_S
"""Known time a forecast needs: with less, nobody can say how often something fails."""
PACE_S = 7 * DAY_S
PRICED_MOST = 64
"""Ends priced one by one where nearly every one owes another amount; they stand for those beside them."""
TOO_LITTLE = "too little history"
NO_VERDICT = "no verdict"


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a forecast looks ahead from: the commitment so far, the time that can still be down, and the present.

    `under_way_seconds` is how long an outage lasts that is not over; `pace` is that of the last `pace_seconds`.
    """

    unfinished: Unfinished
    ahead: Intervals
    under_way_seconds: int | None
    pace: Pace
    pace_seconds: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """What may become of an open commitment. Without a chance, `reason` says why there is none.

    Of `ends` possible ends `breached_ends` break the promise; `expected_minor` is the mean credit in minor units, None
    without a fee. `spent_percent` is the share of the budget that is used at the end at the present pace (exact; None
    when nothing is allowed), `gone_at` the UTC second at which it is gone (R50).
    """

    reason: str | None
    ends: int
    breached_ends: int | None
    expected_minor: int | None
    history_days: int
    history_outages: int
    pace_days: int
    spent_percent: Fraction | None
    gone_at: int | None
    is_broken: bool


def forecast(prospect: Prospect, history: History, seed: int) -> Forecast:
    """The forecast of a commitment by the history of its service; the same for the same seed."""
    spare = spare_seconds(prospect.unfinished)
    known_days = history.countable_seconds // DAY_S
    reason = TOO_LITTLE if history.countable_seconds < LEAST_HISTORY_S else None
    ends = None if reason else _ends(prospect, history, seed)
    return Forecast(
        reason=reason,
        ends=0 if ends is None else len(ends.further),
        breached_ends=None if ends is None else int((ends.further > floor(spare)).sum()),
        expected_minor=None if ends is None else _expected_minor(prospect.unfinished, ends, floor(spare)),
        history_days=known_days,
        history_outages=history.outages,
        pace_days=prospect.pace_seconds // DAY_S,
        spent_percent=_spent(prospect, spare),
        gone_at=gone_at(spare, prospect.pace, prospect.ahead) if spare >= 0 else None,
        is_broken=spare < 0,
    )


def no_forecast(history: History) -> Forecast:
    """What stands in the place of a forecast while a commitment has no verdict to look ahead from."""
    days = history.countable_seconds // DAY_S
    return Forecast(NO_VERDICT, 0, None, None, days, history.outages, 0, None, None, False)


def seed_of(*names: object) -> int:
    """A seed from what a forecast is about, so that it moves when something happened and never by being made again."""
    return int.from_bytes(hashlib.sha256("|".join(map(str, names)).encode()).digest()[:8], "big")


def counts_time(commitment: Commitment) -> bool:
    """Whether a commitment counts seconds of outages; others count requests, latencies or answers."""
    return commitment.methodology.type in ("continuous", "slots", "error_rate_slots", "user_minutes", "affected_ratio")


def _ends(prospect: Prospect, history: History, seed: int) -> PossibleEnds:
    method = prospect.unfinished.commitment.methodology
    grain_s = method.slot_seconds if isinstance(method, Slots | ErrorRateSlots) else 1
    return draw(history, total_seconds(prospect.ahead), prospect.under_way_seconds, seed, grain_s)


def _spent(prospect: Prospect, spare: Fraction) -> Fraction | None:
    allowed = spare + prospect.unfinished.downtime
    if allowed <= 0:
        return None
    further = prospect.pace.further(total_seconds(prospect.ahead))
    return (prospect.unfinished.downtime + further) * 100 / allowed


def _expected_minor(unfinished: Unfinished, ends: PossibleEnds, spare: int) -> int | None:
    """The mean credit over all ends, cut to minor units; each is what the one evaluation would owe."""
    if unfinished.fee is None:
        return None
    schedule = unfinished.commitment.credit_schedule
    paying = np.flatnonzero(ends.further > spare) if schedule.requires_breach else np.arange(len(ends.further))
    paying = paying[np.argsort(ends.further[paying], kind="stable")]
    if not len(paying):
        return 0
    if isinstance(schedule, Tiers | Days):
        owed = _by_steps(unfinished, ends.further[paying].tolist())
    else:
        by_outage = isinstance(schedule, PerOutage | BreachCount) or (
            isinstance(schedule, PerUnit) and schedule.scope == "per_outage"
        )
        owed = _by_some(unfinished, ends, paying.tolist(), by_outage)
    return floor(owed / len(ends.further))


def _by_steps(unfinished: Unfinished, further: Sequence[int]) -> Fraction:
    """The sum over sorted ends of a schedule in steps: between two ends that owe alike all owe alike."""
    priced: dict[int, int] = {}

    def owed(at: int) -> int:
        if further[at] not in priced:
            priced[further[at]] = _owed(unfinished, [_outage(further[at], further[at])])
        return priced[further[at]]

    total, open_parts = 0, [(0, len(further) - 1)]
    while open_parts:
        first, last = open_parts.pop()
        if owed(first) == owed(last):
            total += owed(first) * (last - first + 1)
        else:
            middle = (first + last) // 2
            open_parts += [(first, middle), (middle + 1, last)]
    return Fraction(total)


def _by_some(unfinished: Unfinished, ends: PossibleEnds, paying: Sequence[int], by_outage: bool) -> Fraction:
    """The sum over ends that may all owe differently: evenly chosen ones are priced and stand for the others."""
    many = min(len(paying), PRICED_MOST)
    chosen = [paying[(2 * number + 1) * len(paying) // (2 * many)] for number in range(many)]
    owed = [_owed(unfinished, _outages(ends, one) if by_outage else [_whole(ends, one)]) for one in chosen]
    return Fraction(sum(owed) * len(paying), many)


def _whole(ends: PossibleEnds, end: int) -> CountedOutage:
    further = int(ends.further[end])
    return _outage(further, further)


def _outages(ends: PossibleEnds, end: int) -> Sequence[CountedOutage]:
    of = np.flatnonzero(ends.owner == end)
    return [_outage(int(ends.seconds[one]), int(ends.weighted[one])) for one in of]


def _outage(seconds: int, weighted: int) -> CountedOutage:
    return CountedOutage(0, seconds, seconds, Fraction(weighted), None)


def _owed(unfinished: Unfinished, further: Sequence[CountedOutage]) -> int:
    ending = ended(unfinished, further)
    return (ending.credit.amount_minor or 0) if ending.status is not Status.NOT_APPLICABLE else 0
