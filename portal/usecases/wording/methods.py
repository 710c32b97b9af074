"""Each method of counting in words: what counts as down, or what counts instead of time (semantics.md R17, R41-R45)."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

from portal.domain.promises.business_hours import WEEKDAYS, BusinessHours, Site
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    Percentile,
    RequestRatio,
    ResponseTime,
    Slots,
    UserMinutes,
)
from portal.usecases.wording.outages import detection_sentences, outage_sentences
from portal.usecases.wording.phrases import (
    a,
    count_words,
    day_words,
    length_words,
    listed,
    opened,
    percent_words,
    plain,
    share_words,
    slot_words,
)
from portal.usecases.wording.sentences import Sentence

_DAYS = dict(zip(WEEKDAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
_DOWN_WHEN = {
    "all": "any whole {} in which the service was down throughout",
    "any": "any {} in which the service was down for as little as a second",
    "majority": "any {} of which more than half was down",
}
_OVERLAP = {
    "sum_capped": "Outages at the same time are added up, to all users at most.",
    "max": "Of outages at the same time only the largest counts.",
}
_EMPTY = {
    "zero_error": "{} without requests counts as free of errors.",
    "skip": "{} without requests is left out.",
}


def method_phrase(method: Methodology) -> str:
    """What counts, in one phrase that follows "Counted as down:": "any whole minute in which ..."."""
    if isinstance(method, MeanErrorRate | ErrorRateSlots | RequestRatio | Percentile | ResponseTime):
        return _missed_phrase(method)
    match method:
        case Continuous(type="probe"):
            return "every second in which our probes find the service down"
        case Continuous():
            return "every second of every outage"
        case Slots(slot_seconds=seconds, down_when=rule):
            return _DOWN_WHEN[rule].format(slot_words(seconds))
        case UserMinutes(total_users=users):
            return f"every second of an outage, by the share of all {users:,} users it affected"
        case AffectedRatio():
            return "every second of an outage, by the share of the service it affected"


def _missed_phrase(method: MeanErrorRate | ErrorRateSlots | RequestRatio | Percentile | ResponseTime) -> str:
    match method:
        case MeanErrorRate(slot_seconds=seconds):
            return f"the share of requests that failed in each {slot_words(seconds)}, on average"
        case ErrorRateSlots(slot_seconds=seconds, threshold=threshold, op=op):
            least = "more than" if op == ">" else "at least"
            return f"any {slot_words(seconds)} in which {least} {share_words(threshold)} of the requests failed"
        case RequestRatio():
            return "every request that was not good"
        case Percentile():
            return _slow_phrase(method)
        case ResponseTime():
            return f"every ticket not answered within {length_words(method.target_seconds)}{_open(method)}"


def method_in_short(method: Methodology) -> str:
    """The same phrase with the length an outage must have, where one is asked for."""
    phrase = method_phrase(method)
    if not isinstance(method, Continuous) or not method.outage.min_outage_seconds:
        return phrase
    op = "at least" if method.outage.min_outage_op == ">=" else "longer than"
    return f"{phrase}, in outages of {op} {length_words(method.outage.min_outage_seconds)}".replace(
        "of longer", "longer"
    )


def method_sentences(method: Methodology) -> Iterator[Sentence]:
    """Everything the terms say of the method, a sentence a rule."""
    yield Sentence("methodology.type", f"Counted as {_kind(method)}: {method_phrase(method)}.")
    yield from _own_sentences(method)
    if isinstance(method, Continuous | Slots | UserMinutes | AffectedRatio):
        yield from detection_sentences(method.detection)
        yield from outage_sentences(method.outage, isinstance(method, Slots) and method.min_consecutive_slots > 1)


def counts_time(method: Methodology) -> bool:
    """Whether the method counts time that is down, rather than requests, measurements or tickets."""
    return not isinstance(method, MeanErrorRate | RequestRatio | Percentile | ResponseTime)


def _kind(method: Methodology) -> str:
    return "down" if counts_time(method) else "missed"


def _own_sentences(method: Methodology) -> Iterator[Sentence]:
    match method:
        case Slots(slot_seconds=seconds, min_consecutive_slots=least):
            yield from _consecutive(seconds, least)
        case MeanErrorRate(slot_seconds=seconds, empty=empty):
            yield Sentence("methodology.empty", _EMPTY[empty].format(opened(a(slot_words(seconds)))))
        case ErrorRateSlots(slot_seconds=seconds, min_requests=requests, min_consecutive_slots=least):
            yield Sentence("methodology.min_requests", _few_requests(slot_words(seconds), requests))
            yield from _consecutive(seconds, least)
        case RequestRatio():
            yield from _scores(method)
        case UserMinutes(overlap=overlap) | AffectedRatio(overlap=overlap):
            yield Sentence("methodology.overlap", _OVERLAP[overlap])
        case Percentile():
            text = "Measured values are ranked, never interpolated; what had no requests is left out."
            yield Sentence("methodology.rank", text)
        case ResponseTime():
            yield from _answers(method)
        case _:
            return


def _consecutive(seconds: int, least: int) -> Iterator[Sentence]:
    if least > 1:
        text = f"Fewer than {least:,} of them in a row, each {a(slot_words(seconds))} long, count as up."
        yield Sentence("methodology.min_consecutive_slots", text)


def _few_requests(slot: str, least: int) -> str:
    if least == 0:
        return f"{opened(a(slot))} counts however few requests it had; one without any is up."
    if least == 1:
        return f"{opened(a(slot))} without requests counts as up."
    return f"{opened(a(slot))} with fewer than {count_words(least, 'request')} counts as up."


def _scores(method: RequestRatio) -> Iterator[Sentence]:
    text = "What is attained is the share of good requests in all requests."
    yield Sentence("methodology.share", text)
    for name, score in method.scores:
        text = f"A request of the class {plain(name)} counts as {share_words(score)} good."
        yield Sentence(f"methodology.scores.{name}", text)


def _slow_phrase(method: Percentile) -> str:
    where = f"any {slot_words(method.slot_seconds)}" if method.slot_seconds else "a whole period"
    share = percent_words(method.percentile)
    return f"{where} in which fewer than {share} of the requests were answered within {method.threshold_ms:,} ms"


def _open(method: ResponseTime) -> str:
    return " of opening hours" if method.calendar else ", around the clock"


def _answers(method: ResponseTime) -> Iterator[Sentence]:
    text = "What is attained is the share of tickets answered in time; time in which we wait for you does not count."
    yield Sentence("methodology.share", text)
    yield Sentence("methodology.calendar", _calendar(method.calendar))
    small = method.small_sample
    if small:
        few, late = count_words(small.below, "ticket"), count_words(small.allowed_misses, "answer")
        text = f"In a period with fewer than {few}, {late} may be late."
        yield Sentence("methodology.small_sample", text)


def _calendar(hours: BusinessHours | None) -> str:
    if hours is None:
        return "The clock never stops: nights, weekends and holidays count."
    sites = "; or ".join(_site(one) for one in hours.sites)
    several = " A holiday closes only when every site is on holiday." if len(hours.sites) > 1 else ""
    return f"Opening hours are {sites}.{several}"


def _site(site: Site) -> str:
    days = [f"{_days(together)} {shifts}" for shifts, together in _alike(site)]
    holidays = f", closed on {listed([day_words(day) for day in site.holidays])}" if site.holidays else ""
    return f"{', '.join(days)} ({site.timezone}){holidays}"


def _alike(site: Site) -> Iterator[tuple[str, list[str]]]:
    """Days that follow each other and open alike, with their hours."""
    hours = [(day, listed([_shift(one) for one in shifts])) for day, shifts in zip(WEEKDAYS, site.hours, strict=True)]
    for shifts, days in groupby(hours, key=itemgetter(1)):
        if shifts:
            yield shifts, [_DAYS[day] for day, _ in days]


def _days(days: list[str]) -> str:
    return days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"


def _shift(shift: tuple[int, int]) -> str:
    return "–".join(f"{minute // 60:02}:{minute % 60:02}" for minute in shift)
