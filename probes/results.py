"""What to do (an order) and what came of it (a result): the two values that cross the runner's door."""

from dataclasses import dataclass
from enum import StrEnum

from probes.guard import Policy
from probes.targets import Target


class State(StrEnum):
    """What one measurement says; `unknown` when the fault is our own and nothing can be said."""

    UP = "up"
    DOWN = "down"
    DEGRADED = "degraded"
    UNKNOWN = "unknown"


class Reason(StrEnum):
    """Why a result is unknown: always a failure of our own side (trust.md E3)."""

    OVERRUN = "overrun"  # the one before was still running, or it was too late to start (D5)
    ADDRESS_REFUSED = "address_refused"  # the guard forbids the address
    RESOLVER_FAILED = "resolver_failed"  # no name server gave an answer
    NO_ROUTE = "no_route"  # this machine has no way to that network
    NO_RESOURCES = "no_resources"  # descriptors, memory or ports ran out, or the certificates cannot be read
    TOO_LARGE = "too_large"  # the answer was longer than we read
    STALLED = "stalled"  # this process stood still while waiting
    STOPPED = "stopped"  # the runner ended first


class Fault(StrEnum):
    """Why a result is down (or degraded: `slow`): what the target did."""

    NAME_NOT_FOUND = "name_not_found"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    TLS = "tls"
    CUT = "cut"  # the connection ended before the answer did
    PROTOCOL = "protocol"  # the answer is not HTTP, or its encoding is broken
    HEADER_TOO_LARGE = "header_too_large"
    STATUS = "status"
    REDIRECT = "redirect"  # too many, to nowhere, or from https to http
    BODY = "body"  # the text looked for is not in the answer
    SLOW = "slow"


@dataclass(frozen=True, slots=True)
class Order:
    """One slot of one probe at one location, to be measured now.

    `slot` is the due instant in UTC seconds, `latest_start_ms` the UTC millisecond after which it is too late
    to start (slot + interval/2, D5); `timeout_ms` is the one deadline over everything, names included.
    """

    probe: int
    location: int
    slot: int
    target: Target
    policy: Policy
    timeout_ms: int
    latest_start_ms: int


@dataclass(frozen=True, slots=True)
class Result:
    """What one order came to; phases and total are whole milliseconds and the phases never exceed the total.

    `reason` is set when the state is unknown, `error` when it is down or degraded; `detail` is at most 120
    printable characters for a person. `start_offset_ms` counts from the slot to the start by the wall clock and
    `monotonic_ms` is the start by the monotonic clock (E8); both are None when it never started.
    """

    probe: int
    location: int
    slot: int
    state: State
    reason: Reason | None = None
    error: Fault | None = None
    detail: str | None = None
    start_offset_ms: int | None = None
    monotonic_ms: int | None = None
    resolve_ms: int = 0
    connect_ms: int = 0
    tls_ms: int = 0
    processing_ms: int = 0
    transfer_ms: int = 0
    total_ms: int = 0
    http_status: int | None = None
