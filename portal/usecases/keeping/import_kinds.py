"""What each kind of import file means: how a row is read, what names its thing, and where it is kept."""

from bisect import bisect_left, insort
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.evidence.records import OutageRecord, SlotCount, Ticket
from portal.domain.quantities.zones import instant_text
from portal.store.evidence import counts, records, tickets
from portal.store.evidence.records import Origin, Revision
from portal.usecases.keeping.import_rows import COUNTS, OUTAGES, TICKETS, Cells, read_count, read_outage, read_ticket


@dataclass(frozen=True, slots=True)
class Target:
    """Whose evidence a file is; `severities` are those an outage may have, None where any will do."""

    service_id: UUID
    contract_id: UUID
    severities: Set[str] | None = None


@dataclass(frozen=True, slots=True)
class Version:
    """One revision of one thing: its value (None when it is not accepted), its number and the file it came from."""

    value: Any
    number: int
    source: str


class Kind:
    """One kind of file; holds what is known of the things that one batch of rows is about."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.known: dict[object, list[Version]] = defaultdict(list)

    def read(self, cells: Cells, now: int) -> Any:
        """Return what a row tells; raise ValueError with a sentence."""
        raise NotImplementedError

    def key(self, value: Any) -> object:
        """Return what names the thing a row is about."""
        raise NotImplementedError

    def load(self, session: Session, values: Sequence[Any]) -> None:
        """Find what is known of the things these values are about."""
        raise NotImplementedError

    def save(self, session: Session, fresh: Sequence[tuple[Any, int]], origin: Origin) -> None:
        """Keep values, each with the number of its revision."""
        raise NotImplementedError

    def doubt(self, _value: Any) -> str:
        """Return why a value cannot stand beside what is known; empty when it can."""
        return ""

    def accept(self, _value: Any) -> None:
        """Let a value stand from now on."""

    def knows(self, value: Any, number: int, source: str) -> None:
        """Take a revision down as known; revisions come in their order."""
        self.known[self.key(value)].append(Version(value, number, source))


class Counts(Kind):
    """Requests by slot: one slot and class is one thing."""

    def read(self, cells: Cells, now: int) -> SlotCount:
        """Return the count of a row."""
        return read_count(cells, now)

    def key(self, value: SlotCount) -> object:
        """Return slot and class."""
        return value.start, value.request_class

    def load(self, session: Session, values: Sequence[SlotCount]) -> None:
        """Find the counts of these slots."""
        for one in counts.revisions_of_slots(session, self.target.service_id, {value.start for value in values}):
            self.knows(one.count, one.revision, one.origin.source)

    def save(self, session: Session, fresh: Sequence[tuple[SlotCount, int]], origin: Origin) -> None:
        """Keep counts."""
        counts.save_counts(session, self.target.service_id, fresh, origin)


class Tickets(Kind):
    """Tickets: one id under one contract, or under all of them, is one thing."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.elsewhere: Set[str] = frozenset()

    def read(self, cells: Cells, now: int) -> Ticket:
        """Return the ticket of a row."""
        return read_ticket(cells, now)

    def key(self, value: Ticket) -> object:
        """Return the ticket's id."""
        return value.id

    def load(self, session: Session, values: Sequence[Ticket]) -> None:
        """Find the tickets of these ids."""
        ids = {value.id for value in values}
        for one in tickets.revisions_of_tickets(session, self.target.service_id, self.target.contract_id, ids):
            self.knows(one.ticket, one.revision, one.origin.source)
        self.elsewhere = tickets.told_elsewhere(session, self.target.service_id, self.target.contract_id, ids)

    def doubt(self, value: Ticket) -> str:
        """Return why there is nothing to withdraw, or under which contracts the ticket stands already."""
        if value.opened == tickets.WITHDRAWN:
            return "" if self.known[self.key(value)] else "opened is missing; there is no ticket to withdraw."
        if value.id not in self.elsewhere:
            return ""
        where = "one contract" if self.target.contract_id == tickets.EVERY_CONTRACT else "every contract"
        return f"was told for {where} and would count twice; withdraw it there first."

    def save(self, session: Session, fresh: Sequence[tuple[Ticket, int]], origin: Origin) -> None:
        """Keep tickets."""
        tickets.save_tickets(session, self.target.service_id, self.target.contract_id, fresh, origin)


class Outages(Kind):
    """Outages: a start with its severity and incident is one thing, and two of one incident do not overlap."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.spans: dict[tuple[str, str | None], list[tuple[int, int]]] = defaultdict(list)

    def read(self, cells: Cells, now: int) -> OutageRecord:
        """Return the outage of a row."""
        return read_outage(cells, now)

    def key(self, value: OutageRecord) -> object:
        """Return start, severity and incident."""
        return value.start, value.severity, value.event

    def load(self, session: Session, values: Sequence[OutageRecord]) -> None:
        """Find the records that begin where these do, and those in force beside them."""
        if not values:
            return
        start, end = min(one.start for one in values), max(one.end for one in values) + 1
        for one in records.revisions_from(session, self.target.service_id, start, end):
            accepted = one.record if one.state == records.ACCEPTED else None
            self.known[self.key(one.record)].append(Version(accepted, one.revision, one.origin.source))
        for one in records.outages_between(session, self.target.service_id, start, end):
            self.accept(one.record)

    def doubt(self, value: OutageRecord) -> str:
        """Return why nothing would count a new outage, or which one in force it overlaps."""
        known = self.target.severities
        if known is not None and value.severity not in known and value.end > value.start:
            names = " or ".join(sorted(known))
            return f"severity {value.severity} would count nothing: no agreement of the service names it. Use {names}."
        spans = self.spans[value.severity, value.event]
        place = bisect_left(spans, (value.start, value.start))
        for start, end in spans[max(0, place - 1) : place + 2]:
            if start != value.start and start < value.end and value.start < end:
                told = f"from {instant_text(start)} to {instant_text(end)}"
                return (
                    f"overlaps the outage {told} of this severity and incident; to change that one, repeat its start."
                )
        return ""

    def accept(self, value: OutageRecord) -> None:
        """Let the outage stand in the place of what had its start."""
        spans = self.spans[value.severity, value.event]
        place = bisect_left(spans, (value.start, value.start))
        if place < len(spans) and spans[place][0] == value.start:
            del spans[place]
        if value.end > value.start:
            insort(spans, (value.start, value.end))

    def save(self, session: Session, fresh: Sequence[tuple[OutageRecord, int]], origin: Origin) -> None:
        """Keep outage records, accepted by the operator's command."""
        revisions = [Revision(value, number) for value, number in fresh]
        records.save_outages(session, self.target.service_id, revisions, origin)


KINDS: Mapping[str, Callable[[Target], Kind]] = {OUTAGES: Outages, COUNTS: Counts, TICKETS: Tickets}
"""What each kind of file means."""
