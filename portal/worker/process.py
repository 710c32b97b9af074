"""The worker's process: from its settings to its end in order."""

import resource
import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.orm import Session

from portal import cycles, press
from portal.app import create_app
from portal.config import Settings
from portal.database import db
from portal.usecases.groundwork import scopes
from portal.worker.closing import Closing
from portal.worker.forecasting import Forecasting
from portal.worker.measuring import Worker
from portal.worker.printing import Printing
from portal.worker.recording import Recording
from portal.worker.sample_days import SampleDays
from portal.worker.sealing import Sealing
from portal.worker.summing import Summing
from portal.worker.ticks import EverySeconds, StepWatch, look_again, ticking
from probes.clock import Clock

REFRESH_S = 5
SEAL_S = 10
CLOSE_S = 60
RECORD_S = 60
SUM_S = 10
DAYS_S = 60
PRINT_S = 2
FORECAST_S = 20
WATCH_S = 1.0
FILES_MOST = 16_384


def work(settings: Settings) -> None:
    """Measure and keep figures fresh until SIGTERM or SIGINT; raise RuntimeError when the probes' thread died."""
    _open_as_many_files_as_allowed()
    app = create_app(settings)
    cycles.search_seldom()

    @contextmanager
    def sessions() -> Iterator[Session]:
        with app.app_context(), scopes.provider():
            yield db.session()

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker = Worker(settings, sessions)
    sealing = Sealing(sessions, lambda: worker.leads)
    days = SampleDays(sessions, lambda: worker.leads)
    summing = Summing(sessions, lambda: worker.leads)
    closing = Closing(sessions, lambda: worker.leads)
    others = {EverySeconds(SEAL_S): sealing.tick, EverySeconds(DAYS_S): days.tick, EverySeconds(SUM_S): summing.tick}
    others[EverySeconds(CLOSE_S)] = closing.tick
    others[EverySeconds(PRINT_S)] = Printing(sessions, lambda: worker.leads).tick
    others[EverySeconds(FORECAST_S)] = Forecasting(sessions, lambda: worker.leads).tick
    others[EverySeconds(RECORD_S)] = Recording(sessions, lambda: worker.leads).tick
    run(worker, stop, others, press.stop)


def run(
    worker: Worker,
    stop: threading.Event,
    others: Mapping[EverySeconds, Callable[[], object]],
    hurry: Callable[[], object] = lambda: None,
) -> None:
    """Tick until `stop` is set, the others too, then end in order; raise RuntimeError when the probes' thread died.

    `hurry` ends what the others would take long for: what was measured is still to be stored.
    """
    scheduler = ticking({EverySeconds(1): worker.tick, EverySeconds(REFRESH_S): worker.refresh, **others})
    worker.start()
    scheduler.start()
    watch = StepWatch(Clock())
    while worker.alive and not stop.wait(WATCH_S):
        if watch.stepped_ms() < 0:
            look_again(scheduler)
    hurry()
    scheduler.shutdown(wait=True)
    if not worker.alive:
        raise RuntimeError("The probes' thread ended by itself.")
    worker.stop()


def _open_as_many_files_as_allowed() -> None:
    """Raise the soft limit of open files, often far below the hard one: it decides how many probes may be in flight."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    allowed = FILES_MOST if hard == resource.RLIM_INFINITY else min(hard, FILES_MOST)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, allowed), hard))
