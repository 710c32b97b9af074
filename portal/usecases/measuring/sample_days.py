"""Keeping the days of hot samples on PostgreSQL: the coming ones made ahead, waiting samples moved, empty ones gone."""

from sqlalchemy.orm import Session

from portal.domain.evidence.runs import DAY_SECONDS
from portal.store.ground import partitions

AHEAD = 2
"""Days made ahead, so that none has to be made while samples are stored."""
KEPT = 3
"""Days that stay although they are empty: they are still open, or were a moment ago."""


def keep(session: Session, now_s: int) -> None:
    """Make the days up to the day after tomorrow and those samples wait for, and drop old empty ones; UTC seconds.

    A day that would have to wait for somebody is left to the next time. Does nothing on SQLite.
    """
    if session.get_bind().dialect.name != "postgresql":
        return
    today = now_s // DAY_SECONDS
    there = set(partitions.days(session))
    for day in {*range(today, today + AHEAD + 1), *partitions.waiting_days(session)} - there:
        partitions.make_day(session, day)
    for day in there:
        if day < today - KEPT:
            partitions.drop_day(session, day)
