"""One service in public: its last 90 days, and the working of any of its days with every interval and its reason."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.evidence.detection import SecondsByState, Segment, Timeline, detect, seconds_by_state
from portal.domain.evidence.lead_in import lead_in_of
from portal.domain.evidence.records import Series, State
from portal.domain.notices.incidents import Incident
from portal.domain.notices.phrases import Enumerated
from portal.domain.notices.refusals import NotFound
from portal.domain.quantities import zones
from portal.domain.quantities.intervals import Interval, clip, total_seconds, union
from portal.store.measuring import measured
from portal.store.measuring.measured import Service
from portal.store.notices import exclusions, incidents
from portal.usecases.explaining.receipt_words import REASONS
from portal.usecases.judging.exclusion_register import entry_of
from portal.usecases.keeping.evidence import led_in_series
from portal.usecases.measuring.public_rules import PUBLIC_RULES
from portal.usecases.status.public_status import ServiceStatus, services_now

__all__ = ["DayWorking", "LeftOut", "Piece", "day_working", "group_now", "service_now"]

NO_SERVICE = "There is no such service."
NO_DAY = "There is no such day: it lies ahead, or long ago."
FIRST_DAY = date(2000, 1, 1)
DAY_S = 86_400
PIECES_MOST = 500


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch [start, end) in UTC seconds that was not simply up: in which state, why, and where it failed."""

    start: int
    end: int
    state: State
    why: str
    locations: tuple[str, ...]

    @property
    def seconds(self) -> int:
        """How long it lasted."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Time of this day that counts for no promise to anybody: of which kind, and why where that is public."""

    start: int
    end: int
    type: str
    reason: str


@dataclass(frozen=True, slots=True)
class DayWorking:
    """A local day of a service as it was measured, `whole` in UTC seconds, up to `end`: now, or where it is over.

    `seconds` are from the first sample ever on; `unmeasured_s` lie before it; `left_out_s` count in no promise.
    """

    service: Service
    day: date
    whole: Interval
    end: int
    seconds: SecondsByState
    unmeasured_s: int
    left_out_s: int
    pieces: Sequence[Piece]
    more_pieces: int
    left_out: Sequence[LeftOut]
    incidents: Sequence[Incident]
    locations: Sequence[str]
    is_generated: bool
    earlier: date | None
    later: date | None

    @property
    def start(self) -> int:
        """The first second of the day."""
        return self.whole.start

    @property
    def is_over(self) -> bool:
        """Whether the day is over."""
        return self.end == self.whole.end

    @property
    def measured_s(self) -> int:
        """The seconds from the first sample ever on, up to now or the day's end."""
        return self.end - self.start - self.unmeasured_s


def service_now(session: Session, key: str, timezone: str, now: datetime) -> ServiceStatus:
    """Return one service with its state and its last 90 local days; raise NotFound."""
    return services_now(session, timezone, now, [_service(session, key)])[0]


def group_now(
    session: Session, name: str, after: str, most: int, timezone: str, now: datetime
) -> tuple[Sequence[ServiceStatus], str]:
    """Return up to `most` services of a group behind the one of this key ("": the first), and the key to go on from.

    Raise NotFound when there is no such group or service in it.
    """
    members = [one for one in measured.services(session) if one.group == name]
    keys = [one.key for one in members]
    if not members or (after and after not in keys):
        raise NotFound("There is no such group of services.")
    first = keys.index(after) + 1 if after else 0
    shown = members[first : first + most]
    further = shown[-1].key if first + most < len(members) else ""
    return services_now(session, timezone, now, shown), further


def day_working(session: Session, key: str, day: date, timezone: str, now: datetime) -> DayWorking:
    """Return what was measured of a service on a local day, and why; raise NotFound for a day that cannot be."""
    service, as_of = _service(session, key), clock.seconds(now)
    today = zones.local_date(as_of, timezone)
    if not FIRST_DAY <= day <= today:
        raise NotFound(NO_DAY)
    whole = Interval(zones.instant_of(day, timezone), zones.instant_of(day + timedelta(days=1), timezone))
    span = Interval(whole.start, max(whole.start, min(whole.end, as_of)))
    series = led_in_series(session, service.id, span.start, min(span.end + DAY_S, as_of + 1), _LEAD_IN)
    first = min((one.runs[0].first for one in series if one.runs), default=span.end)
    known = Interval(min(max(first, span.start), span.end), span.end)
    timeline = detect(series, PUBLIC_RULES, known)
    names = measured.location_names(session)
    pieces = tuple(_pieces(timeline.segments, names))
    left_out = tuple(_left_out(session, service, span))
    return DayWorking(
        service=service,
        day=day,
        whole=whole,
        end=span.end,
        seconds=_seconds(timeline, known),
        unmeasured_s=known.start - span.start,
        left_out_s=total_seconds(clip(union(Interval(one.start, one.end) for one in left_out), span.start, span.end)),
        pieces=pieces[:PIECES_MOST],
        more_pieces=max(0, len(pieces) - PIECES_MOST),
        left_out=left_out,
        incidents=_incidents(session, service, span),
        locations=tuple(dict.fromkeys(names.get(one.location, one.location) for one in series)),
        is_generated=_is_generated(series, span),
        earlier=day - timedelta(days=1) if day > FIRST_DAY and known.start == span.start else None,
        later=day + timedelta(days=1) if day < today else None,
    )


_LEAD_IN = lead_in_of([PUBLIC_RULES])


def _service(session: Session, key: str) -> Service:
    found = next((one for one in measured.services(session) if one.key == key), None)
    if found is None:
        raise NotFound(NO_SERVICE)
    return found


def _seconds(timeline: Timeline, known: Interval) -> SecondsByState:
    return seconds_by_state(timeline, (known.start, known.end))[0]


def _pieces(segments: Sequence[Segment], names: dict[str, str]) -> Iterator[Piece]:
    """The segments that are not up, neighbours with one state and reason joined; held ones are not told apart."""
    found: Piece | None = None
    for one in segments:
        piece = Piece(one.start, one.end, one.state, _why(one), tuple(names.get(key, key) for key in one.failing))
        if found and (found.end, found.state, found.why, found.locations) == (
            piece.start,
            piece.state,
            piece.why,
            piece.locations,
        ):
            found = Piece(found.start, piece.end, piece.state, piece.why, piece.locations)
            continue
        if found and found.state is not State.UP:
            yield found
        found = piece
    if found and found.state is not State.UP:
        yield found


def _why(segment: Segment) -> str:
    if segment.state is not State.UNKNOWN:
        return REASONS.get(segment.state.value, "")
    parts = (segment.reason or "").split(", ")
    return Enumerated.of(REASONS.get(one, one.replace("_", " ")) for one in parts)


def _left_out(session: Session, service: Service, span: Interval) -> Iterator[LeftOut]:
    """What was approved not to count for every customer; its reason where the entry is public."""
    for one in exclusions.exclusions_for_all(session, span.start, span.end):
        is_approved = bool(one.decisions) and one.decisions[-1].kind == "approved"
        if not is_approved or one.locations:
            continue
        if service.id in [touched.id for touched in one.services]:
            start, end = max(one.row.start, span.start), min(one.row.end, span.end)
            yield LeftOut(start, end, one.row.type, entry_of(one).reason if one.row.is_public else "")


def _incidents(session: Session, service: Service, span: Interval) -> Sequence[Incident]:
    found = incidents.incidents_during(session, clock.instant(span.start), clock.instant(span.end))
    return tuple(one for one in found if service.id in [touched.id for touched in one.services])


def _is_generated(series: Sequence[Series], span: Interval) -> bool:
    return any(
        run.provenance == "generated" and run.first < span.end and run.last >= span.start
        for one in series
        for run in one.runs
    )
