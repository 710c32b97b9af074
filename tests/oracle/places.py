"""Where random cases happen: windows of at most three days around the instants at which clocks jump."""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from zoneinfo import available_timezones

from tests.oracle.wall_clock import first_second_showing, offset_changes, utc_text, wall_clock

DAY_S = 86_400
ZONES = sorted(name for name in available_timezones() if "/" in name)
STEADY_ZONES = ("UTC", "Asia/Tokyo", "Asia/Kathmandu")

Object = dict[str, Any]
Jump = tuple[str, int]
"""A zone and an instant."""


@dataclass(frozen=True, slots=True)
class Place:
    """A period [start, end) of one zone, the period rule that names it, and the instants where things like to meet."""

    zone: str
    rule: Object
    start: int
    end: int
    meeting: tuple[int, ...]


def random_jump(dice: Random) -> Jump:
    """A zone and an instant of 2024 to 2028 at which its clock jumps, or any instant where it never does."""
    zone = dice.choice(ZONES if dice.random() < 0.8 else STEADY_ZONES)
    jumps = offset_changes(zone)
    if dice.random() < 0.1:
        return zone, first_second_showing(datetime(dice.randrange(2024, 2029), 1, 1), zone)  # noqa: DTZ001
    return zone, dice.choice(jumps) if jumps else dice.randrange(1_704_067_200, 1_861_920_000)


def every_jump() -> list[Jump]:
    """Every clock change of 2024 to 2028 in every zone."""
    return [(zone, at) for zone in ZONES for at in offset_changes(zone)]


def random_place(dice: Random, jump: Jump | None = None) -> Place:
    """A window of at most three days around a clock change, or around the one given."""
    zone, centre = jump or random_jump(dice)
    kind = dice.choice(["local_days", "local_days", "instants", "rolling"])
    if kind == "local_days":
        return _local_days(dice, zone, centre)
    length = dice.choice([3600, 5400, 7200, DAY_S, 2 * DAY_S + 1800])
    start = centre - dice.choice([0, 60, 1800, 3600, length // 2 // 60 * 60])
    rule: Object = {"kind": "custom", "start": utc_text(start), "end": utc_text(start + length)}
    if kind == "rolling":
        rule = {"kind": "rolling", "seconds": length, "as_of": utc_text(start + length)}
    return Place(zone, rule, start, start + length, (start, start + length, centre))


def _local_days(dice: Random, zone: str, centre: int) -> Place:
    days = dice.choice([1, 2, 3])
    ordinal = wall_clock(centre, zone).toordinal() - dice.randrange(days)
    first, last = (
        wall_clock(centre, zone).replace(hour=0, minute=0, second=0).fromordinal(one)
        for one in (ordinal, ordinal + days)
    )
    start, end = first_second_showing(first, zone), first_second_showing(last, zone)
    rule = {"kind": "custom", "start": first.date().isoformat(), "end": last.date().isoformat()}
    return Place(zone, rule, start, end, (start, end, centre))


def random_instant(dice: Random, place: Place) -> int:
    """An instant around the period, often where other things begin or end."""
    if dice.random() < 0.4:
        at = dice.choice(place.meeting)
        return at + dice.choice([-3600, -300, -60, -30, -1, 0, 0, 0, 1, 30, 60, 300, 3600])
    at = dice.randrange(place.start - 1800, place.end + 1800)
    return at if dice.random() < 0.3 else at // 60 * 60


def random_span(dice: Random, place: Place) -> tuple[int, int]:
    """A [start, end), from empty to longer than the period."""
    start = random_instant(dice, place)
    if dice.random() < 0.3:
        end = random_instant(dice, place)
        return min(start, end), max(start, end)
    return start, start + dice.choice([0, 1, 29, 40, 60, 61, 240, 300, 600, 900, 1800, 5400])


def span_object(dice: Random, place: Place) -> Object:
    """A random span as the vectors write it."""
    start, end = random_span(dice, place)
    return {"start": utc_text(start), "end": utc_text(end)}
