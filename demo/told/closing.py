"""Every ended month is closed by the ordinary close, 48 hours after its end; one of them needs a person's decision."""

from collections.abc import Iterator
from functools import partial

from demo.history import MONTHS, Past
from demo.told.moments import Moment, Stage
from portal.usecases.closing import closing
from portal.usecases.closing.closing import Ruling

CLOSES_ON, CLOSES_AT = 3, 12
"""The day and hour of the month after: 48 hours after the end, wherever a customer lives."""
BELOW_FLOOR = 10
REASON = "Our probe stood still for eight days. Our own logs show no failed request, and Globex reported none."


def moments(past: Past) -> Iterator[Moment]:
    """Yield a close for each ended month, and what was decided about the month of the long gap."""
    for number in range(1, MONTHS + 1):
        close = partial(_close, month=f"{past.month(number):%Y-%m}")
        yield Moment(closes_at(past, number), close, alone=True)
    decided_at = past.at(BELOW_FLOOR + 1, CLOSES_ON, 15)
    yield Moment(decided_at, partial(_decide, period=past.month(BELOW_FLOOR).isoformat()))
    again = partial(_close, month=f"{past.month(BELOW_FLOOR):%Y-%m}")
    yield Moment(decided_at + 60, again, alone=True)


def closes_at(past: Past, number: int) -> int:
    """Return the UTC second at which a month was closed."""
    return past.at(number + 1, CLOSES_ON, CLOSES_AT)


def _close(stage: Stage, month: str) -> None:
    closing.close(stage.session, month, stage.now)


def _decide(stage: Stage, period: str) -> None:
    waiting = closing.standing(stage.session, period[:7], stage.now)
    for one in waiting:
        if one.state is closing.State.BELOW_FLOOR:
            closing.decide(
                stage.session, stage.people["max"], one.contract_id, period, Ruling.AS_MEASURED, REASON, stage.now
            )
