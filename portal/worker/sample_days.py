"""Keeping the days of hot samples made, by the worker that leads."""

from collections.abc import Callable

import structlog

from portal.database import transaction
from portal.usecases.measuring import sample_days
from portal.worker.measuring import DATABASE_AWAY, Sessions
from probes.clock import Clock

log = structlog.get_logger("portal.worker")


class SampleDays:
    """Keeps the days while `leads` says so; `tick` is called about once a minute, from one thread at a time."""

    def __init__(self, sessions: Sessions, leads: Callable[[], bool], clock: Clock | None = None) -> None:
        self._sessions, self._leads = sessions, leads
        self._clock = clock or Clock()

    def tick(self) -> None:
        """Make the coming days, move what waits, drop old empty days; a database that is away is asked again later."""
        if not self._leads():
            return
        try:
            with self._sessions() as session, transaction(session):
                sample_days.keep(session, self._clock.wall_ms() // 1000)
        except DATABASE_AWAY as error:
            log.warning("days not kept", error=str(error))
