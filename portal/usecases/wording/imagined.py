"""What a month might bring, made up as evidence, so that the one evaluation can say what it would be worth."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil

from portal.domain.evidence.records import (
    DefaultCount,
    Evidence,
    Latency,
    OutageRecord,
    RequestClass,
    SlotCount,
    Ticket,
)
from portal.domain.promises.methodology import (
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    Percentile,
    RequestRatio,
    ResponseTime,
    UserMinutes,
)
from portal.domain.quantities.periods import Period
from portal.usecases.wording.phrases import count_words, slot_words, span_words

LADDER_S = (600, 1800, 3600, 10_800, 21_600, 43_200, 86_400, 259_200, 864_000)
LADDER_OF_HUNDRED = (1, 2, 5, 10, 25, 50, 100)
REQUESTS_A_SLOT = 1000
REQUESTS = 1_000_000
HUNDRED = 100
MOST_SLOTS = 5000


@dataclass(frozen=True, slots=True)
class Imagined:
    """Something that might happen in a period, in words and as evidence."""

    words: str
    evidence: Evidence


def is_about_downtime(method: Methodology) -> bool:
    """Whether "the service was down for so long" says everything the method needs to know."""
    return not isinstance(method, Percentile | ResponseTime)


def imagined_outage(method: Methodology, period: Period, down_s: int) -> Imagined:
    """One complete outage of so many seconds that everybody reported at once; raises ValueError when it is too long."""
    if down_s > period.seconds:
        raise ValueError(f"The period has {span_words(period.seconds)}; the service cannot be down for longer.")
    start = _beginning(method, period, down_s)
    evidence = _outage_evidence(method, period, start, start + down_s)
    return Imagined(f"the service is completely down once, for {span_words(down_s)}", evidence)


def imagined_periods(method: Methodology, period: Period) -> Iterator[Imagined]:
    """What might happen in a period, from little to much."""
    match method:
        case ResponseTime():
            yield from (_tickets(period, late) for late in LADDER_OF_HUNDRED)
        case Percentile():
            yield from (_latencies(method, period, slow) for slow in LADDER_OF_HUNDRED)
        case _:
            lengths = [one for one in LADDER_S if one < period.seconds and _slots(method, one) <= MOST_SLOTS]
            yield from (imagined_outage(method, period, one) for one in lengths or [period.seconds])


def _beginning(method: Methodology, period: Period, down_s: int) -> int:
    """Around a third into the period, on the hour and on a slot, so that no second of it is cut off by a slot."""
    slot_s = getattr(method, "slot_seconds", None) or 1
    offset = min(period.seconds // 3, period.seconds - down_s)
    offset -= offset % 3600
    return period.start + offset - offset % slot_s


def _outage_evidence(method: Methodology, period: Period, start: int, end: int) -> Evidence:
    match method:
        case MeanErrorRate(slot_seconds=slot_s):
            return _failing_slots(slot_s, REQUESTS_A_SLOT, start, end)
        case ErrorRateSlots(slot_seconds=slot_s, min_requests=least):
            return _failing_slots(slot_s, max(REQUESTS_A_SLOT, least), start, end)
        case RequestRatio():
            bad = ceil(Fraction(REQUESTS * (end - start), max(period.seconds, 1)))
            classes = (
                RequestClass("imagined-good", REQUESTS - bad, Fraction(1)),
                RequestClass("imagined-failed", bad, Fraction(0)),
            )
            return Evidence(classes=classes)
        case UserMinutes(total_users=users):
            return Evidence(outages=(OutageRecord(start, end, "down", start, users, Fraction(1)),))
        case _:
            return Evidence(outages=(OutageRecord(start, end, "down", start, None, Fraction(1)),))


def _failing_slots(slot_s: int, requests: int, start: int, end: int) -> Evidence:
    """All requests of the slots inside the outage fail, and of a slot it covers in part the part."""
    if (end - start) // slot_s > MOST_SLOTS:
        raise ValueError(f"This counts each {slot_words(slot_s)}; give a length of at most {MOST_SLOTS:,} of them.")
    counts = tuple(
        SlotCount(at, requests, requests * min(end - at, slot_s) // slot_s) for at in range(start, end, slot_s)
    )
    return Evidence(counts=counts, default_count=DefaultCount(requests, 0))


def _tickets(period: Period, late: int) -> Imagined:
    opened = period.start + period.seconds // 3
    never, at_once = None, opened
    tickets = tuple(Ticket(f"{n + 1}", opened, never if n < late else at_once) for n in range(HUNDRED))
    words = f"{count_words(HUNDRED, 'ticket')} are opened and {late} of them answered too late"
    return Imagined(words, Evidence(tickets=tickets))


def _latencies(method: Percentile, period: Period, slow: int) -> Imagined:
    late_ms, in_time_ms = method.threshold_ms + 1, method.threshold_ms
    if method.slot_seconds is None:
        values = ((late_ms, slow), (in_time_ms, HUNDRED - slow))
        latencies = tuple(Latency(period.start, value, count) for value, count in values if count)
        return Imagined(f"{slow} of {HUNDRED} requests take {late_ms:,} ms", Evidence(latencies=latencies))
    slot_s = method.slot_seconds
    starts = range(period.start, min(period.end, period.start + HUNDRED * slot_s), slot_s)
    latencies = tuple(Latency(at, late_ms if n < slow else in_time_ms) for n, at in enumerate(starts))
    times = count_words(len(starts), f"measured {slot_words(slot_s)}")
    words = f"in {min(slow, len(starts))} of {times} the requests take {late_ms:,} ms"
    return Imagined(words, Evidence(latencies=latencies))


def _slots(method: Methodology, down_s: int) -> int:
    if isinstance(method, MeanErrorRate | ErrorRateSlots):
        return down_s // method.slot_seconds
    return 0
