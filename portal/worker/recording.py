"""Keeping the track records of agreements beside the statements they are made of, by the worker that leads."""

from collections.abc import Callable

import structlog

from portal.usecases.publishing.track_records import keep_track_records
from portal.worker.measuring import DATABASE_AWAY, Sessions

log = structlog.get_logger("portal.worker")


class Recording:
    """Makes records anew while `leads` says so; `tick` is called every minute, from one thread at a time."""

    def __init__(self, sessions: Sessions, leads: Callable[[], bool]) -> None:
        self._sessions, self._leads = sessions, leads

    def tick(self) -> None:
        """Make the records of periods whose statements have changed; a database that is away is asked again."""
        if not self._leads():
            return
        try:
            with self._sessions() as session:
                changed = keep_track_records(session)
        except DATABASE_AWAY as error:
            log.warning("no records kept", error=str(error))
            return
        if changed:
            log.info("track records kept", periods=changed)
