"""Rows of import files as what they tell: each is read whole, or refused with a sentence (decision D9)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal.domain.documents.scalars import LARGEST_INTEGER, read_exact, read_integer, read_name, read_text
from portal.domain.evidence.records import OutageRecord, SlotCount, Ticket
from portal.domain.quantities.intervals import Interval
from portal.domain.quantities.zones import instant_text, parse_instant
from portal.store.evidence.tickets import WITHDRAWN

Cells = Mapping[str, str]

EARLIEST = 946_684_800
"""The year 2000: nothing promised here is older."""
LONGEST_OUTAGE_S = 366 * 86_400
TEXT_LONGEST = 200
FORMULA_BEGINS = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a file: the line it ends at and its cells by column, or why it cannot be read."""

    line: int
    cells: Cells
    problem: str = ""


OUTAGES, COUNTS, TICKETS = "outages", "counts", "tickets"
COLUMNS: Mapping[str, tuple[str, ...]] = {
    OUTAGES: ("start", "end", "severity", "reported_at", "affected_users", "ratio", "incident"),
    COUNTS: ("slot", "class", "total", "good"),
    TICKETS: ("id", "opened", "responded", "pauses"),
}
"""The heading of each kind of file."""


def read_outage(cells: Cells, now: int) -> OutageRecord:
    """Return the outage of a row; one that ends where it starts withdraws what was told before.

    Raises ValueError with a sentence, also for what lies after the UTC second `now`.
    """
    start, end = _past(cells, "start", now), _past(cells, "end", now)
    if end < start:
        raise ValueError("end lies before start.")
    if end - start > LONGEST_OUTAGE_S:
        raise ValueError("end lies more than a year after start; look at the years.")
    return OutageRecord(
        start=start,
        end=end,
        severity=_cell(cells, "severity", read_name) if cells["severity"] else "down",
        reported_at=_past(cells, "reported_at", now) if cells["reported_at"] else None,
        affected_users=_optional(cells, "affected_users", _whole),
        ratio=_optional(cells, "ratio", lambda text: read_exact(text, Fraction(0), Fraction(1))),
        event=_optional(cells, "incident", _text),
    )


def read_count(cells: Cells, now: int) -> SlotCount:
    """Return the requests of one class in the slot that begins at `slot`; raises ValueError with a sentence."""
    slot, name = _past(cells, "slot", now), _optional(cells, "class", _text) or ""
    total, good = _cell(cells, "total", _whole), _cell(cells, "good", _whole)
    if good > total:
        raise ValueError(f"good is {good} and total only {total}.")
    return SlotCount(slot, total, total - good, name)


def read_ticket(cells: Cells, now: int) -> Ticket:
    """Return the ticket of a row; `pauses` are written start/end, one after the other with a semicolon between them.

    One with an id alone withdraws what was told before. Raises ValueError with a sentence.
    """
    if not any(cells[name] for name in ("opened", "responded", "pauses")):
        return Ticket(_cell(cells, "id", _text), WITHDRAWN, None)
    opened = _past(cells, "opened", now)
    responded = _past(cells, "responded", now) if cells["responded"] else None
    if responded is not None and responded < opened:
        raise ValueError("responded lies before opened.")
    pauses = tuple(_pause(text.strip(), now) for text in cells["pauses"].split(";")) if cells["pauses"] else ()
    if any(one.start < opened for one in pauses):
        raise ValueError("pauses begin before opened.")
    return Ticket(_cell(cells, "id", _text), opened, responded, pauses)


def _pause(text: str, now: int) -> Interval:
    first, slash, last = text.partition("/")
    if not slash:
        raise ValueError("pauses must be written start/end, with a semicolon between two of them.")
    pause = Interval(_past({"pauses": first}, "pauses", now), _past({"pauses": last}, "pauses", now))
    if pause.end <= pause.start:
        raise ValueError("pauses end before they begin.")
    return pause


def _past(cells: Cells, name: str, now: int) -> int:
    """An instant that has been, in UTC seconds."""
    try:
        at = parse_instant(cells[name])
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{name} is missing." if not cells[name] else f"{name} {error}.") from None
    if at > now:
        raise ValueError(f"{name} lies in the future; it is {instant_text(now)} now.")
    if at < EARLIEST:
        raise ValueError(f"{name} lies before the year 2000.")
    return at


def _cell(cells: Cells, name: str, read: Callable[[str], Any]) -> Any:
    if not cells[name]:
        raise ValueError(f"{name} is missing.")
    try:
        return read(cells[name])
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None


def _optional(cells: Cells, name: str, read: Callable[[str], Any]) -> Any:
    return _cell(cells, name, read) if cells[name] else None


def _whole(text: str) -> int:
    return read_integer(text, 0, LARGEST_INTEGER)


def _text(text: str) -> str:
    """Words that no spreadsheet takes for a formula."""
    if text.startswith(FORMULA_BEGINS):
        raise ValueError(f"begins with {text[0]}, which a spreadsheet would run as a formula.")
    return read_text(text, TEXT_LONGEST)
