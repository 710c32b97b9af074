"""Seeded pasts and futures of services that fail in different ways, to see whether what forecasts say comes true."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import exp, log
from random import Random

from portal.domain.evaluation.attainment import Attainment, Carried, evaluate
from portal.domain.evidence.records import Evidence, OutageRecord
from portal.domain.promises.commitment import Commitment, Comparison, ExclusionsPolicy, UnknownPolicy
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.credit_schedule import Tier, Tiers
from portal.domain.promises.methodology import Continuous
from portal.domain.quantities.periods import Period, period_of
from portal.domain.quantities.zones import parse_instant

DAY_S = 86_400
TARGETS = ("99", "99.5", "99.9", "99.95")
LINE = ContractLine("bench", "api", "UTC", "EUR", 2, Fraction(1000))
PERIOD = period_of({"kind": "calendar_month"}, "UTC", parse_instant("2026-11-15T00:00:00Z"))
_TIERS = Tiers(tiers=(Tier(Fraction(100), Fraction(10)), Tier(Fraction("99.5"), Fraction(25))))


@dataclass(frozen=True, slots=True)
class World:
    """One service: every outage of up to a year before the period and of the period itself, in order."""

    seed: int
    start: int
    outages: tuple[OutageRecord, ...]

    def judged(self, commitment: Commitment, period: Period, as_of: int) -> Attainment:
        """What the one evaluation says of the commitment as of a second, when later outages are not known yet."""
        known = [OutageRecord(one.start, min(one.end, as_of)) for one in self.outages if one.start < as_of]
        return evaluate(commitment, LINE, period, Evidence(outages=tuple(known)), (), Carried(), as_of)

    def past(self) -> Period:
        """The time before the period as a period of its own."""
        return Period(self.start, PERIOD.start, "", "", "UTC", "custom")


def world(seed: int) -> World:
    """A service that fails 0.4 to 8 times a month, for minutes or hours, alone or in bursts, known for months."""
    random = Random(seed)
    start = PERIOD.start - random.randint(60, 365) * DAY_S
    every_s = 30 * DAY_S / exp(random.uniform(log(0.4), log(8)))
    burst, length = random.choice((0.0, 0.0, 0.3)), _length(random)
    outages, at = list[OutageRecord](), float(start)
    while (at := at + random.expovariate(1 / every_s)) < PERIOD.end:
        first = at
        while first < PERIOD.end:
            last = first + max(length(), 30)
            outages.append(OutageRecord(round(first), min(round(last), PERIOD.end)))
            if random.random() >= burst:
                break
            first = last + random.uniform(600, 7200)
    return World(seed, start, tuple(sorted(outages, key=lambda one: one.start)))


def commitments() -> Iterator[Commitment]:
    """One commitment for each target."""
    for target in TARGETS:
        yield Commitment(
            id=f"of-{target}",
            component="api",
            measured=None,
            target=Fraction(target),
            target_text=target,
            comparison=Comparison(),
            methodology=Continuous(),
            unknown_policy=UnknownPolicy(),
            exclusions_policy=ExclusionsPolicy(),
            credit_schedule=_TIERS,
        )


def _length(random: Random) -> Callable[[], float]:
    median_s = exp(random.uniform(log(120), log(2400)))
    kind = random.choice(("log-normal", "exponential", "pareto"))
    sigma, alpha = random.uniform(0.6, 1.3), random.uniform(1.5, 2.5)
    if kind == "log-normal":
        return lambda: random.lognormvariate(log(median_s), sigma)
    if kind == "exponential":
        return lambda: random.expovariate(log(2) / median_s)
    return lambda: random.paretovariate(alpha) * median_s / 2 ** (1 / alpha)
