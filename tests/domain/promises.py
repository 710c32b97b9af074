"""Small promises, contracts and evidence that tests of the arithmetic are made of."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evidence.records import Evidence, OutageRecord, Run, Series, State
from portal.domain.promises.commitment import Commitment, Comparison, ExclusionsPolicy, ExclusionType, UnknownPolicy
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.credit_schedule import CreditSchedule, Tier, Tiers
from portal.domain.promises.methodology import Continuous, Methodology
from portal.domain.quantities.periods import Period, period_of
from portal.domain.quantities.zones import parse_instant

START = parse_instant("2026-06-01T00:00:00Z")
JUNE = period_of({"kind": "calendar_month"}, "UTC", START)
AFTERWARDS = JUNE.end + 90 * 86400

TIERS = Tiers(
    tiers=(
        Tier(Fraction("99.9"), Fraction(10)),
        Tier(Fraction(99), Fraction(25)),
        Tier(Fraction(95), Fraction(50)),
    )
)


def promise(
    target: str = "99.9",
    method: Methodology | None = None,
    unknown_as: str = "exclude",
    limit: str | None = None,
    mode: str = "remove",
    types: Sequence[ExclusionType] = (ExclusionType("maintenance"),),
    schedule: CreditSchedule = TIERS,
    comparison: Comparison = Comparison(),  # noqa: B008  (frozen)
) -> Commitment:
    """A commitment with everything at its default that is not said."""
    return Commitment(
        id="availability",
        component="api",
        measured=None,
        target=Fraction(target),
        target_text=target,
        comparison=comparison,
        methodology=method or Continuous(),
        unknown_policy=UnknownPolicy(unknown_as, None if limit is None else Fraction(limit)),
        exclusions_policy=ExclusionsPolicy(mode, tuple(types)),
        credit_schedule=schedule,
    )


LINE = ContractLine("acme-1", "api", "UTC", "USD", 2, Fraction(1000))


def judged(
    commitment: Commitment,
    evidence: Evidence,
    exclusions: Sequence[Exclusion] = (),
    period: Period = JUNE,
    line: ContractLine = LINE,
    as_of: int = AFTERWARDS,
    carried: Carried = Carried(),  # noqa: B008  (frozen)
) -> Attainment:
    """The result of a commitment over June 2026, long after its end, where nothing else is said."""
    return evaluate(commitment, line, period, evidence, exclusions, carried, as_of)


def at(day: int, clock: str = "00:00") -> int:
    """The UTC second of a day of June 2026 and a time "HH:MM" or "HH:MM:SS"."""
    parts = [int(part) for part in clock.split(":")]
    hours, minutes, seconds = (*parts, 0)[:3]
    return START + (day - 1) * 86400 + hours * 3600 + minutes * 60 + seconds


def outage(day: int, start: str, end: str, **keys: object) -> OutageRecord:
    """A report of an outage on one day of June 2026."""
    return replace(OutageRecord(at(day, start), at(day, end)), **keys)  # type: ignore[arg-type]


def maintenance(day: int, start: str, end: str, **keys: object) -> Exclusion:
    """An approved exclusion of the type maintenance on one day of June 2026."""
    return replace(Exclusion(f"{day}-{start}", "maintenance", at(day, start), at(day, end)), **keys)  # type: ignore[arg-type]


def timeline(text: str, location: str = "a", interval_s: int = 60, origin: int = START) -> Series:
    """Samples told as "00:00 up  00:10 down  00:25 up  00:30 end": each word holds until the next time.

    `missing` leaves the slots without a sample, `unknown:reason` fills them with that.
    """
    words = text.split()
    marks = [(origin + _seconds(clock), word) for clock, word in zip(words[::2], words[1::2], strict=True)]
    runs = []
    for (start, word), (end, _) in pairwise(marks):
        count = (end - start) // interval_s
        state, _, reason = word.partition(":")
        if state != "missing":
            last = start + (count - 1) * interval_s
            runs.append(Run(State(state), reason or None, start, last, count, interval_s))
    return Series(location, "http", interval_s, tuple(runs))


def _seconds(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 3600 + int(minutes) * 60
