"""Moving planned work: what is later or shorter keeps its notice, what is added is announced anew (R14, D18)."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.notices.maintenance import Part, moved

NOW = 1_000
PLANNED = (Part(10_000, 20_000, 100),)


@pytest.mark.parametrize(
    ("window", "parts"),
    [
        ((10_000, 15_000), (Part(10_000, 15_000, 100),)),
        ((12_000, 22_000), (Part(12_000, 22_000, 100),)),
        ((50_000, 55_000), (Part(50_000, 55_000, 100),)),
        ((8_000, 20_000), (Part(8_000, 10_000, NOW), Part(10_000, 20_000, 100))),
        ((8_000, 18_000), (Part(8_000, 10_000, NOW), Part(10_000, 18_000, 100))),
        ((2_000, 5_000), (Part(2_000, 5_000, NOW),)),
        ((10_000, 25_000), (Part(10_000, 20_000, 100), Part(20_000, 25_000, NOW))),
        ((12_000, 25_000), (Part(12_000, 22_000, 100), Part(22_000, 25_000, NOW))),
        ((8_000, 25_000), (Part(8_000, 10_000, NOW), Part(10_000, 20_000, 100), Part(20_000, 25_000, NOW))),
    ],
    ids=[
        "shorter",
        "later",
        "later and shorter",
        "earlier",
        "shifted earlier",
        "all before",
        "longer",
        "both",
        "around",
    ],
)
def test_moving_keeps_the_notice_of_what_was_announced(window: tuple[int, int], parts: tuple[Part, ...]) -> None:
    assert moved(PLANNED, *window, NOW) == parts


moves = st.lists(st.tuples(st.integers(0, 50_000), st.integers(1, 20_000)), min_size=1, max_size=5)


@given(moves)
def test_the_parts_always_fill_the_window_and_none_is_announced_before_the_first_word(
    windows: list[tuple[int, int]],
) -> None:
    parts: tuple[Part, ...] = PLANNED
    for number, (start, length) in enumerate(windows):
        parts = moved(parts, start, start + length, NOW + number)
        assert parts[0].start == start
        assert parts[-1].end == start + length
        assert all(one.end == following.start for one, following in pairwise(parts))
        assert all(100 <= one.announced_at <= NOW + number for one in parts)


@given(moves)
def test_no_move_gives_a_part_more_notice_than_a_window_of_its_length_had(windows: list[tuple[int, int]]) -> None:
    """Seconds with the first announcement never become more than were announced at first."""
    parts: tuple[Part, ...] = PLANNED
    for number, (start, length) in enumerate(windows):
        parts = moved(parts, start, start + length, NOW + number)
        assert sum(one.end - one.start for one in parts if one.announced_at == 100) <= 10_000
