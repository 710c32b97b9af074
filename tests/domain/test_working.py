"""A working holds plain values only, says the same every time, and is what docs/working.md describes."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.evaluation.working import document
from portal.domain.evidence.records import Evidence, RequestClass
from portal.domain.promises.commitment import ExclusionType
from portal.domain.promises.methodology import RequestRatio
from portal.domain.quantities.intervals import Interval
from tests.domain.promises import LINE, START, at, judged, maintenance, outage, promise, timeline

DOCS = Path(__file__).parents[2] / "docs" / "working.md"
EVIDENCE = Evidence(
    series=(timeline("00:00 up 10:00 down 11:00 degraded 11:30 missing 12:00 up 720:00 end"),),
    outages=(outage(10, "00:00", "01:00", event="i-1"),),
    unknown=(Interval(at(15), at(16)),),
)
EXCLUSIONS = [
    maintenance(10, "00:30", "02:00", reason="new disks"),
    maintenance(11, "00:00", "01:00", status="pending"),
]


def working(**keys: Any) -> dict[str, Any]:
    result = judged(promise(limit="5"), EVIDENCE, EXCLUSIONS, **keys)
    return document(result)


def plain(value: object) -> bool:
    if isinstance(value, dict):
        return all(isinstance(key, str) and plain(one) for key, one in value.items())
    if isinstance(value, list):
        return all(map(plain, value))
    return value is None or type(value) in (str, int, bool)


def test_only_plain_values_stand_in_a_working() -> None:
    assert plain(working())
    assert plain(working(as_of=START + 86400))
    assert plain(document(judged(promise(method=RequestRatio()), Evidence())))


def test_a_working_survives_json_and_is_the_same_every_time() -> None:
    first, second = (json.dumps(working(), sort_keys=True) for _ in range(2))
    assert first == second
    assert json.loads(first) == working()


def test_every_key_is_described() -> None:
    described = set(re.findall(r"`([a-z_]+)`", DOCS.read_text(encoding="utf-8")))
    assert set(working()) <= described
    for part in ("commitment", "contract", "period", "totals", "coverage", "budget", "resolution", "credit"):
        assert set(working()[part]) <= described
    for part in ("intervals", "outages", "exclusions", "steps"):
        assert {key for one in working()[part] for key in one} <= described


def test_the_figures_are_those_of_the_result() -> None:
    found = working()
    assert found["totals"] == {
        "period": 2592000,
        "excluded": 5400,
        "unknown": 86400 + 29 * 60,
        "held": 60,
        "remaining": 0,
        "eligible": 2592000 - 5400 - 86400 - 29 * 60,
        "downtime": "5400",
    }
    assert found["attained"]["display"] == "99.783"
    assert (found["credit"]["percent_exact"], found["credit"]["amount_text"]) == ("10", "100.00")


def test_the_pieces_say_what_they_are_and_why() -> None:
    pieces = [(one["class"], one["reason"]) for one in working()["intervals"]]
    assert pieces == [
        ("up", None),
        ("down", "down"),
        ("degraded", "degraded"),
        ("unknown", "probe_gap"),
        ("up", None),
        ("down", "down"),
        ("excluded", None),
        ("up", None),
        ("unknown", "reported"),
        ("up", None),
    ]


def test_every_exclusion_is_listed_with_what_became_of_it() -> None:
    assert [(one["accepted"], one["reason"], one["note"]) for one in working()["exclusions"]] == [
        (True, None, "new disks"),
        (False, "not_approved", None),
    ]


def test_the_receipt_runs_from_the_seconds_of_the_period_to_the_credit() -> None:
    keys = [one["key"] for one in working()["steps"]]
    order = ["period", "excluded", "unknown", "held", "remaining", "eligible", "downtime", "coverage", "attained"]
    assert keys[: len(order)] == order
    assert keys[-1] == "amount_minor"


def test_methods_that_count_requests_say_what_they_counted() -> None:
    classes = (RequestClass("ok", 995, Fraction(1)), RequestClass("error", 5, Fraction(0)))
    found = document(judged(promise(method=RequestRatio()), Evidence(classes=classes)))
    details: Any = found["details"]
    assert [(one["key"], one["value"]) for one in details][:2] == [("good_weight", "995"), ("total_weight", "1000")]


def test_an_outage_names_its_incident() -> None:
    assert [one["event"] for one in working()["outages"]] == [None, "i-1"]


def test_the_yearly_cap_used_is_handed_on() -> None:
    yearly = ExclusionType("maintenance", cap_seconds=3600, cap_per="year")
    found = document(judged(promise(types=(yearly,)), EVIDENCE, EXCLUSIONS))
    assert found["used_caps"] == [{"type": "maintenance", "year": 2026, "seconds": 3600}]


@given(st.integers(0, 3), st.integers(0, 9))
def test_what_is_displayed_is_never_more_than_what_was_attained(decimals: int, minutes: int) -> None:
    line = replace(LINE, display_decimals=decimals)
    evidence = Evidence(outages=(outage(10, "10:00", f"10:0{minutes}"),))
    shown: Any = document(judged(promise(), evidence, line=line))["attained"]
    assert Fraction(shown["display"]) <= Fraction(shown["exact"])
