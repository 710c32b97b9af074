"""Estimates of services that depend on each other, assuming that they fail independently (semantics.md R51).

An estimate, never an attained figure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod

DEEPEST = 16
MOST_PARTS = 200


@dataclass(frozen=True, slots=True)
class Composite:
    """Parts joined by `serial` (all must work), `parallel` (one is enough) or `k_of_n` (k are enough)."""

    op: str
    of: "tuple[Composite | Fraction, ...]"
    k: int | None = None


def composite_percent(tree: Composite | Fraction, depth: int = 0) -> Fraction:
    """The availability of the whole in percent, exact; raises ValueError for an impossible tree."""
    if isinstance(tree, Fraction):
        if not 0 <= tree <= 100:
            raise ValueError("A percentage lies from 0 to 100.")
        return tree
    if depth >= DEEPEST or not 1 <= len(tree.of) <= MOST_PARTS:
        raise ValueError(f"A composite has 1 to {MOST_PARTS} parts and at most {DEEPEST} levels.")
    parts = [composite_percent(part, depth + 1) / 100 for part in tree.of]
    return 100 * _joined(tree, parts)


def _joined(tree: Composite, parts: Sequence[Fraction]) -> Fraction:
    if tree.op == "serial":
        return Fraction(prod(parts))
    if tree.op == "parallel":
        return 1 - Fraction(prod(1 - part for part in parts))
    if tree.op == "k_of_n" and tree.k is not None and 0 <= tree.k <= len(parts):
        return sum(_working_counts(parts)[tree.k :], Fraction(0))
    raise ValueError("A composite is serial, parallel, or k_of_n with k from 0 to n.")


def _working_counts(parts: Sequence[Fraction]) -> list[Fraction]:
    """The chance that exactly 0, 1, ... n parts work, part after part."""
    chances = [Fraction(1)]
    for part in parts:
        fails = [chance * (1 - part) for chance in chances] + [Fraction(0)]
        works = [Fraction(0)] + [chance * part for chance in chances]
        chances = [one + other for one, other in zip(fails, works, strict=True)]
    return chances
