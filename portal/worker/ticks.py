"""What says that a second has passed, and what notices that the clock lied about it."""

import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from portal import clock
from probes.clock import Clock

STEP_MS = 2_000
BREATH_S = 0.05


class EverySeconds(BaseTrigger):  # type: ignore[misc]  # the library has no types
    """Fires at every n-th whole second; after a pause or a clock set forward once, not once for each second missed."""

    def __init__(self, seconds: int) -> None:
        self._seconds = seconds

    def get_next_fire_time(self, _previous: datetime | None, now: datetime) -> datetime:
        """Return the first whole n-th second after now."""
        whole = now.replace(microsecond=0)
        return whole + timedelta(seconds=self._seconds - whole.second % self._seconds)


class StepWatch:
    """Notices that the wall clock stepped, by the clock that never does (trust.md E8)."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._drift_ms = self._drift()

    def stepped_ms(self) -> int:
        """Return by how much the wall clock stepped since the last call; 0 for 2 seconds or less."""
        before, self._drift_ms = self._drift_ms, self._drift()
        step_ms = self._drift_ms - before
        return step_ms if abs(step_ms) > STEP_MS else 0

    def _drift(self) -> int:
        return self._clock.wall_ms() - self._clock.monotonic_us() // 1000


def ticking(jobs: Mapping[EverySeconds, Callable[[], object]]) -> BackgroundScheduler:
    """Return a scheduler, not yet started, that calls each job at its seconds and never twice at once."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of each tick that finds one still running
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
    )
    for trigger, job in jobs.items():
        scheduler.add_job(job, trigger)
    return scheduler


def look_again(scheduler: BackgroundScheduler) -> None:
    """Make every job due now: after the clock was set back it would wait until the old time comes again."""
    for job in scheduler.get_jobs():
        job.modify(next_run_time=clock.now())


def breathe() -> None:
    """Wait between two writes of many: who measures asks for the lock only now and then, and would ask in vain."""
    time.sleep(BREATH_S)
