"""Seals: the digest of every chunk once more, in rows that only grow, each chained to the one before (trust.md P3)."""

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy import LargeBinary, PrimaryKeyConstraint, SmallInteger, Table, UniqueConstraint, func, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.chunk import DayKey
from portal.domain.evidence.seal_chain import BEGINNING, ChainedSeal, link
from portal.store.evidence.chunks import Seal
from portal.store.evidence.runs import Pair
from portal.store.ground.append_only import only_grows
from portal.store.ground.base import Base


class DaySealRow(Base):
    """A chunk as it was sealed: the `number`-th of its probe at its location; the row stays when the chunk goes."""

    __tablename__ = "day_seal"

    probe: Mapped[int]
    location: Mapped[int]
    number: Mapped[int]
    day: Mapped[int]
    sequence: Mapped[int] = mapped_column(SmallInteger)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    link: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        PrimaryKeyConstraint("probe", "location", "number"),
        UniqueConstraint("probe", "location", "day", "sequence"),
        {"sqlite_with_rowid": False},
    )


only_grows(cast(Table, DaySealRow.__table__))


def add_seal(session: Session, seal: Seal) -> None:
    """Write down that a chunk was sealed, behind everything sealed before of its probe at its location."""
    key = seal.key
    mine = select(DaySealRow.number, DaySealRow.link).where(
        DaySealRow.probe == key.probe, DaySealRow.location == key.location
    )
    last = session.execute(mine.order_by(DaySealRow.number.desc()).limit(1)).first()
    number, previous = (0, BEGINNING) if last is None else (last.number + 1, last.link)
    chained = link(previous, key, seal.sequence, seal.digest)
    values = {"sequence": seal.sequence, "digest": seal.digest, "number": number, "link": chained}
    session.execute(insert(DaySealRow).values(probe=key.probe, location=key.location, day=key.day, **values))


def seals_of(session: Session, pair: Pair) -> Sequence[ChainedSeal]:
    """Return every seal of a probe at a location in the order they were set."""
    mine = select(DaySealRow).where(DaySealRow.probe == pair[0], DaySealRow.location == pair[1])
    return [_seal(row) for row in session.scalars(mine.order_by(DaySealRow.number))]


def count_of_seals(session: Session) -> int:
    """Return how many seals there are: one for each sealed day of a probe at a location, and for what came late."""
    return session.execute(select(func.count()).select_from(DaySealRow)).scalar_one()


def sealed_pairs(session: Session) -> Iterable[Pair]:
    """Return every probe and location of which anything was ever sealed."""
    found = session.execute(select(DaySealRow.probe, DaySealRow.location).distinct())
    return {(probe, location) for probe, location in found}


def _seal(row: DaySealRow) -> ChainedSeal:
    key = DayKey(row.probe, row.location, row.day)
    return ChainedSeal(row.number, key, row.sequence, row.digest, row.link)
