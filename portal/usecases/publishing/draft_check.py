"""What the text of a coming version says, and what is wrong with it, before anybody saves or publishes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.documents.reading import InvalidDocument, Problem
from portal.domain.notices.refusals import NotFound, Refusal
from portal.domain.promises.lint import LintFinding, lint_terms
from portal.domain.promises.terms import Terms, parse_terms
from portal.domain.quantities.zones import local_date
from portal.store.promises import agreements as published
from portal.usecases.groundwork.plain_yaml import read_text
from portal.usecases.groundwork.texts import clean_text
from portal.usecases.publishing.practice import practice_of
from portal.usecases.publishing.presets import Benchmark, benchmarks
from portal.usecases.wording.differences import Change, changes
from portal.usecases.wording.example import Example, worked_example
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import TermsWords

LONGEST_TEXT = 100_000
BENCHMARKS_BESIDE = 5
BEGINS = "version.effective_from"
Written = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a text says: problems that keep it from being published, or its words, doubts, examples and changes."""

    problems: tuple[Problem, ...]
    words: TermsWords | None = None
    doubts: tuple[LintFinding, ...] = ()
    examples: tuple[Example, ...] = ()
    changes: tuple[Change, ...] = ()
    benchmarks: tuple[Benchmark, ...] = ()

    @property
    def hindrances(self) -> int:
        """How many things keep the text from being published, whatever reason is given."""
        return len(self.problems) + sum(one.blocks for one in self.doubts)


def check(session: Session, slug: str, text: str, now: datetime) -> Checked:
    """Return what a text says and what is wrong with it; nothing is saved.

    A text whose day of beginning alone cannot be read is told all the same: that day changes nothing else.
    """
    _, versions = versions_of(session, slug)
    document, terms, problems = read_draft(slug, text, versions, now)
    if terms is None:
        return Checked(problems)
    written = document if isinstance(document, Mapping) else None
    return Checked(
        problems=problems,
        words=terms_words(terms),
        doubts=lint_terms(terms, practice_of(session, slug, now), written),
        examples=tuple(worked_example(terms, one) for one in terms.commitments),
        changes=changes(versions[-1], terms),
        benchmarks=benchmarks(terms)[:BENCHMARKS_BESIDE],
    )


def read_draft(
    slug: str, text: str, versions: Sequence[Terms], now: datetime
) -> tuple[object, Terms | None, tuple[Problem, ...]]:
    """Return a text's document, its terms and why they cannot be the next version; None where it cannot be read."""
    try:
        document = read_text(clean_text("text", text, LONGEST_TEXT), "This text")
        return document, *_read(document, slug, versions, clock.seconds(now))
    except InvalidDocument as invalid:
        return None, None, invalid.problems
    except Refusal as refused:
        return None, None, (Problem("", refused.sentence),)


def versions_of(session: Session, slug: str) -> tuple[str, Sequence[Terms]]:
    """Return an agreement's name and its versions in the order they begin; raise NotFound when there is none."""
    found = published.agreement_versions(session, slug)
    if found is None or not found[1]:
        raise NotFound("There is no such agreement.")
    return found[0], [one.terms for one in found[1]]


def _read(document: object, slug: str, versions: Sequence[Terms], today: int) -> tuple[Terms, tuple[Problem, ...]]:
    """The terms of a document and why they cannot be the next version; raises InvalidDocument."""
    try:
        terms = parse_terms(document)
    except InvalidDocument as invalid:
        if not isinstance(document, Mapping) or {one.path for one in invalid.problems} != {BEGINS}:
            raise
        begun = _begun(document, versions[-1])
        others = [one for one in next_version_problems(begun, slug, versions, today) if one.path != BEGINS]
        return begun, (*invalid.problems, *others)
    return terms, next_version_problems(terms, slug, versions, today)


def _begun(document: Written, latest: Terms) -> Terms:
    """The terms of a document without a day to begin on, as if they began after the latest version."""
    day = latest.version.effective_from + timedelta(days=1)
    version = document["version"]
    dated = {**version, "effective_from": day.isoformat()} if isinstance(version, Mapping) else version
    return parse_terms({**document, "version": dated})


def next_version_problems(terms: Terms, slug: str, versions: Sequence[Terms], today: int) -> tuple[Problem, ...]:
    """Return why terms cannot become the next version of an agreement at this UTC second."""
    found = []
    latest, version = versions[-1].version, terms.version
    if terms.id != slug:
        found.append(Problem("id", f"This must be {slug}, the agreement this is a version of."))
    newest = max(one.version.number for one in versions)
    if version.number <= newest:
        sentence = f"Version {version.number} is published and never changes. The next one is {newest + 1}."
        found.append(Problem("version.number", sentence))
    elif version.number != newest + 1:
        found.append(Problem("version.number", f"The next version is {newest + 1}."))
    day = local_date(today, terms.timezone)
    if version.effective_from <= day:
        sentence = f"This must be after today, {day.isoformat()}: nobody can have seen it before."
        found.append(Problem(BEGINS, sentence))
    elif version.effective_from <= latest.effective_from:
        sentence = f"This must be after {latest.effective_from.isoformat()}, when version {latest.number} begins."
        found.append(Problem(BEGINS, sentence))
    return tuple(found)
