"""Laws that every judgement keeps, and the documented cases in which a law one would expect does not hold."""

import json
import re
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from portal.usecases.worked_cases.conformance import got as engine
from tests.oracle.wall_clock import second_of, utc_text

START = second_of("2026-06-10T10:00:00Z", "UTC")
HOUR_S = 3600
PAGE = Path(__file__).parents[2] / "docs" / "exclusions-and-monotonicity.md"
EXAMPLES = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE.read_text(), re.DOTALL)]
SUMMED = ("period_seconds", "excluded_seconds", "unknown_seconds", "eligible_seconds", "downtime_seconds")

Object = dict[str, Any]
Span = tuple[int, int]


def case(
    methodology: Mapping[str, Any],
    observations: Mapping[str, Any],
    exclusions: Sequence[Span] = (),
    *,
    mode: str = "remove",
    kind: Mapping[str, Any] | None = None,
    unknown: Mapping[str, Any] | None = None,
    bounds: Span = (0, HOUR_S),
) -> Object:
    """A worked case in UTC; spans count seconds from its hour's start."""
    return {
        "kind": "availability",
        "contract": {
            "timezone": "UTC",
            "period": {"kind": "custom", "start": at(bounds[0]), "end": at(bounds[1])},
            "target_percent": "99",
            "methodology": dict(methodology),
            "unknown_policy": dict(unknown or {"treat_as": "exclude"}),
            "exclusions_policy": {"mode": mode, "types": {} if mode == "none" else {"maintenance": dict(kind or {})}},
            "credit_schedule": {"type": "tiers", "tiers": [{"below": "99", "percent": "10"}]},
            "monthly_fee": {"amount": "100.00", "currency": "EUR"},
        },
        "observations": dict(observations),
        "exclusions": [{"type": "maintenance", **between(span)} for span in exclusions],
    }


def got(asked: Mapping[str, Any]) -> Object:
    """What the engine answers; every case here is one it understands."""
    answer: Object = engine(asked)
    assert "unsupported" not in answer, answer
    return answer


def at(second: int) -> str:
    """The instant of a second of the hour."""
    return utc_text(START + second)


def between(span: Span) -> Object:
    """A span as the vectors write it."""
    return {"start": at(span[0]), "end": at(span[1])}


def outages(spans: Sequence[Span]) -> list[Object]:
    """One report a span, a tenth of the users each."""
    return [between(span) | {"affected_users": 10, "ratio": "1/3"} for span in spans]


def attained(answer: Mapping[str, Any]) -> Fraction | None:
    """The exact percentage of an answer."""
    percent = answer["attained_percent"]
    return None if percent is None else Fraction(percent["exact"])


def assert_not_lower(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """Attained did not fall, or one of the two has none."""
    one, two = attained(got(before)), attained(got(after))
    assert one is None or two is None or two >= one


def span_strategy(first: int = -300, last: int = HOUR_S + 300) -> st.SearchStrategy[Span]:
    """A span that is not empty, of any length, often on whole minutes."""
    minutes = st.tuples(st.integers(first // 60, last // 60 - 1), st.integers(1, 12))
    seconds = st.tuples(st.integers(first, last - 1), st.integers(1, 900))
    return st.one_of(
        minutes.map(lambda pair: (pair[0] * 60, (pair[0] + pair[1]) * 60)),
        seconds.map(lambda pair: (pair[0], pair[0] + pair[1])),
    )


def keys_of_length(basis: Sequence[str]) -> st.SearchStrategy[Object]:
    """The rules about the length of outages, each present or not."""
    return st.fixed_dictionaries(
        {},
        optional={
            "min_outage_seconds": st.sampled_from([1, 60, 300]),
            "min_outage_op": st.sampled_from([">=", ">"]),
            "count_from": st.sampled_from(["start", "threshold"]),
            "basis": st.sampled_from(basis),
            "merge_gap_seconds": st.sampled_from([30, 120]),
            "gap_counts": st.sampled_from(["up", "down"]),
        },
    )


def outage_methods(basis: Sequence[str] = ("raw",)) -> st.SearchStrategy[Object]:
    """Methodologies that count outages as they are."""
    kinds: st.SearchStrategy[Object] = st.sampled_from(
        [
            {"type": "continuous"},
            {"type": "user_minutes", "total_users": 25, "overlap": "max"},
            {"type": "user_minutes", "total_users": 25, "overlap": "sum_capped"},
            {"type": "affected_ratio", "overlap": "max"},
        ]
    )
    return st.tuples(kinds, keys_of_length(basis)).map(lambda pair: {**pair[0], **pair[1]})


def slot_methods(basis: Sequence[str] = ("raw",)) -> st.SearchStrategy[Object]:
    """Slots of a minute or five."""
    own = st.fixed_dictionaries(
        {"slot_seconds": st.sampled_from([60, 300]), "down_when": st.sampled_from(["all", "any", "majority"])},
        optional={"min_consecutive_slots": st.sampled_from([2, 5])},
    )
    return st.tuples(own, keys_of_length(basis)).map(lambda pair: {"type": "slots"} | pair[0] | pair[1])


spans = st.lists(span_strategy(), max_size=5)
policies = st.sampled_from([{"treat_as": one} for one in ("exclude", "up", "down")])
modes = st.sampled_from(["remove", "count_as_up"])


@pytest.mark.slow
@given(
    method=st.one_of(outage_methods(), slot_methods()), down=spans, unknown=spans, out=spans, mode=modes,
    policy=policies, cut=st.integers(1, 11),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_parts_of_a_period_add_up_to_the_whole(
    method: Object, down: list[Span], unknown: list[Span], out: list[Span], mode: str, policy: Object, cut: int
) -> None:
    evidence = {"outages": outages(down), "unknown": [between(span) for span in unknown]}
    pieces = [
        got(case(method, evidence, out, mode=mode, unknown=policy, bounds=bounds))
        for bounds in ((0, HOUR_S), (0, cut * 300), (cut * 300, HOUR_S))
    ]
    for key in SUMMED:
        whole, first, second = (Fraction(piece[key]) for piece in pieces)
        assert whole == first + second, key


@pytest.mark.slow
@given(
    method=st.one_of(outage_methods(("raw", "counted")), slot_methods(("raw", "counted"))), down=spans, unknown=spans,
    out=spans, order=st.randoms(use_true_random=False), kind=st.sampled_from([{}, {"cap_seconds": 90}]),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_the_order_of_evidence_and_exclusions_does_not_matter(
    method: Object, down: list[Span], unknown: list[Span], out: list[Span], order: Any, kind: Object
) -> None:
    evidence = {"outages": outages(down), "unknown": [between(span) for span in unknown]}
    shuffled = {key: order.sample(one, len(one)) for key, one in evidence.items()}
    other = case(method, shuffled, order.sample(out, len(out)), kind=kind)
    assert got(case(method, evidence, out, kind=kind)) == got(other)


@pytest.mark.slow
@given(
    method=st.one_of(outage_methods(("raw", "counted")), slot_methods(("raw", "counted"))), down=spans, out=spans,
    policy=policies, unknown=spans, number=st.integers(0, 4), share=st.integers(0, 100), overlap=st.integers(0, 60),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_reporting_an_outage_twice_or_in_two_pieces_changes_no_figure(
    method: Object, down: list[Span], out: list[Span], policy: Object, unknown: list[Span], number: int,
    share: int, overlap: int,
) -> None:  # fmt: skip
    assume(number < len(down) and method.get("overlap") != "sum_capped")
    start, end = down[number]
    middle = start + (end - start) * share // 100
    pieces = [(start, min(middle + overlap, end)), (middle, end), (start, end)]
    again = [between(span) for span in [*unknown, *unknown]]
    once = {"outages": outages(down), "unknown": [between(span) for span in unknown]}
    often = {"outages": outages([*down, *pieces]), "unknown": again}
    assert got(case(method, once, out, unknown=policy)) == got(case(method, often, [*out, *out], unknown=policy))


@pytest.mark.slow
@given(
    method=st.one_of(outage_methods(("raw", "counted")), slot_methods(("raw", "counted"))), down=spans, out=spans,
    more=span_strategy(), mode=modes, kind=st.sampled_from([{}, {"cap_seconds": 90}]),
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_one_more_outage_never_raises_attained_where_nothing_is_unknown(
    method: Object, down: list[Span], out: list[Span], more: Span, mode: str, kind: Object
) -> None:
    fewer, worse = ({"outages": outages(one)} for one in (down, [*down, more]))
    assert_not_lower(case(method, worse, out, mode=mode, kind=kind), case(method, fewer, out, mode=mode, kind=kind))


@pytest.mark.slow
@given(
    method=st.sampled_from(
        [
            {"type": "mean_error_rate", "slot_seconds": 300, "empty": "skip"},
            {"type": "mean_error_rate", "slot_seconds": 300, "empty": "zero_error"},
            {"type": "error_rate_slots", "slot_seconds": 300, "threshold": "1/3", "op": ">"},
            {"type": "error_rate_slots", "slot_seconds": 300, "threshold": "0", "op": ">", "min_consecutive_slots": 2},
        ]
    ),
    counts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=12, max_size=12),
    out=spans, mode=modes, number=st.integers(0, 11),
)  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_one_more_failed_request_never_raises_attained(
    method: Object, counts: list[tuple[int, int]], out: list[Span], mode: str, number: int
) -> None:
    totals = [(good + bad, bad) for good, bad in counts]
    worse = [(total, bad + (number == one and total > bad)) for one, (total, bad) in enumerate(totals)]
    assert_not_lower(case(method, samples(worse), out, mode=mode), case(method, samples(totals), out, mode=mode))


def samples(totals: Sequence[tuple[int, int]]) -> Object:
    """Counts of five-minute slots, one after the other."""
    return {
        "samples": [
            {"start": at(number * 300), "total": total, "errors": bad} for number, (total, bad) in enumerate(totals)
        ]
    }


@pytest.mark.slow
@given(method=outage_methods(("raw", "counted")), down=spans, unknown=spans, out=spans)
@settings(max_examples=30, deadline=None)
def test_under_none_exclusions_change_no_figure(
    method: Object, down: list[Span], unknown: list[Span], out: list[Span]
) -> None:
    evidence = {"outages": outages(down), "unknown": [between(span) for span in unknown]}
    assert got(case(method, evidence, out, mode="none")) == got(case(method, evidence, mode="none"))


@pytest.mark.slow
@given(
    method=st.one_of(outage_methods(("raw", "counted")), slot_methods()), down=spans, unknown=spans, out=spans,
    more=span_strategy(), policy=policies,
)  # fmt: skip
@settings(max_examples=100, deadline=None)
def test_under_count_as_up_one_more_exclusion_never_lowers_attained(
    method: Object, down: list[Span], unknown: list[Span], out: list[Span], more: Span, policy: Object
) -> None:
    evidence = {"outages": outages(down), "unknown": [between(span) for span in unknown]}
    before, after = (case(method, evidence, one, mode="count_as_up", unknown=policy) for one in (out, [*out, more]))
    assert_not_lower(before, after)


@pytest.mark.slow
@given(
    counts=st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=12, max_size=12),
    out=spans, more=span_strategy(), least=st.sampled_from([1, 2, 3]),
)  # fmt: skip
@settings(max_examples=40, deadline=None)
def test_under_count_as_up_one_more_exclusion_never_lowers_error_rate_slots(
    counts: list[tuple[int, int]], out: list[Span], more: Span, least: int
) -> None:
    method: Object = {"type": "error_rate_slots", "slot_seconds": 300, "threshold": "1/3", "op": ">="}
    method["min_consecutive_slots"] = least
    evidence = samples([(good + bad, bad) for good, bad in counts])
    before, after = (case(method, evidence, one, mode="count_as_up") for one in (out, [*out, more]))
    assert_not_lower(before, after)


@pytest.mark.slow
@given(down=spans, unknown=spans, out=spans, more=span_strategy(), rules=keys_of_length(("raw",)), policy=policies)
@settings(max_examples=100, deadline=None)
def test_under_remove_attained_falls_exactly_when_the_excluded_time_was_better_than_the_rest(
    down: list[Span], unknown: list[Span], out: list[Span], more: Span, rules: Object, policy: Object
) -> None:
    evidence = {"outages": outages(down), "unknown": [between(span) for span in unknown]}
    method = {"type": "continuous"} | rules
    before, after = (got(case(method, evidence, one, unknown=policy)) for one in (out, [*out, more]))
    eligible, downtime = before["eligible_seconds"], Fraction(before["downtime_seconds"])
    taken, lost = eligible - after["eligible_seconds"], downtime - Fraction(after["downtime_seconds"])
    one, two = attained(before), attained(after)
    assume(one is not None and two is not None)
    assert one is not None
    assert two is not None
    assert (two < one) == (lost * eligible < downtime * taken)


@pytest.mark.slow
@given(down=spans, inside=st.integers(0, 4), out=spans)
@settings(max_examples=60, deadline=None)
def test_under_remove_an_exclusion_of_time_that_was_down_never_lowers_attained(
    down: list[Span], inside: int, out: list[Span]
) -> None:
    assume(inside < len(down))
    method, evidence = {"type": "continuous"}, {"outages": outages(down)}
    assert_not_lower(case(method, evidence, out), case(method, evidence, [*out, down[inside]]))


@pytest.mark.slow
@given(down=st.lists(span_strategy(0, 1800), max_size=4), more=span_strategy(2700, HOUR_S))
@example(down=[(0, 600)], more=(2700, 3600))
@settings(max_examples=60, deadline=None)
def test_under_remove_an_exclusion_of_time_that_was_up_never_raises_attained(down: list[Span], more: Span) -> None:
    method, evidence = {"type": "continuous"}, {"outages": outages(down)}
    assert_not_lower(case(method, evidence, [more]), case(method, evidence))


def test_two_reports_of_one_incident_add_up_their_users_where_the_terms_sum_them() -> None:
    method = {"type": "user_minutes", "total_users": 20, "overlap": "sum_capped"}
    once, twice = (got(case(method, {"outages": outages([(0, 60)] * reports)})) for reports in (1, 2))
    assert (once["downtime_seconds"], twice["downtime_seconds"]) == (30, 60)


@pytest.mark.parametrize("shown", EXAMPLES, ids=[f"example-{number}" for number in range(1, len(EXAMPLES) + 1)])
def test_every_documented_counterexample_is_what_the_engine_does(shown: Object) -> None:
    before, after = documented(shown, {}), documented(shown, shown["added"])
    assert (str(attained(before)), str(attained(after))) == (shown["before"], shown["after"])
    assert before["status"] == shown.get("status_before", before["status"])
    assert after["status"] == shown.get("status_after", after["status"])


def test_the_page_shows_counterexamples_for_exclusions_and_for_downtime() -> None:
    harmful = [shown for shown in EXAMPLES if "exclusions" in shown["added"]]
    assert len(harmful) >= 6
    assert len(EXAMPLES) - len(harmful) >= 3


def documented(shown: Mapping[str, Any], added: Mapping[str, Any]) -> Object:
    """What the engine says of an example of the page, with or without what is added."""
    evidence, more = shown["observations"], added.get("outages", [])
    observations = {
        "outages": [
            {"start": hour(one[0]), "end": hour(one[1]), "severity": (*one, "down")[2]}
            for one in [*evidence.get("outages", []), *more]
        ],
        "unknown": [{"start": hour(one[0]), "end": hour(one[1])} for one in evidence.get("unknown", [])],
    }
    if "samples" in evidence:
        rows = [{"start": hour(one[0]), "total": one[1], "errors": one[2]} for one in evidence["samples"]]
        observations = {"samples": rows}
    whole = case(
        shown.get("methodology", {"type": "continuous"}),
        observations,
        mode=shown.get("mode", "remove"),
        kind=shown.get("type"),
        unknown=shown.get("unknown_policy"),
    )
    listed = [*shown.get("exclusions", []), *added.get("exclusions", [])]
    whole["exclusions"] = [{"type": "maintenance", "start": hour(one[0]), "end": hour(one[1])} for one in listed]
    return got(whole)


def hour(clock: str) -> str:
    """The instant of a time of the example's day."""
    return f"2026-06-10T{clock if clock.count(':') == 2 else f'{clock}:00'}Z"
