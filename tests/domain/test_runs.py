"""Runs of equal samples, grown one by one and derived anew (speed.md: two layers of evidence)."""

from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, State
from portal.domain.evidence.runs import cut, derive_runs, grow, join, mark_gap, replace_day

STEP = 10
letters = {"u": (State.UP, None), "d": (State.DOWN, None), "s": (State.DEGRADED, None), "o": (State.UNKNOWN, "overrun")}
stories = st.text(alphabet="uuudso.", max_size=60)


def told(story: str, start: int = 0, provenance: str = "measured") -> list[Sample]:
    """Samples every ten seconds: up, down, slow, overrun, or `.` for none."""
    return [
        Sample(1, 1, start + place * STEP, STEP, *letters[letter], provenance=provenance)
        for place, letter in enumerate(story)
        if letter != "."
    ]


def expand(runs: tuple[Run, ...] | list[Run]) -> dict[int, tuple[State, str | None, str, int]]:
    return {
        run.first + place * run.interval_s: (run.state, run.reason, run.provenance, run.interval_s)
        for run in runs
        for place in range(run.count)
    }


def said(samples: list[Sample]) -> dict[int, tuple[State, str | None, str, int]]:
    return {each.slot: (each.state, each.reason, each.provenance, each.interval_s) for each in samples}


def test_equal_neighbours_are_one_run() -> None:
    assert derive_runs(told("uuudd")) == (
        Run(State.UP, None, 0, 20, 3, STEP),
        Run(State.DOWN, None, 30, 40, 2, STEP),
    )


def test_a_missing_sample_lies_between_two_runs() -> None:
    assert [(run.first, run.last) for run in derive_runs(told("uu.u"))] == [(0, 10), (30, 30)]


def test_another_provenance_begins_another_run() -> None:
    assert len(derive_runs([*told("uu", provenance="generated"), *told("uu", start=20)])) == 2


@given(stories)
def test_runs_say_of_every_slot_what_its_sample_said(story: str) -> None:
    runs = derive_runs(told(story))
    assert expand(runs) == said(told(story))
    assert all(run.last == run.first + (run.count - 1) * STEP for run in runs)
    assert join(runs) == runs  # none could be longer


@given(stories, st.randoms(use_true_random=False))
def test_order_does_not_matter(story: str, chance: object) -> None:
    samples = told(story)
    shuffled = sorted(samples, key=lambda _: chance.random())  # type: ignore[attr-defined]
    assert derive_runs(shuffled) == derive_runs(samples)


@given(stories, st.lists(st.integers(1, 7), max_size=40))
def test_growing_batch_by_batch_makes_the_same_runs_as_deriving_at_once(story: str, sizes: list[int]) -> None:
    samples = told(story)
    stored: dict[int, Run] = {}
    last: Run | None = None
    for size in [*sizes, len(samples)]:
        batch, samples = samples[:size], samples[size:]
        grown, late = grow(last, batch)
        stored.update({run.first: run for run in grown})
        last = grown[-1] if grown else last
        assert not late
    assert tuple(stored[first] for first in sorted(stored)) == derive_runs(told(story))


@given(stories, stories, stories)
def test_a_day_derived_anew_leaves_what_lies_outside_as_it_was(before: str, day: str, after: str) -> None:
    start, end = len(before) * STEP, (len(before) + len(day)) * STEP
    samples = told(before + day + after)
    known = derive_runs([each for each in samples if each.slot < start or each.slot >= end or each.slot % 30])
    derived = replace_day(known, start, end, [each for each in samples if start <= each.slot < end])
    assert derived == derive_runs(samples)


@given(st.integers(0, 100), st.integers(1, 20), st.integers(0, 400), st.integers(0, 400))
def test_a_cut_run_keeps_exactly_its_samples_within(first: int, count: int, start: int, end: int) -> None:
    run = Run(State.UP, None, first, first + (count - 1) * STEP, count, STEP)
    piece = cut(run, start, end)
    slots = [slot for slot in range(run.first, run.last + 1, STEP) if start <= slot < end]
    assert (list(range(piece.first, piece.last + 1, STEP)) if piece else []) == slots


@given(stories, st.integers(0, 300), st.integers(0, 300))
def test_a_gap_marks_the_slots_without_a_sample_and_no_other(story: str, first: int, length: int) -> None:
    first, stop = first // STEP * STEP, (first + length) // STEP * STEP
    marked = expand(mark_gap(derive_runs(told(story)), [range(first, stop, STEP)], "clock_step"))
    missing = dict.fromkeys(range(first, stop, STEP), (State.UNKNOWN, "clock_step", "measured", STEP))
    assert marked == missing | said(told(story))


def test_a_gap_of_a_year_is_one_run() -> None:
    runs = derive_runs(told("uuu"))
    marked = mark_gap(runs, [range(30, 31_536_000, STEP)], "clock_step")
    assert len(marked) == 2
    assert len(list(chain.from_iterable(range(run.count) for run in marked))) == 3_153_600
