"""A model of a published agreement, `sla-preset/1`: one terms document with where it comes from (terms-schema.md)."""

from dataclasses import dataclass
from fractions import Fraction

from portal.domain.documents.reading import InvalidDocument, Problem, Reader, require_plain
from portal.domain.documents.scalars import choose, exact_between, read_flag, read_name, read_percent, read_text
from portal.domain.promises.terms import Terms, parse_terms
from portal.domain.promises.tier_lint import Stretch

SCHEMA = "sla-preset/1"
MOST_RANGES = 100


@dataclass(frozen=True, slots=True)
class PublishedRange:
    """One line of a published table: attained percentages and the percentage of the fee they are worth."""

    stretch: Stretch
    percent: Fraction


@dataclass(frozen=True, slots=True)
class Preset:
    """Terms modelled after a published text; only a verified one may be shown under a vendor's name."""

    id: str
    title: str
    modelled_after: str
    verified: bool
    terms: Terms
    published_ranges: tuple[PublishedRange, ...]
    not_modelled: str | None


def parse_preset(document: object) -> Preset:
    """The preset a document of plain values describes; raises InvalidDocument with every problem found."""
    require_plain(document)
    problems: list[Problem] = []
    reader = Reader(document, "", problems)
    reader.read("schema", choose(SCHEMA), SCHEMA)
    id_ = reader.read("id", read_name, "")
    title = reader.read("title", read_text, "")
    modelled_after = reader.read("modelled_after", read_text, "")
    verified = reader.read("verified", read_flag, False)
    ranges = tuple(_read_range(node) for node in reader.children("published_ranges", 0, MOST_RANGES))
    not_modelled = reader.maybe("not_modelled", read_text)
    terms = _read_terms(reader)
    reader.finish()
    if problems or terms is None:
        raise InvalidDocument(problems)
    return Preset(id_, title, modelled_after, verified, terms, ranges, not_modelled)


def _read_terms(reader: Reader) -> Terms | None:
    """The wrapped terms; their problems keep their paths, below `terms`."""
    if not reader.has("terms"):
        reader.refuse("terms", "This key is missing.")
        return None
    try:
        return parse_terms(reader.values["terms"])
    except InvalidDocument as refused:
        for problem in refused.problems:
            path = f"terms.{problem.path}" if problem.path else "terms"
            reader.problems.append(Problem(path, problem.sentence))
        return None


def _read_range(node: Reader) -> PublishedRange:
    low, high = node.maybe("from", read_percent), node.maybe("to", read_percent)
    stretch = Stretch(
        from_=Fraction(0) if low is None else low,
        from_incl=node.read("from_incl", read_flag, True) or low is None,
        to=Fraction(100) if high is None else high,
        to_incl=node.read("to_incl", read_flag, True) or high is None,
    )
    if node.clean and stretch.from_ > stretch.to:
        node.refuse("to", "A range ends at or above its start.")
    percent = node.read("percent", exact_between(0, 1000), Fraction(0))
    node.finish()
    return PublishedRange(stretch, percent)
