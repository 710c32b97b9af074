"""What a restated period does to the credit already issued."""

import pytest

from portal.domain.promises.restatement import restate, window_open
from portal.domain.promises.settlement import Restatement


@pytest.mark.parametrize(
    ("policy", "issued", "recomputed", "still_open", "final", "delta"),
    [
        ("no_clawback", 25000, 0, True, 25000, 0),
        ("no_clawback", 0, 25000, False, 25000, 25000),
        ("adjust", 25000, 10000, False, 10000, -15000),
        ("adjust", 25000, 25000, False, 25000, 0),
        ("frozen", 25000, 10000, False, 25000, 0),
        ("frozen", 10000, 25000, False, 10000, 0),
        ("frozen", 25000, 10000, True, 10000, -15000),
    ],
)
def test_each_policy_says_what_stands(
    policy: str, issued: int, recomputed: int, still_open: bool, final: int, delta: int
) -> None:
    result = restate(Restatement(policy, 60), issued, recomputed, still_open)
    assert (result.final_minor, result.delta_minor) == (final, delta)


def test_the_dispute_window_ends_after_its_days() -> None:
    rule = Restatement("frozen", 60)
    assert window_open(rule, 1000, 1000 + 60 * 86400 - 1)
    assert not window_open(rule, 1000, 1000 + 60 * 86400)
    assert window_open(Restatement("adjust"), 0, 10**10)
