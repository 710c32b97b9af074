"""Watching over the shelf of a web process: looking for changes, and making anew what readers have asked for lately."""

import threading

import structlog
from flask import Flask

from portal.web.prepared.door import SHELF
from portal.web.prepared.shelf import Shelf

LOOK_S = 0.25
log = structlog.get_logger()


class Watch:
    """Two threads: one looks four times a second, the other makes anew, so that making never delays looking."""

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
            for path, preparation in self._shelf.outdated():
                if self._stop.is_set():
                    return
                try:
                    self._shelf.renew(path, preparation)
                except Exception:
                    log.exception("making a page anew failed", path=path)


def watch(app: Flask) -> Watch:
    """Watch over the prepared pages of an application from now on."""
    shelf: Shelf = app.extensions[SHELF]
    return Watch(shelf).begin()
