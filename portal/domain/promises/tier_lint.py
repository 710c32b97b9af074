"""Mistakes in a published table of credit ranges: gaps, overlaps, credit for a kept promise (semantics.md R33)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise

from portal.domain.promises.credit_schedule import DayTier, Tier


class Flaw(StrEnum):
    """What is wrong with a stretch of attained percentages."""

    GAP = "gap"
    OVERLAP = "overlap"
    CONFLICT_WITH_TARGET = "conflict_with_target"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Attained percentages between two ends, each inside or not."""

    from_: Fraction
    from_incl: bool
    to: Fraction
    to_incl: bool

    def holds(self, low: Fraction, high: Fraction) -> bool:
        """Whether a point (low == high) or the open stretch between two neighbouring ends lies inside."""
        if low < high:
            return self.from_ <= low and high <= self.to
        above = self.from_ < low or (self.from_ == low and self.from_incl)
        return above and (low < self.to or (low == self.to and self.to_incl))


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw and where it lies."""

    flaw: Flaw
    stretch: Stretch


def lint_ranges(target: Fraction, ranges: Sequence[Stretch]) -> tuple[Finding, ...]:
    """The flaws of credit ranges on [0, target] percent, in rising order.

    A gap is a breach (below the target) in no range; an overlap lies in several; a conflict is credit at the target
    itself, where the promise is kept.
    """
    return tuple(sorted(_findings(target, ranges), key=lambda one: (one.stretch.from_, not one.stretch.from_incl)))


def lint_tiers(target: Fraction, tiers: Iterable[Tier | DayTier]) -> tuple[Finding, ...]:
    """The flaws of canonical tiers against a target; they have no gap between them, but may miss or pass the target."""
    ordered = sorted(tiers, key=lambda tier: (tier.below, tier.inclusive))
    ranges = []
    low, low_incl = Fraction(0), True
    for tier in ordered:
        ranges.append(Stretch(low, low_incl, tier.below, tier.inclusive))
        low, low_incl = tier.below, not tier.inclusive
    return lint_ranges(target, ranges)


def _findings(target: Fraction, ranges: Sequence[Stretch]) -> Iterator[Finding]:
    pieces = list(_pieces(target, ranges))
    covers = [sum(one.holds(low, high) for one in ranges) for low, high in pieces]
    breach = [low < target for low, _ in pieces]
    yield from _stretches(Flaw.GAP, pieces, [one and n == 0 for one, n in zip(breach, covers, strict=True)])
    yield from _stretches(Flaw.OVERLAP, pieces, [n > 1 for n in covers])
    kept = [not one and n > 0 for one, n in zip(breach, covers, strict=True)]
    yield from _stretches(Flaw.CONFLICT_WITH_TARGET, pieces, kept)


def _pieces(target: Fraction, ranges: Sequence[Stretch]) -> Iterator[tuple[Fraction, Fraction]]:
    """[0, target] cut at every end: points and the open stretches between them, in rising order."""
    ends = {Fraction(0), target} | {one.from_ for one in ranges} | {one.to for one in ranges}
    cuts = sorted(end for end in ends if 0 <= end <= target)
    for low, high in pairwise(cuts):
        yield low, low
        yield low, high
    yield target, target


def _stretches(flaw: Flaw, pieces: Sequence[tuple[Fraction, Fraction]], hit: Sequence[bool]) -> Iterator[Finding]:
    start: int | None = None
    for n, inside in enumerate([*hit, False]):
        if inside and start is None:
            start = n
        if not inside and start is not None:
            yield Finding(flaw, _spanning(pieces[start], pieces[n - 1]))
            start = None


def _spanning(first: tuple[Fraction, Fraction], last: tuple[Fraction, Fraction]) -> Stretch:
    return Stretch(first[0], first[0] == first[1], last[1], last[0] == last[1])
