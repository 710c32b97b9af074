"""Random worked cases in the vectors' flat form; the same seed is always the same case."""

from random import Random
from typing import Any

from tests.oracle.observations import random_evidence, random_exclusions
from tests.oracle.places import Jump, random_place
from tests.oracle.promises import random_contract

Object = dict[str, Any]


def random_case(seed: int, jump: Jump | None = None) -> Object:
    """The worked case of a seed, placed around a given clock change or a random one."""
    dice = Random(seed)
    place = random_place(dice, jump)
    contract = random_contract(dice, place)
    return {
        "kind": "availability",
        "contract": contract,
        "observations": random_evidence(dice, place, contract["methodology"]),
        "exclusions": random_exclusions(dice, place),
    }
