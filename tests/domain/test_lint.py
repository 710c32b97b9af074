"""What is doubtful in terms before they are published: every finding has a code, a path and a sentence."""

from fractions import Fraction
from typing import Any

import pytest

from portal.domain.promises.lint import Practice, lint_terms
from portal.domain.promises.terms import parse_terms
from tests.domain.agreements import availability, gold_terms, promising

CLEAN = gold_terms(claim={"required": False, "deadline": {"type": "automatic"}})


def codes(document: dict[str, Any], practice: Practice | None = None) -> list[str]:
    return [one.code for one in lint_terms(parse_terms(document), practice, document)]


def tiers(*lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    return promising(credit_schedule={"type": "tiers", "tiers": list(lines)} | more) | {"claim": CLEAN["claim"]}


def test_clean_terms_raise_no_doubt() -> None:
    assert codes(CLEAN, Practice({"api": 60}, {"availability": Fraction("99.9")})) == []


@pytest.mark.parametrize(
    ("document", "found"),
    [
        (tiers({"below": "99.5", "percent": "10"}), "gap"),
        (tiers({"below": "99.9", "inclusive": True, "percent": "10"}), "conflict_with_target"),
        (tiers({"below": "99.9", "percent": "25"}, {"below": "99", "percent": "10"}), "worse_pays_less"),
        (tiers({"below": "99.9", "percent": "60"}, cap_percent="50"), "step_above_cap"),
        (tiers({"below": "99.9", "percent": "10"}, cap_amount="5.00"), "amount_without_currency"),
        (gold_terms(), "no_claim_rule"),
        (CLEAN | {"commitments": [availability(id=f"promise-{n}") for n in range(4)]}, "many_promises"),
        (CLEAN | {"commitments": [availability(unknown_policy={"treat_as": "up"})]}, "unknown_as_up"),
    ],
)
def test_each_doubt_is_found_alone(document: dict[str, Any], found: str) -> None:
    assert codes(document) == [found]


def test_unknown_time_sold_as_up_without_a_limit_cannot_be_settled_by_a_reason() -> None:
    document = CLEAN | {"commitments": [availability(unknown_policy={"treat_as": "up"})]}
    (found,) = lint_terms(parse_terms(document))
    assert (found.blocks, found.path) == (True, "commitments[0].unknown_policy.max_unknown_percent")


def test_three_promises_are_not_too_many() -> None:
    assert codes(CLEAN | {"commitments": [availability(id=f"promise-{n}") for n in range(3)]}) == []


def test_a_tier_at_the_target_is_no_doubt_where_no_breach_is_needed() -> None:
    assert codes(tiers({"below": "99.9", "inclusive": True, "percent": "10"}, requires_breach=False)) == []


@pytest.mark.parametrize(
    ("target", "interval_s", "found"),
    [
        ("99.9", 241, []),  # 28 days allow 2419.2 s of downtime
        ("99.9", 242, ["interval_too_coarse"]),
        ("99.99", 60, ["interval_too_coarse"]),
        ("100", 1, ["interval_too_coarse"]),
    ],
)
def test_an_interval_above_a_tenth_of_the_allowed_downtime_is_too_coarse(
    target: str, interval_s: int, found: list[str]
) -> None:
    document = promising(target_percent=target, credit_schedule={"type": "none"}) | {"claim": CLEAN["claim"]}
    assert codes(document, Practice({"api": interval_s})) == found


def test_a_coarse_interval_is_told_with_the_one_that_would_do() -> None:
    (found,) = lint_terms(parse_terms(CLEAN), Practice({"api": 300}))
    assert found.sentence == (
        "api is measured every 300 s, but 99.9 % allows 2419 s of downtime; measure at least every 241 s."
    )


def test_a_target_above_what_was_attained_is_told_with_the_figure_cut_off() -> None:
    (found,) = lint_terms(parse_terms(CLEAN), Practice(attained={"availability": Fraction("99.8999999")}))
    assert found.code == "above_what_was_attained"
    assert found.sentence == "99.9 % is promised, but the lowest of the last 12 closed periods was 99.899 %."
    assert lint_terms(parse_terms(CLEAN), Practice(attained={"availability": Fraction("99.9")})) == ()


def test_a_promise_about_what_no_contract_covers_is_told() -> None:
    (found,) = lint_terms(parse_terms(CLEAN), Practice(components=frozenset({"storage"})))
    assert (found.code, found.path) == ("nothing_covered", "commitments[0].component")
    assert lint_terms(parse_terms(CLEAN), Practice(components=frozenset({"api"}))) == ()
