"""What was measured and reported about one service, as the arithmetic reads it; all times are UTC seconds."""

from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from portal.domain.quantities.intervals import Interval


class State(StrEnum):
    """What one sample says, and what the samples together say of an instant."""

    UP = "up"
    DOWN = "down"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Run:
    """`count` equal samples at first, first + interval_s, … last."""

    state: State
    reason: str | None
    first: int
    last: int
    count: int
    interval_s: int
    provenance: str = "measured"


@dataclass(frozen=True, slots=True)
class Series:
    """One probe of a service at one location: its runs sorted by first; slots between two runs have no sample."""

    location: str
    probe: str
    interval_s: int
    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class OutageRecord:
    """One report of an outage [start, end); `event` is the incident it is linked to (decision D18).

    Raises ValueError when it ends before it starts.
    """

    start: int
    end: int
    severity: str = "down"
    reported_at: int | None = None
    affected_users: int | None = None
    ratio: Fraction | None = None
    event: str | None = None

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"the outage that starts at second {self.start} ends before it starts")


@dataclass(frozen=True, slots=True)
class SlotCount:
    """Requests counted in the slot that starts at `start`, of one class where they are told by class.

    Raises ValueError for more errors than requests.
    """

    start: int
    total: int
    errors: int
    request_class: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.errors <= self.total:
            raise ValueError(f"the slot at second {self.start} has {self.errors} errors of {self.total} requests")


@dataclass(frozen=True, slots=True)
class DefaultCount:
    """Requests in every slot that has no record of its own; raises ValueError for more errors than requests."""

    total: int
    errors: int

    def __post_init__(self) -> None:
        if not 0 <= self.errors <= self.total:
            raise ValueError(f"every other slot has {self.errors} errors of {self.total} requests")


@dataclass(frozen=True, slots=True)
class RequestClass:
    """Requests of one class and the score from 0 to 1 that each is worth; excluded ones leave both sums (R12, R17d).

    Raises ValueError for a count below 0 or a score outside 0 to 1.
    """

    name: str
    count: int
    score: Fraction | None
    excluded: bool = False

    def __post_init__(self) -> None:
        if self.count < 0 or (self.score is not None and not 0 <= self.score <= 1):
            raise ValueError(f"the request class '{self.name[:40]}' needs a count from 0 and a score from 0 to 1")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request for help: opened, first answered (or None), and the times it waited for the customer (R41)."""

    id: str
    opened: int
    responded: int | None
    pauses: tuple[Interval, ...] = ()


@dataclass(frozen=True, slots=True)
class Latency:
    """`count` requests at `at` that each took `latency_ms` (R45)."""

    at: int
    latency_ms: int
    count: int = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything known about one service that bears on one period.

    Without series the time outside `outages` and `unknown` is known to be up; with series only samples say up.
    `provenance` says where the rest beside the series comes from (decision D13).
    Raises ValueError when an unknown interval ends before it starts.
    """

    series: tuple[Series, ...] = ()
    outages: tuple[OutageRecord, ...] = ()
    unknown: tuple[Interval, ...] = ()
    counts: tuple[SlotCount, ...] = ()
    default_count: DefaultCount | None = None
    classes: tuple[RequestClass, ...] = ()
    tickets: tuple[Ticket, ...] = ()
    latencies: tuple[Latency, ...] = ()
    provenance: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for one in self.unknown:
            if one.end < one.start:
                raise ValueError(f"the unknown time that starts at second {one.start} ends before it starts")
