"""Compliance by period: what became of every commitment in the latest closed periods of a customer.

A statement never changes, so its cells are read from its body once and kept, each customer's by themselves.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.store.measuring import measured
from portal.store.settling import statements as store
from portal.store.settling.statements import Closed
from portal.usecases.customer.closed_periods import Line, LinePart, lines_of
from portal.usecases.settling.near_misses import used_of

PERIODS_SHOWN = 13
HISTORIES_KEPT = 512
NONE_KNOWN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Cell:
    """One closed commitment in one period: its verdict as a key and in words, what was promised, attained and is owed.

    `percent` is the share of the fee that is owed, where it is one and not nothing; `owes` says that it is something.
    `parts` are the versions of the terms that judged it.
    `near_percent` is the share of what was allowed that was used, where it was kept with little to spare.
    """

    period: str
    statement_id: UUID
    status: str
    verdict: str
    promised: str
    attained: str | None
    credit: str | None
    percent: str | None
    owes: bool
    parts: Sequence[LinePart]
    near_percent: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One commitment of a contract over the shown periods; None where it has no statement."""

    contract: str
    service: str
    service_key: str
    commitment: str
    cells: tuple[Cell | None, ...]


@dataclass(frozen=True, slots=True)
class History:
    """Compliance by period: the latest periods, and a row for each commitment that was ever closed in them."""

    periods: Sequence[str]
    rows: Sequence[Row]


def history(
    session: Session,
    customer_id: UUID,
    person: Person,
    most: int = PERIODS_SHOWN,
    known: Mapping[str, str] = NONE_KNOWN,
) -> History:
    """Return compliance by period from the latest revision of each statement of the scope, up to `most` periods.

    `known` are names of services by key that need not be asked for.
    """
    place = _place(customer_id, store.latest_of_periods(session, most), person.may(Permission.SEE_MONEY, customer_id))
    if not place.cells:
        place.cells.update(_read(session, place))
    services = {service for _, service, _ in place.cells}
    missing = services - known.keys()
    names = {**known, **(measured.service_names(session, missing) if missing else {})}
    return History(place.periods, _rows(place, tuple((one, names.get(one, one)) for one in sorted(services))))


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """Where the cells of a customer's statements are kept, by contract, service and commitment; empty at first."""

    statements: tuple[Closed, ...]
    sees_money: bool
    cells: dict[tuple[str, str, str], dict[str, Cell]] = field(default_factory=dict)

    @property
    def periods(self) -> tuple[str, ...]:
        """The periods of the statements, in order."""
        return tuple(sorted({one.period for one in self.statements}))


@lru_cache(maxsize=HISTORIES_KEPT)
def _place(_customer_id: UUID, statements: tuple[Closed, ...], sees_money: bool) -> _Place:
    return _Place(statements, sees_money)


@lru_cache(maxsize=HISTORIES_KEPT)
def _rows(place: _Place, names: tuple[tuple[str, str], ...]) -> tuple[Row, ...]:
    """The rows of what stands in a place, services by these names."""
    named = dict(names)
    return tuple(
        Row(contract, named[service], service, commitment, tuple(map(by_period.get, place.periods)))
        for (contract, service, commitment), by_period in sorted(place.cells.items())
    )


def _read(session: Session, place: _Place) -> Mapping[tuple[str, str, str], dict[str, Cell]]:
    """The cells of each statement, whose bodies are read with one question."""
    bodies = store.bodies(session, [one.id for one in place.statements]) if place.statements else {}
    found: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for one in place.statements:
        document = json.loads(bodies[one.id])
        lines = lines_of(document, {}, sees_money=place.sees_money)
        for line, judged in zip(lines, document["commitments"], strict=True):
            cells = found.setdefault((one.contract, line.service_key, line.commitment), {})
            cells[one.period] = _cell(one, line, used_of(judged))
    return found


def _cell(one: Closed, line: Line, near_percent: int | None) -> Cell:
    return Cell(
        period=one.period,
        statement_id=one.id,
        status=line.status,
        verdict=line.verdict,
        promised=line.promised,
        attained=line.attained,
        credit=line.credit,
        percent=line.percent,
        owes=line.owes,
        parts=line.parts,
        near_percent=near_percent,
    )
