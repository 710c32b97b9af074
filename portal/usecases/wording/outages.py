"""How samples become outages, and which outages count, in words (semantics.md R7, R8, R18-R24)."""

from collections.abc import Iterator

from portal.domain.promises.methodology import Detection, OutageRules
from portal.usecases.wording.phrases import count_words, length_words, plain, share_words
from portal.usecases.wording.sentences import Sentence

_MEASURED_TO = {"first_success": "the first good one", "confirmation": "the one that confirms it is over"}
_MEASURED_FROM = {"first_failure": "the first failed measurement", "confirmation": "the measurement that confirms it"}


def detection_sentences(detection: Detection) -> Iterator[Sentence]:
    """How the probes' measurements become an outage."""
    yield Sentence("methodology.quorum", _quorum(detection))
    yield Sentence("methodology.confirmation", _confirmation(detection))
    hold = detection.max_gap_seconds
    longest = "twice the time between two measurements" if hold is None else length_words(hold)
    text = f"A measurement holds until the next one, for at most {longest}; after that the state is not known."
    yield Sentence("methodology.max_gap_seconds", text)


def outage_sentences(rules: OutageRules, has_runs_of_slots: bool) -> Iterator[Sentence]:
    """Which outages count and from when; `has_runs_of_slots` where slots in a row are tested for length too."""
    yield Sentence("methodology.length", _length(rules, has_runs_of_slots))
    if rules.merge_gap_seconds or rules.gap_counts != "up":
        yield Sentence("methodology.merging", _merging(rules))
    clock = "from its beginning, whether or not you report it"
    if rules.clock_start == "reported":
        clock = "from the moment you report it; one that is never reported does not count"
    yield Sentence("methodology.clock_start", f"An outage counts {clock}.")
    yield from _weights(rules)


def _quorum(detection: Detection) -> str:
    quorum = detection.quorum
    if quorum.mode == "majority_of_known":
        seen = "more than half of the locations that can tell see it down"
    elif quorum.down_at_least == 1:
        seen = "any location sees it down"
    else:
        seen = f"at least {quorum.down_at_least} locations see it down"
    known = "no location" if quorum.known_at_least == 1 else f"fewer than {quorum.known_at_least} locations"
    return f"The service is down when {seen}; otherwise its state is not known while {known} can tell."


def _confirmation(detection: Detection) -> str:
    failed = count_words(detection.confirm_failures, "failed measurement")
    good = count_words(detection.confirm_successes, "good measurement")
    begins, ends = _MEASURED_FROM[detection.outage_begins], _MEASURED_TO[detection.outage_ends]
    row = " in a row" if detection.confirm_failures > 1 else ""
    until = " in a row" if detection.confirm_successes > 1 else ""
    return (
        f"A location sees an outage after {failed}{row} and its end after {good}{until}; "
        f"the outage lasts from {begins} to {ends}."
    )


def _length(rules: OutageRules, has_runs_of_slots: bool) -> str:
    least = rules.min_outage_seconds
    if not least and rules.min_outage_op == ">=":
        text = "Outages of any length count"
    else:
        op = "of at least" if rules.min_outage_op == ">=" else "longer than"
        text = f"Only outages {op} {length_words(least)} count"
    if rules.count_from == "threshold":
        text += ", and of each only the part beyond that length"
    elif least:
        text += ", each from its beginning"
    if rules.basis == "counted":
        return f"{text}; length is tested on the seconds that count in the period."
    if least or has_runs_of_slots:
        return f"{text}; length is tested on the whole outage, also where it is not counted."
    return f"{text}."


def _merging(rules: OutageRules) -> str:
    if not rules.merge_gap_seconds:
        return "Outages are never joined; were they, the time between them would count as down."
    gap = "also counts as down" if rules.gap_counts == "down" else "still counts as up"
    return f"Outages less than {length_words(rules.merge_gap_seconds)} apart are one outage; the time between {gap}."


def _weights(rules: OutageRules) -> Iterator[Sentence]:
    weights = dict(rules.severity_weights)
    if "degraded" not in weights:
        text = "Time in which the service is only slow (degraded) does not count as down."
        yield Sentence("methodology.severity_weights.degraded", text)
    for name, weight in rules.severity_weights:
        if name != "down" or weight != 1:
            text = f"A second that is {plain(name)} counts as {share_words(weight)} of a second of downtime."
            yield Sentence(f"methodology.severity_weights.{name}", text)
