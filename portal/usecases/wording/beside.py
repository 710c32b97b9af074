"""Agreements side by side, line by line, so that a reader sees where they differ."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from portal.domain.promises.terms import Terms
from portal.usecases.wording.example import example_currency, example_line, example_period, judged
from portal.usecases.wording.imagined import imagined_outage, is_about_downtime
from portal.usecases.wording.phrases import length_words, opened, promise_name
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import PromiseWords, Sentence

LENGTHS_S = (3600, 14_400, 86_400)
NOTHING = "–"
TIERS_KEPT = 16
Pair = tuple[str, PromiseWords | None, PromiseWords | None]
Part = Callable[[PromiseWords], tuple[Sentence, ...]]
_PARTS: tuple[tuple[str, Part], ...] = (
    ("counted", lambda one: one.counted),
    ("not known", lambda one: one.unknown),
    ("not counted", lambda one: one.not_counted),
    ("you get", lambda one: one.paid),
)
_LABELS = {
    "timezone": "Time zone",
    "partial_period": "Part of a period",
    "version_change": "A new version",
    "fee_proration": "The fee",
    "combine": "Several broken promises",
    "money_rounding": "Rounding",
    "claim": "Claims",
    "restatement.policy": "Corrections",
    "restatement.dispute_days": "Disputes",
    "display_decimals": "Figures shown",
}
USUAL_FEE = Fraction(1000)


@dataclass(frozen=True, slots=True)
class Beside:
    """One row: what it is about, what each of two agreements says of it, and whether they say the same."""

    label: str
    first: tuple[str, ...]
    second: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether both say the same."""
        return self.first == self.second


@dataclass(frozen=True, slots=True)
class TierRow:
    """One row of several agreements side by side: what it is about, and what each of them says."""

    label: str
    cells: tuple[tuple[str, ...], ...]


@lru_cache(maxsize=TIERS_KEPT)
def tiers(agreements: tuple[Terms, ...]) -> tuple[TierRow, ...]:
    """The rows of several agreements: what each promises, what some outages would pay, over which time, and claims."""
    words = [terms_words(one) for one in agreements]
    promised = [
        tuple(f"{one.target} ({promise_name(one.component, one.id)})" for one in told.promises) for told in words
    ]
    claims = [tuple(one.text for one in told.settlement if one.about == "claim") for told in words]
    return (
        TierRow("Promised", tuple(promised)),
        TierRow("Judged over", tuple((f"{opened(told.period)}.",) for told in words)),
        *(TierRow(_down_label(down_s), tuple(_paid(one, down_s) for one in agreements)) for down_s in LENGTHS_S),
        TierRow(_LABELS["claim"], tuple(claims)),
    )


def beside(first: Terms, second: Terms) -> tuple[Beside, ...]:
    """The rows of two agreements: each promise, what some outages would pay, and what holds for all promises."""
    one, other = terms_words(first), terms_words(second)
    pairs = _paired(one.promises, other.promises)
    return (
        *(Beside(f"{name}: promised", _target(left), _target(right)) for name, left, right in pairs),
        *_outages(first, second),
        *(row for pair in pairs for row in _rules(*pair)),
        Beside("Judged over", (f"{opened(one.period)}.",), (f"{opened(other.period)}.",)),
        *_settlement(one.settlement, other.settlement),
    )


def _paired(first: Sequence[PromiseWords], second: Sequence[PromiseWords]) -> list[Pair]:
    """Promises of the same key stand beside each other, then those about the same component, then the others."""
    left = {one.id: one for one in second}
    partners = {one.id: left.pop(one.id) for one in first if one.id in left}
    for one in first:
        alike = next((key for key, other in left.items() if other.component == one.component), None)
        if one.id not in partners and alike is not None:
            partners[one.id] = left.pop(alike)
    pairs = [*((one, partners.get(one.id)) for one in first), *((None, other) for other in left.values())]
    return [(_called(*pair), *pair) for pair in pairs]


def _called(one: PromiseWords | None, other: PromiseWords | None) -> str:
    """The name of a row's promises; both names where they differ."""
    return " / ".join(dict.fromkeys(promise.title for promise in (one, other) if promise is not None))


def _rules(name: str, one: PromiseWords | None, other: PromiseWords | None) -> Iterator[Beside]:
    for label, part in _PARTS:
        yield Beside(f"{name}: {label}", _texts(one, part), _texts(other, part))


def _target(one: PromiseWords | None) -> tuple[str, ...]:
    return (NOTHING,) if one is None else (f"{one.target} ({one.component})",)


def _texts(one: PromiseWords | None, part: Part) -> tuple[str, ...]:
    if one is None:
        return (NOTHING,)
    return tuple(sentence.text for sentence in part(one))


def _outages(first: Terms, second: Terms) -> Iterator[Beside]:
    for down_s in LENGTHS_S:
        yield Beside(_down_label(down_s), _paid(first, down_s), _paid(second, down_s))


def _down_label(down_s: int) -> str:
    return f"Down for {length_words(down_s)}, on a fee of 1,000 a month"


def _paid(terms: Terms, down_s: int) -> tuple[str, ...]:
    """What each promise about downtime would pay for one outage, as the engine finds it."""
    period = example_period(terms)
    line = example_line(terms, USUAL_FEE, example_currency(terms))
    paid = []
    for one in terms.commitments:
        if is_about_downtime(one.methodology) and down_s <= period.seconds:
            amount = judged(one, line, period, imagined_outage(one.methodology, period, down_s)).amount
            paid.append(
                amount if len(terms.commitments) == 1 else f"{opened(promise_name(one.component, one.id))}: {amount}"
            )
    return tuple(paid) or (NOTHING,)


def _settlement(first: Sequence[Sentence], second: Sequence[Sentence]) -> Iterator[Beside]:
    ones, others = {one.about: one.text for one in first}, {one.about: one.text for one in second}
    for about, label in _LABELS.items():
        yield Beside(label, (ones[about],), (others[about],))
