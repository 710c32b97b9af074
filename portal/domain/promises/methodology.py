"""How evidence becomes downtime: one frozen class per methodology (semantics.md R7, R8, R17-R24, R41-R45)."""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.promises.business_hours import BusinessHours


@dataclass(frozen=True, slots=True)
class OutageRules:
    """Which outages count and how: minimum length, merging, clock start and weights (R8, R18-R21)."""

    min_outage_seconds: int = 0
    min_outage_op: str = ">="
    count_from: str = "start"
    basis: str = "raw"
    merge_gap_seconds: int = 0
    gap_counts: str = "up"
    clock_start: str = "measured"
    severity_weights: tuple[tuple[str, Fraction], ...] = (("down", Fraction(1)),)

    def weight(self, severity: str) -> Fraction:
        """The share of a second that one second of this severity counts; 0 unless the terms say otherwise (R8)."""
        return dict(self.severity_weights).get(severity, Fraction(0))


@dataclass(frozen=True, slots=True)
class Quorum:
    """How many locations make a state: `at_least` counts, or the `majority_of_known` (R24)."""

    mode: str = "at_least"
    down_at_least: int = 1
    known_at_least: int = 1


@dataclass(frozen=True, slots=True)
class Detection:
    """How samples become outages (R22-R24); `max_gap_seconds` None means twice the interval."""

    max_gap_seconds: int | None = None
    confirm_failures: int = 1
    confirm_successes: int = 1
    outage_begins: str = "first_failure"
    outage_ends: str = "first_success"
    quorum: Quorum = Quorum()


@dataclass(frozen=True, slots=True)
class Continuous:
    """The outage intervals themselves; `type` is "probe" where the terms use the old name."""

    type: str = "continuous"
    outage: OutageRules = OutageRules()
    detection: Detection = Detection()


@dataclass(frozen=True, slots=True)
class Slots:
    """Whole slots that are down (R17)."""

    slot_seconds: int
    down_when: str = "all"
    min_consecutive_slots: int = 1
    outage: OutageRules = OutageRules()
    detection: Detection = Detection()
    type: str = "slots"


@dataclass(frozen=True, slots=True)
class MeanErrorRate:
    """One minus the mean of the slots' error rates (R17b)."""

    slot_seconds: int
    empty: str
    type: str = "mean_error_rate"


@dataclass(frozen=True, slots=True)
class ErrorRateSlots:
    """Slots whose error rate passes a threshold are down (R17c)."""

    slot_seconds: int
    threshold: Fraction
    op: str
    min_requests: int = 1
    min_consecutive_slots: int = 1
    type: str = "error_rate_slots"


@dataclass(frozen=True, slots=True)
class RequestRatio:
    """Weighted good requests over all requests (R17d); a class without a score here brings its own."""

    scores: tuple[tuple[str, Fraction], ...] = ()
    type: str = "request_ratio"


@dataclass(frozen=True, slots=True)
class UserMinutes:
    """Downtime weighted by the users affected (R17e)."""

    total_users: int
    overlap: str = "sum_capped"
    outage: OutageRules = OutageRules()
    detection: Detection = Detection()
    type: str = "user_minutes"


@dataclass(frozen=True, slots=True)
class AffectedRatio:
    """Downtime weighted by the ratio affected (R17e)."""

    overlap: str = "sum_capped"
    outage: OutageRules = OutageRules()
    detection: Detection = Detection()
    type: str = "affected_ratio"


@dataclass(frozen=True, slots=True)
class Percentile:
    """A latency promise by nearest rank, per slot or, without slots, over the period as one slot (R45)."""

    percentile: Fraction
    threshold_ms: int
    slot_seconds: int | None = None
    type: str = "percentile"


@dataclass(frozen=True, slots=True)
class SmallSample:
    """With fewer than `below` tickets, up to `allowed_misses` may be late (R43)."""

    below: int
    allowed_misses: int


@dataclass(frozen=True, slots=True)
class ResponseTime:
    """Tickets answered within open time (R41-R44); `calendar` None means around the clock."""

    target_seconds: int
    calendar: BusinessHours | None
    small_sample: SmallSample | None = None
    type: str = "response_time"


Methodology = (
    Continuous
    | Slots
    | MeanErrorRate
    | ErrorRateSlots
    | RequestRatio
    | UserMinutes
    | AffectedRatio
    | Percentile
    | ResponseTime
)
"""Every way of measuring a commitment."""
