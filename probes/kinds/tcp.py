"""The tcp kind: does the port accept a connection before the deadline? Nothing is sent."""

import errno
import os
import select
import socket
from collections.abc import Callable

from probes.finding import Finder, Found
from probes.guard import Endpoint, Refused, check_endpoint
from probes.kinds.faults import judge_errno
from probes.loop import Loop, Timer
from probes.measurement import Measurement, Phases, Verdict, down, judge_latency, unknown
from probes.results import Fault, Order, Reason
from probes.targets import TcpTarget

NEXT_ADDRESS_US = 250_000  # RFC 8305: when an address keeps silent, try the next one beside it

Done = Callable[[Measurement], None]


class Tcp:
    """Runs tcp probes."""

    def __init__(self, loop: Loop, finder: Finder) -> None:
        self.loop = loop
        self.finder = finder

    def start(self, order: Order, target: TcpTarget, deadline_us: int, done: Done) -> "TcpProbe":
        """Begin a probe; `done` is called once with its measurement, possibly before this returns."""
        probe = TcpProbe(self, target, deadline_us, done)
        probe.start(order)
        return probe


class TcpProbe:
    """One probe under way: its addresses are tried in turn, the first that accepts wins."""

    def __init__(self, home: Tcp, target: TcpTarget, deadline_us: int, done: Done) -> None:
        self._home = home
        self._target = target
        self._deadline_us = deadline_us
        self._done: Done | None = done
        self._phases = Phases()
        self._began_us = home.loop.now_us()
        self._connect_us = self._began_us
        self._endpoint: Endpoint
        self._left: list[str] = []
        self._sockets: dict[int, socket.socket] = {}
        self._timers: list[Timer] = []
        self._failure: Verdict | None = None

    def start(self, order: Order) -> None:
        """Check the address, then find what its name stands for."""
        try:
            self._endpoint = check_endpoint(self._target.address, order.policy)
        except Refused as refusal:
            self._finish(unknown(Reason.ADDRESS_REFUSED, str(refusal)))
            return
        self._home.finder.find(self._endpoint, order.policy, self._deadline_us, self._found)

    def abort(self) -> None:
        """End without a measurement."""
        self._done = None
        self._release()

    def _found(self, found: Found) -> None:
        if self._done is None:
            return
        self._connect_us = self._home.loop.now_us()
        self._phases.resolve_us = self._connect_us - self._began_us
        if isinstance(found, Verdict):
            self._finish(found)
            return
        self._left = list(found)
        self._timers.append(self._home.loop.at(self._deadline_us, self._time_out))
        self._try_next()

    def _try_next(self) -> None:
        while self._left and self._done is not None:
            if self._connect(self._left.pop(0)):
                if self._left:
                    due_us = self._home.loop.now_us() + NEXT_ADDRESS_US
                    self._timers.append(self._home.loop.at(due_us, self._try_next))
                return
        if not self._sockets and self._done is not None:
            self._finish(self._failure or down(Fault.UNREACHABLE))

    def _connect(self, address: str) -> bool:
        """Begin a connection; False when it failed at once."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        try:
            opened = socket.socket(family, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
        except OSError as error:
            self._failure = judge_errno(error.errno or 0)
            return False
        number = opened.connect_ex((address, self._endpoint.port))
        if number not in (0, errno.EINPROGRESS):
            self._failed(number)
            opened.close()
            return False
        self._sockets[opened.fileno()] = opened
        self._home.loop.watch(opened.fileno(), select.EPOLLOUT, self._ready)
        return True

    def _ready(self, fd: int, _events: int) -> None:
        number = self._sockets[fd].getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if number:
            self._failed(number)
            self._close(fd)
            self._try_next()
        elif self._home.loop.now_us() > self._deadline_us:
            self._time_out()
        else:
            total_ms = (self._home.loop.now_us() - self._began_us) // 1000
            self._finish(judge_latency(total_ms, self._target.latency_limit_ms))

    def _failed(self, number: int) -> None:
        """Remember why; what the target did outweighs what this machine could not do."""
        verdict = judge_errno(number)
        if self._failure is None or verdict.error is not None:
            self._failure = verdict

    def _time_out(self) -> None:
        self._finish(down(Fault.TIMEOUT, f"no connection before the deadline ({os.strerror(errno.ETIMEDOUT)})"))

    def _finish(self, verdict: Verdict) -> None:
        done, self._done = self._done, None
        now_us = self._home.loop.now_us()
        self._phases.total_us = now_us - self._began_us
        self._phases.connect_us = self._phases.total_us - self._phases.resolve_us
        self._release()
        if done is not None:
            done(Measurement(verdict, self._phases))

    def _close(self, fd: int) -> None:
        self._home.loop.forget(fd)
        self._sockets.pop(fd).close()

    def _release(self) -> None:
        for timer in self._timers:
            timer.cancel()
        for fd in list(self._sockets):
            self._close(fd)
