"""A month cut to one sheet of paper: what was worst, what happened, what did not count, and how much more there is.

What finds no room is counted, and the paper names the page of the portal that has all of it. Lengths are told in tenths
of a millimetre, as static/css/paper.css sets them.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.domain.evaluation.result import Status
from portal.domain.notices.incidents import Incident
from portal.usecases.customer.closed_periods import ClosedStatement, Excluded, Line
from portal.usecases.customer.months import Month

LINE, ROW_EDGE, STATEMENT, ROOM = 45, 24, 80, 1_200
"""How high a line is, what a row has above and below its lines, one statement with its digest, and the sheet."""
NAME_COLUMNS = 42
"""How many narrow letters of a promise's name a line holds; a second line is the last."""
TOLD_MOST, STATEMENTS_MOST = 4, 3
WORST_FIRST = (Status.BREACHED, Status.INSUFFICIENT_DATA, Status.NOT_APPLICABLE, Status.MET)


@dataclass(frozen=True, slots=True)
class More:
    """So many further promises with a verdict, and the verdict in words."""

    status: str
    verdict: str
    count: int


@dataclass(frozen=True, slots=True)
class OnePage:
    """What of a month stands on one sheet: the worst lines, the first of all else; each `more…` says what does not."""

    lines: Sequence[Line]
    more_lines: Sequence[More]
    incidents: Sequence[Incident]
    more_incidents: int
    excluded: Sequence[Excluded]
    more_excluded: int
    statements: Sequence[ClosedStatement]
    more_statements: int


def cut(month: Month) -> OnePage:
    """Return what of a month finds room; all of it, in its own order, when there is room enough."""
    lines = [line for one in month.statements for line in one.lines]
    room = ROOM - LINE * (_told(month.incidents) + _told(month.excluded)) - _named(month.statements)
    shown = list(_as_room_allows(lines, room))
    if len(shown) < len(lines):
        missed = sorted((one for one in lines if one.status != Status.MET), key=_how_bad)
        shown = list(_as_room_allows(missed, room))
    rest = Counter((one.status, one.verdict) for one in lines)
    rest.subtract((one.status, one.verdict) for one in shown)
    return OnePage(
        lines=shown,
        more_lines=[More(*key, count) for key, count in sorted(rest.items(), key=_rank) if count],
        incidents=month.incidents[:TOLD_MOST],
        more_incidents=len(month.incidents[TOLD_MOST:]),
        excluded=month.excluded[:TOLD_MOST],
        more_excluded=len(month.excluded[TOLD_MOST:]),
        statements=month.statements[:STATEMENTS_MOST],
        more_statements=len(month.statements[STATEMENTS_MOST:]),
    )


def _told(found: Sequence[object]) -> int:
    """How many lines it takes to tell of these: one for none, and one more to count what is left out."""
    return min(max(len(found), 1), TOLD_MOST + 1)


def _named(found: Sequence[ClosedStatement]) -> int:
    return STATEMENT * min(len(found), STATEMENTS_MOST + 1)


def _as_room_allows(lines: Sequence[Line], left: int) -> Iterator[Line]:
    for one in lines:
        left -= ROW_EDGE + LINE * (1 if _columns(f"{one.service}, {one.commitment}") <= NAME_COLUMNS else 2)
        if left < 0:
            return
        yield one


def _columns(text: str) -> int:
    """How many narrow letters are as wide as a text; those of East Asia are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def _how_bad(line: Line) -> int:
    return WORST_FIRST.index(Status(line.status))


def _rank(counted: tuple[tuple[str, str], int]) -> int:
    return WORST_FIRST.index(Status(counted[0][0]))
