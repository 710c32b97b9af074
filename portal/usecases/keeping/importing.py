"""Taking outage records, counts and tickets from files (decision D9).

What a file tells is kept as revisions that never change: the same row again changes nothing, a row that says something
else about the same thing is a further revision, and the latest stands. A row is taken whole or refused with a sentence;
the rows beside it are taken all the same, unless all or nothing was asked for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.notices.refusals import Invalid, Refusal
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_text
from portal.store.evidence import imports
from portal.store.evidence.imports import ImportRow
from portal.store.evidence.records import Origin
from portal.store.evidence.tickets import EVERY_CONTRACT
from portal.store.ground.base import new_id
from portal.store.promises import contracts
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.keeping.import_kinds import KINDS, Kind, Target, Version
from portal.usecases.keeping.import_rows import COLUMNS as COLUMNS
from portal.usecases.keeping.import_rows import OUTAGES, TICKETS, Row
from portal.usecases.keeping.severities import known_severities

BATCH = 2_000
IMPORTED = "imported"
SHOWN_MOST = 20

Refuse = Callable[[int, str], object]
"""Takes the line of a row that was refused, and the sentence why."""


@dataclass(frozen=True, slots=True)
class Order:
    """What to take: a kind of file about a service, or about one contract's use of it; `source` is the file's SHA-256.

    `covers` is the time for which a file of outages is the whole story, `uncovers` that of which no file is any more.
    """

    kind: str
    service: str
    source: str
    contract: str | None = None
    covers: Interval | None = None
    uncovers: Interval | None = None
    all_or_nothing: bool = False


@dataclass(slots=True)
class Taken:
    """How many rows were added, corrected what was there, were known already, or were refused."""

    added: int = 0
    corrected: int = 0
    known: int = 0
    refused: int = 0

    @property
    def rows(self) -> int:
        """How many rows the file has."""
        return self.added + self.corrected + self.known + self.refused

    @property
    def changed(self) -> int:
        """How many rows changed what is known."""
        return self.added + self.corrected


def take_file(session: Session, order: Order, rows: Iterable[Row], now: datetime, refuse: Refuse) -> Taken:
    """Keep what the rows of a file tell and return how many did what; `refuse` hears of every row that is not taken.

    Rows are read as they come, so that memory does not grow with the file. Raises Refusal for an unknown service or
    contract, and, with all or nothing, after a row was refused: then nothing is kept.
    """
    with reading(session):
        target = _target(session, order)
    taking = _Taking(order, target, clock.seconds(now), refuse)
    batches = _batches(rows)
    if order.all_or_nothing:
        with transaction(session):
            for batch in batches:
                taking.keep(session, batch)
            if taking.taken.refused:
                raise Refusal(f"Nothing was taken: {taking.taken.refused} of {taking.taken.rows} rows were refused.")
            taking.account(session, now, is_whole=True)
        return taking.taken
    for batch in batches:
        with transaction(session):
            taking.keep(session, batch)
            taking.account(session, now, is_whole=len(batch) < BATCH)
    return taking.taken


def _target(session: Session, order: Order) -> Target:
    known = imports.service_ids(session)
    if order.service not in known:
        names = ", ".join(sorted(known)[:SHOWN_MOST]) or "none yet"
        raise Invalid("service", f"There is no service {order.service}. There is: {names}.")
    service_id = known[order.service]
    if order.contract is None:
        severities = known_severities(session, service_id) if order.kind == OUTAGES else None
        return Target(service_id, EVERY_CONTRACT, severities)
    if order.kind != TICKETS:
        raise Invalid("contract", "Only tickets belong to a contract; leave --contract out.")
    for one in contracts.contracts(session):
        if one.contract.id == order.contract and service_id in [service.id for service in one.services]:
            return Target(service_id, one.id)
    raise Invalid("contract", f"There is no contract {order.contract} with the service {order.service}.")


def _batches(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    """Yield the rows in batches, of which the last one alone is not full."""
    waiting = iter(rows)
    batch = list(islice(waiting, BATCH))
    while len(batch) == BATCH:
        yield batch
        batch = list(islice(waiting, BATCH))
    yield batch


class _Taking:
    """One file on its way in."""

    def __init__(self, order: Order, target: Target, now: int, refuse: Refuse) -> None:
        self.order, self.target, self.now = order, target, now
        self.tell = refuse
        self.taken = Taken()
        self.accounted = 0
        self.origin = Origin(IMPORTED, order.source, now)

    def keep(self, session: Session, batch: Sequence[Row]) -> None:
        """Read the rows of a batch, and keep what they tell beyond what is known."""
        kind = KINDS[self.order.kind](self.target)
        read = [(row.line, value) for row in batch if (value := self._read(kind, row)) is not None]
        imports.lock_service(session, self.target.service_id)
        kind.load(session, [value for _, value in read])
        kind.save(session, [one for line, value in read if (one := self._settle(kind, line, value))], self.origin)

    def account(self, session: Session, now: datetime, *, is_whole: bool) -> None:
        """Keep that the file was taken if it changed anything: with its first change, and with the rest at its end."""
        if is_whole and self.order.uncovers:
            self._uncover(session, now, self.order.uncovers)
        covers = self._newly_covered(session) if is_whole else None
        is_due = self.taken.changed > self.accounted and (is_whole or not self.accounted)
        if not is_due and covers is None:
            return
        self.accounted = self.taken.changed
        imports.save_import(session, self._row(self.order.kind, self.taken, covers))
        self._note(session, now, self._facts(covers))

    def _uncover(self, session: Session, now: datetime, span: Interval) -> None:
        if not imports.covered(session, self.target.service_id, span.start, span.end):
            return
        imports.save_import(session, self._row(imports.UNCOVERED, Taken(), span))
        told = {"complete no more from": instant_text(span.start), "complete no more until": instant_text(span.end)}
        self._note(session, now, {"kind": self.order.kind, "file": self.order.source} | told)

    def _row(self, kind: str, taken: Taken, covers: Interval | None) -> ImportRow:
        return ImportRow(
            id=new_id(),
            kind=kind,
            service_id=self.target.service_id,
            source=self.order.source,
            recorded_at=self.now,
            added=taken.added,
            corrected=taken.corrected,
            known=taken.known,
            refused=taken.refused,
            covers_from=covers.start if covers else None,
            covers_until=covers.end if covers else None,
        )

    def _note(self, session: Session, now: datetime, facts: Mapping[str, object]) -> None:
        thing = Thing("service", self.target.service_id)
        audit.note(session, None, Deed.IMPORTED_EVIDENCE, thing, now, after=facts)

    def _newly_covered(self, session: Session) -> Interval | None:
        covers = self.order.covers
        if covers is None or self.taken.refused:
            return None
        known = imports.covered(session, self.target.service_id, covers.start, covers.end)
        return None if known == (covers,) else covers

    def _facts(self, covers: Interval | None) -> Mapping[str, object]:
        facts: dict[str, object] = {"kind": self.order.kind, "file": self.order.source}
        facts |= {"added": self.taken.added, "corrected": self.taken.corrected, "refused": self.taken.refused}
        if covers:
            facts |= {"complete from": instant_text(covers.start), "complete until": instant_text(covers.end)}
        return facts

    def _read(self, kind: Kind, row: Row) -> Any:
        try:
            if not row.problem:
                return kind.read(row.cells, self.now)
            problem = row.problem
        except ValueError as error:
            problem = str(error)
        self._refuse(row.line, problem)
        return None

    def _refuse(self, line: int, sentence: str) -> None:
        self.taken.refused += 1
        self.tell(line, sentence)

    def _settle(self, kind: Kind, line: int, value: Any) -> tuple[Any, int] | None:
        """Return the value with the number of its revision; None when it is known or refused."""
        versions = kind.known[kind.key(value)]
        told = [one.value for one in versions if one.source == self.order.source]
        in_force = next((one.value for one in reversed(versions) if one.value is not None), None)
        if value in told or (not told and value == in_force):
            self.taken.known += 1
            if not told:
                versions.append(Version(value, versions[-1].number, self.order.source))
            return None
        problem = "says something else about the same thing than a row before it." if told else kind.doubt(value)
        if problem:
            self._refuse(line, problem)
            return None
        number = versions[-1].number + 1 if versions else 1
        if versions:
            self.taken.corrected += 1
        else:
            self.taken.added += 1
        versions.append(Version(value, number, self.order.source))
        kind.accept(value)
        return value, number
