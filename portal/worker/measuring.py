"""Leading, claiming, sending and storing: one worker's life, second by second."""

import os
import secrets
import socket
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.domain.evidence.measurements import Sample
from portal.domain.quantities.agenda import Agenda, Due
from portal.usecases.judging.figures import keep_figures_fresh
from portal.usecases.measuring import measurement
from portal.usecases.measuring.measurement import Claim, Fenced, Leadership, Timetable
from portal.worker.orders import Orders, refused, sample_of
from portal.worker.ticks import StepWatch
from probes.clock import Clock
from probes.guard import Refused
from probes.results import Order, Reason, Result
from probes.runner import Runner

log = structlog.get_logger("portal.worker")

Sessions = Callable[[], AbstractContextManager[Session]]

DATABASE_AWAY = (OperationalError, InterfaceError, PoolTimeout)
BATCH = 1_000
KEPT_MAX = 50_000
"""Results held while the database is away; with more than that nothing new is claimed."""
AHEAD_S = 1
"""How far ahead slots are claimed: ticks come once a second, but a slot starts when it is due."""
DRAIN_S = 10.0
REST_MS = 3_000
"""How long a leader with nothing to do leaves the database alone; schedules added meanwhile wait as long."""


class Worker:
    """Leads, claims, sends and stores; `tick` is called about once a second, from one thread at a time."""

    def __init__(self, settings: Settings, sessions: Sessions, clocks: Clock | None = None) -> None:
        self._sessions = sessions
        self._clock = clocks or Clock()
        self._lease_ms = settings.lease_seconds * 1000
        self._holder = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._watch = StepWatch(self._clock)
        self._stepped = False
        self._claimed_ms = 0
        self._leadership: Leadership | None = None
        self._timetable: Timetable | None = None
        self._agenda = Agenda({}, 0)
        self._orders: Orders | None = None
        self._intervals: dict[tuple[int, int, int], int] = {}
        self._results: deque[Result] = deque()
        self._samples: list[Sample] = []
        nameservers = [name.strip() for name in settings.nameservers.split(",") if name.strip()]
        self._runner = Runner(
            self.deliver,
            clock=self._clock,
            nameservers=nameservers or None,
            ca_file=settings.probe_ca_file or None,
        )

    @property
    def alive(self) -> bool:
        """Whether the probes' thread runs."""
        return self._runner.alive

    @property
    def leads(self) -> bool:
        """Whether this worker leads."""
        return self._leadership is not None

    @property
    def in_flight(self) -> int:
        """How many orders have no result yet."""
        return self._runner.in_flight

    def deliver(self, result: Result) -> None:
        """Take in what a probe found, from any thread; the next tick looks at it."""
        self._results.append(result)

    def start(self) -> None:
        """Start the probes' thread."""
        self._runner.start()

    def tick(self) -> None:
        """Do what this second asks for; a database that is away is asked again by the next tick."""
        self._stepped = self._watch.stepped_ms() != 0 or self._stepped
        try:
            with self._sessions() as session:
                self._lead(session)
                if self._leadership is not None:
                    self._send(session, self._leadership)
                    self._store(session, self._leadership)
        except Fenced:
            self._yield_to_another()
        except DATABASE_AWAY as error:
            log.warning("database away", error=str(error))

    def refresh(self) -> None:
        """Compute the figures that are due, if this worker leads."""
        if self._leadership is None:
            return
        try:
            with self._sessions() as session:
                keep_figures_fresh(session, clock.instant(self._clock.wall_ms() // 1000))
        except DATABASE_AWAY as error:
            log.warning("database away", error=str(error))

    def stop(self) -> None:
        """Wait for what was sent, store it, and let the next worker lead; nothing is left to do a second time."""
        self._runner.stop(DRAIN_S)
        leadership, self._leadership = self._leadership, None
        if leadership is None:
            return
        try:
            self._take_results(leadership)
            with self._sessions() as session:
                self._store(session, leadership)
                measurement.resign(session, leadership)
        except Fenced:
            self._yield_to_another()
        except DATABASE_AWAY as error:
            log.error("results lost with the database away", results=len(self._samples), error=str(error))

    def _lead(self, session: Session) -> None:
        if self._leadership is None:
            self._leadership = measurement.lead(session, self._holder, self._clock.wall_ms(), self._lease_ms)
            if self._leadership is not None:
                self._timetable = None
                log.info("leading", epoch=self._leadership.lease.epoch)

    def _yield_to_another(self) -> None:
        """Forget everything that belonged to a leadership that is over."""
        log.warning("another worker leads")
        self._leadership = None
        self._samples.clear()
        self._results.clear()
        self._intervals.clear()

    def _send(self, session: Session, leadership: Leadership) -> None:
        """Claim the slots of the coming second, store a first batch of results beside that, and send what is due."""
        self._take_results(leadership)
        if len(self._samples) > KEPT_MAX:
            return
        now_ms, batch = self._clock.wall_ms(), self._samples[:BATCH]
        if self._may_rest(now_ms):
            return
        claim = measurement.claim(session, leadership, now_ms, batch, stepped=self._stepped, ahead_s=AHEAD_S)
        self._stepped, self._claimed_ms = False, now_ms
        del self._samples[: len(batch)]
        orders, boot = self._orders_for(session, claim), leadership.lease.epoch
        due = [slot for slot in self._agenda.due(claim.until) if slot.is_fresh(now_ms)]
        self._runner.submit(order for slot in due if (order := self._order(orders, slot, boot)) is not None)

    def _may_rest(self, now_ms: int) -> bool:
        """Whether nothing is due and nothing to be stored, and the last claim is young enough to lead on it."""
        busy = (
            self._samples or self._stepped or self._timetable is None or self._agenda.is_due(now_ms // 1000 + AHEAD_S)
        )
        return not busy and abs(now_ms - self._claimed_ms) < min(REST_MS, self._lease_ms // 3)

    def _orders_for(self, session: Session, claim: Claim) -> Orders:
        """Follow the schedules in force, and a frontier that moved otherwise than by time passing."""
        known = self._timetable
        if known is None or self._orders is None or known.edition != claim.edition:
            self._timetable = measurement.timetable(session, claim.after)
            self._agenda = Agenda(self._timetable.schedules, claim.after)
            self._orders = Orders(self._timetable)
        elif claim.rewound:
            self._agenda = Agenda(known.schedules, claim.after)
        return self._orders

    def _order(self, orders: Orders, due: Due, boot: int) -> Order | None:
        try:
            order = orders.order(due)
        except Refused:
            self._samples.append(refused(due, boot))
            return None
        self._intervals[order.probe, order.location, order.slot] = due.schedule.interval_s
        return order

    def _take_results(self, leadership: Leadership) -> None:
        """Take what the probes found; one that this worker's own end cut short found nothing, and is no sample.

        What nobody asked for now is told and left out: another's probe, a slot to come, a slot that has its result.
        """
        strange = []
        while self._results:
            result = self._results.popleft()
            interval_s = self._intervals.pop((result.probe, result.location, result.slot), None)
            if interval_s is None:
                strange.append((result.probe, result.location, result.slot))
            elif result.reason is not Reason.STOPPED:
                self._samples.append(sample_of(result, interval_s, leadership.lease.epoch))
        if strange:
            log.warning("results left out that nobody waits for", results=len(strange), first=strange[0])

    def _store(self, session: Session, leadership: Leadership) -> None:
        while self._samples:
            batch = self._samples[:BATCH]
            measurement.record(session, leadership, batch)
            del self._samples[: len(batch)]
