"""Closing what has come due and looking again at what was closed lately, by the worker that leads (decision D11)."""

from collections.abc import Callable

import structlog

from portal import clock
from portal.usecases.closing import closing, revisions
from portal.worker.measuring import DATABASE_AWAY, Sessions
from probes.clock import Clock

log = structlog.get_logger("portal.worker")

REST_US = 6 * 3600 * 1_000_000
"""How long between two looks: a period may be closed 48 hours after its end, and nobody waits for the minute."""

LATELY_S = 100 * 86_400
"""How long after its end a closed period is looked at again by itself: three months, whenever it began."""


class Closing:
    """Closes periods while `leads` says so; `tick` is called every minute, from one thread at a time."""

    def __init__(self, sessions: Sessions, leads: Callable[[], bool], clocks: Clock | None = None) -> None:
        self._sessions, self._leads = sessions, leads
        self._clock = clocks or Clock()
        self._looked_us: int | None = None

    def tick(self) -> None:
        """Close what is due and propose revisions, if it is time; a database that is away is asked again."""
        now_us = self._clock.monotonic_us()
        if not self._leads() or (self._looked_us is not None and now_us - self._looked_us < REST_US):
            return
        self._looked_us = now_us  # whatever goes wrong is not tried each minute
        try:
            self._close()
        except DATABASE_AWAY as error:
            log.warning("nothing closed", error=str(error))
            self._looked_us = None

    def _close(self) -> None:
        now = clock.instant(self._clock.wall_ms() // 1000)
        with self._sessions() as session:
            outcome = closing.close_due(session, now)
            proposed = sum(
                revisions.look_again(session, month, now, ended_after=clock.seconds(now) - LATELY_S)
                for month in closing.latest_months(now, closing.MONTHS_A_PERIOD_TAKES)
            )
        if outcome.closed or proposed:
            log.info("periods closed", closed=outcome.closed, proposed=proposed)
        for one in outcome.waiting:
            if one.state is closing.State.BELOW_FLOOR:
                log.warning("a period waits for a decision", contract=one.contract, period=one.period)
