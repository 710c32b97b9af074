"""Heat maps: a square says what its period was, and a trend never more than its figures do."""

import pytest

from portal.store.base import new_id
from portal.usecases.customer.heat_maps import heat_rows, period_name, trend_of
from portal.usecases.customer.histories import Cell, History, Row


def cell(
    status: str = "met", attained: str | None = "99.950", percent: str | None = None, near: int | None = None
) -> Cell:
    return Cell("2026-10-01", new_id(), status, status, "99.9", attained, None, percent, percent is not None, near)


@pytest.mark.parametrize(
    ("one", "look", "short"),
    [
        (cell(), "ok", "kept"),
        (cell(near=92), "degraded", "92 %"),
        (cell("breached", "99.1", "10"), "down", "−10 %"),
        (cell("breached", "99.1"), "down", "breached"),
        (cell("insufficient_data", None), "unknown", "no data"),
        (cell("not_applicable", None), "none", "–"),
    ],
)
def test_a_square_says_what_its_period_was_and_only_what_was_kept_is_green(one: Cell, look: str, short: str) -> None:
    (row,) = heat_rows(History(["2026-10-01"], [Row("gold", "API", "api", "availability", (one,))]))
    (square,) = row.squares
    assert square is not None
    assert (square.look, square.short) == (look, short)
    assert row.is_calm is (one.status == "met" and one.near_percent is None)


@pytest.mark.parametrize(
    ("attained", "words"),
    [
        (["99.950", "99.990"], "kept 2 of 2, better than the time before"),
        (["99.990", "99.950"], "kept 2 of 2, worse than the time before"),
        (["99.950", "99.950"], "kept 2 of 2, as the time before"),
        (["99.950"], "kept 1 of 1"),
        ([], "no verdict yet"),
    ],
)
def test_a_trend_is_told_in_words(attained: list[str], words: str) -> None:
    found = trend_of([cell(attained=one) for one in attained])
    assert found.words == words
    assert bool(found.points) is (len(attained) > 1)


def test_a_trend_stays_within_its_picture_and_below_the_promise_when_it_was_missed() -> None:
    found = trend_of([cell("met", "100.000"), cell("breached", "0.000"), cell("insufficient_data", None)])
    heights = [int(one.split(",")[1]) for one in found.points.split()]
    assert min(heights) == 2
    assert max(heights) <= 26
    assert heights[0] <= found.promise_y < heights[1]
    assert found.words == "kept 1 of 2, worse than the time before"


def test_a_period_is_called_by_its_month_or_by_its_first_day() -> None:
    assert [period_name(key) for key in ("2026-10-01", "2026-10-08")] == ["Oct 26", "8 Oct 26"]
