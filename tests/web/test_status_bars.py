"""Bars: every day stands on the ground at its place, unknown time is always seen, and never green."""

import re
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evidence.detection import SecondsByState
from portal.usecases.status.public_status import Day
from portal.web.bars import BAR, HEIGHT, STEP, WIDTH, shapes, unusual_days

DAY_S = 86_400
PIECE = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z")


@st.composite
def days(draw: st.DrawFn) -> tuple[Day, ...]:
    whole = st.sampled_from([(DAY_S, 0, 0, 0), (0, DAY_S, 0, 0), (0, 0, 0, DAY_S), (0, 0, 0, 0), (DAY_S - 1, 0, 0, 1)])
    mixed = st.tuples(*[st.integers(0, DAY_S // 4)] * 4)
    found = draw(st.lists(whole | mixed, min_size=1, max_size=90))
    first = date(2026, 8, 25)
    return tuple(Day(first + timedelta(days=place), SecondsByState(*one)) for place, one in enumerate(found))


def pieces(found: tuple[Day, ...]) -> dict[int, list[tuple[str, int, int]]]:
    """Look, top and height of each piece by the left edge of its bar."""
    bars: dict[int, list[tuple[str, int, int]]] = {}
    for shape in shapes(found):
        assert PIECE.sub("", shape.path) == ""
        for left, top, width, height, back in PIECE.findall(shape.path):
            assert int(width) == int(back) == BAR
            bars.setdefault(int(left), []).append((shape.look, int(top), int(height)))
    return bars


@given(days())
def test_every_day_is_one_bar_on_the_ground_without_holes(found: tuple[Day, ...]) -> None:
    bars = pieces(found)
    assert sorted(bars) == [WIDTH - STEP * (len(found) - place) + 1 for place in range(len(found))]
    for parts in bars.values():
        edge = HEIGHT
        for _, top, height in sorted(parts, key=lambda part: -part[1]):
            assert top + height == edge
            assert height > 0
            edge = top


@given(days())
def test_unknown_time_is_always_seen_and_a_day_of_it_is_never_green(found: tuple[Day, ...]) -> None:
    for day, (_, parts) in zip(found, sorted(pieces(found).items()), strict=True):
        looks = {look for look, _, _ in parts}
        assert ("unknown" in looks) == (day.seconds.unknown > 0)
        assert day.known_s > 0 or "ok" not in looks
        assert ("down" in looks) == (day.seconds.down > 0)
        assert ("none" in looks) == (day.known_s + day.seconds.unknown == 0)


@given(days())
def test_the_table_tells_every_day_that_was_not_up_throughout(found: tuple[Day, ...]) -> None:
    told = [
        one.first.day + timedelta(days=count)
        for one in unusual_days(found)
        for count in range((one.last.day - one.first.day).days + 1)
    ]
    unusual = [day.day for day in found if day.seconds.down or day.seconds.degraded or day.seconds.unknown]
    assert sorted(told) == unusual
    assert all(one.first.seconds == one.last.seconds for one in unusual_days(found))
