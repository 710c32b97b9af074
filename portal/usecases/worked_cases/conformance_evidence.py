"""The evidence and exclusions of a worked case as the engine reads them (terms-schema.md, "Evidence")."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from portal.domain.evaluation.exclusions import Exclusion
from portal.domain.evidence.records import (
    DefaultCount,
    Evidence,
    OutageRecord,
    RequestClass,
    Run,
    Series,
    SlotCount,
    State,
    Ticket,
)
from portal.domain.quantities.exact import parse_exact
from portal.domain.quantities.intervals import Interval, Intervals, clip, subtract, union
from portal.domain.quantities.zones import parse_instant

Case = Mapping[str, Any]


def evidence_of(observations: Case) -> Evidence:
    """The evidence that a case's `observations` describe; raises ValueError or KeyError where they are malformed."""
    default = observations.get("default")
    return Evidence(
        series=tuple(_series(one) for one in observations.get("series", ())),
        outages=tuple(_outage(one) for one in observations.get("outages", ())),
        unknown=tuple(_interval(one) for one in observations.get("unknown", ())),
        counts=tuple(
            SlotCount(parse_instant(one["start"]), _whole(one["total"]), _whole(one["errors"]))
            for one in observations.get("samples", ())
        ),
        default_count=None if default is None else DefaultCount(_whole(default["total"]), _whole(default["errors"])),
        classes=tuple(_request_class(one) for one in observations.get("classes", ())),
        tickets=tuple(_ticket(one) for one in observations.get("tickets", ())),
    )


def exclusions_of(entries: Sequence[Case]) -> tuple[Exclusion, ...]:
    """The exclusion register of a case; an entry without status counts as approved."""
    return tuple(
        Exclusion(
            id=str(one.get("id", number)),
            type=one["type"],
            start=parse_instant(one["start"]),
            end=parse_instant(one["end"]),
            announced_at=_maybe_instant(one.get("announced_at")),
            status=one.get("status", "approved"),
        )
        for number, one in enumerate(entries, start=1)
    )


def _outage(one: Case) -> OutageRecord:
    users, ratio = one.get("affected_users"), one.get("ratio")
    return OutageRecord(
        start=parse_instant(one["start"]),
        end=parse_instant(one["end"]),
        severity=one.get("severity", "down"),
        reported_at=_maybe_instant(one.get("reported_at")),
        affected_users=None if users is None else _whole(users),
        ratio=None if ratio is None else parse_exact(ratio),
        event=one.get("event"),
    )


def _request_class(one: Case) -> RequestClass:
    score = one.get("score")
    value = None if score is None else parse_exact(score)
    return RequestClass(one["name"], _whole(one["count"]), value, bool(one.get("excluded", False)))


def _ticket(one: Case) -> Ticket:
    pauses = tuple(Interval(parse_instant(start), parse_instant(end)) for start, end in one.get("pauses") or ())
    return Ticket(one["id"], parse_instant(one["opened"]), _maybe_instant(one.get("responded")), pauses)


def _series(one: Case) -> Series:
    interval_s, first = _whole(one["interval_seconds"]), parse_instant(one["start"])
    runs = (
        Run(
            state=state,
            reason=None,
            first=first + rows.start * interval_s,
            last=first + (rows.end - 1) * interval_s,
            count=rows.seconds,
            interval_s=interval_s,
        )
        for state, rows in sorted(_rows(one), key=lambda row: row[1])
    )
    return Series(one["location"], one.get("probe", "probe"), interval_s, tuple(runs))


def _rows(one: Case) -> Iterator[tuple[State, Interval]]:
    """The samples that there are, as rows of equal state; indices are ranges [from, to)."""
    count = _whole(one["count"])
    missing = _ranges(one.get("missing_indices"), count)
    failed = subtract(_ranges(one.get("fail_indices"), count), missing)
    yield from ((State.DOWN, rows) for rows in failed)
    yield from ((State.UP, rows) for rows in subtract(subtract(union((Interval(0, count),)), missing), failed))


def _ranges(pairs: Sequence[Sequence[int]] | None, count: int) -> Intervals:
    return clip(union(Interval(_whole(first), _whole(after)) for first, after in pairs or ()), 0, count)


def _interval(one: Case) -> Interval:
    return Interval(parse_instant(one["start"]), parse_instant(one["end"]))


def _maybe_instant(text: str | None) -> int | None:
    return None if text is None else parse_instant(text)


def _whole(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError(f"{value!r} is not a whole number")
    return value
