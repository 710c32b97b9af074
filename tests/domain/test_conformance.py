"""The worked cases pass, in any order, under any name, and the engine never sees their answers."""

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

from portal.usecases.worked_cases.conformance import compare, got, run

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text(encoding="utf-8"))
FIRST_GROUPS = ("basic", "overlap", "boundary", "threshold", "dst", "calendar", "unknown", "probe")
GROUPS = sorted({case["group"] for case in VECTORS["vectors"]})


def of(*groups: str) -> dict[str, Any]:
    return VECTORS | {"vectors": [case for case in VECTORS["vectors"] if case["group"] in groups]}


def lines(vectors: Mapping[str, Any]) -> dict[str, str]:
    return {str(line["id"]): json.dumps(line, sort_keys=True) for line in run(vectors)}


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_of_worked_cases_passes(group: str) -> None:
    assert list(compare(of(group))) == []


def test_the_groups_of_the_first_cut_are_all_there() -> None:
    assert set(FIRST_GROUPS) <= set(GROUPS)
    assert len(VECTORS["vectors"]) == 230


def test_a_file_whose_expectations_are_all_wrong_gets_the_same() -> None:
    wrong = [case | {"expect": {"status": "wrong"}, "why": "no", "title": "no"} for case in VECTORS["vectors"]]
    assert lines(VECTORS | {"vectors": wrong}) == lines(VECTORS)
    assert {one.id for one in compare(VECTORS | {"vectors": wrong})} == {case["id"] for case in VECTORS["vectors"]}


def test_names_and_order_of_the_cases_change_nothing() -> None:
    renamed = [case | {"id": f"case-{number}"} for number, case in enumerate(VECTORS["vectors"])]
    Random(7).shuffle(renamed)
    assert list(compare(VECTORS | {"vectors": renamed})) == []


def test_without_answers_the_engine_says_what_it_got() -> None:
    bare = [{"id": case["id"], **{k: v for k, v in case.items() if k not in ("id", "expect", "why", "title")}}
            for case in VECTORS["vectors"]]  # fmt: skip
    assert lines(VECTORS | {"vectors": bare}) == lines(VECTORS)


BASIC: dict[str, Any] = of("basic")["vectors"][0]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "weather"}, "no kind of case 'weather'"),
        ({"contract": BASIC["contract"] | {"target_percent": 99.9}}, "target_percent"),
        ({"contract": BASIC["contract"] | {"surprise": 1}}, "surprise"),
        ({"observations": {"outages": [{"start": "2026-06-10T10:00:00Z"}]}}, "no 'end'"),
        ({"observations": {"outages": [{"start": "soon", "end": "later"}]}}, "'soon' is not a time"),
        ({"exclusions": [{"type": "x", "start": "2026-06-10T10:00:00Z", "end": "2026-06-10T09:00:00Z"}]},
         "ends before it starts"),
    ],
)  # fmt: skip
def test_what_cannot_be_judged_is_answered_with_a_reason(change: dict[str, Any], reason: str) -> None:
    answer = got({key: value for key, value in BASIC.items() if key not in ("id", "expect")} | change)
    assert list(answer) == ["unsupported"]
    assert reason in str(answer["unsupported"])


JUNK = (None, 1.5, "x", [1], {"a": 1}, -1, "9" * 400)


@pytest.mark.parametrize("kind", sorted({case["kind"] for case in VECTORS["vectors"]}))
def test_a_malformed_case_of_any_kind_is_answered_and_never_ends_the_run(kind: str) -> None:
    whole = next(case for case in VECTORS["vectors"] if case["kind"] == kind)
    asked = {key: value for key, value in whole.items() if key not in ("id", "expect", "why", "title")}
    broken = [asked | {key: junk} for key in asked for junk in JUNK]
    broken += [asked | {"observations": {name: junk}} for name in ("outages", "series", "tickets") for junk in JUNK]
    for case in broken:
        (line,) = run(VECTORS | {"vectors": [case | {"id": "broken"}]})
        assert line.get("got") or line.get("unsupported")


@pytest.mark.parametrize("document", [{}, {"vectors": 3}, {"vectors": [1]}])
def test_a_file_without_cases_is_refused(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no vectors file"):
        list(run(document))


def test_a_missing_and_a_foreign_key_are_both_differences() -> None:
    expected = {key: value for key, value in BASIC["expect"].items() if key != "met"} | {"odd": 1}
    differences = {one.key for one in compare({"vectors": [BASIC | {"expect": expected}]})}
    assert differences == {"met", "odd"}
