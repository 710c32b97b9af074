"""Keeping the days of services ready for bars and charts, by the worker that leads."""

from collections.abc import Callable

import structlog

from portal import clock
from portal.usecases.keeping.summaries import refresh_summaries
from portal.worker.measuring import DATABASE_AWAY, Sessions
from portal.worker.ticks import breathe
from probes.clock import Clock

log = structlog.get_logger("portal.worker")

LONGEST_US = 4_000_000
"""How long one tick goes on while days are due, about: a worker that is told to end waits for it."""
REST_MS = 60_000
"""How long a worker that found no day to make does not look again."""


class Summing:
    """Makes days that are due while `leads` says so; `tick` is called every few seconds, from one thread at a time."""

    def __init__(self, sessions: Sessions, leads: Callable[[], bool], clock: Clock | None = None) -> None:
        self._sessions, self._leads = sessions, leads
        self._clock = clock or Clock()
        self._resting_since_us: int | None = None

    def tick(self) -> None:
        """Make days for some seconds if any are due; a database that is away is asked again by the next tick."""
        if not self._leads() or self._rests():
            return
        try:
            made = self._make()
        except DATABASE_AWAY as error:
            log.warning("no day summed up", error=str(error))
            return
        if not made:
            self._resting_since_us = self._clock.monotonic_us()

    def _make(self) -> int:
        """Return how many days were made in all."""
        began_us, made = self._clock.monotonic_us(), 0
        while self._clock.monotonic_us() - began_us < LONGEST_US:
            with self._sessions() as session:
                now = clock.instant(self._clock.wall_ms() // 1000)
                some = refresh_summaries(session, now, between=breathe)
            if not some:
                break
            made += some
        return made

    def _rests(self) -> bool:
        since = self._resting_since_us
        return since is not None and self._clock.monotonic_us() - since < REST_MS * 1000
