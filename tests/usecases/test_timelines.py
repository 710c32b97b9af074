"""Timelines and waterfalls: every figure is the working's own, and what is drawn adds up."""

from typing import Any

import pytest

from portal.domain.quantities.intervals import Interval
from portal.usecases.explaining.timelines import Timeline, timeline_of
from portal.usecases.explaining.waterfalls import waterfall_of

START = 1_790_805_600  # 1 October 2026, 00:00 in Berlin
HOUR, DAY = 3_600, 86_400
END = START + 31 * DAY + HOUR
ENTRY = {"id": "entry", "start": START + 5 * DAY, "end": START + 5 * DAY + 2 * HOUR, "accepted": True}


def piece(start: int, end: int, kind: str = "up", reason: str | None = None, held: int = 0) -> dict[str, Any]:
    return {
        "start": START + start, "end": START + end, "class": kind, "reason": reason, "weight_exact": "1",
        "held_seconds": held, "locations": [],
    }  # fmt: skip


def working(**changes: Any) -> dict[str, Any]:
    """October with an outage of an hour, two hours left out and ten minutes not known."""
    intervals = [
        piece(0, 2 * DAY),
        piece(2 * DAY, 2 * DAY + HOUR, "down", "down"),
        piece(2 * DAY + HOUR, 5 * DAY, held=60),
        piece(5 * DAY, 5 * DAY + 2 * HOUR, "excluded"),
        piece(5 * DAY + 2 * HOUR, 5 * DAY + 2 * HOUR + 600, "unknown", "probe_gap"),
        piece(5 * DAY + 2 * HOUR + 600, END - START),
    ]
    found: dict[str, Any] = {
        "period": {
            "kind": "calendar_month", "start": START, "end": END, "timezone": "Europe/Berlin",
            "start_local": "2026-10-01", "end_local": "2026-11-01", "measured": {"start": START, "end": END},
        },
        "commitment": {"exclusion_mode": "remove", "unknown_as": "exclude", "target_percent": "99.9"},
        "contract": {"minor_digits": 2},
        "open": False,
        "totals": {"period": 2_682_000, "excluded": 7_200, "unknown": 600, "eligible": 2_674_200, "downtime": "3600",
                   "held": 60},
        "intervals": intervals,
        "exclusions": [ENTRY],
        "fee_exact": "1000",
        "credit": {"currency": "EUR", "percent_exact": "10", "uncapped_exact": "100", "amount_minor": 10_000,
                   "amount_text": "100.00"},
    }  # fmt: skip
    return found | changes


def timeline(look: Interval | None = None, **changes: Any) -> Timeline:
    return timeline_of(working(**changes), {}, look)


def test_the_sums_by_class_are_the_seconds_of_the_period_and_every_piece_is_a_row() -> None:
    found = timeline()
    assert [(one.words, one.pieces, one.seconds) for one in found.sums] == [
        ("not counted", 1, 7_200),
        ("down", 1, 3_600),
        ("not known", 1, 600),
        ("up", 3, 2_670_600),
    ]
    assert sum(one.seconds for one in found.sums) == found.seconds
    assert len(found.pieces) == 6
    assert [one.exclusion for one in found.pieces] == [None, None, None, "entry", None, None]
    assert (found.is_whole, found.held_s, found.pieces[2].held_s) == (True, 60, 60)


def test_a_look_shows_its_own_pieces_and_a_look_at_another_time_shows_all() -> None:
    day = Interval(START + 2 * DAY, START + 3 * DAY)
    found = timeline(day)
    assert (found.start, found.end, found.is_whole) == (day.start, day.end, False)
    assert [one.counted_as for one in found.pieces] == ["down", "up"]
    assert found.sums == timeline().sums
    assert timeline(Interval(START - 2 * DAY, START - DAY)) == timeline()
    assert timeline(Interval(END - DAY, END + DAY)).end == END


def test_zooms_stay_within_the_period_and_lead_back_to_all_of_it() -> None:
    found = timeline(Interval(START, START + 2 * HOUR))
    assert {one.name: (one.start - START, one.end - START) for one in found.zooms} == {
        "in": (1_800, 5_400),
        "out": (0, 10_800),
        "later": (3_600, 10_800),
        "all": (0, END - START),
    }
    assert [one.name for one in timeline().zooms] == ["in"]
    assert "in" not in [one.name for one in timeline(Interval(START, START + 90)).zooms]


def test_a_tick_stands_at_each_local_midnight_also_when_the_clocks_are_set_back() -> None:
    whole = timeline()
    assert [one.words for one in whole.ticks] == ["1 Oct", "8 Oct", "15 Oct", "22 Oct", "29 Oct"]
    night = timeline(Interval(START + 24 * DAY, START + 24 * DAY + 6 * HOUR))
    assert [one.words for one in night.ticks][:3] == ["25 Oct", "01:00", "02:00"]


@pytest.mark.parametrize("seconds", [1, 59, 3_600])
def test_what_is_too_short_to_see_is_drawn_wide_enough_and_within_the_strip(seconds: int) -> None:
    end = END - START
    pieces = [piece(0, end - seconds), piece(end - seconds, end, "down", "down")]
    mark = timeline(intervals=pieces).marks[-1]
    assert (mark.look, float(mark.width.rstrip("%")) >= 0.25) == ("down", True)
    assert float(mark.x.rstrip("%")) + 0.25 <= 100


def test_a_waterfall_falls_from_the_period_to_what_was_up_and_says_what_is_owed() -> None:
    found = waterfall_of(working())
    assert found is not None
    assert [(one.label, one.value) for one in found.time] == [
        ("October 2026", "2,682,000 s"),
        ("− not counted", "7,200 s"),
        ("− not known", "600 s"),
        ("counted time", "2,674,200 s"),
        ("− down", "3,600 s"),
        ("up, of what counts", "2,670,600 s"),
    ]
    assert found.promise == "2,671,525.800 s"
    assert found.time[-1].width < found.promise_x < found.time[3].width
    assert [(one.label, one.value, one.width) for one in found.money] == [
        ("fee of October 2026", "EUR 1,000.00", "100.000%"),
        ("credit, 10 % of the fee", "EUR 100.00", "10.000%"),
    ]


def test_there_is_no_waterfall_where_no_time_is_counted_and_no_money_for_those_who_may_not_see_it() -> None:
    totals = working()["totals"]
    assert waterfall_of(working(totals=totals | {"downtime": None})) is None
    assert waterfall_of(working(totals=totals | {"eligible": 0})) is None
    hidden = waterfall_of(working(credit=None, fee_exact=None))
    assert hidden is not None
    assert hidden.money == ()
