"""One commitment's seconds and its attained percentage, by whichever methodology (R5, R9, R10, R17-R24, R27)."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.oracle.exclusions import excluded_seconds
from tests.oracle.outages import Raw, Report, counted_down, merged, read_raw, union
from tests.oracle.seconds import Line, size
from tests.oracle.slots import bad_runs, counted_slots, error_count, is_bad_count, is_down, slots_around, slots_of


@dataclass(frozen=True, slots=True)
class Ground:
    """Where one commitment is judged: its period, the seconds that exist, and what the evidence says of each."""

    contract: Mapping[str, Any]
    evidence: Mapping[str, Any]
    period: tuple[int, int]
    line: Line
    measured: int
    alive: int
    raw: Raw
    excluded: int

    @property
    def rules(self) -> Mapping[str, Any]:
        """The methodology's keys."""
        methodology: Mapping[str, Any] = self.contract["methodology"]
        return methodology

    @property
    def remaining(self) -> int:
        """The seconds that exist and are not excluded."""
        return self.measured & self.alive & ~self.excluded

    @property
    def unknown_as(self) -> str:
        """What the terms do with unknown seconds."""
        return str(self.contract.get("unknown_policy", {}).get("treat_as", "exclude"))


@dataclass(frozen=True, slots=True)
class Measured:
    """Downtime in seconds (None where requests are counted), the unknown seconds, and the outages for the credit."""

    down: Fraction | None
    unknown: int
    outages: Sequence[tuple[int, Fraction]] = ()
    attained: Fraction | None = None
    shown: Mapping[str, Any] = field(default_factory=dict)


def stand_on(
    contract: Mapping[str, Any],
    evidence: Mapping[str, Any],
    entries: Sequence[Mapping[str, Any]],
    period: tuple[int, int],
    service: tuple[int, int],
    line: Line,
    zone: str,
) -> Ground:
    """The ground of one judgement; `service` is the [start, end) in which the service existed (R5)."""
    whole, alive = line.between(*period), line.between(*service)
    measured = whole if contract.get("partial_period") == "assume_up" else whole & alive
    raw = read_raw(contract["methodology"], evidence, line)
    down = raw.down | _bad_by_count(contract["methodology"], evidence, period, line)
    excluded = excluded_seconds(contract["exclusions_policy"], entries, measured, down, line, zone)
    return Ground(contract, evidence, period, line, measured, alive, raw, excluded)


def measure(ground: Ground) -> Measured:
    """What the methodology makes of the ground."""
    kind = ground.rules["type"]
    methods = {
        "slots": _slots,
        "user_minutes": _affected,
        "affected_ratio": _affected,
        "error_rate_slots": _error_rate_slots,
        "mean_error_rate": _mean_error_rate,
        "request_ratio": _request_ratio,
    }
    return methods.get(kind, _continuous)(ground)


def _unknown_left(ground: Ground, down: int) -> int:
    return ground.raw.unknown & ~down & ground.remaining


def _time_result(
    ground: Ground, counted: Sequence[tuple[Fraction, int]], unknown: int, seen: int, shown: Mapping[str, Any]
) -> Measured:
    """Downtime from the counted seconds by weight; `seen` joins them to outages (R19)."""
    if ground.unknown_as == "down":
        counted, seen = [*counted, (Fraction(1), unknown)], seen | ground.raw.unknown
    down = union(part for _, part in counted)
    gap_s = ground.rules.get("merge_gap_seconds", 0)
    spans = [ground.line.between(*run) & down for run in merged(ground.line.runs(seen | down), gap_s)]
    outages = [(size(span), _weighted(counted, span)) for span in spans]
    return Measured(_weighted(counted, down), unknown, outages, None, shown)


def _weighted(counted: Sequence[tuple[Fraction, int]], seconds: int) -> Fraction:
    return sum((weight * size(part & seconds) for weight, part in counted), Fraction(0))


def _counted(ground: Ground) -> int:
    return counted_down(ground.rules, ground.raw.down, ground.remaining, ground.line)


def _continuous(ground: Ground) -> Measured:
    down = _counted(ground) & ground.remaining
    counted = [(weight, part & down) for weight, part in ground.raw.by_weight if weight > 0]
    bridged = down & ~ground.raw.down
    shown = {"outages_utc": ground.line.runs(down)} if ground.rules["type"] == "probe" else {}
    unknown = _unknown_left(ground, down)
    return _time_result(ground, [*counted, (ground.raw.down_weight, bridged)], unknown, ground.raw.down, shown)


def _slots(ground: Ground) -> Measured:
    rules, line, down = ground.rules, ground.line, _counted(ground)
    unknown = ground.raw.unknown & ~down
    existing = ground.measured & ~ground.excluded
    considered = existing if rules.get("basis", "raw") == "counted" else line.whole
    if ground.unknown_as == "exclude":
        considered &= ~unknown
    slots = slots_around(ground.period, rules["slot_seconds"], line)
    considered &= ~_not_alive(ground, slots)
    as_down = unknown if ground.unknown_as == "down" else 0
    levels = [
        (weight, _bad_slots(ground, slots, (seconds & down) | as_down, considered))
        for weight, seconds in _at_least(ground, down)
    ]
    whole = _in_runs(ground, slots, [any(states) for states in zip(*(bad for _, bad in levels), strict=True)])
    weighed = _by_level(line, slots, levels, whole & ground.remaining & ~unknown)
    cut_out = ground.raw.down & ~ground.remaining
    return _time_result(ground, weighed, unknown & ground.remaining, whole | cut_out, {})


def _not_alive(ground: Ground, slots: Sequence[tuple[int, int]]) -> int:
    """The seconds without the service in a slot it began or ended in; such a slot is judged on the others (R5, R17)."""
    if ground.contract.get("partial_period") == "assume_up":
        return 0
    there = zip(slots, ground.line.sizes(ground.alive, slots), strict=True)
    return ground.line.across(slot for slot, seconds in there if seconds) & ~ground.alive


def _at_least(ground: Ground, down: int) -> list[tuple[Fraction, int]]:
    """For each weight, the heaviest first, the seconds that weigh at least so much; a bridged gap weighs as down."""
    levels = {weight: seconds for weight, seconds in ground.raw.by_weight if weight > 0}
    heaviest = ground.raw.down_weight
    levels[heaviest] = levels.get(heaviest, 0) | (down & ~ground.raw.down)
    together, result = 0, []
    for weight in sorted(levels, reverse=True):
        together |= levels[weight]
        result.append((weight, together))
    return result


def _bad_slots(ground: Ground, slots: Sequence[tuple[int, int]], down: int, considered: int) -> list[bool]:
    rule = ground.rules.get("down_when", "all")
    bad, counts = ground.line.sizes(down & considered, slots), ground.line.sizes(considered, slots)
    return [is_down(*pair, rule) for pair in zip(bad, counts, strict=True)]


def _by_level(
    line: Line, slots: Sequence[tuple[int, int]], levels: Sequence[tuple[Fraction, Sequence[bool]]], counted: int
) -> list[tuple[Fraction, int]]:
    """The counted seconds by the heaviest weight at which their slot is down."""
    taken, result = 0, []
    for weight, bad in levels:
        part = line.across(slot for slot, is_bad in zip(slots, bad, strict=True) if is_bad) & counted & ~taken
        result.append((weight, part))
        taken |= part
    return result


def _in_runs(ground: Ground, slots: Sequence[tuple[int, int]], bad: Sequence[bool]) -> int:
    """The seconds of the bad slots that count as a run."""
    return ground.line.across(slot for run in bad_runs(slots, bad) for slot in counted_slots(run, ground.rules))


def _affected(ground: Ground) -> Measured:
    down = _counted(ground) & ground.remaining
    shares = [(report.counted & down, report.weight * _share(ground, report)) for report in ground.raw.reports]
    pieces = _pieces(ground.line, down, [seconds for seconds, _ in shares])
    counted = [(_together(ground, [share for seconds, share in shares if seconds & piece]), piece) for piece in pieces]
    return _time_result(ground, counted, _unknown_left(ground, down), ground.raw.down, {})


def _share(ground: Ground, report: Report) -> Fraction:
    """The share of the users a report took the service from; everybody where it does not say."""
    if ground.rules["type"] == "affected_ratio":
        return Fraction(1) if report.ratio is None else report.ratio
    return Fraction(1) if report.users is None else Fraction(report.users, ground.rules["total_users"])


def _together(ground: Ground, shares: Sequence[Fraction]) -> Fraction:
    """The share of all users that several incidents of one second take away (R17e)."""
    if ground.rules.get("overlap", "sum_capped") == "max":
        return min(max(shares, default=Fraction(0)), Fraction(1))
    return min(sum(shares, Fraction(0)), Fraction(1))


def _pieces(line: Line, down: int, sets: Sequence[int]) -> list[int]:
    """The down seconds cut wherever a report begins or ends."""
    edges = sorted({edge for seconds in (down, *sets) for run in line.runs(seconds) for edge in run})
    cut = [line.between(start, end) & down for start, end in itertools.pairwise(edges)]
    return [piece for piece in cut if piece]


def _bad_by_count(rules: Mapping[str, Any], evidence: Mapping[str, Any], period: tuple[int, int], line: Line) -> int:
    """The seconds of the slots whose error rate makes them down, before anything is excluded."""
    if rules["type"] != "error_rate_slots":
        return 0
    slots = slots_of(*period, rules["slot_seconds"])
    counts = error_count(evidence, slots)
    return line.across(slot for slot, count in zip(slots, counts, strict=True) if is_bad_count(count, rules))


def _error_rate_slots(ground: Ground) -> Measured:
    line, slots = ground.line, slots_of(*ground.period, ground.rules["slot_seconds"])
    seen = _bad_by_count(ground.rules, ground.evidence, ground.period, line)
    bad = [seconds > 0 for seconds in line.sizes(seen & ground.remaining, slots)]
    counted = _in_runs(ground, slots, bad) & ground.remaining
    counts = error_count(ground.evidence, slots)
    seen |= _without_record(line, slots, counts) if ground.unknown_as == "down" else 0
    unknown = _unrecorded(ground, slots, counts)
    return _time_result(ground, [(Fraction(1), counted)], unknown, seen & ~ground.remaining, {})


def _without_record(line: Line, slots: Sequence[tuple[int, int]], counts: Sequence[tuple[int, int] | None]) -> int:
    return line.across(slot for slot, count in zip(slots, counts, strict=True) if count is None)


def _unrecorded(ground: Ground, slots: Sequence[tuple[int, int]], counts: Sequence[tuple[int, int] | None]) -> int:
    return _without_record(ground.line, slots, counts) & ground.remaining


def _mean_error_rate(ground: Ground) -> Measured:
    line, slots = ground.line, slots_of(*ground.period, ground.rules["slot_seconds"])
    counts = error_count(ground.evidence, slots)
    states = zip(
        line.sizes(ground.measured, slots),
        line.sizes(ground.measured & ~ground.excluded, slots),
        line.sizes(ground.remaining, slots),
        counts,
        strict=True,
    )
    rates = [_slot_rate(ground, *state) for state in states]
    counted = [rate for rate in rates if rate is not None]
    attained = 100 * (1 - sum(counted, Fraction(0)) / len(counted)) if counted else None
    unknown = _unrecorded(ground, slots, counts)
    return Measured(None, unknown, (), attained, {"slots_counted": len(counted)})


def _slot_rate(
    ground: Ground, there: int, not_excluded: int, left: int, count: tuple[int, int] | None
) -> Fraction | None:
    """The error rate of a slot by its seconds in the period, outside exclusions, and with the service running too."""
    if not there:
        return None
    if not not_excluded:
        return Fraction(0) if ground.contract["exclusions_policy"].get("mode") == "count_as_up" else None
    return _rate(ground, count) if left else Fraction(0)


def _rate(ground: Ground, count: tuple[int, int] | None) -> Fraction | None:
    """The error rate of one slot, None when it leaves the mean (R17b)."""
    if count is None:
        return {"exclude": None, "up": Fraction(0), "down": Fraction(1)}[ground.unknown_as]
    if count[0] == 0:
        return Fraction(0) if ground.rules["empty"] == "zero_error" else None
    return Fraction(count[1], count[0])


def _request_ratio(ground: Ground) -> Measured:
    classes = [one for one in ground.evidence.get("classes", []) if not one.get("excluded", False)]
    scores = ground.rules.get("scores", {})
    good = sum((one["count"] * Fraction(scores.get(one["name"], one.get("score"))) for one in classes), Fraction(0))
    total = sum(one["count"] for one in classes)
    shown = {"good_weight": good, "total_weight": total}
    attained = Fraction(good * 100, total) if total else None
    return Measured(None, ground.raw.unknown & ground.remaining, (), attained, shown)
