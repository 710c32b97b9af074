"""What one measurement found, before it is tied to its slot."""

from dataclasses import dataclass, field

from probes.results import Fault, Reason, State

MAX_DETAIL_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """A state and why; `detail` is short and printable."""

    state: State
    reason: Reason | None = None
    error: Fault | None = None
    detail: str | None = None


UP = Verdict(State.UP)


def down(error: Fault, detail: str = "") -> Verdict:
    """The target failed, in this way."""
    return Verdict(State.DOWN, None, error, printable(detail))


def unknown(reason: Reason, detail: str = "") -> Verdict:
    """Our own side failed, for this reason: nothing can be said about the target."""
    return Verdict(State.UNKNOWN, reason, None, printable(detail))


def judge_latency(total_ms: int, limit_ms: int | None) -> Verdict:
    """Call a good answer degraded when it took longer than the limit, up otherwise."""
    if limit_ms is None or total_ms <= limit_ms:
        return UP
    return Verdict(State.DEGRADED, None, Fault.SLOW, f"{total_ms} ms, the limit is {limit_ms} ms")


def printable(text: str) -> str | None:
    """Cut a text to 120 printable characters; None when nothing is left."""
    clean = "".join(character if character.isprintable() else "?" for character in text[:MAX_DETAIL_CHARACTERS])
    return clean.strip() or None


@dataclass(slots=True)
class Phases:
    """Microseconds spent in each phase, added up over redirects."""

    resolve_us: int = 0
    connect_us: int = 0
    tls_us: int = 0
    processing_us: int = 0
    transfer_us: int = 0
    total_us: int = 0


@dataclass(frozen=True, slots=True)
class Measurement:
    """A verdict, where the time went, and the HTTP status if there was one."""

    verdict: Verdict
    phases: Phases = field(default_factory=Phases)
    http_status: int | None = None
