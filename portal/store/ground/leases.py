"""Who leads a piece of the provider's own work, fenced by an epoch, and the frontier of the slots claimed so far.

Every question that writes names holder and epoch and counts the rows it reached: none means that somebody else leads
by now, and the transaction around it is given up (trust.md E7). The statements are made once: they run every second.
"""

from dataclasses import dataclass
from typing import cast

from sqlalchemy import Table, Update, and_, bindparam, or_, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.store.ground.base import Base, Seconds
from portal.store.ground.dialects import insert_new

FARTHEST_MS = 600_000
"""No lease is given for longer; an end farther away was written by a clock that has been set back since."""


class LeaseRow(Base):
    """Who leads, fenced by an epoch that only grows (trust.md E7); `claimed_until` is the frontier of claimed slots."""

    __tablename__ = "lease"

    name: Mapped[str] = mapped_column(primary_key=True)
    holder: Mapped[str]
    epoch: Mapped[int]
    until_ms: Mapped[Seconds]
    claimed_until: Mapped[Seconds]


LEASES = cast(Table, LeaseRow.__table__)
_NAMED = LEASES.c.name == bindparam("of_name")
_HELD = and_(_NAMED, LEASES.c.holder == bindparam("of_holder"), LEASES.c.epoch == bindparam("of_epoch"))
_FREE = or_(LEASES.c.until_ms <= bindparam("now_ms"), LEASES.c.until_ms > bindparam("now_ms") + FARTHEST_MS)
_STATE = select(LEASES.c.epoch, LEASES.c.until_ms, LEASES.c.claimed_until).where(_NAMED)
_FRONTIER = select(LEASES.c.claimed_until).where(_HELD).with_for_update()
_TAKE = (
    update(LEASES)
    .where(_NAMED, _FREE)
    .values(holder=bindparam("new_holder"), until_ms=bindparam("ends_ms"), epoch=LEASES.c.epoch + 1)
)
_HOLD = select(LEASES.c.name).where(_NAMED).with_for_update()
_MOVE = update(LEASES).where(_HELD).values(claimed_until=bindparam("frontier"), until_ms=bindparam("ends_ms"))
_FENCE = update(LEASES).where(_HELD).values(epoch=LEASES.c.epoch)
_RELEASE = update(LEASES).where(_HELD).values(until_ms=0)


class Fenced(Exception):
    """Somebody else leads by now: nothing was written, and nothing of this leadership may be any more."""


@dataclass(frozen=True, slots=True)
class Lease:
    """One leadership: who, and under which epoch. Later ones have higher epochs."""

    name: str
    holder: str
    epoch: int


def ends_at_ms(session: Session, name: str) -> int | None:
    """Return the UTC millisecond at which the lease runs out; None when nobody ever held it."""
    row = session.connection().execute(_STATE, {"of_name": name}).first()
    return None if row is None else row.until_ms


def frontier(session: Session, name: str) -> int | None:
    """Return the last claimed second; None when nobody ever led. New schedules govern later slots only."""
    row = session.connection().execute(_STATE, {"of_name": name}).first()
    return None if row is None else row.claimed_until


def is_free(until_ms: int | None, now_ms: int) -> bool:
    """Whether a lease that ends then can be taken now."""
    return until_ms is None or until_ms <= now_ms or until_ms > now_ms + FARTHEST_MS


def take(session: Session, name: str, holder: str, now_ms: int, until_ms: int) -> Lease | None:
    """Take the lease if it is free; None when another holds it. The first holder ever starts the frontier at now."""
    connection = session.connection()
    first = {"name": name, "holder": "", "epoch": 0, "until_ms": 0, "claimed_until": now_ms // 1000}
    connection.execute(insert_new(session, LeaseRow), first)
    values = {"of_name": name, "now_ms": now_ms, "new_holder": holder, "ends_ms": until_ms}
    if connection.execute(_TAKE, values).rowcount == 0:
        return None
    return Lease(name, holder, connection.execute(_STATE, {"of_name": name}).one().epoch)


def claimed_until(session: Session, lease: Lease) -> int:
    """Return the frontier and keep it from changing until the transaction ends; raise Fenced."""
    row = session.connection().execute(_FRONTIER, _held(lease)).first()
    if row is None:
        raise Fenced
    return int(row.claimed_until)


def move(session: Session, lease: Lease, claimed_until: int, until_ms: int) -> None:
    """Set the frontier and renew the lease in one write; raise Fenced."""
    _write(session, _MOVE, {**_held(lease), "frontier": claimed_until, "ends_ms": until_ms})


def fence(session: Session, lease: Lease) -> None:
    """Keep the lease from changing hands until the transaction ends; raise Fenced."""
    _write(session, _FENCE, _held(lease))


def hold(session: Session, name: str) -> None:
    """Keep whoever leads this from writing until the transaction ends; changes nothing, and nobody need lead."""
    session.connection().execute(_HOLD, {"of_name": name})


def release(session: Session, lease: Lease) -> None:
    """Let the next one take the lease at once; raise Fenced."""
    _write(session, _RELEASE, _held(lease))


def _write(session: Session, statement: Update, values: dict[str, object]) -> None:
    if session.connection().execute(statement, values).rowcount == 0:
        raise Fenced


def _held(lease: Lease) -> dict[str, object]:
    return {"of_name": lease.name, "of_holder": lease.holder, "of_epoch": lease.epoch}
