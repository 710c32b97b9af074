"""Looking at the installation itself: one check, one sentence, for operators and for whoever balances requests."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading
from portal.store.ground import backups, leases
from portal.usecases.measuring.measurement import LEASE

SET_BACK_S = 5
FREE_BYTES_LEAST = 1024**3
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class Check:
    """What was looked at, whether it is fine, and a sentence about it."""

    name: str
    is_fine: bool
    sentence: str


def check_service(session: Session, newest: str | None, now: datetime) -> Sequence[Check]:
    """Look whether the database answers, holds the tables of this version (`newest`), and the worker leads."""
    try:
        with reading(session):
            return (
                Check("database", True, f"It answers ({session.get_bind().dialect.name})."),
                _check_tables(session, newest),
                _check_worker(session, now),
                _check_clock(session, now),
            )
    except DBAPIError as error:
        reason = str(error.orig).partition("\n")[0]
        return (Check("database", False, f"It cannot be used: {reason}."),)


def check_disk(home: Path) -> Check:
    """Look whether the disk of the data folder has room."""
    free = shutil.disk_usage(home).free
    return Check("disk", free >= FREE_BYTES_LEAST, f"{free // MIB} MiB are free in the data folder; 1024 should be.")


def _check_tables(session: Session, newest: str | None) -> Check:
    present = backups.revision(session.connection())
    if present == newest:
        return Check("migrations", True, f"The tables are those of this version ({newest}).")
    return Check("migrations", False, f"The tables are at {present or 'no revision'}, not {newest}: sla-portal migrate")


def _check_worker(session: Session, now: datetime) -> Check:
    if backups.revision(session.connection()) is None:
        return Check("worker", False, "There are no tables it could work with.")
    ends_ms = leases.ends_at_ms(session, LEASE)
    if ends_ms is None:
        return Check("worker", False, "None ever measured here: sla-portal worker")
    last = clock.instant(leases.frontier(session, LEASE) or 0)
    if leases.is_free(ends_ms, clock.seconds(now) * 1000):
        return Check("worker", False, f"None measures; the last tick was at {last:%Y-%m-%d %H:%M:%S} UTC.")
    return Check("worker", True, f"It measures; the last tick was at {last:%Y-%m-%d %H:%M:%S} UTC.")


def _check_clock(session: Session, now: datetime) -> Check:
    if backups.revision(session.connection()) is None:
        return Check("clock", True, f"It says {now:%Y-%m-%d %H:%M:%S} UTC.")
    ahead_s = (leases.frontier(session, LEASE) or 0) - clock.seconds(now)
    if ahead_s > SET_BACK_S:
        return Check("clock", False, f"It is {ahead_s} seconds behind what was measured already: was it set back?")
    return Check("clock", True, f"It says {now:%Y-%m-%d %H:%M:%S} UTC, and nothing measured is later.")
