"""The exclusion register of a simulated year: approved, rejected, and approved only after the close."""

from uuid import UUID

from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S, Episode
from demo.generated.year.cast import Cast
from demo.generated.year.provider import FORCE_MAJEURE, MAINTENANCE
from demo.generated.year.size import Size
from demo.generated.year.weather import outages_of
from portal import clock
from portal.database import reading, transaction
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Asked
from portal.usecases.judging import exclusion_register

MARGIN_S = 600
WHOLE_MONTH_OF = 3
"""The service that was out of use for the whole second month, so that nothing could be promised."""
IN_TIME, TOO_LATE, LATE_APPROVED, OUT_OF_USE = "in time", "too late", "approved after the close", "out of use"


def ask(session: Session, cast: Cast, size: Size, month: int) -> None:
    """Ask for the exclusions of a month, and decide about those that are decided before its close."""
    wanted = dict(zip((IN_TIME, TOO_LATE, LATE_APPROVED), outages_of(size, month), strict=False))
    for kind, outage in wanted.items():
        _request(session, cast, size, month, kind, outage)
    if month == 1 or size.months == 1:
        start, end = size.starts_at(month) - DAY_S, size.starts_at(month + 1) + DAY_S
        service = f"service-{min(WHOLE_MONTH_OF, size.services):04}"
        _request(session, cast, size, month, OUT_OF_USE, Episode(service, 0, "", start, end))
    _decide(session, cast, size, month, (IN_TIME, TOO_LATE, OUT_OF_USE), size.starts_at(month + 1) + 3_600)


def approve_late(session: Session, cast: Cast, size: Size, month: int) -> None:
    """Approve what waited when the month was closed."""
    _decide(session, cast, size, month, (LATE_APPROVED,), size.closes_at(month) + DAY_S)


def _request(session: Session, cast: Cast, size: Size, month: int, kind: str, outage: Episode) -> None:
    reason = _reason(size, month, kind)
    asked = Asked(
        type=FORCE_MAJEURE if kind == OUT_OF_USE else MAINTENANCE,
        start=outage.start - MARGIN_S,
        end=outage.end + MARGIN_S,
        announced_at=outage.start - (MARGIN_S if kind == TOO_LATE else 4 * DAY_S),
        reason=reason,
        evidence_link="",
        is_public=True,
        services=(cast.services[outage.probe],),
        customers=None,
        locations=(),
    )
    now = clock.instant(min(asked.end, size.starts_at(month + 1)))
    with transaction(session):
        if reason not in {one.reason for one in exclusion_register.all_entries(session)}:
            exclusion_decisions.request(session, cast.staff["rosa"], asked, now)


def _decide(session: Session, cast: Cast, size: Size, month: int, kinds: tuple[str, ...], at: int) -> None:
    with reading(session):
        entries = {one.reason: one for one in exclusion_register.all_entries(session) if one.standing == "pending"}
    for kind in kinds:
        found = entries.get(_reason(size, month, kind))
        if found is not None:
            with transaction(session):
                _say(session, cast, kind, found.id, at)


def _say(session: Session, cast: Cast, kind: str, exclusion_id: UUID, at: int) -> None:
    person, now = cast.staff["max"], clock.instant(at)
    if kind == TOO_LATE:
        exclusion_decisions.reject(session, person, exclusion_id, "It was announced too late to count.", now)
    else:
        exclusion_decisions.approve(session, person, exclusion_id, "", now, one_may=False)


def _reason(size: Size, month: int, kind: str) -> str:
    return f"Generated work of {size.month(month):%Y-%m}, {kind}."
