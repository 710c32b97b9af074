"""The published terms of an agreement, `sla-terms/1`: read strictly, written with every default (D4)."""

from dataclasses import dataclass
from datetime import date

from portal.domain.documents.reading import InvalidDocument, Problem, Reader, require_plain
from portal.domain.documents.scalars import (
    FEE_PRORATION,
    MONEY_ROUNDING,
    PARTIAL_PERIOD,
    VERSION_CHANGE,
    between,
    choose,
    read_date,
    read_name,
)
from portal.domain.promises.commitment import (
    Commitment,
    Comparison,
    ExclusionsPolicy,
    ExclusionType,
    UnknownPolicy,
    commitment_document,
    read_commitment,
)
from portal.domain.promises.flat_contract import FlatContract, from_flat
from portal.domain.promises.period_rule import PeriodRule, period_document, read_period
from portal.domain.promises.settlement import (
    Claim,
    Combine,
    Deadline,
    Restatement,
    claim_document,
    combine_document,
    read_claim,
    read_combine,
    read_restatement,
    restatement_document,
)
from portal.domain.quantities.zones import read_zone

__all__ = [
    "Claim",
    "Combine",
    "Commitment",
    "Comparison",
    "Deadline",
    "ExclusionType",
    "ExclusionsPolicy",
    "FlatContract",
    "InvalidDocument",
    "PeriodRule",
    "Problem",
    "Restatement",
    "Terms",
    "UnknownPolicy",
    "Version",
    "from_flat",
    "parse_terms",
    "period_document",
    "publishing_problems",
    "read_period",
    "to_document",
]

SCHEMA = "sla-terms/1"
MOST_COMMITMENTS = 100


@dataclass(frozen=True, slots=True)
class Version:
    """Which version of the terms this is and the local date from which it is in force (R6)."""

    number: int
    effective_from: date


@dataclass(frozen=True, slots=True)
class Terms:
    """One immutable version of an agreement: its promises and how they are settled; no fee, no customer."""

    id: str
    version: Version
    timezone: str
    period: PeriodRule
    partial_period: str
    version_change: str
    commitments: tuple[Commitment, ...]
    fee_proration: str
    money_rounding: str
    combine: Combine
    claim: Claim
    restatement: Restatement
    display_decimals: int

    def commitment(self, commitment_id: str) -> Commitment | None:
        """The commitment of this id, None when the terms have none."""
        return next((one for one in self.commitments if one.id == commitment_id), None)


def parse_terms(document: object) -> Terms:
    """The terms a document of plain values describes; raises InvalidDocument with every problem found."""
    require_plain(document)
    problems: list[Problem] = []
    terms = _read_terms(Reader(document, "", problems))
    if problems:
        raise InvalidDocument(problems)
    return terms


def to_document(terms: Terms) -> dict[str, object]:
    """The document of terms, every key written out with its default; `parse_terms` reads it back unchanged."""
    return {
        "schema": SCHEMA,
        "id": terms.id,
        "version": {"number": terms.version.number, "effective_from": terms.version.effective_from.isoformat()},
        "timezone": terms.timezone,
        "period": period_document(terms.period),
        "partial_period": terms.partial_period,
        "version_change": terms.version_change,
        "commitments": [commitment_document(one) for one in terms.commitments],
        "fee_proration": terms.fee_proration,
        "money_rounding": terms.money_rounding,
        "combine": combine_document(terms.combine),
        "claim": claim_document(terms.claim),
        "restatement": restatement_document(terms.restatement),
        "display_decimals": terms.display_decimals,
    }


def publishing_problems(terms: Terms) -> tuple[Problem, ...]:
    """What may be computed with but not published: unknown time sold as up without a limit (D8)."""
    problems: list[Problem] = []
    for n, one in enumerate(terms.commitments):
        path = f"commitments[{n}]"
        unknown = one.unknown_policy
        if unknown.treat_as == "up" and unknown.max_unknown_percent is None:
            sentence = "Unknown time that counts as up needs a limit: give max_unknown_percent."
            problems.append(Problem(f"{path}.unknown_policy.max_unknown_percent", sentence))
    return tuple(problems)


def _read_terms(reader: Reader) -> Terms:
    reader.read("schema", choose(SCHEMA), SCHEMA)
    terms = Terms(
        id=reader.read("id", read_name, ""),
        version=_read_version(reader.child("version")),
        timezone=reader.read("timezone", read_zone, "UTC"),
        period=read_period(reader.child("period")),
        partial_period=reader.read("partial_period", PARTIAL_PERIOD, "existing_portion", "existing_portion"),
        version_change=reader.read("version_change", VERSION_CHANGE, "start_version", "start_version"),
        commitments=_read_commitments(reader),
        fee_proration=reader.read("fee_proration", FEE_PRORATION, "none", "none"),
        money_rounding=reader.read("money_rounding", MONEY_ROUNDING, "half_up", "half_up"),
        combine=read_combine(reader.maybe_child("combine")),
        claim=read_claim(reader.maybe_child("claim")),
        restatement=read_restatement(reader.maybe_child("restatement")),
        display_decimals=reader.read("display_decimals", between(0, 9), 3, 3),
    )
    reader.finish()
    return terms


def _read_version(reader: Reader) -> Version:
    version = Version(
        number=reader.read("number", between(1, 1_000_000), 1),
        effective_from=reader.read("effective_from", read_date, date(1970, 1, 1)),
    )
    reader.finish()
    return version


def _read_commitments(reader: Reader) -> tuple[Commitment, ...]:
    nodes = reader.children("commitments", 1, MOST_COMMITMENTS)
    commitments = tuple(read_commitment(node) for node in nodes)
    seen: set[str] = set()
    for node, one in zip(nodes, commitments, strict=True):
        if one.id and one.id in seen:
            node.refuse("id", "Another commitment has this id already.")
        seen.add(one.id)
    return commitments
