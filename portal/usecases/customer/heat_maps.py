"""Heat maps: commitments by period as looks and words, how each goes, and which of them were owed for."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import Enumerated, Figure, Moment, Style, percentage, phrase
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.domain.quantities.exact import parse_exact
from portal.usecases.customer import histories
from portal.usecases.customer.histories import Cell, History, Row
from portal.usecases.settling import ledger
from portal.usecases.settling.ledger import State

PERIODS = 12
OWED_SHOWN = 6
FEW = 8
SPARK_WIDTH, SPARK_HEIGHT = 120, 28
ROWS_KEPT = 4_096
LOOKS = {"met": "ok", "breached": "down", "insufficient_data": "unknown", "not_applicable": "none"}
SIGNS = {"met": "✓", "breached": "✕", "insufficient_data": "?", "not_applicable": "–"}
"""What a square says where it has no percentage to say: as narrow in every language."""


@dataclass(frozen=True, slots=True)
class PeriodHead:
    """What a period is called: "Oct 26", and above a column "Oct" with the year where that is another than before."""

    name: str
    short: str
    year: str | None


@dataclass(frozen=True, slots=True)
class Square:
    """One commitment in one period: its look, a sign or percentage, what was attained, all in words, its statement."""

    statement_id: UUID
    look: str
    short: str
    figure: str | None
    words: str


@dataclass(frozen=True, slots=True)
class Trend:
    """How a commitment goes: its attained percentages as a line, where the promise lies, and both in words.

    `points` are those of an SVG of 120 by 28, empty for fewer than two periods; `promise_y` is a height in it.
    """

    points: str
    promise_y: int
    words: str


@dataclass(frozen=True, slots=True, eq=False)
class HeatRow:
    """One commitment over the periods; `is_calm` when every one of them was kept with room to spare."""

    contract: str
    service: str
    service_key: str
    commitment: str
    squares: tuple[Square | None, ...]
    trend: Trend
    is_calm: bool


@dataclass(frozen=True, slots=True)
class OwedLine:
    """One commitment in one period for which something was owed, and how far that has come."""

    statement_id: UUID
    service: str
    service_key: str
    commitment: str
    period: str
    attained: str | None
    promised: str
    credit: str
    state: str


@dataclass(frozen=True, slots=True)
class HeatMap:
    """The latest periods by name, a row a commitment, and what was owed, the latest first (none without the right)."""

    periods: Sequence[PeriodHead]
    rows: Sequence[HeatRow]
    calm: Sequence[HeatRow]
    owed: Sequence[OwedLine]


def heat_map(session: Session, customer_id: UUID, person: Person, known: Mapping[str, str]) -> HeatMap:
    """Return the last twelve closed periods of the scope; of many rows those kept throughout stand apart.

    `known` are names of services by key that need not be asked for.
    """
    found = histories.history(session, customer_id, person, PERIODS, known)
    rows = heat_rows(found)
    sees_money = person.may(Permission.SEE_MONEY, customer_id)
    return HeatMap(
        periods=period_heads(found.periods),
        rows=rows if len(rows) <= FEW else [one for one in rows if not one.is_calm],
        calm=() if len(rows) <= FEW else [one for one in rows if one.is_calm],
        owed=_owed(session, found) if sees_money else (),
    )


def heat_rows(found: History) -> Sequence[HeatRow]:
    """Return the rows of a history as looks and trends."""
    return [_row(one) for one in found.rows]


def period_name(key: str) -> str:
    """The name of a period by its first local day: "Oct 26" for a month, else "8 Oct 26"."""
    first = date.fromisoformat(key)
    return Moment.of(first, Style.MONTH_SHORT if first.day == 1 else Style.DAY_SHORT)


def period_heads(keys: Iterable[str]) -> Sequence[PeriodHead]:
    """What periods are called by their keys, in order; the first one has its year."""
    heads, year = [], 0
    for key in keys:
        first = date.fromisoformat(key)
        short = Moment.of(first, Style.SHORT_MONTH if first.day == 1 else Style.SHORT_DAY)
        heads.append(PeriodHead(period_name(key), short, Moment.of(first, Style.YEAR) if first.year != year else None))
        year = first.year
    return heads


@lru_cache(maxsize=ROWS_KEPT)
def _row(one: Row) -> HeatRow:
    """A row as looks and words: what it was made of says all of it, so it is made once."""
    squares = tuple(None if cell is None else _square(one, cell) for cell in one.cells)
    return HeatRow(
        contract=one.contract,
        service=one.service,
        service_key=one.service_key,
        commitment=one.commitment,
        squares=squares,
        trend=trend_of([cell for cell in one.cells if cell is not None]),
        is_calm=all(square is None or square.look == "ok" for square in squares),
    )


def _square(row: Row, cell: Cell) -> Square:
    verdict: str = cell.verdict
    if cell.near_percent is not None:
        near = percentage(str(cell.near_percent))
        verdict = phrase("{verdict} with {percent} of what is allowed used", verdict=verdict, percent=near)
    words = phrase(
        "{service}, {commitment}, {period}: {outcome}",
        service=row.service,
        commitment=row.commitment.replace("_", " "),
        period=period_name(cell.period),
        outcome=Enumerated.of([percentage(cell.attained), verdict] if cell.attained else [verdict]),
    )
    figure = None if cell.attained is None else Figure(cell.attained)
    if cell.near_percent is not None:
        return Square(cell.statement_id, "degraded", near, figure, words)
    owed = None if cell.percent is None else phrase("−{percent}", percent=percentage(str(cell.percent)))
    return Square(cell.statement_id, LOOKS[cell.status], owed or SIGNS[cell.status], figure, words)


def trend_of(cells: Sequence[Cell]) -> Trend:
    """The trend of a commitment over its closed periods, in order, each as the last version of its terms judged it."""
    ends = [[part.attained for part in cell.parts if part.attained][-1:] for cell in cells]
    values = [parse_exact(attained) for end in ends for attained in end]
    judged = [cell for cell in cells if cell.status in ("met", "breached")]
    kept = sum(cell.status == "met" for cell in judged)
    promise = parse_exact(cells[-1].parts[-1].promised) if cells else Fraction(100)
    often = phrase("kept {number} of {all}", number=kept, all=len(judged)) if judged else phrase("no verdict yet")
    words = Enumerated.of([often, _direction(values)] if len(values) > 1 else [often])
    lowest = min([*values, promise]) - Fraction(1, 1000)
    heights = [_height(one, lowest) for one in values]
    return Trend(_points(heights) if len(heights) > 1 else "", _height(promise, lowest), words)


def _direction(values: Sequence[Fraction]) -> str:
    before, last = values[-2:]
    if last == before:
        return phrase("as the time before")
    return phrase("better than the time before") if last > before else phrase("worse than the time before")


def _height(value: Fraction, lowest: Fraction) -> int:
    room = SPARK_HEIGHT - 4
    return 2 + room - int((value - lowest) / (100 - lowest) * room)


def _points(heights: Iterable[int]) -> str:
    places = list(heights)
    return " ".join(f"{place * SPARK_WIDTH // (len(places) - 1)},{y}" for place, y in enumerate(places))


def _owed(session: Session, found: History) -> Sequence[OwedLine]:
    owing = [(row, cell) for row in found.rows for cell in row.cells if cell is not None and cell.owes]
    latest = sorted(owing, key=lambda pair: pair[1].period, reverse=True)[:OWED_SHOWN]
    states = ledger.latest_states(session, latest[-1][1].period) if latest else {}
    return [_owed_line(row, cell, states.get((row.contract, cell.period))) for row, cell in latest]


def _owed_line(row: Row, cell: Cell, state: State | None) -> OwedLine:
    return OwedLine(
        cell.statement_id,
        row.service,
        row.service_key,
        row.commitment,
        period_name(cell.period),
        cell.attained,
        cell.promised,
        cell.credit or "",
        "not owed any more" if state is None else state.value,
    )
