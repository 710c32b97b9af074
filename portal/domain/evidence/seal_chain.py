"""The chain of seals: each chunk's digest is kept a second time, hashed together with everything sealed before it.

Whoever alters a sealed sample has to alter the seal and every later seal of that probe at that location.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portal.domain.evidence.chunk import DayKey

BEGINNING = bytes(32)
"""What the first seal of a probe at a location follows."""


@dataclass(frozen=True, slots=True)
class ChainedSeal:
    """One chunk as it was sealed: the `number`-th of its probe at its location, from 0; `link` is its hash."""

    number: int
    key: DayKey
    sequence: int
    digest: bytes
    link: bytes


def link(previous: bytes, key: DayKey, sequence: int, digest: bytes) -> bytes:
    """Return the SHA-256 of the line `previous probe location 2026-11-22 sequence digest` with a newline, in ASCII."""
    line = f"{previous.hex()} {key.probe} {key.location} {key.date} {sequence} {digest.hex()}\n"
    return hashlib.sha256(line.encode("ascii")).digest()


def broken(seals: Iterable[ChainedSeal]) -> Iterator[ChainedSeal]:
    """Yield the seals of one probe at one location that do not follow from the one before them, in order."""
    previous, number = BEGINNING, 0
    for seal in seals:
        if seal.number != number or seal.link != link(previous, seal.key, seal.sequence, seal.digest):
            yield seal
        previous, number = seal.link, seal.number + 1
