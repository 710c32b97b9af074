"""libcurl's multi interface on the probes' loop: libcurl says which sockets and timers it wants watched."""

import select
from collections.abc import Callable

import pycurl

from probes.loop import Loop, Timer

Done = Callable[[int, str], None]

_WANTED = {
    pycurl.POLL_IN: select.EPOLLIN,
    pycurl.POLL_OUT: select.EPOLLOUT,
    pycurl.POLL_INOUT: select.EPOLLIN | select.EPOLLOUT,
}
_ACTIONS = {0: 0, select.EPOLLIN: pycurl.CSELECT_IN, select.EPOLLOUT: pycurl.CSELECT_OUT}
_ANYTHING = pycurl.CSELECT_IN | pycurl.CSELECT_OUT | pycurl.CSELECT_ERR


class Multi:
    """Runs any number of easy handles at once; each ends with `done(error code, message)`, 0 for success."""

    def __init__(self, loop: Loop) -> None:
        self._loop = loop
        self._running: dict[pycurl.Curl, Done] = {}
        self._timer: Timer | None = None
        self._due_us = 0
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)

    def add(self, curl: pycurl.Curl, done: Done) -> None:
        """Start a handle."""
        self._running[curl] = done
        self._multi.add_handle(curl)

    def drop(self, curl: pycurl.Curl) -> None:
        """End a handle without calling anybody."""
        if self._running.pop(curl, None) is not None:
            self._multi.remove_handle(curl)

    def close(self) -> None:
        """End everything."""
        for curl in list(self._running):
            self.drop(curl)
        if self._timer is not None:
            self._timer.cancel()
        self._multi.close()

    def _watch(self, what: int, fd: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        if what == pycurl.POLL_REMOVE:
            self._loop.forget(fd)
        else:
            self._loop.watch(fd, _WANTED.get(what, 0), self._ready)

    def _set_timer(self, timeout_ms: int) -> None:
        """Keep at most one timer; one that is due earlier than needed stays and is set anew when it passes."""
        if timeout_ms < 0:
            self._due_us = 0
            return
        self._due_us = self._loop.now_us() + timeout_ms * 1000
        if self._timer is None or self._timer.due_us > self._due_us:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = self._loop.at(self._due_us, self._timed)

    def _timed(self) -> None:
        self._timer = None
        if self._due_us > self._loop.now_us():
            self._timer = self._loop.at(self._due_us, self._timed)
        elif self._due_us:
            self._due_us = 0
            self._ready(pycurl.SOCKET_TIMEOUT, 0)

    def _ready(self, fd: int, events: int) -> None:
        _, running = self._multi.socket_action(fd, _ACTIONS.get(events, _ANYTHING))
        if running < len(self._running):
            self._collect()

    def _collect(self) -> None:
        """Tell everybody whose handle has ended; what they start in turn is counted the next time."""
        _, succeeded, failed = self._multi.info_read()
        for curl in succeeded:
            self._finish(curl, 0, "")
        for curl, code, message in failed:
            self._finish(curl, code, message)

    def _finish(self, curl: pycurl.Curl, code: int, message: str) -> None:
        done = self._running.pop(curl, None)
        if done is not None:
            self._multi.remove_handle(curl)
            done(code, message)
