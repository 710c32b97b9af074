"""What changed between two versions: a sentence before and after, and what it means where that always holds."""

import random
from fractions import Fraction
from typing import Any

import pytest

from portal.domain.promises.commitment import Commitment
from portal.domain.promises.terms import Terms, parse_terms, to_document
from portal.usecases.wording.differences import changes
from portal.usecases.wording.effects import Effect
from portal.usecases.wording.example import example_line, example_period, judged, named_currency
from portal.usecases.wording.imagined import imagined_periods
from tests.domain.agreements import availability, gold_terms, promising
from tests.usecases.wording.agreements import every_kind
from tests.usecases.wording.test_schema_walk import variants

CASES_A_CHANGE = 3
OTHERWISE = "A contract may say otherwise."
WHOLE_FEE = f"The fee of a period is the whole fee, even if the service existed for part of it. {OTHERWISE}"
FEE_BY_DAYS = f"The fee of a period is reduced to the days on which the service existed. {OTHERWISE}"
FEE_BY_SECONDS = f"The fee of a period is reduced to the seconds in which the service existed. {OTHERWISE}"


def told(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str]]:
    return [(one.before, one.after, one.effect.value) for one in changes(parse_terms(before), parse_terms(after))]


def tiered(**schedule: Any) -> dict[str, Any]:
    return promising(credit_schedule={"type": "tiers", "tiers": [{"below": "99.9", "percent": "10"}]} | schedule)


def test_equal_versions_have_no_difference() -> None:
    assert told(gold_terms(), gold_terms(version={"number": 4, "effective_from": "2027-01-01"})) == []


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (
            promising(),
            promising(target_percent="99.95"),
            ("We promise 99.9 % in every period.", "We promise 99.95 % in every period.", "better"),
        ),
        (
            promising(target_percent="99.9"),
            promising(target_percent="99.90"),
            ("We promise 99.9 % in every period.", "We promise 99.90 % in every period.", "same"),
        ),
        (tiered(), tiered(cap_percent="50"), ("", "The credit is at most 50 % of the month's fee.", "worse")),
        (
            tiered(),
            tiered(tiers=[{"below": "99.9", "percent": "10"}, {"below": "99", "percent": "25"}]),
            (
                "You get 10 % of the month's fee below 99.9 %.",
                "You get 10 % of the month's fee below 99.9 %, 25 % below 99 %.",
                "better",
            ),
        ),
        (
            tiered(),
            tiered(tiers=[{"below": "99.9", "percent": "5"}, {"below": "99", "percent": "25"}]),
            (
                "You get 10 % of the month's fee below 99.9 %.",
                "You get 5 % of the month's fee below 99.9 %, 25 % below 99 %.",
                "depends",
            ),
        ),
        (
            gold_terms(),
            gold_terms(claim={"required": True, "deadline": {"type": "days_after_period_end", "days": 30}}),
            (
                "You need not ask for a credit: it is given by itself.",
                "A credit is paid only when you claim it, within 30 days after the period's last day.",
                "worse",
            ),
        ),
        (
            gold_terms(),
            gold_terms(fee_proration="days"),
            (
                WHOLE_FEE,
                FEE_BY_DAYS,
                "worse",
            ),
        ),
        (
            gold_terms(fee_proration="days"),
            gold_terms(fee_proration="seconds"),
            (
                FEE_BY_DAYS,
                FEE_BY_SECONDS,
                "depends",
            ),
        ),
    ],
)
def test_a_change_is_told_before_and_after_with_its_meaning(
    before: dict[str, Any], after: dict[str, Any], line: tuple[str, str, str]
) -> None:
    assert told(before, after) == [line]


def test_a_promise_that_is_added_or_gone_is_told_whole() -> None:
    two = gold_terms(commitments=[availability(), availability(id="latency", target_percent="95")])
    (added,) = changes(parse_terms(gold_terms()), parse_terms(two))
    assert (added.promise, added.before, added.effect) == ("latency", "This promise was not made.", Effect.BETTER)
    assert added.after.startswith("We promise 95 % in every period. Counted as down: every second of every outage.")
    (gone,) = changes(parse_terms(two), parse_terms(gold_terms()))
    assert (gone.promise, gone.after, gone.effect) == ("latency", "This promise is no longer made.", Effect.WORSE)


@pytest.mark.slow
def test_every_difference_is_told_and_better_never_pays_less_whatever_is_imagined() -> None:
    """Each single change of every kind of terms: it is told, and the engine pays as its meaning says."""
    chance = random.Random(7)
    tried = 0
    for focus, base in every_kind():
        plain = parse_terms(base)
        for path, terms in variants(to_document(plain), focus):
            if terms == plain or path[0] in ("version", "id"):
                continue
            told_changes = changes(plain, terms)
            assert told_changes, path
            if len(told_changes) == 1 and chance.random() < 0.25:
                tried += pays_as_told(plain, terms, told_changes[0].effect)
    assert tried > 50


def pays_as_told(before: Terms, after: Terms, effect: Effect) -> int:
    currency = named_currency(after) or named_currency(before) or "EUR"
    pairs = [
        (paid(before, one, case, currency), paid(after, after.commitments[0], case, currency))
        for one in before.commitments
        for case in range(CASES_A_CHANGE)
        if effect is not Effect.DEPENDS
    ]
    for old, new in pairs:
        assert effect is not Effect.BETTER or new >= old
        assert effect is not Effect.WORSE or new <= old
        assert effect is not Effect.SAME or new == old
    return len(pairs)


def paid(terms: Terms, commitment: Commitment, case: int, currency: str) -> Fraction:
    """The credit in percent of the fee, before rounding, of one imagined period."""
    period = example_period(terms)
    imagined = list(imagined_periods(commitment.methodology, period))[case * 2]
    credit = judged(commitment, example_line(terms, Fraction(1000), currency), period, imagined).attainment.credit
    return credit.exact or Fraction(0)
