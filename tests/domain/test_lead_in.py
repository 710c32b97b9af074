"""A period is judged from the samples that lead into it as from all samples there ever were (R19–R23)."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.evidence.lead_in import LeadIn, certain_from, lead_in_for
from portal.domain.evidence.records import Evidence, Run, Series, State
from portal.domain.evidence.runs import join
from portal.domain.promises.methodology import Continuous, Detection, OutageRules, Quorum
from tests.domain.promises import START, judged, promise

REASONS = (None, "timeout", "http_500")
Word = tuple[State, str | None, int, int]
DOWN_ONLY = OutageRules().severity_weights
words = st.tuples(
    st.sampled_from(State), st.sampled_from(REASONS), st.integers(1, 4), st.sampled_from((0, 0, 0, 1, 2, 5))
)
"""A state with its reason, how many samples say so, and how many slots after them have none."""
detections = st.builds(
    Detection,
    max_gap_seconds=st.sampled_from((None, 30, 60, 90, 180)),
    confirm_failures=st.integers(1, 3),
    confirm_successes=st.integers(1, 3),
    outage_begins=st.sampled_from(("first_failure", "confirmation")),
    outage_ends=st.sampled_from(("first_success", "confirmation")),
    quorum=st.builds(Quorum, st.sampled_from(("at_least", "majority_of_known")), st.integers(1, 2), st.just(1)),
)
outages = st.builds(
    OutageRules,
    min_outage_seconds=st.sampled_from((0, 240, 900)),
    merge_gap_seconds=st.sampled_from((0, 120, 300)),
    severity_weights=st.sampled_from((DOWN_ONLY, (*DOWN_ONLY, ("degraded", Fraction(1, 2))))),
)


def story(location: str, told: Sequence[Word], first: int) -> Series:
    """A sample a minute as the words say, the first one at a second."""
    runs, at = [], first
    for state, reason, count, missing in told:
        runs.append(Run(state, reason, at, at + (count - 1) * 60, count, 60))
        at += (count + missing) * 60
    return Series(location, "http", 60, join(runs))


def loaded(series: Sequence[Series], since: int) -> list[Series]:
    """The runs from a second on and the two before it."""
    found = []
    for one in series:
        earlier = sum(run.first < since for run in one.runs)
        found.append(replace(one, runs=one.runs[max(0, earlier - 2) :]))
    return found


def led_in(series: Sequence[Series], rules: LeadIn) -> list[Series]:
    since = START
    while certain_from(found := loaded(series, since), START, rules, since) is None:
        since -= 60
    return found


@settings(max_examples=150)
@given(
    st.lists(st.lists(words, min_size=1, max_size=20), min_size=1, max_size=2), st.integers(0, 30), detections, outages
)
def test_what_leads_in_is_enough_for_every_rule(
    told: list[list[Word]], minutes: int, detection: Detection, rules: OutageRules
) -> None:
    whole = [story(str(place), one, START - minutes * 60 - place * 20) for place, one in enumerate(told)]
    method = Continuous(outage=rules, detection=detection)
    found = led_in(whole, lead_in_for([method]))
    first = certain_from(found, START, lead_in_for([method]))
    assert first is not None
    expected = judged(promise(method=method), Evidence(series=tuple(whole)))
    assert judged(promise(method=method), Evidence(series=tuple(found))) == expected
    assert judged(promise(method=method), Evidence(series=tuple(loaded(whole, first)))) == expected


def test_an_outage_never_confirmed_to_be_over_is_read_from_its_start() -> None:
    told = [(State.UP, None, 10, 0), (State.DOWN, None, 2, 0), *[(State.UP, None, 1, 0), (State.DOWN, None, 1, 0)] * 9]
    flapping = [story("a", told, START - 20 * 60)]
    method = Continuous(detection=Detection(confirm_failures=2, confirm_successes=3))
    assert certain_from(flapping, START, lead_in_for([method])) == START - 10 * 60
    assert certain_from(loaded(flapping, START), START, lead_in_for([method]), START) is None


def test_a_service_that_was_up_needs_no_further_look() -> None:
    up = [story("a", [(State.DOWN, None, 3, 0), (State.UP, None, 40, 0)], START - 30 * 60)]
    method = Continuous(detection=Detection(confirm_failures=2, confirm_successes=3))
    assert certain_from(loaded(up, START), START, lead_in_for([method]), START) == START


def test_what_flapping_joins_is_read_with_it() -> None:
    told = [(State.UP, None, 5, 0), (State.DOWN, None, 5, 0), (State.UP, None, 4, 0), (State.DOWN, None, 10, 0)]
    story_ = [story("a", told, START - 19 * 60)]
    joined = Continuous(outage=OutageRules(merge_gap_seconds=300))
    assert certain_from(story_, START, lead_in_for([Continuous()])) == START - 5 * 60
    assert certain_from(story_, START, lead_in_for([joined])) == START - 14 * 60
