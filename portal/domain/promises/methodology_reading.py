"""Reading and writing the methodology of a commitment (terms-schema.md "Methodology by type")."""

from collections.abc import Callable
from fractions import Fraction

from portal.domain.documents.reading import Reader
from portal.domain.documents.scalars import (
    ONE_YEAR_S,
    between,
    choose,
    exact_between,
    number_text,
    positive_percent,
    read_name,
)
from portal.domain.promises.business_hours import BusinessHours, business_hours_document, read_business_hours
from portal.domain.promises.methodology import (
    AffectedRatio,
    Continuous,
    Detection,
    ErrorRateSlots,
    MeanErrorRate,
    Methodology,
    OutageRules,
    Percentile,
    Quorum,
    RequestRatio,
    ResponseTime,
    Slots,
    SmallSample,
    UserMinutes,
)

_seconds = between(0, ONE_YEAR_S)
_positive_seconds = between(1, ONE_YEAR_S)
_slot_seconds = between(1, 31 * 86400)
_counted = between(1, 1_000_000)
_weight = exact_between(0, 1)
_overlap = choose("sum_capped", "max")


def read_methodology(reader: Reader) -> Methodology:
    """The methodology an object describes; problems are noted on the reader."""
    kind = reader.read("type", choose(*_READERS), "")
    methodology = _READERS.get(kind, _read_continuous)(reader)
    if kind:
        reader.finish()
    return methodology


def methodology_document(methodology: Methodology) -> dict[str, object]:
    """The document of a methodology, every key written out with its default."""
    document: dict[str, object] = {"type": methodology.type}
    document |= _own_keys(methodology)
    if isinstance(methodology, Continuous | Slots | UserMinutes | AffectedRatio):
        document |= _outage_document(methodology.outage) | _detection_document(methodology.detection)
    return document


def _read_continuous(reader: Reader) -> Continuous:
    kind = "probe" if reader.values.get("type") == "probe" else "continuous"
    return Continuous(kind, _read_outage(reader), _read_detection(reader))


def _read_slots(reader: Reader) -> Slots:
    return Slots(
        slot_seconds=reader.read("slot_seconds", _slot_seconds, 1),
        down_when=reader.read("down_when", choose("all", "any", "majority"), "all", "all"),
        min_consecutive_slots=reader.read("min_consecutive_slots", _counted, 1, 1),
        outage=_read_outage(reader),
        detection=_read_detection(reader),
    )


def _read_mean_error_rate(reader: Reader) -> MeanErrorRate:
    return MeanErrorRate(
        slot_seconds=reader.read("slot_seconds", _slot_seconds, 1),
        empty=reader.read("empty", choose("zero_error", "skip"), "skip"),
    )


def _read_error_rate_slots(reader: Reader) -> ErrorRateSlots:
    return ErrorRateSlots(
        slot_seconds=reader.read("slot_seconds", _slot_seconds, 1),
        threshold=reader.read("threshold", _weight, Fraction(0)),
        op=reader.read("op", choose(">", ">="), ">"),
        min_requests=reader.read("min_requests", between(0, 10**12), 1, 1),
        min_consecutive_slots=reader.read("min_consecutive_slots", _counted, 1, 1),
    )


def _read_request_ratio(reader: Reader) -> RequestRatio:
    return RequestRatio(_read_weights(reader, "scores"))


def _read_user_minutes(reader: Reader) -> UserMinutes:
    return UserMinutes(
        total_users=reader.read("total_users", between(1, 10**12), 1),
        overlap=reader.read("overlap", _overlap, "max", "sum_capped"),
        outage=_read_outage(reader),
        detection=_read_detection(reader),
    )


def _read_affected_ratio(reader: Reader) -> AffectedRatio:
    return AffectedRatio(
        overlap=reader.read("overlap", _overlap, "max", "sum_capped"),
        outage=_read_outage(reader),
        detection=_read_detection(reader),
    )


def _read_percentile(reader: Reader) -> Percentile:
    return Percentile(
        percentile=reader.read("percentile", positive_percent, Fraction(1)),
        threshold_ms=reader.read("threshold_ms", between(0, ONE_YEAR_S * 1000), 0),
        slot_seconds=reader.maybe("slot_seconds", _slot_seconds),
    )


def _read_response_time(reader: Reader) -> ResponseTime:
    target_seconds = reader.read("target_seconds", _positive_seconds, 1)
    calendar = _read_calendar(reader)
    small = None
    if reader.has("small_sample"):
        node = reader.child("small_sample")
        small = SmallSample(node.read("below", _counted, 1), node.read("allowed_misses", between(0, 1_000_000), 0))
        if node.clean and small.allowed_misses >= small.below:
            node.refuse("allowed_misses", "This must be smaller than `below`, or no ticket could ever be late.")
        node.finish()
    return ResponseTime(target_seconds, calendar, small)


def _read_calendar(reader: Reader) -> BusinessHours | None:
    if "calendar" not in reader.values:
        reader.refuse("calendar", "This key is missing; write null for around the clock.")
        return None
    if not reader.has("calendar"):
        return None
    return read_business_hours(reader.child("calendar"))


def _read_outage(reader: Reader) -> OutageRules:
    return OutageRules(
        min_outage_seconds=reader.read("min_outage_seconds", _seconds, 0, 0),
        min_outage_op=reader.read("min_outage_op", choose(">=", ">"), ">=", ">="),
        count_from=reader.read("count_from", choose("start", "threshold"), "start", "start"),
        basis=reader.read("basis", choose("raw", "counted"), "raw", "raw"),
        merge_gap_seconds=reader.read("merge_gap_seconds", _seconds, 0, 0),
        gap_counts=reader.read("gap_counts", choose("up", "down"), "up", "up"),
        clock_start=reader.read("clock_start", choose("measured", "reported"), "measured", "measured"),
        severity_weights=_read_severity_weights(reader),
    )


def _read_severity_weights(reader: Reader) -> tuple[tuple[str, Fraction], ...]:
    weights = dict(_read_weights(reader, "severity_weights"))
    return tuple(sorted({"down": Fraction(1), **weights}.items()))


def _read_weights(reader: Reader, key: str) -> tuple[tuple[str, Fraction], ...]:
    node = reader.maybe_child(key)
    if len(node.values) > 100:
        node.refuse("", "This must have at most 100 entries.")
        return ()
    for name in node.values:
        try:
            read_name(name)
        except ValueError as problem:
            node.refuse(name, f"The name {problem}")
    return tuple((name, node.read(name, _weight, Fraction(0))) for name in sorted(node.values))


def _read_detection(reader: Reader) -> Detection:
    return Detection(
        max_gap_seconds=reader.maybe("max_gap_seconds", _positive_seconds),
        confirm_failures=reader.read("confirm_failures", between(1, 1000), 1, 1),
        confirm_successes=reader.read("confirm_successes", between(1, 1000), 1, 1),
        outage_begins=reader.read(
            "outage_begins", choose("first_failure", "confirmation"), "first_failure", "first_failure"
        ),
        outage_ends=reader.read(
            "outage_ends", choose("first_success", "confirmation"), "first_success", "first_success"
        ),
        quorum=_read_quorum(reader),
    )


def _read_quorum(reader: Reader) -> Quorum:
    node = reader.maybe_child("quorum")
    mode = node.read("mode", choose("at_least", "majority_of_known"), "at_least", "at_least")
    if mode == "majority_of_known" and node.has("down_at_least"):
        node.refuse("down_at_least", "This has no meaning beside majority_of_known.")
    quorum = Quorum(
        mode=mode,
        down_at_least=node.read("down_at_least", between(1, 1000), 1, 1),
        known_at_least=node.read("known_at_least", between(1, 1000), 1, 1),
    )
    node.finish()
    return quorum


def _own_keys(methodology: Methodology) -> dict[str, object]:
    match methodology:
        case Continuous():
            return {}
        case Slots(slot_seconds=seconds, down_when=rule, min_consecutive_slots=least):
            return {"slot_seconds": seconds, "down_when": rule, "min_consecutive_slots": least}
        case MeanErrorRate(slot_seconds=seconds, empty=empty):
            return {"slot_seconds": seconds, "empty": empty}
        case ErrorRateSlots():
            return _error_rate_slots_document(methodology)
        case RequestRatio(scores=scores):
            return {"scores": _weights_document(scores)}
        case UserMinutes(total_users=users, overlap=overlap):
            return {"total_users": users, "overlap": overlap}
        case AffectedRatio(overlap=overlap):
            return {"overlap": overlap}
        case Percentile(percentile=share, threshold_ms=threshold_ms, slot_seconds=slot):
            return {"percentile": number_text(share), "threshold_ms": threshold_ms, "slot_seconds": slot}
        case ResponseTime():
            return _response_time_document(methodology)


def _error_rate_slots_document(methodology: ErrorRateSlots) -> dict[str, object]:
    return {
        "slot_seconds": methodology.slot_seconds,
        "threshold": number_text(methodology.threshold),
        "op": methodology.op,
        "min_requests": methodology.min_requests,
        "min_consecutive_slots": methodology.min_consecutive_slots,
    }


def _response_time_document(methodology: ResponseTime) -> dict[str, object]:
    calendar, small = methodology.calendar, methodology.small_sample
    return {
        "target_seconds": methodology.target_seconds,
        "calendar": business_hours_document(calendar) if calendar else None,
        "small_sample": {"below": small.below, "allowed_misses": small.allowed_misses} if small else None,
    }


def _outage_document(outage: OutageRules) -> dict[str, object]:
    return {
        "min_outage_seconds": outage.min_outage_seconds,
        "min_outage_op": outage.min_outage_op,
        "count_from": outage.count_from,
        "basis": outage.basis,
        "merge_gap_seconds": outage.merge_gap_seconds,
        "gap_counts": outage.gap_counts,
        "clock_start": outage.clock_start,
        "severity_weights": _weights_document(outage.severity_weights),
    }


def _detection_document(detection: Detection) -> dict[str, object]:
    return {
        "max_gap_seconds": detection.max_gap_seconds,
        "confirm_failures": detection.confirm_failures,
        "confirm_successes": detection.confirm_successes,
        "outage_begins": detection.outage_begins,
        "outage_ends": detection.outage_ends,
        "quorum": _quorum_document(detection.quorum),
    }


def _quorum_document(quorum: Quorum) -> dict[str, object]:
    if quorum.mode == "majority_of_known":
        return {"mode": quorum.mode, "known_at_least": quorum.known_at_least}
    return {"mode": quorum.mode, "down_at_least": quorum.down_at_least, "known_at_least": quorum.known_at_least}


def _weights_document(weights: tuple[tuple[str, Fraction], ...]) -> dict[str, object]:
    return {name: number_text(weight) for name, weight in weights}


_READERS: dict[str, Callable[[Reader], Methodology]] = {
    "continuous": _read_continuous,
    "probe": _read_continuous,
    "slots": _read_slots,
    "mean_error_rate": _read_mean_error_rate,
    "error_rate_slots": _read_error_rate_slots,
    "request_ratio": _read_request_ratio,
    "user_minutes": _read_user_minutes,
    "affected_ratio": _read_affected_ratio,
    "percentile": _read_percentile,
    "response_time": _read_response_time,
}
