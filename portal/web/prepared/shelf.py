"""The shelf: prepared answers by path, made by one thread at a time each, and the mark that says which are up to date.

A request trusts the mark as long as somebody watches (portal/web/prepared/watch.py) and has looked within the last
second; with nobody watching it looks itself. While a watched answer that went out of date is made anew, requests get
it as it was for three quarters of a second: with ten looks a second nothing is shown a second after it changed.
"""

import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.usecases.status.freshness import Mark
from portal.web.prepared.answers import Answer, Rendered, Use
from portal.web.prepared.declared import Preparation

BYTES_MOST = 32 * 1024 * 1024
TRUSTED_S = 1.0
GRACE_S = 0.75
HOT_S = 60.0
HOT_MOST = 100
"""So many of the answers read within the last minute are made anew before anybody asks."""
WAIT_S = 30.0
log = structlog.get_logger()


@dataclass(slots=True)
class Counts:
    """How many answers were made while a request waited, and how many behind."""

    asked: int = 0
    behind: int = 0


@dataclass(frozen=True, slots=True)
class _Flight:
    """An answer that is being made, under the mark that was known when it was begun."""

    mark: Mark | None
    future: "Future[Answer]" = field(default_factory=Future)


class Shelf:
    """The prepared answers of one process, at most 32 MiB; those nobody read for longest go first."""

    def __init__(self, render: Callable[[str], Rendered], look: Callable[[], Mark]) -> None:
        self._render, self._look = render, look
        self._answers: dict[str, Answer] = {}
        self._flights: dict[str, _Flight] = {}
        self._lock, self._late = threading.Lock(), threading.Lock()
        self.mark: Mark | None = None
        self.is_away = False
        self.is_watched = False
        self._looked_at = float("-inf")
        self.counts = Counts()

    def find(self, path: str) -> Answer | None:
        """Return what lies at a path, up to date or not."""
        return self._answers.get(path)

    def fetch(self, path: str, preparation: Preparation) -> tuple[Answer, bool]:
        """Return the answer at a path, and whether it is up to date: False only while the records are away."""
        now = time.monotonic()
        found = self._answers.get(path)
        self._look_if_nobody_did(now)
        if found is not None:
            found.use.read_at = now
            if self.is_away:
                return found, False
            if self._is_fresh(found, now):
                return found, True
        made = self._made(path, preparation)
        if made.rendered.is_away and found is not None:
            return found, False
        return made, True

    def look(self) -> bool:
        """Learn the mark anew; True when it changed. Who cannot learn it learns that the records are away."""
        try:
            mark = self._look()
        except SQLAlchemyError:
            self._looked_at, self.is_away = time.monotonic(), True
            return False
        now = time.monotonic()
        with self._lock:
            self._looked_at, self.is_away = now, False
            if mark == self.mark:
                return False
            self.mark = mark
            for answer in self._answers.values():
                if answer.use.outdated_at is None:
                    answer.use.outdated_at = now
        return True

    def forget(self) -> None:
        """Let everything be made anew by whoever asks for it next."""
        with self._lock:
            self._answers.clear()

    def outdated(self) -> Iterable[tuple[str, Preparation]]:
        """Return what readers have asked for lately and is out of date, what was read last first."""
        since = time.monotonic() - HOT_S
        hot = sorted(
            ((one.use.read_at, path, one) for path, one in list(self._answers.items()) if one.use.read_at >= since),
            key=lambda each: each[:2],
            reverse=True,
        )
        return [(path, one.preparation) for _, path, one in hot[:HOT_MOST] if one.use.outdated_at is not None]

    def renew(self, path: str, preparation: Preparation) -> None:
        """Make an answer anew that nobody waits for."""
        self._made(path, preparation, is_asked=False)

    def _look_if_nobody_did(self, now: float) -> None:
        """Look, unless somebody watches; should the watch be late, one request looks and no other waits for it."""
        if not self.is_watched:
            self.look()
        elif now - self._looked_at > TRUSTED_S and self._late.acquire(blocking=False):
            try:
                self.look()
            finally:
                self._late.release()

    def _is_fresh(self, answer: Answer, now: float) -> bool:
        outdated_at = answer.use.outdated_at
        return outdated_at is None or (self.is_watched and now - outdated_at <= GRACE_S)

    def _made(self, path: str, preparation: Preparation, *, is_asked: bool = True) -> Answer:
        """Make an answer, or wait for whoever makes it under the mark of now."""
        while True:
            with self._lock:
                flight = self._flights.get(path)
                is_ours = flight is None
                if flight is None:
                    flight = self._flights[path] = _Flight(self.mark)
            if is_ours:
                return self._fly(path, preparation, flight, is_asked=is_asked)
            made = flight.future.result(WAIT_S)
            if flight.mark == self.mark:
                return made

    def _fly(self, path: str, preparation: Preparation, flight: _Flight, *, is_asked: bool) -> Answer:
        try:
            at, now = clock.now(), time.monotonic()
            answer = Answer(self._render(path), preparation, flight.mark, at, Use(now)).prepare()
            self._put(path, answer, flight, is_asked=is_asked)
            flight.future.set_result(answer)
        except BaseException as error:
            flight.future.set_exception(error)
            raise
        finally:
            with self._lock:
                self._flights.pop(path, None)
        return answer

    def _put(self, path: str, answer: Answer, flight: _Flight, *, is_asked: bool) -> None:
        with self._lock:
            self.counts.asked += is_asked
            self.counts.behind += not is_asked
            before = self._answers.get(path)
            if not answer.rendered.is_whole:
                if not answer.rendered.is_away:
                    self._answers.pop(path, None)
                return
            if not is_asked and before is not None:
                answer.use.read_at = before.use.read_at
            if flight.mark != self.mark:
                answer.use.outdated_at = time.monotonic()
            self._answers[path] = answer
            self._make_room()

    def _make_room(self) -> None:
        held = sum(one.size for one in self._answers.values())
        for path, one in sorted(self._answers.items(), key=lambda each: each[1].use.read_at):
            if held <= BYTES_MOST:
                return
            held -= one.size
            del self._answers[path]
