"""The terms of an agreement: what they say, what they mean when they are silent, and what is refused."""

import copy
import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.documents.canonical import digest
from portal.domain.promises.credit_schedule import Days, Money, PerUnit, Tiers
from portal.domain.promises.lint import lint_terms
from portal.domain.promises.methodology import Continuous, Percentile, Quorum, ResponseTime, Slots
from portal.domain.promises.terms import (
    InvalidDocument,
    Terms,
    from_flat,
    parse_terms,
    publishing_problems,
    to_document,
)
from tests.domain.agreements import availability, gold_terms, promising

VECTORS = Path(__file__).parents[1] / "vectors"
PRESETS = json.loads((VECTORS / "presets.json").read_text())["presets"]
FLAT = [
    (case["id"], case[key])
    for case in json.loads((VECTORS / "sla.json").read_text())["vectors"]
    for key in ("contract", "contract_old", "contract_new")
    if key in case
]

EVERY_KEY: dict[str, Any] = {
    "schema": "sla-terms/1",
    "id": "acme-gold",
    "version": {"number": 3, "effective_from": "2026-06-01"},
    "timezone": "Europe/Paris",
    "period": {"kind": "billing_month", "anchor_day": 31},
    "partial_period": "assume_up",
    "version_change": "customer_best",
    "commitments": [
        {
            "id": "availability",
            "component": "api",
            "measured": "requests answered",
            "target_percent": "99.90",
            "comparison": {"precision": 2, "rounding": "down"},
            "methodology": {
                "type": "slots",
                "slot_seconds": 60,
                "down_when": "majority",
                "min_consecutive_slots": 5,
                "min_outage_seconds": 300,
                "min_outage_op": ">",
                "count_from": "threshold",
                "basis": "counted",
                "merge_gap_seconds": 30,
                "gap_counts": "down",
                "clock_start": "reported",
                "severity_weights": {"degraded": "1/2"},
                "max_gap_seconds": 120,
                "confirm_failures": 2,
                "confirm_successes": 3,
                "outage_begins": "confirmation",
                "outage_ends": "confirmation",
                "quorum": {"mode": "majority_of_known", "known_at_least": 2},
            },
            "unknown_policy": {"treat_as": "up", "max_unknown_percent": "10/3"},
            "exclusions_policy": {
                "mode": "count_as_up",
                "types": {
                    "force_majeure": {},
                    "scheduled_maintenance": {
                        "notice_seconds": 172800,
                        "notice_shortfall": "partial",
                        "cap_seconds": 14400,
                        "cap_per": "year",
                        "cap_counts": "downtime",
                    },
                },
            },
            "credit_schedule": {
                "type": "tiers",
                "requires_breach": False,
                "cap_percent": "50",
                "cap_amount": "500.00 EUR",
                "min_credit_exclusive": "1.00 EUR",
                "tiers": [
                    {"below": "95", "percent": "50"},
                    {"below": "99.9", "inclusive": True, "percent": "10"},
                ],
            },
        }
    ],
    "fee_proration": "days",
    "money_rounding": "half_even",
    "combine": {"policy": "sum_capped", "cap_percent": "30"},
    "claim": {"required": True, "deadline": {"type": "business_days_after_period_end", "days": 7}},
    "restatement": {"policy": "frozen", "dispute_days": 60},
    "display_decimals": 2,
}


def problems_of(document: object) -> dict[str, str]:
    with pytest.raises(InvalidDocument) as refused:
        parse_terms(document)
    return {problem.path: problem.sentence for problem in refused.value.problems}


def as_yaml_reads_it(value: object) -> object:
    """The document as a YAML reader gives it that leaves every scalar a string (D4)."""
    if isinstance(value, dict):
        return {key: as_yaml_reads_it(item) for key, item in value.items()}
    if isinstance(value, list):
        return [as_yaml_reads_it(item) for item in value]
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset["id"])
def test_every_preset_is_read_and_its_whole_form_reads_back_unchanged(preset: dict[str, Any]) -> None:
    terms = parse_terms(preset["terms"])
    whole = to_document(terms)
    assert parse_terms(whole) == terms
    assert to_document(parse_terms(whole)) == whole
    assert terms.id == preset["id"]


@pytest.mark.parametrize(("case", "flat"), FLAT, ids=[case for case, _ in FLAT])
def test_every_worked_contract_is_read(case: str, flat: dict[str, Any]) -> None:
    pieces = from_flat(flat)
    assert pieces.commitment.target == Fraction(flat["target_percent"])
    assert pieces.line.monthly_fee == Fraction(flat["monthly_fee"]["amount"])
    assert pieces.line.currency == flat["monthly_fee"]["currency"]
    assert pieces.commitment.methodology.type == flat["methodology"]["type"]
    assert pieces.commitment.credit_schedule.type == flat["credit_schedule"]["type"]


def test_every_key_is_kept() -> None:
    whole: Any = to_document(parse_terms(EVERY_KEY))
    promise, schedule = whole["commitments"][0], whole["commitments"][0]["credit_schedule"]
    assert {key: whole[key] for key in EVERY_KEY if key not in ("commitments", "claim")} == {
        key: value for key, value in EVERY_KEY.items() if key not in ("commitments", "claim")
    }
    assert promise["methodology"] == EVERY_KEY["commitments"][0]["methodology"] | {
        "severity_weights": {"degraded": "0.5", "down": "1"}
    }
    assert promise["target_percent"] == "99.90"
    assert schedule["cap_amount"] == "500.00 EUR"
    assert promise["exclusions_policy"]["types"]["scheduled_maintenance"]["cap_per"] == "year"


def test_terms_read_as_text_from_yaml_are_the_same_terms() -> None:
    assert parse_terms(as_yaml_reads_it(EVERY_KEY)) == parse_terms(EVERY_KEY)
    for preset in PRESETS:
        terms = parse_terms(preset["terms"])
        assert parse_terms(as_yaml_reads_it(to_document(terms))) == terms


def test_the_digest_does_not_depend_on_order_or_on_defaults_left_out() -> None:
    terms = parse_terms(gold_terms())
    turned = dict(reversed(to_document(terms).items()))
    assert digest(to_document(parse_terms(turned))) == digest(to_document(terms))


def test_silence_means_the_documented_defaults() -> None:
    terms = parse_terms(gold_terms())
    promise = terms.commitments[0]
    assert (terms.partial_period, terms.version_change) == ("existing_portion", "start_version")
    assert (terms.fee_proration, terms.money_rounding, terms.display_decimals) == ("none", "half_up", 3)
    assert (terms.combine.policy, terms.combine.cap_percent) == ("highest_per_component", 100)
    assert (terms.claim.required, terms.claim.deadline.type) == (False, "automatic")
    assert terms.restatement.policy == "no_clawback"
    assert promise.comparison.precision is None
    assert (promise.unknown_policy.treat_as, promise.unknown_policy.max_unknown_percent) == ("exclude", None)
    assert (promise.exclusions_policy.mode, promise.exclusions_policy.types) == ("remove", ())
    assert isinstance(promise.methodology, Continuous)
    assert promise.methodology.detection.confirm_failures == 1
    assert promise.methodology.detection.max_gap_seconds is None
    assert promise.methodology.detection.quorum == Quorum("at_least", 1, 1)
    assert promise.methodology.outage.weight("down") == 1
    assert promise.methodology.outage.weight("degraded") == 0
    assert promise.credit_schedule.requires_breach


def test_the_old_name_probe_is_continuous_with_detection() -> None:
    terms = parse_terms(promising(methodology={"type": "probe", "confirm_failures": 2}))
    method = terms.commitments[0].methodology
    assert isinstance(method, Continuous)
    assert (method.type, method.detection.confirm_failures) == ("probe", 2)


def test_amounts_name_their_currency() -> None:
    schedule = {"type": "none", "cap_amount": "500.00 EUR", "min_credit_exclusive": "1.00 EUR"}
    terms = parse_terms(promising(credit_schedule=schedule))
    assert terms.commitments[0].credit_schedule.cap_amount == Money(Fraction(500), "500.00", "EUR")
    assert publishing_problems(terms) == ()


def test_an_amount_without_currency_means_each_contracts_own_and_is_doubted_before_publishing() -> None:
    terms = parse_terms(promising(credit_schedule={"type": "none", "cap_amount": "500.00"}))
    (doubt,) = lint_terms(terms)
    assert publishing_problems(terms) == ()
    assert doubt.path == "commitments[0].credit_schedule.cap_amount"
    assert "currency" in doubt.sentence


def test_unknown_time_as_up_without_a_limit_is_not_published() -> None:
    silent = parse_terms(promising(unknown_policy={"treat_as": "up"}))
    limited = parse_terms(promising(unknown_policy={"treat_as": "up", "max_unknown_percent": "5"}))
    (problem,) = publishing_problems(silent)
    assert problem.path == "commitments[0].unknown_policy.max_unknown_percent"
    assert publishing_problems(limited) == ()


def test_schedules_read_what_they_pay() -> None:
    days = {"type": "days", "tiers": [{"below": "99.9", "days": 3}], "day_divisor": "30"}
    unit = {"type": "per_unit", "unit_seconds": 60, "days_per_unit": "1/2", "rounding": "ceil", "scope": "total"}
    by_day = parse_terms(promising(credit_schedule=days)).commitments[0].credit_schedule
    by_unit = parse_terms(promising(credit_schedule=unit)).commitments[0].credit_schedule
    assert isinstance(by_day, Days)
    assert (by_day.tiers[0].days, by_day.day_divisor) == (3, 30)
    assert isinstance(by_unit, PerUnit)
    assert (by_unit.days_per_unit, by_unit.percent_per_unit, by_unit.day_divisor) == (Fraction(1, 2), None, None)


def test_several_sites_keep_business_hours_together() -> None:
    site = {"timezone": "Asia/Tokyo", "hours": {"mon": [["09:00", "24:00"]]}, "holidays": ["2026-01-01"]}
    method = {"type": "response_time", "target_seconds": 60, "calendar": {"sites": [site, site]}}
    promise = parse_terms(promising(methodology=method)).commitments[0].methodology
    assert isinstance(promise, ResponseTime)
    assert promise.calendar is not None
    assert promise.calendar.sites[0].hours[0] == ((540, 1440),)
    assert len(promise.calendar.sites) == 2


def test_around_the_clock_is_written_as_null() -> None:
    for null in (None, "null"):
        method = {"type": "response_time", "target_seconds": 60, "calendar": null}
        promise = parse_terms(promising(methodology=method)).commitments[0].methodology
        assert isinstance(promise, ResponseTime)
        assert promise.calendar is None


def test_all_problems_are_told_at_once() -> None:
    told = problems_of(gold_terms(timezone="Mars/Olympus", display_decimals=-1, colour="red"))
    assert set(told) == {"timezone", "display_decimals", "colour"}


TIER = {"below": "99.9", "percent": "10"}


def tiers(*rows: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"credit_schedule": {"type": "tiers", "tiers": list(rows)} | more}


def maintenance(**keys: Any) -> dict[str, Any]:
    return {"exclusions_policy": {"types": {"scheduled_maintenance": keys}}}


MAINTENANCE = "commitments[0].exclusions_policy.types.scheduled_maintenance"


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"target_percent": 99.9}, "commitments[0].target_percent"),
        ({"target_percent": 99}, "commitments[0].target_percent"),
        ({"target_percent": "99,9"}, "commitments[0].target_percent"),
        ({"target_percent": "+99.9"}, "commitments[0].target_percent"),
        ({"target_percent": "9.99e1"}, "commitments[0].target_percent"),
        ({"target_percent": "100.1"}, "commitments[0].target_percent"),
        ({"target_percent": "-1"}, "commitments[0].target_percent"),
        ({"target_percent": "0"}, "commitments[0].target_percent"),
        ({"target_percent": "1/0"}, "commitments[0].target_percent"),
        ({"target_percent": "٩٩"}, "commitments[0].target_percent"),
        ({"target": "99.9"}, "commitments[0].target"),
        ({"id": ""}, "commitments[0].id"),
        ({"id": "a b"}, "commitments[0].id"),
        ({"measured": "a\x00b"}, "commitments[0].measured"),
        ({"measured": "x" * 501}, "commitments[0].measured"),
        ({"measured": "x" * 100_000}, "commitments[0].measured"),
        ({"comparison": {"precision": 2}}, "commitments[0].comparison.rounding"),
        ({"comparison": {"rounding": "down"}}, "commitments[0].comparison.rounding"),
        ({"comparison": {"precision": True, "rounding": "down"}}, "commitments[0].comparison.precision"),
        ({"methodology": {"type": "guess"}}, "commitments[0].methodology.type"),
        ({"methodology": "continuous"}, "commitments[0].methodology"),
        ({"methodology": {"type": "continuous", "slot_seconds": 60}}, "commitments[0].methodology.slot_seconds"),
        ({"methodology": {"type": "slots"}}, "commitments[0].methodology.slot_seconds"),
        ({"methodology": {"type": "slots", "slot_seconds": 0}}, "commitments[0].methodology.slot_seconds"),
        ({"methodology": {"type": "slots", "slot_seconds": True}}, "commitments[0].methodology.slot_seconds"),
        ({"methodology": {"type": "slots", "slot_seconds": "060"}}, "commitments[0].methodology.slot_seconds"),
        (
            {"methodology": {"type": "mean_error_rate", "slot_seconds": 60, "empty": "skip", "basis": "raw"}},
            "commitments[0].methodology.basis",
        ),
        ({"methodology": {"type": "mean_error_rate", "slot_seconds": 60}}, "commitments[0].methodology.empty"),
        (
            {"methodology": {"type": "continuous", "severity_weights": {"down": "2"}}},
            "commitments[0].methodology.severity_weights.down",
        ),
        (
            {"methodology": {"type": "continuous", "quorum": {"down_at_least": 0}}},
            "commitments[0].methodology.quorum.down_at_least",
        ),
        (
            {"methodology": {"type": "continuous", "quorum": {"mode": "majority_of_known", "down_at_least": 1}}},
            "commitments[0].methodology.quorum.down_at_least",
        ),
        ({"methodology": {"type": "response_time", "target_seconds": 60}}, "commitments[0].methodology.calendar"),
        (
            {"methodology": {"type": "percentile", "percentile": "101", "threshold_ms": 5}},
            "commitments[0].methodology.percentile",
        ),
        ({"unknown_policy": {"treat_as": "fine"}}, "commitments[0].unknown_policy.treat_as"),
        (
            {"unknown_policy": {"treat_as": "up", "max_unknown_percent": 5}},
            "commitments[0].unknown_policy.max_unknown_percent",
        ),
        (maintenance(cap_per="year"), f"{MAINTENANCE}.cap_per"),
        (maintenance(cap_counts="downtime"), f"{MAINTENANCE}.cap_counts"),
        (maintenance(cap_seconds=14400), f"{MAINTENANCE}.cap_per"),
        (maintenance(cap_seconds=-1, cap_per="year"), f"{MAINTENANCE}.cap_seconds"),
        (maintenance(notice_shortfall="partial"), f"{MAINTENANCE}.notice_shortfall"),
        (maintenance(notice_seconds=10**12), f"{MAINTENANCE}.notice_seconds"),
        (tiers(TIER, TIER), "commitments[0].credit_schedule.tiers[1].below"),
        (tiers(TIER, TIER | {"below": "99.90"}), "commitments[0].credit_schedule.tiers[1].below"),
        (tiers(TIER, TIER | {"inclusive": True}), "commitments[0].credit_schedule.tiers[1].below"),
        (tiers(TIER | {"below": 99.9}), "commitments[0].credit_schedule.tiers[0].below"),
        (tiers(TIER | {"from": "99"}), "commitments[0].credit_schedule.tiers[0].from"),
        (tiers(), "commitments[0].credit_schedule.tiers"),
        (tiers(TIER, cap="50"), "commitments[0].credit_schedule.cap"),
        (tiers(TIER, cap_amount="500.00 XXY"), "commitments[0].credit_schedule.cap_amount"),
        (tiers(TIER, cap_amount="EUR"), "commitments[0].credit_schedule.cap_amount"),
        (tiers(TIER, cap_amount=500), "commitments[0].credit_schedule.cap_amount"),
        (tiers(TIER, cap_amount="500.00  EUR"), "commitments[0].credit_schedule.cap_amount"),
        (
            tiers(TIER, cap_amount="500.00 EUR", min_credit_exclusive="1.00 USD"),
            "commitments[0].credit_schedule.min_credit_exclusive",
        ),
        (tiers(TIER, requires_breach="yes"), "commitments[0].credit_schedule.requires_breach"),
        ({"credit_schedule": {"type": "gift"}}, "commitments[0].credit_schedule.type"),
        (
            {"credit_schedule": {"type": "per_unit", "unit_seconds": 60, "rounding": "ceil", "scope": "total"}},
            "commitments[0].credit_schedule",
        ),
        (
            {"credit_schedule": {"type": "breach_count", "tiers": [{"at_least": 0, "percent": "5"}]}},
            "commitments[0].credit_schedule.tiers[0].at_least",
        ),
    ],
)
def test_a_promise_that_cannot_be_meant_is_refused_with_path_and_sentence(changes: dict[str, Any], path: str) -> None:
    told = problems_of(promising(**changes))
    assert list(told) == [path]
    assert told[path].endswith((".", "?"))


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"schema": "sla-terms/2"}, "schema"),
        ({"timezone": "Europe/Atlantis"}, "timezone"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
        ({"timezone": ""}, "timezone"),
        ({"version": {"number": 1, "effective_from": "2026-02-30"}}, "version.effective_from"),
        ({"version": {"number": 1, "effective_from": "soon"}}, "version.effective_from"),
        ({"version": {"number": 0, "effective_from": "2026-01-01"}}, "version.number"),
        ({"version": {"effective_from": "2026-01-01"}}, "version.number"),
        ({"period": {"kind": "fortnight"}}, "period.kind"),
        ({"period": {"kind": "billing_month"}}, "period.anchor_day"),
        ({"period": {"kind": "billing_month", "anchor_day": 32}}, "period.anchor_day"),
        ({"period": {"kind": "fiscal_quarter"}}, "period.fiscal_year_start_month"),
        ({"period": {"kind": "rolling"}}, "period.seconds"),
        ({"period": {"kind": "calendar_month", "anchor_day": 1}}, "period.anchor_day"),
        ({"period": {"kind": "custom", "start": "2026-02-01", "end": "2026-01-01"}}, "period.end"),
        ({"combine": {"policy": "sum", "cap_percent": "10"}}, "combine.cap_percent"),
        ({"combine": {"policy": "sum_capped"}}, "combine.cap_percent"),
        ({"claim": {"required": True}}, "claim.deadline"),
        ({"claim": {"required": True, "deadline": {"type": "days_after_incident"}}}, "claim.deadline.days"),
        ({"restatement": {"policy": "frozen"}}, "restatement.dispute_days"),
        ({"commitments": []}, "commitments"),
        ({"commitments": {}}, "commitments"),
        ({"commitments": [availability(), availability()]}, "commitments[1].id"),
        ({"display_decimals": 3.0}, "display_decimals"),
        ({"display_decimals": "3 "}, "display_decimals"),
        ({"monthly_fee": "100"}, "monthly_fee"),
        ({"id": "x" * 65}, "id"),
        ({"id": None}, "id"),
    ],
)
def test_an_agreement_that_cannot_be_meant_is_refused_with_path_and_sentence(
    changes: dict[str, Any], path: str
) -> None:
    told = problems_of(gold_terms(**changes))
    assert list(told) == [path]
    assert told[path].endswith((".", "?"))


@pytest.mark.parametrize("document", [None, [], "terms", 3, b"terms"])
def test_what_is_no_object_is_refused(document: object) -> None:
    assert problems_of(document)


def test_a_missing_key_is_named() -> None:
    told = problems_of({"schema": "sla-terms/1"})
    assert {"id", "version", "timezone", "period", "commitments"} <= set(told)


def test_business_hours_that_cannot_be_meant_are_refused() -> None:
    def refused(hours: object) -> dict[str, str]:
        calendar = {"timezone": "Europe/Paris", "hours": hours}
        method = {"type": "response_time", "target_seconds": 60, "calendar": calendar}
        return problems_of(promising(methodology=method))

    path = "commitments[0].methodology.calendar.hours"
    assert list(refused({})) == [path]
    assert list(refused({"mon": [["17:00", "09:00"]]})) == [f"{path}.mon[0]"]
    assert list(refused({"mon": [["09:00", "25:00"]]})) == [f"{path}.mon[0]"]
    assert list(refused({"mon": [["09:00", "12:00"], ["11:00", "13:00"]]})) == [f"{path}.mon"]
    assert list(refused({"mon": [["09:00", "12:00"]], "someday": []})) == [f"{path}.someday"]
    assert list(refused({"mon": [["09:00"]]})) == [f"{path}.mon[0]"]


def test_the_flat_form_is_not_accepted_as_terms() -> None:
    assert problems_of(FLAT[0][1])


def test_the_flat_form_refuses_what_terms_refuse() -> None:
    flat = dict(FLAT[0][1]) | {"target_percent": 99.9}
    with pytest.raises(InvalidDocument) as refused:
        from_flat(flat)
    assert refused.value.problems[0].path == "target_percent"


def test_tiers_are_kept_from_the_highest_bound_down() -> None:
    rows = [{"below": "95", "percent": "50"}, {"below": "99.9", "percent": "10"}]
    schedule = parse_terms(promising(**tiers(*rows))).commitments[0].credit_schedule
    assert isinstance(schedule, Tiers)
    assert [tier.below for tier in schedule.tiers] == [Fraction("99.9"), Fraction(95)]


def test_a_percentile_promise_and_slots_are_read() -> None:
    method = {"type": "percentile", "percentile": "95", "threshold_ms": 300, "slot_seconds": 300}
    promise = parse_terms(promising(methodology=method)).commitments[0].methodology
    assert promise == Percentile(Fraction(95), 300, 300)
    slots = parse_terms(promising(methodology={"type": "slots", "slot_seconds": 60})).commitments[0].methodology
    assert isinstance(slots, Slots)
    assert (slots.down_when, slots.min_consecutive_slots) == ("all", 1)


def test_a_schedule_of_downtime_needs_a_method_that_measures_downtime() -> None:
    method = {"type": "percentile", "percentile": "95", "threshold_ms": 300}
    told = problems_of(promising(methodology=method, credit_schedule={"type": "pro_rata", "multiplier": "1"}))
    assert list(told) == ["commitments[0].credit_schedule"]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every container of a document with every key or index in it."""
    for key, item in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        yield value, key
        if isinstance(item, dict | list):
            yield from places(item)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
junk = st.recursive(
    scalars | st.sampled_from(["60", "99.9", "1/2"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.sampled_from([EVERY_KEY, *(preset["terms"] for preset in PRESETS)]), st.data())
def test_any_value_anywhere_is_read_or_refused_with_a_sentence(document: dict[str, Any], data: st.DataObject) -> None:
    document = copy.deepcopy(document)
    container, key = data.draw(st.sampled_from(list(places(document))))
    container[key] = data.draw(junk)
    terms, sentences = read_or_refused(document)
    if terms is None:
        assert sentences
        assert all(sentence.endswith((".", "?")) for sentence in sentences)
    else:
        assert parse_terms(to_document(terms)) == terms


def read_or_refused(document: object) -> tuple[Terms | None, list[str]]:
    try:
        return parse_terms(document), []
    except InvalidDocument as refused:
        return None, [problem.sentence for problem in refused.problems]
