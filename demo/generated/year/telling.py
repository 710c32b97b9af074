"""Telling a simulated year, month by month: measured, asked for, sealed, closed, corrected, settled, disputed.

Called again after an interruption it goes on: each deed looks first whether it was done.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S
from demo.generated.provider import configure
from demo.generated.telling import generate
from demo.generated.year import corrections, disputes, money, register, weather
from demo.generated.year.cast import Cast, cast_of
from demo.generated.year.provider import year_document
from demo.generated.year.size import TAIL_S, Size
from portal import clock
from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict
from portal.usecases.closing import closing
from portal.usecases.closing.closing import Ruling
from portal.usecases.configuration.applying import is_configured
from portal.usecases.groundwork import scopes
from portal.usecases.measuring import sealed_days

HOLDER = "generator"
REASON = "Generated: the gap is known, and this is what follows from it."
RULINGS = (Ruling.WITHOUT_VERDICT, Ruling.AS_MEASURED)


@dataclass(slots=True)
class Year:
    """What was told: how many of each."""

    samples: int = 0
    closed: int = 0
    ruled: int = 0
    revisions: int = 0
    claims: int = 0
    approved: int = 0
    issue_refused: int = 0
    disputes: int = 0


Told = Callable[[str, int], object]
"""Hears which month is done, such as "2026-03", and how many samples came with it."""


def tell_year(session: Session, size: Size, told: Told = lambda _month, _samples: None) -> Year:
    """Tell a whole year into an empty database; return how many of each there are. Raises Conflict beside a worker."""
    year = Year()
    with scopes.provider():
        with reading(session):
            is_new = not is_configured(session)
        if is_new:
            configure(session, year_document(size), size.start - 1)
        with reading(session):
            cast = cast_of(session, size)
        for month in range(size.months):
            before = year.samples
            _tell_month(session, cast, size, month, year)
            told(f"{size.month(month):%Y-%m}", year.samples - before)
    return year


def _tell_month(session: Session, cast: Cast, size: Size, month: int, year: Year) -> None:
    start = size.start if month == 0 else size.starts_at(month) + TAIL_S
    end = size.starts_at(month + 1) + TAIL_S
    year.samples += generate(session, weather.chance(size), start, end, told=weather.told(size))
    register.ask(session, cast, size, month)
    _seal(session, size.closes_at(month))
    _close(session, cast, size, month, year)
    year.revisions += corrections.come_to_light(session, cast, size, month)
    settled = money.settle_month(session, cast, size, month)
    year.claims += settled.claims
    year.approved += settled.approved
    year.issue_refused += settled.issue_refused
    year.disputes += disputes.dispute_month(session, cast, size, month)


def _seal(session: Session, at: int) -> None:
    lease = sealed_days.begin(session, HOLDER, at * 1000)
    if lease is None:
        raise Conflict("A worker is sealing already; a year is told where none runs.")
    while sealed_days.seal_days(session, lease, at * 1000).days:
        pass
    sealed_days.end(session, lease)


def _close(session: Session, cast: Cast, size: Size, month: int, year: Year) -> None:
    """Close a month as the timetable does; where too little is known a person decides, and it is closed again."""
    period, now = f"{size.month(month):%Y-%m}", clock.instant(size.closes_at(month))
    outcome = closing.close(session, period, now)
    year.closed += outcome.closed
    waiting = [one for one in outcome.waiting if one.state is closing.State.BELOW_FLOOR]
    for number, one in enumerate(sorted(waiting, key=lambda standing: standing.contract)):
        ruling = RULINGS[number % len(RULINGS)]
        with transaction(session):
            closing.decide(session, cast.staff["max"], one.contract_id, one.period, ruling, REASON, now)
    if waiting:
        year.ruled += len(waiting)
        year.closed += closing.close(session, period, clock.instant(size.closes_at(month) + DAY_S // 2)).closed
