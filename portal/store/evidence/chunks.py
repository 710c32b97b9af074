"""Sealed days: one probe at one location on one UTC day as compressed canonical bytes, and their SHA-256.

What is hashed is what portal/domain/evidence/chunk.py writes; how it is compressed may change with any release. Samples
that arrive late for a sealed day make a further chunk of it (decision D12).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import zstandard
from sqlalchemy import LargeBinary, PrimaryKeyConstraint, SmallInteger, Table, delete, insert, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.domain.evidence.chunk import BadChunk, DayKey, Record, decode, digest, encode
from portal.store.evidence.deletions import leaves_when_recorded
from portal.store.ground.base import Base

LEVEL = 3
"""Higher levels take many times as long for a twentieth of the bytes."""
LARGEST_BYTES = 64 * 1024 * 1024


class ChunkRow(Base):
    """Samples of one day that were sealed together; `sequence` counts from 0, `content` is the compressed bytes."""

    __tablename__ = "chunk"

    probe: Mapped[int]
    location: Mapped[int]
    day: Mapped[int]
    sequence: Mapped[int] = mapped_column(SmallInteger)
    samples: Mapped[int]
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    content: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (PrimaryKeyConstraint("probe", "location", "day", "sequence"),)


leaves_when_recorded(cast(Table, ChunkRow.__table__))


@dataclass(frozen=True, slots=True)
class Seal:
    """What is known of a chunk without opening it; `digest` is the SHA-256 of its canonical bytes."""

    key: DayKey
    sequence: int
    samples: int
    digest: bytes


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk as it is stored; `content` is compressed."""

    seal: Seal
    content: bytes


def add_chunk(session: Session, key: DayKey, sequence: int, records: Sequence[Record]) -> Seal:
    """Store records as a chunk, and read it back; raise BadChunk when it is not what was given."""
    canonical = encode(key, records)
    seal = Seal(key, sequence, len(records), digest(canonical))
    content = zstandard.ZstdCompressor(level=LEVEL).compress(canonical)
    values = {"sequence": sequence, "samples": seal.samples, "digest": seal.digest, "content": content}
    session.execute(insert(ChunkRow).values(probe=key.probe, location=key.location, day=key.day, **values))
    stored = next((one for one in chunks_of_day(session, key) if one.seal == seal), None)
    if stored is None or opened(stored) != list(records):
        raise BadChunk(f"{name_of(seal)} was not stored as it was given.")
    return seal


def opened(chunk: Chunk) -> list[Record]:
    """Return the records of a chunk; raise BadChunk when it is not what was sealed, whatever of it was changed."""
    seal = chunk.seal
    try:
        canonical = zstandard.ZstdDecompressor().decompress(_checked(chunk.content))
    except zstandard.ZstdError:
        raise BadChunk(f"{name_of(seal)} cannot be decompressed: it was cut off or changed.") from None
    if digest(canonical) != seal.digest:
        raise BadChunk(f"{name_of(seal)} does not have the digest it was sealed with: it was changed.")
    try:
        key, records = decode(canonical)
    except BadChunk as problem:
        raise BadChunk(f"{name_of(seal)} cannot be read. {problem}") from None
    if key != seal.key:
        raise BadChunk(f"{name_of(seal)} holds the samples of {key.name}: chunks were exchanged.")
    if len(records) != seal.samples:
        raise BadChunk(f"{name_of(seal)} holds {len(records)} samples and its row says {seal.samples}.")
    return records


def _checked(content: bytes) -> bytes:
    """Return compressed bytes of a size a day can have: a few can claim to stand for any number."""
    size = zstandard.frame_content_size(content)
    if not 0 <= size <= LARGEST_BYTES:
        raise zstandard.ZstdError("no size a day can have")
    return content


def chunks_of_day(session: Session, key: DayKey) -> Sequence[Chunk]:
    """Return the chunks of one day in the order they were sealed."""
    return list(chunks_between(session, (key.probe, key.location), key.day, key.day + 1))


def chunks_between(session: Session, pair: tuple[int, int], first_day: int, until_day: int) -> Iterator[Chunk]:
    """Yield the chunks of a probe at a location with days in [first_day, until_day), in order."""
    question = (
        select(*_SEAL, ChunkRow.content)
        .where(ChunkRow.probe == pair[0], ChunkRow.location == pair[1])
        .where(ChunkRow.day >= first_day, ChunkRow.day < until_day)
        .order_by(ChunkRow.day, ChunkRow.sequence)
    )
    for probe, location, day, sequence, samples, found, content in session.execute(question):
        yield Chunk(Seal(DayKey(probe, location, day), sequence, samples, found), content)


_SEAL = (ChunkRow.probe, ChunkRow.location, ChunkRow.day, ChunkRow.sequence, ChunkRow.samples, ChunkRow.digest)


def seals_between(session: Session, probes: Collection[int], first_day: int, until_day: int) -> Sequence[Seal]:
    """Return what is known of the chunks of these probes with days in [first_day, until_day), in order."""
    question = select(*_SEAL).where(ChunkRow.probe.in_(probes), ChunkRow.day >= first_day, ChunkRow.day < until_day)
    ordered = question.order_by(ChunkRow.probe, ChunkRow.location, ChunkRow.day, ChunkRow.sequence)
    return [Seal(DayKey(*row[:3]), *row[3:]) for row in session.execute(ordered)]


def seals_of_pair(session: Session, pair: tuple[int, int]) -> Sequence[Seal]:
    """Return what is known of all chunks of a probe at a location, in order."""
    question = select(*_SEAL).where(ChunkRow.probe == pair[0], ChunkRow.location == pair[1])
    return [Seal(DayKey(*row[:3]), *row[3:]) for row in session.execute(question.order_by(*_SEAL[2:4]))]


def seals_before(session: Session, until_day: int) -> Sequence[Seal]:
    """Return what is known of all chunks of days before `until_day`, in order."""
    question = select(*_SEAL).where(ChunkRow.day < until_day)
    ordered = question.order_by(ChunkRow.probe, ChunkRow.location, ChunkRow.day, ChunkRow.sequence)
    return [Seal(DayKey(*row[:3]), *row[3:]) for row in session.execute(ordered)]


def delete_chunks(session: Session, key: DayKey) -> None:
    """Delete the chunks of a day; refused by the database unless the deletion is recorded before."""
    mine = (ChunkRow.probe == key.probe, ChunkRow.location == key.location, ChunkRow.day == key.day)
    session.execute(delete(ChunkRow).where(*mine))


def name_of(seal: Seal) -> str:
    """Return what a chunk is called in a sentence."""
    return f"Chunk {seal.sequence} of {seal.key.name}"
