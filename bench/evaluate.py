"""How long a judgement takes: many outages, many exclusions, a month of probes, each methodology (speed.md)."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from statistics import median
from time import process_time_ns

from portal.domain.evaluation.attainment import Carried, evaluate
from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evidence.records import (
    DefaultCount,
    Evidence,
    Latency,
    OutageRecord,
    RequestClass,
    Run,
    Series,
    SlotCount,
    State,
    Ticket,
)
from portal.domain.promises.commitment import Commitment, Comparison, ExclusionsPolicy, ExclusionType, UnknownPolicy
from portal.domain.promises.contract_line import ContractLine
from portal.domain.promises.credit_schedule import Tier, Tiers
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    Detection,
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    Percentile,
    Quorum,
    RequestRatio,
    ResponseTime,
    Slots,
    UserMinutes,
)
from portal.domain.quantities.periods import Period, period_of
from portal.domain.quantities.zones import parse_instant

Row = dict[str, object]

_START = parse_instant("2026-06-01T00:00:00Z")
_END = parse_instant("2026-07-01T00:00:00Z")
_AS_OF = parse_instant("2026-07-05T00:00:00Z")
_LINE = ContractLine("bench", "api", "UTC", "USD", 2, Fraction(1000))
_TIERS = Tiers(tiers=(Tier(Fraction("99.9"), Fraction(10)), Tier(Fraction(99), Fraction(25))))


def measure() -> Iterator[Row]:
    """One row per case: name, input size n, median processor milliseconds, beside its budget if any."""
    yield _row("1,000 outages x 1,000 exclusions", 1_000, 20, _outages(1_000), exclusions=_exclusions(1_000), times=9)
    for n in (1_000, 10_000, 100_000):
        yield _row(f"{n:,} outages", n, 2_000 if n == 100_000 else None, _outages(n), times=3)
    yield _row("a month, 3 locations, 20 outages, 50 gaps", 3, 2, _month_of_probes(), _PROBES, times=31)
    for method, evidence in _each_methodology():
        yield _row(f"methodology {method.type}", 1_000, None, evidence, method, times=5)


def _row(
    name: str,
    n: int,
    budget_ms: int | None,
    evidence: Evidence,
    method: Methodology | None = None,
    exclusions: tuple[Exclusion, ...] = (),
    times: int = 5,
) -> Row:
    commitment, period = _commitment(method or Continuous()), _period()
    spent = _median_ms(
        lambda: evaluate(commitment, _LINE, period, evidence, exclusions, Carried(), _AS_OF).totals, times
    )
    return {"name": name, "n": n, "milliseconds": {"value": spent, "budget": budget_ms} if budget_ms else spent}


def _median_ms(work: Callable[[], object], times: int) -> float:
    work()
    spent = []
    for _ in range(times):
        before = process_time_ns()
        work()
        spent.append((process_time_ns() - before) / 1_000_000)
    return round(median(spent), 3)


def _period() -> Period:
    return period_of({"kind": "calendar_month"}, "UTC", _START)


def _commitment(method: Methodology) -> Commitment:
    return Commitment(
        id="availability",
        component="api",
        measured=None,
        target=Fraction("99.9"),
        target_text="99.9",
        comparison=Comparison(),
        methodology=method,
        unknown_policy=UnknownPolicy("exclude", Fraction(5)),
        exclusions_policy=ExclusionsPolicy("remove", (ExclusionType("scheduled_maintenance"),)),
        credit_schedule=_TIERS,
    )


def _outages(n: int) -> Evidence:
    step = (_END - _START) // n
    return Evidence(outages=tuple(OutageRecord(_START + i * step, _START + i * step + step // 3) for i in range(n)))


def _exclusions(n: int) -> tuple[Exclusion, ...]:
    step = (_END - _START) // n
    starts = (_START + i * step + step // 4 for i in range(n))
    return tuple(Exclusion(str(at), "scheduled_maintenance", at, at + step // 2) for at in starts)


_PROBES = Continuous(detection=Detection(confirm_failures=2, quorum=Quorum("at_least", 2, 2)))


def _month_of_probes() -> Evidence:
    """One-minute samples: 20 outages all three locations see, 50 gaps spread over the locations."""
    return Evidence(series=tuple(_series(number) for number in range(3)))


def _series(number: int) -> Series:
    gaps = [(_minute(i, 50) + 200, 5, None) for i in range(50) if i % 3 == number]
    marks = [*((_minute(i, 20) + 700, 4, State.DOWN) for i in range(20)), *gaps]
    runs, at = [], 0
    for first, count, state in sorted(marks, key=lambda mark: mark[0]):
        runs.append(_run(State.UP, at, first - at))
        if state is not None:
            runs.append(_run(state, first, count))
        at = first + count
    runs.append(_run(State.UP, at, (_END - _START) // 60 - at))
    return Series(f"place-{number}", "http", 60, tuple(runs))


def _minute(number: int, of: int) -> int:
    return number * ((_END - _START) // 60 // of)


def _run(state: State, first: int, count: int) -> Run:
    return Run(state, None, _START + first * 60, _START + (first + count - 1) * 60, count, 60)


def _each_methodology() -> Iterator[tuple[Methodology, Evidence]]:
    """Every methodology once, with a thousand records of its own kind of evidence."""
    outages = _outages(1_000)
    shares = tuple(replace(one, affected_users=7, ratio=Fraction(1, 3)) for one in outages.outages)
    counts = tuple(SlotCount(_START + i * 600, 1_000, 60) for i in range(1_000))
    latencies = tuple(Latency(_START + i * 600, 80 + i % 300) for i in range(1_000))
    tickets = tuple(Ticket(str(i), _START + i * 600, _START + i * 600 + 3_000) for i in range(1_000))
    yield Continuous(), outages
    yield Slots(60), outages
    yield UserMinutes(100), Evidence(outages=shares)
    yield AffectedRatio(), Evidence(outages=shares)
    yield MeanErrorRate(300, "zero_error"), Evidence(counts=counts, default_count=DefaultCount(1_000, 0))
    yield ErrorRateSlots(300, Fraction("0.05"), ">"), Evidence(counts=counts, default_count=DefaultCount(1_000, 0))
    yield RequestRatio(), Evidence(classes=tuple(RequestClass(str(i), 10, Fraction(1)) for i in range(1_000)))
    yield Percentile(Fraction(95), 250, 3_600), Evidence(latencies=latencies)
    yield ResponseTime(3_600, None), Evidence(tickets=tickets)
