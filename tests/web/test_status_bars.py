"""Bars: every day stands on the ground at its place, unknown time is always seen, and never green."""

import re
from datetime import date, timedelta
from itertools import accumulate

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evidence.detection import SecondsByState
from portal.usecases.status.last_days import LastDays, Span
from portal.web.bars import BAR, HEIGHT, STEP, USUAL, USUALLY, WIDTH, Drawing

DAY_S = 86_400
DASHES = re.compile(r"M(\d+) (\d+)h(\d+)")
PIECE = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z")


@st.composite
def days(draw: st.DrawFn) -> LastDays:
    whole = st.sampled_from([(DAY_S, 0, 0, 0), (0, DAY_S, 0, 0), (0, 0, 0, DAY_S), (0, 0, 0, 0), (DAY_S - 1, 0, 0, 1)])
    mixed = st.tuples(*[st.integers(0, DAY_S // 4)] * 4)
    found = draw(st.lists(whole | mixed, min_size=1, max_size=90))
    first = date(2026, 8, 25)
    dates = [first + timedelta(days=place) for place in range(len(found))]
    span = Span.of(dates, [*accumulate(map(sum, found), initial=0)])
    return LastDays.of(span, {place: SecondsByState(*one) for place, one in enumerate(found)})


def pieces(found: LastDays) -> dict[int, list[tuple[str, int, int]]]:
    """Look, top and height of each piece by the left edge of its bar."""
    bars: dict[int, list[tuple[str, int, int]]] = {}
    for shape in Drawing.of(found).shapes:
        if shape.look == USUALLY:
            for left, middle, length in DASHES.findall(shape.path):
                for dash in range(0, int(length), STEP):
                    bars.setdefault(int(left) + dash, []).append(("ok", int(middle) - USUAL // 2, USUAL))
                assert (int(length) - BAR) % STEP == 0
            continue
        assert PIECE.sub("", shape.path) == ""
        for left, top, width, height, back in PIECE.findall(shape.path):
            assert int(width) == int(back) == BAR
            bars.setdefault(int(left), []).append((shape.look, int(top), int(height)))
    return bars


@given(days())
def test_every_day_is_one_bar_on_the_ground_without_holes(found: LastDays) -> None:
    bars = pieces(found)
    assert sorted(bars) == [WIDTH - STEP * (len(found) - place) + 1 for place in range(len(found))]
    for parts in bars.values():
        edge = HEIGHT
        for _, top, height in sorted(parts, key=lambda part: -part[1]):
            assert top + height == edge
            assert height > 0
            edge = top


@given(days())
def test_unknown_time_is_always_seen_and_a_day_of_it_is_never_green(found: LastDays) -> None:
    for day, (_, parts) in zip(found, sorted(pieces(found).items()), strict=True):
        looks = {look for look, _, _ in parts}
        assert ("unknown" in looks) == (day.seconds.unknown > 0)
        assert day.seconds.known > 0 or "ok" not in looks
        assert ("down" in looks) == (day.seconds.down > 0)
        assert ("none" in looks) == (day.seconds.known + day.seconds.unknown == 0)


@given(days())
def test_the_table_tells_every_day_that_was_not_up_throughout(found: LastDays) -> None:
    told = [
        one.first + timedelta(days=count)
        for one in Drawing.of(found).unusual_days
        for count in range((one.last - one.first).days + 1)
    ]
    unusual = [day.day for day in found if day.seconds.down or day.seconds.degraded or day.seconds.unknown]
    assert sorted(told) == unusual
