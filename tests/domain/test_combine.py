"""Several commitments' credits become one."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.promises.combine import CreditShare, combine
from portal.domain.promises.settlement import Combine


def share(commitment: str, component: str, credit: int, event: str | None = "e1", fee: int = 1000) -> CreditShare:
    return CreditShare(commitment, component, Fraction(fee), Fraction(credit), event)


API_UP, API_FAST, DB_UP = share("up", "api", 100), share("fast", "api", 250), share("up", "db", 300, "e2", 500)


@pytest.mark.parametrize(
    ("policy", "cap", "credit"),
    [
        ("highest", None, 300),
        ("highest_per_component", "100", 550),
        ("highest_per_component", "30", 450),
        ("highest_per_event", None, 550),
        ("sum", None, 650),
        ("sum_capped", "10", 150),
    ],
)
def test_each_policy_counts_its_shares(policy: str, cap: str | None, credit: int) -> None:
    rule = Combine(policy, None if cap is None else Fraction(cap))
    result = combine(rule, [API_UP, API_FAST, DB_UP])
    assert (result.total_fee, result.credit) == (1500, credit)


def test_what_was_counted_names_its_events() -> None:
    result = combine(Combine(), [API_UP, API_FAST, DB_UP])
    assert result.counted == (API_FAST, DB_UP)
    assert [one.event for one in result.counted] == ["e1", "e2"]


def test_shares_without_an_event_are_events_of_their_own() -> None:
    apart = [share("a", "api", 10, None), share("b", "api", 20, None), share("c", "api", 5), share("d", "api", 7)]
    assert combine(Combine("highest_per_event", None), apart).credit == 37


def test_nothing_is_owed_for_nothing() -> None:
    result = combine(Combine(), [])
    assert (result.total_fee, result.credit, result.counted) == (0, 0, ())


shares = st.lists(
    st.builds(
        share,
        st.sampled_from(["up", "fast"]),
        st.sampled_from(["api", "db"]),
        st.integers(0, 2000),
        st.sampled_from(["e1", "e2", None]),
    )
)
caps = st.none() | st.fractions(min_value=1, max_value=100)


@settings(max_examples=50)
@given(shares, caps)
def test_no_policy_gives_less_than_the_highest_or_more_than_the_sum(
    each: list[CreditShare], cap: Fraction | None
) -> None:
    highest = combine(Combine("highest", cap), each).uncapped
    total = combine(Combine("sum", None), each).uncapped
    for policy in ("highest_per_component", "highest_per_event", "sum_capped"):
        result = combine(Combine(policy, cap), each)
        assert highest <= result.uncapped <= total
        assert result.credit == (result.uncapped if cap is None else min(result.uncapped, cap * result.total_fee / 100))


@given(st.permutations([API_UP, API_FAST, DB_UP]))
def test_the_order_of_shares_does_not_matter(each: list[CreditShare]) -> None:
    for policy in ("highest", "sum", "sum_capped", "highest_per_component", "highest_per_event"):
        rule = Combine(policy, Fraction(20))
        assert combine(rule, each).credit == combine(rule, [API_UP, API_FAST, DB_UP]).credit
