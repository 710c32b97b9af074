"""What closed periods attained as a small picture: a column a period, from the worst commitment to the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from portal.domain.notices.phrases import Phrase, percentage
from portal.usecases.publishing.track_records import RecordLine, Spread

WIDTH, HEIGHT = 640, 132
LEFT, TOP, BOTTOM = 64, 8, 112
BOX, BAR, MARK = 14, 18, 4
LEAST_SPAN = Fraction(1, 10)
HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class Column:
    """One period: its middle and first day, the stretch from worst to best, the middle half, where half of them lie."""

    x: int
    begins: date
    top: int
    bottom: int
    box_top: int
    box_height: int
    half: int
    missed: bool

    @property
    def box_left(self) -> int:
        """Where the middle half begins."""
        return self.x - BOX // 2

    @property
    def half_left(self) -> int:
        """Where the bar begins that says what half of them attained."""
        return self.x - BAR // 2

    @property
    def square(self) -> tuple[int, int]:
        """The corner of the square that marks a missed commitment."""
        return self.x - MARK, self.bottom - MARK


@dataclass(frozen=True, slots=True)
class Mark:
    """A line across with its percentage."""

    y: int
    text: Phrase

    @property
    def base(self) -> int:
        """Where the percentage stands, so that its middle is at the line."""
        return self.y + MARK


@dataclass(frozen=True, slots=True)
class Picture:
    """The columns, oldest first, and the percentages beside them."""

    columns: tuple[Column, ...]
    marks: tuple[Mark, ...]


def picture(lines: Sequence[RecordLine]) -> Picture | None:
    """Return the picture of these periods, the latest given first; None when none of them has figures."""
    known = [(one, one.spread) for one in reversed(lines) if one.spread is not None]
    if not known:
        return None
    floor = min(HUNDRED - LEAST_SPAN, *(spread.lowest for _, spread in known))
    step = (WIDTH - LEFT) // max(len(known), 6)
    columns = [_column(*one, LEFT + step * n + step // 2, floor) for n, one in enumerate(known)]
    middle = (HUNDRED + floor) / 2
    marks = tuple(Mark(_y(value, floor), _percent(value)) for value in (HUNDRED, middle, floor))
    return Picture(tuple(columns), marks)


def _column(line: RecordLine, spread: Spread, x: int, floor: Fraction) -> Column:
    box_top, box_bottom = _y(spread.three_quarters, floor), _y(spread.quarter, floor)
    return Column(
        x=x,
        begins=line.begins,
        top=_y(spread.highest, floor),
        bottom=_y(spread.lowest, floor),
        box_top=box_top,
        box_height=max(2, box_bottom - box_top),
        half=_y(spread.half, floor),
        missed=line.kept != line.judged,
    )


def _y(value: Fraction, floor: Fraction) -> int:
    return TOP + int((HUNDRED - value) / (HUNDRED - floor) * (BOTTOM - TOP))


def _percent(value: Fraction) -> Phrase:
    thousandths = int(value * 1000)
    return percentage(f"{thousandths // 1000}.{thousandths % 1000:03}".removesuffix(".000"))
