"""The track record of an agreement: what its closed periods attained, over all customers and naming none of them.

A group of fewer than three customers is not shown, because who knows of one of two knows the other.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from portal.domain.evaluation.result import Status
from portal.domain.quantities.exact import exact_text, parse_exact, truncate

LEAST_CUSTOMERS = 3
DECIMALS = 3
GENERATED = "generated"

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClosedAccount:
    """One customer's closed period: the body of its statement and what of its credit was issued, in currency units."""

    customer: str
    body: Document
    paid: Fraction


@dataclass(frozen=True, slots=True)
class MoneyShare:
    """What was due and what was owed and paid of it in one currency, exact, by how many customers."""

    currency: str
    customers: int
    fee: Fraction
    owed: Fraction
    paid: Fraction


@dataclass(frozen=True, slots=True)
class ExclusionUse:
    """How many entries of a type counted for anybody, and the most seconds they took from any one commitment."""

    type: str
    entries: int
    longest_seconds: int


@dataclass(frozen=True, slots=True)
class PeriodRecord:
    """One closed period of a group of customers.

    `attained` are the figures, cut to three decimals, rising, with how many commitments attained each; `lowest` is the
    exact percentage that the worst of each commitment attained. `undecided` had no verdict or nothing to judge.
    """

    customers: int
    kept: int
    missed: int
    undecided: int
    attained: tuple[tuple[Fraction, int], ...]
    lowest: Mapping[str, Fraction]
    money: tuple[MoneyShare, ...]
    exclusions: tuple[ExclusionUse, ...]
    is_generated: bool

    @property
    def may_be_shown(self) -> bool:
        """Whether so many customers stand behind it that none of them can be told."""
        return are_enough(self.customers)

    def attained_at(self, percent: int) -> Fraction | None:
        """The figure that so many percent of the commitments do not exceed, by nearest rank; None without figures."""
        total = sum(count for _, count in self.attained)
        rank, seen = max(1, -(-percent * total // 100)), 0
        for value, count in self.attained:
            seen += count
            if seen >= rank:
                return value
        return None


def are_enough(customers: int) -> bool:
    """Whether none of so many customers can be told from what they attained together."""
    return customers >= LEAST_CUSTOMERS


def record_of(accounts: Sequence[ClosedAccount]) -> PeriodRecord:
    """The record of one period of a group of customers."""
    lines = [line for one in accounts for line in one.body["commitments"]]
    verdicts = Counter(line["met"] for line in lines)
    figures = [(line["commitment"], figure) for line in lines for figure in _figures(line)]
    return PeriodRecord(
        customers=len({one.customer for one in accounts}),
        kept=verdicts[True],
        missed=verdicts[False],
        undecided=verdicts[None],
        attained=tuple(sorted(Counter(Fraction(truncate(figure, DECIMALS)) for _, figure in figures).items())),
        lowest=_lowest(figures),
        money=tuple(_money(accounts)),
        exclusions=tuple(_exclusions(accounts)),
        is_generated=any(GENERATED in one.body["evidence"]["provenance"] for one in accounts),
    )


def _figures(line: Document) -> Iterator[Fraction]:
    """What a line attained, in each part that counts and has a verdict."""
    for part in _counted(line):
        if part["attained"] is not None and part["status"] != Status.INSUFFICIENT_DATA.value:
            yield parse_exact(part["attained"]["exact"])


def _counted(line: Document) -> Sequence[Document]:
    return line["parts"] if line["governing"] is None else [line["parts"][line["governing"]]]


def _lowest(figures: Iterable[tuple[str, Fraction]]) -> Mapping[str, Fraction]:
    found: dict[str, Fraction] = {}
    for commitment, figure in figures:
        found[commitment] = min(figure, found.get(commitment, figure))
    return dict(sorted(found.items()))


def _money(accounts: Sequence[ClosedAccount]) -> Iterator[MoneyShare]:
    by_currency: dict[str, list[ClosedAccount]] = defaultdict(list)
    for one in accounts:
        by_currency[one.body["credit"]["currency"]].append(one)
    for currency, some in sorted(by_currency.items()):
        credits_ = [one.body["credit"] for one in some]
        yield MoneyShare(
            currency=currency,
            customers=len({one.customer for one in some}),
            fee=sum((parse_exact(one["total_fee_exact"]) for one in credits_), Fraction(0)),
            owed=sum((Fraction(one["amount_text"]) for one in credits_), Fraction(0)),
            paid=sum((one.paid for one in some), Fraction(0)),
        )


def _exclusions(accounts: Sequence[ClosedAccount]) -> Iterator[ExclusionUse]:
    entries: dict[str, set[str]] = defaultdict(set)
    longest: dict[str, int] = defaultdict(int)
    for one in accounts:
        types = {entry["id"]: entry["type"] for entry in one.body["exclusions"]}
        for line in one.body["commitments"]:
            taken: dict[str, int] = defaultdict(int)
            for outcome in (found for part in _counted(line) for found in part["exclusions"]):
                if outcome["counted_seconds"] > 0:
                    entries[types[outcome["id"]]].add(outcome["id"])
                    taken[types[outcome["id"]]] += outcome["counted_seconds"]
            for type_, seconds in taken.items():
                longest[type_] = max(longest[type_], seconds)
    for type_ in sorted(entries):
        yield ExclusionUse(type_, len(entries[type_]), longest[type_])


def record_document(record: PeriodRecord) -> dict[str, Any]:
    """A record in plain values; `read_record` reads it back unchanged."""
    return {
        "customers": record.customers,
        "kept": record.kept,
        "missed": record.missed,
        "undecided": record.undecided,
        "attained": [[exact_text(value), count] for value, count in record.attained],
        "lowest": {name: exact_text(value) for name, value in record.lowest.items()},
        "money": [
            [one.currency, one.customers, exact_text(one.fee), exact_text(one.owed), exact_text(one.paid)]
            for one in record.money
        ],
        "exclusions": [[one.type, one.entries, one.longest_seconds] for one in record.exclusions],
        "is_generated": record.is_generated,
    }


def read_record(document: Document) -> PeriodRecord:
    """The record a document holds."""
    return PeriodRecord(
        customers=document["customers"],
        kept=document["kept"],
        missed=document["missed"],
        undecided=document["undecided"],
        attained=tuple((Fraction(value), count) for value, count in document["attained"]),
        lowest={name: Fraction(value) for name, value in document["lowest"].items()},
        money=tuple(
            MoneyShare(currency, customers, Fraction(fee), Fraction(owed), Fraction(paid))
            for currency, customers, fee, owed, paid in document["money"]
        ),
        exclusions=tuple(ExclusionUse(*one) for one in document["exclusions"]),
        is_generated=document["is_generated"],
    )
