"""Mistakes in tables of credit ranges."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.promises.credit_schedule import Tier
from portal.domain.promises.tier_lint import Stretch, lint_ranges, lint_tiers

NINES = Fraction("99.9")


def stretch(text: str) -> Stretch:
    """A stretch written as mathematicians do: "[99, 99.9)"."""
    low, high = text[1:-1].split(", ")
    return Stretch(Fraction(low), text[0] == "[", Fraction(high), text[-1] == "]")


def told(target: Fraction, *ranges: str) -> list[str]:
    findings = lint_ranges(target, [stretch(one) for one in ranges])
    return [f"{one.flaw.value} {shown(one.stretch)}" for one in findings]


def shown(one: Stretch) -> str:
    low, high = float(one.from_), float(one.to)
    return f"{'[' if one.from_incl else '('}{low:g}, {high:g}{']' if one.to_incl else ')'}"


@pytest.mark.parametrize(
    ("ranges", "findings"),
    [
        (["[99, 99.9)", "[95, 99)", "[0, 95)"], []),
        (["[99, 99.5)", "[0, 99)"], ["gap [99.5, 99.9)"]),
        (["(99, 99.9)", "[0, 99)"], ["gap [99, 99]"]),
        (["[98, 99.9)", "[0, 99)"], ["overlap [98, 99)"]),
        (["[99, 99.9)", "[0, 99]"], ["overlap [99, 99]"]),
        (["[0, 99.9]"], ["conflict_with_target [99.9, 99.9]"]),
        (["[0, 100]"], ["conflict_with_target [99.9, 99.9]"]),
        ([], ["gap [0, 99.9)"]),
        (["[97.99, 99.8]", "[10, 97.98]"], ["gap [0, 10)", "gap (97.98, 97.99)", "gap (99.8, 99.9)"]),
        (["[0, 99.9]", "[0, 99.9]"], ["overlap [0, 99.9]", "conflict_with_target [99.9, 99.9]"]),
    ],
)
def test_gaps_overlaps_and_credit_at_the_target_are_found(ranges: list[str], findings: list[str]) -> None:
    assert told(NINES, *ranges) == findings


def test_canonical_tiers_can_only_miss_or_pass_the_target() -> None:
    short = [Tier(Fraction(99), Fraction(10)), Tier(Fraction(95), Fraction(25))]
    passing = [Tier(NINES, Fraction(10), inclusive=True)]
    assert [one.flaw.value for one in lint_tiers(NINES, short)] == ["gap"]
    assert [one.flaw.value for one in lint_tiers(NINES, passing)] == ["conflict_with_target"]
    assert lint_tiers(NINES, [Tier(NINES, Fraction(10)), *short]) == ()


tenths = st.integers(0, 100).map(lambda n: Fraction(n, 10))
ranges = st.lists(
    st.builds(
        lambda ends, low_in, high_in: Stretch(min(ends), low_in, max(ends), high_in),
        st.tuples(tenths, tenths),
        st.booleans(),
        st.booleans(),
    ),
    max_size=5,
)


def inside(one: Stretch, value: Fraction) -> bool:
    return (one.from_ < value or (one.from_incl and one.from_ == value)) and (
        value < one.to or (one.to_incl and value == one.to)
    )


@settings(max_examples=50)
@given(tenths, ranges)
def test_every_point_is_in_a_finding_exactly_when_it_is_flawed(target: Fraction, table: list[Stretch]) -> None:
    findings = lint_ranges(target, table)
    for twentieth in range(int(target * 20) + 1):
        point = Fraction(twentieth, 20)
        covers = sum(inside(one, point) for one in table)
        flaws = {one.flaw.value for one in findings if inside(one.stretch, point)}
        expected = {"gap"} if covers == 0 and point < target else set()
        expected |= {"overlap"} if covers > 1 else set()
        expected |= {"conflict_with_target"} if covers and point == target else set()
        assert flaws == expected
