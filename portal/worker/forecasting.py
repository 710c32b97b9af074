"""Forecasting open commitments, by the worker that leads."""

from collections.abc import Callable

import structlog

from portal import clock
from portal.usecases.forecasting.forecasts import keep_forecasts_fresh
from portal.usecases.forecasting.pasts import Pasts
from portal.worker.measuring import DATABASE_AWAY, Sessions
from probes.clock import Clock

log = structlog.get_logger("portal.worker")


class Forecasting:
    """Makes forecasts that are due while `leads` says so; `tick` is called now and then, from one thread at a time."""

    def __init__(self, sessions: Sessions, leads: Callable[[], bool], clocks: Clock | None = None) -> None:
        self._sessions, self._leads = sessions, leads
        self._clock = clocks or Clock()
        self._pasts = Pasts()

    def tick(self) -> None:
        """Make what is due; a database that is away is asked again by the next tick."""
        if not self._leads():
            return
        try:
            with self._sessions() as session:
                keep_forecasts_fresh(session, clock.instant(self._clock.wall_ms() // 1000), self._pasts)
        except DATABASE_AWAY as error:
            log.warning("nothing forecast", error=str(error))
