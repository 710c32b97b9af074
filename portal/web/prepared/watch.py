"""Watching over the shelf of a web process: looking for changes, and making anew what readers have asked for lately."""

import threading
from collections.abc import Container

import structlog
from flask import Flask

from portal.usecases.status.freshness import Mark
from portal.web.prepared.declared import Preparation
from portal.web.prepared.door import SHELF
from portal.web.prepared.shelf import Shelf

LOOK_S = 0.1
log = structlog.get_logger()


class Watch:
    """Two threads: one looks ten times a second, the other makes anew, so that making never delays looking.

    What was read last is made first, also when the next change comes before everything was made after this one.
    """

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._stop = threading.Event()
        self._changed = threading.Event()
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._look, self._renew)]

    def begin(self) -> "Watch":
        """Begin to watch."""
        self._shelf.is_watched = True
        for thread in self._threads:
            thread.start()
        return self

    def end(self) -> None:
        """Stop watching, and wait for both threads."""
        self._shelf.is_watched = False
        self._stop.set()
        self._changed.set()
        for thread in self._threads:
            thread.join()

    def _look(self) -> None:
        while not self._stop.wait(LOOK_S):
            try:
                self._shelf.look()
            except Exception:
                log.exception("watching for changes failed")
            if not self._changed.is_set():
                self._changed.set()

    def _renew(self) -> None:
        while not self._stop.is_set():
            self._changed.wait()
            self._changed.clear()
            tried: set[tuple[str, Mark | None]] = set()
            while (found := self._next(tried)) and not self._stop.is_set():
                path, preparation = found
                tried.add((path, self._shelf.mark))
                try:
                    self._shelf.renew(path, preparation)
                except Exception:
                    log.exception("making a page anew failed", path=path)

    def _next(self, tried: Container[tuple[str, Mark | None]]) -> tuple[str, Preparation] | None:
        mark = self._shelf.mark
        return next((one for one in self._shelf.outdated() if (one[0], mark) not in tried), None)


def watch(app: Flask) -> Watch:
    """Watch over the prepared pages of an application from now on."""
    shelf: Shelf = app.extensions[SHELF]
    return Watch(shelf).begin()
