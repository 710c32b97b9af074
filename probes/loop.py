"""One thread's event loop: sockets by epoll, timers by a heap, a wake-up from other threads.

It is this small because libcurl wants to be told about sockets and timers itself; while something is in hand
the runner has it look up at least four times a second, so that it notices when the process stood still (F10).
"""

import heapq
import os
import select
from collections.abc import Callable
from itertools import count

from probes.clock import Clock

LOOK_UP_US = 250_000
STALL_US = 250_000
MAX_EVENTS = 256

Handler = Callable[[int, int], None]


class Timer:
    """A moment and what to do then; `cancel` makes it do nothing."""

    __slots__ = ("action", "due_us")

    def __init__(self, due_us: int, action: Callable[[], None]) -> None:
        self.due_us = due_us
        self.action: Callable[[], None] | None = action

    def cancel(self) -> None:
        """Forget the action; the timer may still pass, unheard."""
        self.action = None


class Loop:
    """Sockets and timers of one thread; only `wake` may be called from another.

    `now_us()` reads the monotonic clock in microseconds. `stalled_us` grows by the time the process stood still:
    whoever waited across it cannot blame the other side.
    """

    def __init__(self, clock: Clock) -> None:
        self.now_us = clock.monotonic_us
        self._epoll = select.epoll()
        self._handlers: dict[int, Handler] = {}
        self._timers: list[tuple[int, int, Timer]] = []
        self._order = count()
        self._wake_fd = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._epoll.register(self._wake_fd, select.EPOLLIN)
        self._looked_us = self.now_us()
        self._awake = True
        self.stalled_us = 0

    def watch(self, fd: int, events: int, handler: Handler) -> None:
        """Call `handler(fd, events)` whenever the socket is ready for these epoll events."""
        if fd in self._handlers:
            self._epoll.modify(fd, events)
        else:
            self._epoll.register(fd, events)
        self._handlers[fd] = handler

    def forget(self, fd: int) -> None:
        """Stop watching a socket; one that is already closed left epoll by itself."""
        if self._handlers.pop(fd, None) is not None:
            try:
                self._epoll.unregister(fd)
            except OSError:
                return

    def at(self, due_us: int, action: Callable[[], None]) -> Timer:
        """Call `action` once when the monotonic clock reaches `due_us`."""
        timer = Timer(due_us, action)
        heapq.heappush(self._timers, (due_us, next(self._order), timer))
        return timer

    def wake(self) -> None:
        """End the present wait; safe from any thread."""
        if self._awake:
            os.eventfd_write(self._wake_fd, 1)

    def turn(self, longest_us: int | None) -> None:
        """Wait once for sockets, a timer or `wake`, at most `longest_us` (None: without end), and serve them."""
        began_us = self.now_us()
        wait_us = self._wait_us(began_us, longest_us) if self._timers else longest_us
        ready = self._epoll.poll(None if wait_us is None else wait_us / 1e6, MAX_EVENTS)
        self._notice_stall(began_us, wait_us)
        for fd, events in ready:
            if fd == self._wake_fd:
                os.eventfd_read(fd)
            elif (handler := self._handlers.get(fd)) is not None:
                handler(fd, events)
        self._pass_timers()

    def silence(self) -> None:
        """Let `wake` do nothing from now on."""
        self._awake = False

    def close(self) -> None:
        """Give the descriptors back."""
        self._epoll.close()
        os.close(self._wake_fd)

    def _wait_us(self, now_us: int, longest_us: int | None) -> int | None:
        while self._timers and self._timers[0][2].action is None:
            heapq.heappop(self._timers)
        if not self._timers:
            return longest_us
        wait_us = max(0, self._timers[0][0] - now_us)
        return wait_us if longest_us is None else min(wait_us, longest_us)

    def _notice_stall(self, began_us: int, wait_us: int | None) -> None:
        """Count what the work since the last look took too long, and what the wait took beyond its end."""
        now_us = self.now_us()
        late_us = 0 if wait_us is None else now_us - began_us - wait_us
        for lost_us in (began_us - self._looked_us, late_us):
            if lost_us >= STALL_US:
                self.stalled_us += lost_us
        self._looked_us = now_us

    def _pass_timers(self) -> None:
        now_us = self.now_us()
        while self._timers and self._timers[0][0] <= now_us:
            action = heapq.heappop(self._timers)[2].action
            if action is not None:
                action()
