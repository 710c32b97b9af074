"""Compliance by period: what became of every commitment in the latest closed periods of a customer.

A statement never changes, so its cells are read from its body once and kept, each customer's by themselves.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.store import measured
from portal.store import statements as store
from portal.store.statements import Closed
from portal.usecases.customer.closed_periods import Line, lines_of
from portal.usecases.settling.near_misses import used_of

PERIODS_SHOWN = 13
STATEMENTS_KEPT = 4_096
NONE_KNOWN: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Cell:
    """One closed commitment in one period: its verdict as a key and in words, what was promised, attained and is owed.

    `percent` is the share of the fee that is owed, where it is one and not nothing; `owes` says that it is something.
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
    near_percent: int | None = None


@dataclass(frozen=True, slots=True)
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
    found = store.latest_of_periods(session, most)
    cells: dict[tuple[str, str, str], dict[str, Cell]] = {}
    for one, kept in _kept(session, customer_id, found, person.may(Permission.SEE_MONEY, customer_id)).items():
        for (service, commitment), cell in kept.items():
            cells.setdefault((one.contract, service, commitment), {})[one.period] = cell
    shown = tuple(sorted({one.period for one in found}))
    missing = {service for _, service, _ in cells} - known.keys()
    names = {**known, **(measured.service_names(session, missing) if missing else {})}
    return History(shown, [_row(key, by_period, shown, names) for key, by_period in sorted(cells.items())])


Cells = dict[tuple[str, str], Cell]
"""The cells of one statement by service and commitment."""


def _kept(session: Session, customer_id: UUID, found: Iterable[Closed], sees_money: bool) -> Mapping[Closed, Cells]:
    """The cells of each statement; the bodies of those not met before are read with one question."""
    kept = {one: _place(customer_id, one, sees_money) for one in found}
    missing = [one for one, cells in kept.items() if not cells]
    bodies = store.bodies(session, [one.id for one in missing]) if missing else {}
    for one in missing:
        kept[one].update(_cells(one, bodies[one.id], sees_money))
    return kept


@lru_cache(maxsize=STATEMENTS_KEPT)
def _place(_customer_id: UUID, _statement: Closed, _sees_money: bool) -> Cells:
    """The place where the cells of a statement are kept, empty at first."""
    return {}


def _cells(one: Closed, body: str, sees_money: bool) -> Cells:
    document = json.loads(body)
    lines = lines_of(document, {}, sees_money=sees_money)
    return {
        (line.service_key, line.commitment): _cell(one, line, used_of(judged))
        for line, judged in zip(lines, document["commitments"], strict=True)
    }


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
        near_percent=near_percent,
    )


def _row(
    key: tuple[str, str, str], by_period: Mapping[str, Cell], periods: Iterable[str], names: Mapping[str, str]
) -> Row:
    contract, service, commitment = key
    return Row(contract, names.get(service, service), service, commitment, tuple(map(by_period.get, periods)))
