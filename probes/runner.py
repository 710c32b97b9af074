"""The one thread that measures: orders in, results out, one in hand per probe and location (trust.md F11)."""

import resource
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from probes.clock import Clock
from probes.desk import Ahead, Desk
from probes.finding import Finder
from probes.kinds.http import Http, HttpProbe
from probes.kinds.tcp import Tcp, TcpProbe
from probes.loop import LOOK_UP_US, Loop
from probes.measurement import Measurement, Verdict, unknown
from probes.names import system_nameservers
from probes.resolver import Resolver
from probes.results import Fault, Order, Reason, Result, State
from probes.targets import HttpTarget

MAX_IN_FLIGHT = 4000
SPARE_DESCRIPTORS = 200
STARTS_PER_TURN = 64
# What our own standing still can look like from inside.
SILENT = frozenset({Fault.TIMEOUT, Fault.CUT, Fault.UNREACHABLE, Fault.SLOW})


class Stopped(RuntimeError):
    """The runner takes no more orders."""


class Runner:
    """Measures what it is ordered to, thousands at once, in one thread of its own; none before its slot.

    Every order yields exactly one result through `deliver`, which is called on that thread and must neither
    block nor raise. Name servers are `address` or `address#port`, the machine's own when none are given.
    """

    def __init__(
        self,
        deliver: Callable[[Result], None],
        *,
        clock: Clock | None = None,
        nameservers: Sequence[str] | None = None,
        max_in_flight: int | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._deliver = deliver
        self._clock = clock or Clock()
        self._loop = Loop(self._clock)
        self._resolver = Resolver(self._loop, system_nameservers() if nameservers is None else nameservers)
        finder = Finder(self._loop, self._resolver)
        self._http = Http(self._loop, finder, ca_file)
        self._tcp = Tcp(self._loop, finder)
        self._ahead = Ahead()
        self._desk = Desk(max_in_flight or _affordable())
        self._jobs: dict[tuple[int, int], _Job] = {}
        self._lock = threading.Lock()
        self._inbox: list[Order] = []
        self._taken = 0
        self._settled = 0
        self._drain_until_us: int | None = None
        self._thread = threading.Thread(target=self._run, name="probes", daemon=True)

    @property
    def in_flight(self) -> int:
        """How many orders are in hand, started or waiting."""
        return self._taken - self._settled

    @property
    def alive(self) -> bool:
        """Whether the thread runs."""
        return self._thread.is_alive()

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def submit(self, orders: Iterable[Order]) -> None:
        """Take orders, from any thread; raises Stopped when no result could follow.

        A second order for the same probe and location ends as unknown(overrun) once the first has ended; the
        same slot again is ignored.
        """
        taken = list(orders)
        with self._lock:
            if self._drain_until_us is not None:
                raise Stopped("The runner has stopped.")
            self._inbox += taken
            self._taken += len(taken)
            self._loop.wake()

    def stop(self, drain_s: float = 10.0) -> None:
        """Take no more orders, give those under way `drain_s` seconds, end the rest as unknown(stopped)."""
        with self._lock:
            first = self._drain_until_us is None
            if first:
                self._drain_until_us = self._loop.now_us() + int(drain_s * 1_000_000)
                self._loop.wake()
        if self._thread.ident is not None:
            self._thread.join()
        elif first:
            self._end()

    def _run(self) -> None:
        try:
            while not self._is_over():
                self._take_inbox()
                more = self._start_some()
                self._loop.turn(0 if more else self._longest_us())
        finally:
            self._end()

    def _longest_us(self) -> int | None:
        """How long the loop may wait for something to happen: until the next order held may start at most."""
        wait_ms = self._ahead.wait_ms(self._clock.wall_ms())
        if wait_ms is None:
            return LOOK_UP_US if self._jobs else None
        return min(LOOK_UP_US, wait_ms * 1000)

    def _is_over(self) -> bool:
        if self._drain_until_us is None:
            return False
        self._take_inbox()
        for order in (*self._ahead.clear(), *self._desk.give_up_waiting()):
            self._settle(_unmeasured(order, Reason.STOPPED))
        return not self._jobs or self._loop.now_us() >= self._drain_until_us

    def _end(self) -> None:
        """End what is still in hand, whatever happened, and give everything back."""
        with self._lock:
            self._drain_until_us = self._drain_until_us or 0
            self._loop.silence()
        self._take_inbox()
        for job in self._jobs.values():
            if job.probe is not None:
                job.probe.abort()
        for order in (*self._ahead.clear(), *self._desk.clear()):
            self._settle(_unmeasured(order, Reason.STOPPED))
        self._jobs.clear()
        self._resolver.close()
        self._http.close()
        self._loop.close()

    def _take_inbox(self) -> None:
        """Put in line what is due, of what has come and of what was held."""
        now_ms = self._clock.wall_ms()
        if self._inbox:  # most turns find it empty and need no lock
            with self._lock:
                orders, self._inbox = self._inbox, []
            self._put_in_line(order for order in orders if not self._ahead.hold(order, now_ms))
        self._put_in_line(self._ahead.due(now_ms))

    def _put_in_line(self, orders: Iterable[Order]) -> None:
        for order in orders:
            if not self._desk.take(order):
                self._settled += 1

    def _start_some(self) -> bool:
        """Start what has a place, a few at a time so that answers are read in between; True when more may start."""
        for _ in range(STARTS_PER_TURN):
            order = self._desk.start_next()
            if order is None:
                return False
            self._start(order)
        return True

    def _start(self, order: Order) -> None:
        wall_ms = self._clock.wall_ms()
        if wall_ms > order.latest_start_ms:
            self._end_order(order, _unmeasured(order, Reason.OVERRUN))
            return
        now_us = self._loop.now_us()
        job = _Job(order, wall_ms, now_us, self._loop.stalled_us)
        self._jobs[(order.probe, order.location)] = job
        deadline_us = now_us + order.timeout_ms * 1000
        done = partial(self._measured, job)
        if isinstance(order.target, HttpTarget):
            job.probe = self._http.start(order, order.target, deadline_us, done)
        else:
            job.probe = self._tcp.start(order, order.target, deadline_us, done)

    def _measured(self, job: "_Job", measurement: Measurement) -> None:
        del self._jobs[(job.order.probe, job.order.location)]
        stalled_us = self._loop.stalled_us - job.stalled_us
        self._end_order(job.order, _result(job, measurement, stalled_us))

    def _end_order(self, order: Order, result: Result) -> None:
        overrun = self._desk.finish(order, result.error is Fault.TIMEOUT)
        self._settle(result)
        for later in overrun:
            self._settle(_unmeasured(later, Reason.OVERRUN))

    def _settle(self, result: Result) -> None:
        self._settled += 1
        self._deliver(result)


class _Job:
    """A started order."""

    __slots__ = ("monotonic_us", "order", "probe", "stalled_us", "wall_ms")

    def __init__(self, order: Order, wall_ms: int, monotonic_us: int, stalled_us: int) -> None:
        self.order = order
        self.wall_ms = wall_ms
        self.monotonic_us = monotonic_us
        self.stalled_us = stalled_us
        self.probe: HttpProbe | TcpProbe | None = None


def _result(job: _Job, measurement: Measurement, stalled_us: int) -> Result:
    verdict = _excuse(measurement.verdict, stalled_us, job.order.timeout_ms)
    phases = measurement.phases
    return Result(
        probe=job.order.probe,
        location=job.order.location,
        slot=job.order.slot,
        state=verdict.state,
        reason=verdict.reason,
        error=verdict.error,
        detail=verdict.detail,
        start_offset_ms=job.wall_ms - job.order.slot * 1000,
        monotonic_ms=job.monotonic_us // 1000,
        resolve_ms=phases.resolve_us // 1000,
        connect_ms=phases.connect_us // 1000,
        tls_ms=phases.tls_us // 1000,
        processing_ms=phases.processing_us // 1000,
        transfer_ms=phases.transfer_us // 1000,
        total_ms=phases.total_us // 1000,
        http_status=measurement.http_status,
    )


def _excuse(verdict: Verdict, stalled_us: int, timeout_ms: int) -> Verdict:
    """Blame no target for silence while this process itself stood still for a tenth of the deadline or more."""
    if verdict.error not in SILENT or stalled_us * 10 < timeout_ms * 1000:
        return verdict
    return unknown(Reason.STALLED, f"this process stood still for {stalled_us // 1000} ms")


def _unmeasured(order: Order, reason: Reason) -> Result:
    return Result(order.probe, order.location, order.slot, State.UNKNOWN, reason)


def _affordable() -> int:
    """Return how many probes the open-file limit allows at once: a second address may need a second socket."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY:
        return MAX_IN_FLIGHT
    return max(16, min(MAX_IN_FLIGHT, (soft - SPARE_DESCRIPTORS) // 2))
