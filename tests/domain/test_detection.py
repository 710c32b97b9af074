"""Samples become states: hold, confirmation, quorum, reasons and held time (R22–R24, D6, D23)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evidence.detection import SecondsByState, Timeline, detect, seconds_by_state, state_now
from portal.domain.evidence.records import Run, Series, State
from portal.domain.promises.methodology import Detection, Quorum
from portal.domain.quantities.intervals import Interval
from tests.domain.promises import START, timeline

TWO_OF_THREE = Detection(quorum=Quorum("at_least", 2, 2))
MAJORITY = Detection(quorum=Quorum("majority_of_known", 1, 1))
HOUR = Interval(START, START + 3600)


def told(found: Timeline) -> str:
    """The timeline as minutes and words: "0 up 10 down 13 up"; a held stretch carries a star."""
    parts = []
    for one in found.segments:
        word = one.state.value if one.reason is None else f"unknown:{one.reason}"
        parts.append(f"{(one.start - START) / 60:g} {word}{'*' if one.held else ''}")
    return " ".join(parts)


def seen(text: str, rules: Detection = Detection(), location: str = "a") -> str:  # noqa: B008  (frozen)
    return told(detect([timeline(text, location)], rules, HOUR))


@pytest.mark.parametrize(
    ("samples", "states"),
    [
        ("00:00 up 00:10 down 00:13 up 01:00 end", "0 up 10 down 13 up"),
        ("00:00 up 00:28 down 00:30 missing 00:40 up 01:00 end", "0 up 28 down 30 down* 31 unknown:probe_gap 40 up"),
        ("00:05 up 01:00 end", "0 unknown:no_data 5 up"),
        ("00:00 up 00:30 end", "0 up 30 up* 31 unknown:probe_gap"),
        ("00:00 up 00:10 missing 00:11 up 01:00 end", "0 up 10 up* 11 up"),
        ("00:00 up 00:10 unknown:probe_gap 00:20 up 01:00 end", "0 up 10 up* 11 unknown:probe_gap 20 up"),
        ("00:00 up 00:10 unknown:overrun 00:12 up 01:00 end", "0 up 10 unknown:overrun 12 up"),
        ("00:00 up 00:10 unknown:overrun 00:12 unknown:clock_step 00:14 up 01:00 end",
         "0 up 10 unknown:overrun 12 unknown:clock_step 14 up"),
        ("00:00 up 00:10 degraded 00:15 up 01:00 end", "0 up 10 degraded 15 up"),
        ("00:00 degraded 00:30 missing 00:40 up 01:00 end", "0 degraded 30 degraded* 31 unknown:probe_gap 40 up"),
    ],
)  # fmt: skip
def test_a_state_holds_until_the_next_sample_or_the_gap_limit(samples: str, states: str) -> None:
    assert seen(samples) == states


@pytest.mark.parametrize(
    ("rules", "samples", "states"),
    [
        (Detection(confirm_failures=3), "00:00 up 00:10 down 00:12 up 01:00 end", "0 up"),
        (Detection(confirm_failures=3), "00:00 up 00:10 down 00:20 up 01:00 end", "0 up 10 down 20 up"),
        (Detection(confirm_failures=2, outage_begins="confirmation"), "00:00 up 00:10 down 00:20 up 01:00 end",
         "0 up 11 down 20 up"),
        (Detection(confirm_successes=2), "00:00 up 00:10 down 00:20 up 00:21 down 00:25 up 01:00 end",
         "0 up 10 down 25 up"),
        (Detection(confirm_successes=2, outage_ends="confirmation"), "00:00 up 00:10 down 00:20 up 01:00 end",
         "0 up 10 down 21 up"),
        (Detection(confirm_failures=2), "00:00 up 00:10 down 00:11 missing 00:12 down 00:13 up 01:00 end",
         "0 up 11 up* 12 up"),
        (Detection(max_gap_seconds=180, confirm_failures=2),
         "00:00 up 00:10 down 00:11 missing 00:12 down 00:13 up 01:00 end",
         "0 up 10 down 11 down* 12 down 13 up"),
        (Detection(confirm_successes=3), "00:00 down 00:10 up 00:11 missing 00:30 up 01:00 end",
         "0 down 11 down* 12 unknown:probe_gap 30 up"),
        (Detection(confirm_failures=2), "00:00 up 00:10 degraded 00:12 down 00:13 degraded 01:00 end",
         "0 up 10 degraded 12 up 13 degraded"),
    ],
)  # fmt: skip
def test_failures_and_successes_must_be_confirmed(rules: Detection, samples: str, states: str) -> None:
    assert seen(samples, rules) == states


UP = "00:00 up 01:00 end"
DOWN_AT_TEN = "00:00 up 00:10 down 00:20 up 01:00 end"
LOST = "00:00 up 00:05 missing 00:30 up 01:00 end"


@pytest.mark.parametrize(
    ("rules", "samples", "states"),
    [
        (TWO_OF_THREE, (DOWN_AT_TEN, UP, UP), "0 up 10 up 20 up"),
        (TWO_OF_THREE, (DOWN_AT_TEN, DOWN_AT_TEN, UP), "0 up 10 down 20 up"),
        (TWO_OF_THREE, (DOWN_AT_TEN, LOST, LOST),
         "0 up 5 up* 6 unknown:probe_gap 10 unknown:probe_gap 20 unknown:probe_gap 30 up"),
        (MAJORITY, (DOWN_AT_TEN, UP), "0 up 10 up 20 up"),
        (MAJORITY, (DOWN_AT_TEN, DOWN_AT_TEN, UP), "0 up 10 down 20 up"),
        (MAJORITY, (DOWN_AT_TEN, LOST), "0 up 10 down 20 up"),
        (TWO_OF_THREE, (DOWN_AT_TEN, "00:00 up 00:10 degraded 00:20 up 01:00 end", UP), "0 up 10 degraded 20 up"),
    ],
)  # fmt: skip
def test_locations_decide_together(rules: Detection, samples: tuple[str, ...], states: str) -> None:
    series = [timeline(text, name) for text, name in zip(samples, "abc", strict=False)]
    assert told(detect(series, rules, HOUR)) == states


def test_the_failing_locations_are_named_even_where_the_quorum_says_up() -> None:
    found = detect([timeline(DOWN_AT_TEN, "a"), timeline(UP, "b"), timeline(UP, "c")], TWO_OF_THREE, HOUR)
    assert [one.failing for one in found.segments] == [(), ("a",), ()]


def test_two_probes_at_one_location_speak_as_one() -> None:
    first, second = timeline(DOWN_AT_TEN, "a"), timeline("00:00 up 00:15 down 00:25 up 01:00 end", "a")
    assert told(detect([first, second], Detection(), HOUR)) == "0 up 10 down 25 up"


def test_the_default_gap_limit_is_twice_the_interval() -> None:
    slow = timeline("00:00 up 00:30 missing 00:50 up 01:00 end", interval_s=300)
    assert told(detect([slow], Detection(), HOUR)) == "0 up 30 up* 35 unknown:probe_gap 50 up"


def test_a_gap_limit_shorter_than_the_interval_leaves_gaps_between_samples() -> None:
    slow = timeline("00:00 down 00:15 end", interval_s=300)
    found = detect([slow], Detection(max_gap_seconds=120), Interval(START, START + 600))
    assert told(found) == "0 down 2 unknown:probe_gap 5 down 7 unknown:probe_gap"


@pytest.mark.parametrize("needed", [1, 2])
def test_an_interval_as_long_as_the_gap_limit_is_no_gap(needed: int) -> None:
    rules = Detection(max_gap_seconds=60, confirm_failures=needed)
    assert seen("00:00 up 00:10 down 00:13 up 01:00 end", rules) == "0 up 10 down 13 up"


def test_an_interval_longer_than_the_gap_limit_is_a_gap_each_time() -> None:
    slow = timeline("00:00 down 00:15 end", interval_s=300)
    found = detect([slow], Detection(max_gap_seconds=120, confirm_failures=2), Interval(START, START + 600))
    assert told(found) == "0 up 2 unknown:probe_gap 5 up 7 unknown:probe_gap"


def test_samples_out_of_order_are_refused() -> None:
    run = Run(State.UP, None, START, START + 600, 11, 60)
    with pytest.raises(ValueError, match="the samples of a http are out of order"):
        detect([Series("a", "http", 60, (run, run))], Detection(), HOUR)


def test_without_samples_nothing_is_known() -> None:
    assert told(detect([Series("a", "http", 60, ())], Detection(), HOUR)) == "0 unknown:no_data"


@given(st.lists(st.sampled_from(["up", "down", "degraded", "missing", "unknown:overrun"]), min_size=1, max_size=40))
def test_the_states_do_not_depend_on_how_samples_are_gathered_into_runs(words: list[str]) -> None:
    rules = Detection(confirm_failures=2, confirm_successes=2)
    text = " ".join(f"{slot // 60:02}:{slot % 60:02} {word}" for slot, word in enumerate([*words, "end"]))
    single = timeline(text)
    joined = Series("a", "http", 60, tuple(_joined(list(single.runs))))
    assert detect([single], rules, HOUR) == detect([joined], rules, HOUR)


def _joined(runs: list[Run]) -> list[Run]:
    whole: list[Run] = []
    for run in runs:
        last = whole[-1] if whole else None
        if last and (last.state, last.reason, last.last + 60) == (run.state, run.reason, run.first):
            whole[-1] = Run(last.state, last.reason, last.first, run.last, last.count + run.count, 60)
        else:
            whole.append(run)
    return whole


@given(st.lists(st.sampled_from(["up", "down", "missing"]), min_size=1, max_size=40))
def test_segments_partition_the_window_and_neighbours_differ(words: list[str]) -> None:
    text = " ".join(f"{slot // 60:02}:{slot % 60:02} {word}" for slot, word in enumerate([*words, "end"]))
    segments = detect([timeline(text)], Detection(), HOUR).segments
    edges = [HOUR.start, *(one.end for one in segments)]
    assert [one.start for one in segments] == edges[:-1]
    assert edges[-1] == HOUR.end


def test_the_state_now_says_since_when_and_where() -> None:
    series = [timeline("00:00 up 00:10 down 00:30 end", name) for name in "ab"]
    now = state_now(series, TWO_OF_THREE, START + 29 * 60)
    assert (now.state, now.since, now.failing) == (State.DOWN, START + 600, ("a", "b"))


def test_the_state_now_is_unknown_once_the_last_sample_no_longer_holds() -> None:
    now = state_now([timeline("00:00 up 00:30 end")], Detection(), START + 40 * 60)
    assert (now.state, now.since, now.reason) == (State.UNKNOWN, START + 31 * 60, "probe_gap")
    assert state_now([], Detection(), START).state is State.UNKNOWN


def test_a_change_of_failing_locations_does_not_restart_the_outage() -> None:
    series = [timeline("00:00 up 00:10 down 00:30 end", "a"), timeline("00:00 up 00:12 down 00:30 end", "b")]
    assert state_now(series, Detection(), START + 29 * 60).since == START + 600


def test_seconds_by_state_add_up_to_the_time_between_the_boundaries() -> None:
    found = detect([timeline("00:00 up 00:10 down 00:13 up 00:30 missing 00:40 up 01:00 end")], Detection(), HOUR)
    bars = seconds_by_state(found, [START - 600, START, START + 1800, START + 3600, START + 4000])
    assert bars == (
        SecondsByState(0, 0, 0, 600),
        SecondsByState(1620, 180, 0, 0),
        SecondsByState(1260, 0, 0, 540),
        SecondsByState(0, 0, 0, 400),
    )
