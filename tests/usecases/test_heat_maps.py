"""Heat maps: a square says what its period was, and a trend never more than its figures do."""

from dataclasses import replace

import pytest

from portal.store.ground.base import new_id
from portal.usecases.customer.closed_periods import LinePart
from portal.usecases.customer.heat_maps import heat_rows, period_heads, period_name, trend_of
from portal.usecases.customer.histories import Cell, History, Row


def cell(
    status: str = "met", attained: str | None = "99.950", percent: str | None = None, near: int | None = None
) -> Cell:
    parts = [LinePart(1, 0, 1, "99.9", attained, status)]
    return Cell(
        "2026-10-01", new_id(), status, status, "99.9", attained, None, percent, percent is not None, parts, near
    )


@pytest.mark.parametrize(
    ("one", "look", "short"),
    [
        (cell(), "ok", "✓"),
        (cell(near=92), "degraded", "92 %"),
        (cell("breached", "99.1", "10"), "down", "−10 %"),
        (cell("breached", "99.1"), "down", "✕"),
        (cell("insufficient_data", None), "unknown", "?"),
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


def test_of_a_period_in_which_the_terms_changed_a_trend_shows_what_the_last_version_judged() -> None:
    once = LinePart(1, 0, 1, "99.9", "99.950", "met")
    changed = [
        LinePart(1, 0, 1, "99.5", "99.990", "met"),
        LinePart(2, 1, 2, "99", "99.000", "met"),
        LinePart(3, 2, 3, "99.5", None, "not applicable"),
    ]
    before = replace(cell(), parts=[once])
    found = trend_of([before, replace(cell(attained="99.990 / 99.000"), promised="99.5 / 99", parts=changed)])
    promised = replace(changed[2], attained="99.000")
    assert found == trend_of([before, replace(cell(), parts=[promised])])
    assert found.words == "kept 2 of 2, worse than the time before"


def test_a_year_stands_above_the_first_period_and_where_it_changes() -> None:
    heads = period_heads(["2026-11-01", "2026-12-01", "2027-01-01", "2027-01-08"])
    assert [(one.name, one.short, one.year) for one in heads] == [
        ("Nov 26", "Nov", "2026"),
        ("Dec 26", "Dec", None),
        ("Jan 27", "Jan", "2027"),
        ("8 Jan 27", "8 Jan", None),
    ]


def test_a_period_is_called_by_its_month_or_by_its_first_day() -> None:
    assert [period_name(key) for key in ("2026-10-01", "2026-10-08")] == ["Oct 26", "8 Oct 26"]
