"""Sealing days whose time has come, a few at a time, by the worker that leads."""

import os
import secrets
import socket
from collections.abc import Callable

import structlog

from portal.usecases.measuring import sealed_days
from portal.usecases.measuring.sealed_days import Fenced
from portal.worker.measuring import DATABASE_AWAY, Sessions
from portal.worker.ticks import breathe
from probes.clock import Clock

log = structlog.get_logger("portal.worker")

REST_MS = 600_000
"""How long a worker that found nothing to seal does not look again: days are over once a day."""


class Sealing:
    """Seals days while `leads` says so; `tick` is called every few seconds, from one thread at a time."""

    def __init__(self, sessions: Sessions, leads: Callable[[], bool], clock: Clock | None = None) -> None:
        self._sessions, self._leads = sessions, leads
        self._clock = clock or Clock()
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._resting_since_us: int | None = None

    def tick(self) -> None:
        """Seal some days if any are due; a database that is away or full is asked again by the next tick."""
        if not self._leads() or self._rests():
            return
        try:
            self._seal()
        except Fenced:
            log.warning("another worker seals")
        except DATABASE_AWAY as error:
            log.warning("nothing sealed", error=str(error))

    def _seal(self) -> None:
        now_ms = self._clock.wall_ms()
        with self._sessions() as session:
            if not sealed_days.is_due(session, now_ms):
                self._resting_since_us = self._clock.monotonic_us()
                return
            lease = sealed_days.begin(session, self._holder, now_ms)
            if lease is None:
                return
            sealed = sealed_days.seal_days(session, lease, now_ms, between=breathe)
            sealed_days.end(session, lease)
        if sealed.days:
            log.info("days sealed", days=sealed.days, samples=sealed.samples)
        for problem in sealed.problems:
            log.error("a day was not sealed", problem=problem)
        if not sealed.days:
            self._resting_since_us = self._clock.monotonic_us()

    def _rests(self) -> bool:
        since = self._resting_since_us
        return since is not None and self._clock.monotonic_us() - since < REST_MS * 1000
