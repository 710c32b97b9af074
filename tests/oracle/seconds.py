"""Sets of seconds as one big integer: bit k stands for the second `first + k` of a line."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """Every second of [first, last), UTC; a set of them is an integer with one bit a second."""

    first: int
    last: int

    def between(self, start: int, end: int) -> int:
        """The seconds of [start, end) that lie on the line; none when the end is not after the start."""
        start, end = max(start, self.first), min(end, self.last)
        if end <= start:
            return 0
        return ((1 << (end - start)) - 1) << (start - self.first)

    def across(self, spans: Iterable[tuple[int, int]]) -> int:
        """The seconds of any of many spans, marked one byte a second."""
        marks = bytearray(b"0") * (self.last - self.first)
        for start, end in spans:
            start, end = max(start, self.first) - self.first, min(end, self.last) - self.first
            if start < end:
                marks[start:end] = b"1" * (end - start)
        return int(marks[::-1] or b"0", 2)

    @property
    def whole(self) -> int:
        """Every second of the line."""
        return self.between(self.first, self.last)

    def runs(self, seconds: int) -> list[tuple[int, int]]:
        """The maximal [start, end) of neighbouring seconds, in order."""
        return [(self.first + run.start(), self.first + run.end()) for run in re.finditer("1+", written(seconds))]

    def sizes(self, seconds: int, slots: Sequence[tuple[int, int]]) -> list[int]:
        """For each slot [start, end) how many of the seconds lie in it."""
        marks = written(seconds)
        return [marks.count("1", max(start - self.first, 0), max(end - self.first, 0)) for start, end in slots]

    def earliest(self, seconds: int, most: int) -> int:
        """The first `most` seconds of a set, in order of time."""
        taken = 0
        for start, end in self.runs(seconds):
            length = min(end - start, most)
            taken |= self.between(start, start + length)
            most -= length
        return taken


def size(seconds: int) -> int:
    """How many seconds a set holds."""
    return seconds.bit_count()


def written(seconds: int) -> str:
    """A set as text, one "0" or "1" a second, from the line's first second on."""
    return bin(seconds)[:1:-1]
