"""Printing what was ordered, a few papers at a time, by the worker that leads; the press is a process of its own."""

from collections.abc import Callable, Sequence

import structlog

from portal import clock, press
from portal.domain.notices.refusals import Refusal
from portal.press import NotPrinted, PressMissing
from portal.usecases.closing import papers
from portal.usecases.closing.papers import Task
from portal.web import printed
from portal.worker.measuring import DATABASE_AWAY, Sessions
from probes.clock import Clock

log = structlog.get_logger("portal.worker")

REST_S = 600
"""How long a worker without a press leaves orders alone before it looks whether somebody installed one."""
AT_ONCE = 8
Press = Callable[[Sequence[str], Sequence[str]], Sequence[bytes | NotPrinted]]


class Printing:
    """Prints while `leads` says so; `tick` is called every few seconds, from one thread at a time."""

    def __init__(
        self, sessions: Sessions, leads: Callable[[], bool], clocks: Clock | None = None, press: Press = press.printed
    ) -> None:
        self._sessions, self._leads, self._press = sessions, leads, press
        self._clock = clocks or Clock()
        self._resting_since_us: int | None = None

    def tick(self) -> None:
        """Print the papers that come next, if any; a database that is away is asked again by the next tick."""
        if not self._leads() or self._rests():
            return
        try:
            with self._sessions() as session:
                tasks = papers.next_tasks(session, clock.instant(self._clock.wall_ms() // 1000), AT_ONCE)
            if tasks:
                self._print(tasks)
        except DATABASE_AWAY as error:
            log.warning("nothing printed", error=str(error))

    def _print(self, tasks: Sequence[Task]) -> None:
        pages = {task: page for task in tasks if (page := self._page(task)) is not None}
        try:
            found = self._press(list(pages.values()), self._sheets()) if pages else ()
        except PressMissing as problem:
            log.warning("papers wait", problem=str(problem))
            self._resting_since_us = self._clock.monotonic_us()
            with self._sessions() as session:
                papers.wait_for_press(session, list(pages))
            return
        for task, one in zip(pages, found, strict=True):
            self._keep(task, one)

    def _page(self, task: Task) -> str | None:
        try:
            with self._sessions() as session:
                return printed.page_of(session, task, clock.instant(self._clock.wall_ms() // 1000))
        except Refusal as problem:
            self._keep(task, NotPrinted(problem.sentence))
            return None

    def _sheets(self) -> Sequence[str]:
        with self._sessions():
            return printed.sheets()

    def _keep(self, task: Task, content: bytes | NotPrinted) -> None:
        with self._sessions() as session:
            if isinstance(content, NotPrinted):
                log.error("a paper was not printed", kind=task.wanted.kind, problem=str(content))
                papers.put_off(session, task, str(content))
            else:
                papers.keep(session, task, content, clock.instant(self._clock.wall_ms() // 1000))
                log.info("paper printed", kind=task.wanted.kind, bytes=len(content))

    def _rests(self) -> bool:
        since = self._resting_since_us
        return since is not None and self._clock.monotonic_us() - since < REST_S * 1_000_000
