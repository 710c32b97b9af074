"""One UTC day of one probe at one location as canonical bytes: the same records make the same bytes (docs/evidence.md).

A record is the tuple of a sample's FIELDS, states and provenances as the numbers below. Columns stand one after the
other, each as distances from its smallest value and cut into planes of bytes, because bytes that mean the same are
small once compressed. Compressing them is the store's affair: what is hashed is what this room writes.
"""

import hashlib
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, islice, repeat
from operator import add, itemgetter, lt
from typing import Any

from portal.domain.evidence.records import State

MAGIC = b"sla-chunk/1\n"
DAY_S = 86_400
STATES = (State.UP, State.DOWN, State.DEGRADED, State.UNKNOWN)
PROVENANCES = ("measured", "imported", "generated")
FIELDS = (
    "slot",
    "state",
    "reason",
    "error",
    "http_status",
    "start_offset_ms",
    "resolve_ms",
    "connect_ms",
    "tls_ms",
    "processing_ms",
    "transfer_ms",
    "total_ms",
    "monotonic_ms",
    "boot",
    "provenance",
)
Record = tuple[Any, ...]
"""The values of FIELDS of one sample; the probe, the location and the day are the chunk's."""

_EPOCH = date(1970, 1, 1).toordinal()
_SLOT, _REASON, _ERROR, _START, _TOTAL, _MONOTONIC = (
    FIELDS.index(name) for name in ("slot", "reason", "error", "start_offset_ms", "total_ms", "monotonic_ms")
)
_TEXTS = (_REASON, _ERROR)
_NEVER_NONE = {"slot": None, "state": len(STATES), "boot": None, "provenance": len(PROVENANCES)}
"""The columns that have a value in every record, and how many values there are, where that is known."""
_PHASES = slice(FIELDS.index("resolve_ms"), _TOTAL)
_HEAD = struct.Struct("<qqqI")
_COLUMN = struct.Struct("<qB")
_LENGTH = struct.Struct("<I")

_UNPACKED = {2: "H", 3: "I", 4: "I", 5: "Q", 6: "Q", 7: "Q", 8: "Q"}
"""How numbers of so many bytes are read at once, by the words of `struct`."""

_Numbers = Sequence[Any]


class BadChunk(ValueError):
    """Bytes that are no chunk; the message says what is wrong with them."""


@dataclass(frozen=True, slots=True, order=True)
class DayKey:
    """One probe at one location on one UTC day; `day` counts days since 1970-01-01."""

    probe: int
    location: int
    day: int

    @property
    def start(self) -> int:
        """The first UTC second of the day."""
        return self.day * DAY_S

    @property
    def end(self) -> int:
        """The first UTC second after the day."""
        return self.start + DAY_S

    @property
    def date(self) -> str:
        """The day as 2026-11-22; as "day 123456789" when no calendar reaches it."""
        ordinal = self.day + _EPOCH
        if not 1 <= ordinal <= date.max.toordinal():
            return f"day {self.day}"
        return date.fromordinal(ordinal).isoformat()

    @property
    def name(self) -> str:
        """What the day is called in a sentence."""
        return f"probe {self.probe} at location {self.location} on {self.date}"


def encode(key: DayKey, records: Sequence[Record]) -> bytes:
    """Return the canonical bytes of a day's records.

    Raises ValueError for slots that do not rise, lie outside the day, or numbers of more than 64 bits.
    """
    _check_slots(key, [record[_SLOT] for record in records])
    columns: list[Sequence[Any]] = list(zip(*records, strict=True)) or [()] * len(FIELDS)
    parts = [MAGIC, _HEAD.pack(key.probe, key.location, key.day, len(records))]
    for position, column in enumerate(columns):
        if position in _TEXTS:
            texts, column = _in_a_list(column)
            parts.append(_packed_texts(texts))
        parts.append(_packed(_predicted(position, column, columns, key)))
    return b"".join(parts)


def decode(content: bytes) -> tuple[DayKey, list[Record]]:
    """Return what `encode` was given; raise BadChunk for anything it would not have written."""
    try:
        key, records, end = _read(content)
    except (struct.error, IndexError, UnicodeDecodeError) as problem:
        raise BadChunk(f"The chunk cannot be read: {problem}.") from None
    if end != len(content):
        raise BadChunk("The chunk goes on after its last column.")
    try:
        _check_slots(key, [record[_SLOT] for record in records])
    except ValueError as problem:
        raise BadChunk(str(problem)) from None
    return key, records


def digest(content: bytes) -> bytes:
    """Return the SHA-256 of canonical bytes: what a day of evidence is known by (decision D10)."""
    return hashlib.sha256(content).digest()


def merge(*parts: Sequence[Record]) -> list[Record]:
    """Return the records of all parts in the order of their slots; of two at one slot the one given first stands."""
    some = [part for part in parts if part]
    if len(some) == 1 and _rise(list(map(_slot, some[0]))):
        return list(some[0])
    found: dict[int, Record] = {}
    for part in some:
        for record in part:
            found.setdefault(record[_SLOT], record)
    return sorted(found.values(), key=_slot)


_slot = itemgetter(_SLOT)


def _rise(slots: Sequence[int]) -> bool:
    return all(map(lt, slots, islice(slots, 1, None)))


def _check_slots(key: DayKey, slots: Sequence[int]) -> None:
    if not _rise(slots):
        raise ValueError("The chunk's slots do not rise.")
    if slots and not key.start <= slots[0] <= slots[-1] < key.end:
        raise ValueError("A slot lies outside the chunk's day.")


def _predicted(position: int, column: Sequence[Any], columns: Sequence[Sequence[Any]], key: DayKey) -> _Numbers:
    """Return what is written of a column: its numbers, or their distance from what other columns foretell."""
    if position == _SLOT:
        return [slot - before for slot, before in zip(column, (key.start, *column), strict=False)]
    if position not in (_TOTAL, _MONOTONIC):
        return column
    foretold = _foretold(position, columns)
    return [None if value is None else value - expected for value, expected in zip(column, foretold, strict=True)]


def _foretold(position: int, columns: Sequence[Sequence[Any]]) -> Iterable[int]:
    """Return what the columns before foretell: a total is the sum of its phases, a clock goes as the slots do."""
    if position == _TOTAL:
        known = [_with_zeros(column) for column in columns[_PHASES] if any(column)]
        return map(sum, zip(*known, strict=True)) if known else repeat(0, len(columns[_SLOT]))
    return map(add, map((1000).__mul__, columns[_SLOT]), _with_zeros(columns[_START]))


def _with_zeros(column: Sequence[Any]) -> Sequence[int]:
    """Return a column with 0 where it has no value."""
    return [value or 0 for value in column] if None in column else column


def _in_a_list(column: Sequence[Any]) -> tuple[list[str], _Numbers]:
    """Return the different texts of a column, sorted, and the column as places in that list."""
    texts = sorted({text for text in column if isinstance(text, str)})
    places = {text: place for place, text in enumerate(texts)}
    return texts, [None if text is None else places[text] for text in column]


def _packed_texts(texts: Sequence[str]) -> bytes:
    written = [text.encode() for text in texts]
    return _LENGTH.pack(len(written)) + b"".join(_LENGTH.pack(len(text)) + text for text in written)


def _packed(column: _Numbers) -> bytes:
    """Return the least number, the bytes a distance needs, and the distances + 1 (0 is None) by planes, low first."""
    values = [value for value in column if value is not None]
    least, most = min(values, default=0), max(values, default=-1)
    width = ((most - least + 1).bit_length() + 7) // 8
    base = least - 1
    distances = [0 if value is None else value - base for value in column]
    if width <= 1:
        planes = [bytes(distances)] * width
    else:
        planes = [bytes([distance >> shift & 255 for distance in distances]) for shift in range(0, 8 * width, 8)]
    try:
        return _COLUMN.pack(least, width) + b"".join(planes)
    except struct.error:
        raise ValueError("A number of more than 64 bits has no place in a chunk.") from None


def _read(content: bytes) -> tuple[DayKey, list[Record], int]:
    if not content.startswith(MAGIC):
        raise BadChunk("These bytes do not begin as a chunk does.")
    probe, location, day, count = _HEAD.unpack_from(content, len(MAGIC))
    position, columns = len(MAGIC) + _HEAD.size, list[Sequence[Any]]()
    key = DayKey(probe, location, day)
    if count > DAY_S:
        raise BadChunk("The chunk says it holds more samples than its day has seconds.")
    for place in range(len(FIELDS)):
        texts: list[str] = []
        if place in _TEXTS:
            texts, position = _read_texts(content, position)
        numbers, position = _read_numbers(content, position, count)
        columns.append(_restored(place, numbers, columns, key, texts))
    return key, list(zip(*columns, strict=True)), position


def _read_texts(content: bytes, position: int) -> tuple[list[str], int]:
    (count,), position = _LENGTH.unpack_from(content, position), position + _LENGTH.size
    texts = []
    for _ in range(count):
        (length,), position = _LENGTH.unpack_from(content, position), position + _LENGTH.size
        texts.append(_piece(content, position, length).decode())
        position += length
    return texts, position


def _read_numbers(content: bytes, position: int, count: int) -> tuple[list[int | None], int]:
    least, width = _COLUMN.unpack_from(content, position)
    position += _COLUMN.size
    planes = [_piece(content, position + plane * count, count) for plane in range(width)]
    end = position + width * count
    if width == 0:
        _check_canonical(least == 0)
        return [None] * count, end
    _check_canonical(any(planes[-1]))
    if width == 1:
        _check_canonical(1 in planes[0])
        if planes[0].count(1) == count:
            return [least] * count, end
        values: list[int | None] = [None, *range(least, least + 255)]
        return list(map(values.__getitem__, planes[0])), end
    distances = _distances(planes, count)
    _check_canonical(1 in distances)
    base = least - 1
    if 0 in distances:
        return [base + distance if distance else None for distance in distances], end
    return list(map(base.__add__, distances)), end


def _distances(planes: Sequence[bytes], count: int) -> Sequence[int]:
    """Return the numbers of which these are the bytes, low first: put side by side and read at once."""
    word = _UNPACKED.get(len(planes))
    if word is None:
        return [int.from_bytes(group, "little") for group in zip(*planes, strict=True)]
    size = struct.calcsize(f"<{word}")
    beside = bytearray(size * count)
    for position, plane in enumerate(planes):
        beside[position::size] = plane
    return struct.unpack(f"<{count}{word}", beside)


def _check_canonical(is_so: bool) -> None:
    """Refuse numbers that could have been written with a greater least one or in fewer bytes."""
    if not is_so:
        raise BadChunk("The chunk's numbers are not written as a chunk's are.")


def _piece(content: bytes, start: int, length: int) -> bytes:
    piece = content[start : start + length]
    if len(piece) != length:
        raise BadChunk("The chunk ends before its last column does.")
    return piece


def _restored(
    place: int, numbers: _Numbers, columns: Sequence[Sequence[Any]], key: DayKey, texts: list[str]
) -> Sequence[Any]:
    """Return a column as it was, from what was written of it and the columns before."""
    if place in _TEXTS:
        if sorted(set(texts)) != texts or len(set(numbers) - {None}) != len(texts):
            raise BadChunk("The chunk's texts are not written as a chunk's are.")
        return [None if number is None else texts[number] for number in numbers]
    _check_present(FIELDS[place], numbers)
    if place == _SLOT:
        return list(accumulate(numbers, initial=key.start))[1:]
    if place not in (_TOTAL, _MONOTONIC):
        return numbers
    foretold = _foretold(place, columns)
    if not any(numbers) and None not in numbers:
        return list(foretold)
    if None not in numbers:
        return list(map(add, numbers, foretold))
    return [None if value is None else value + expected for value, expected in zip(numbers, foretold, strict=True)]


def _check_present(field: str, numbers: Sequence[int | None]) -> None:
    if field not in _NEVER_NONE:
        return
    known = _NEVER_NONE[field]
    for number in set(numbers):
        if number is None or (known is not None and not 0 <= number < known):
            raise BadChunk(f"The chunk's column {field} holds {number}, which means nothing.")
