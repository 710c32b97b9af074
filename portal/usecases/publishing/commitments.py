"""The published commitments: which agreements there are, each version in words, two versions or agreements compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import NotFound
from portal.domain.promises.terms import Terms
from portal.domain.quantities.zones import local_date
from portal.store.promises import agreements as store
from portal.store.promises import drafts
from portal.store.promises.agreements import Published
from portal.usecases.publishing.presets import Benchmark, benchmarks
from portal.usecases.publishing.track_records import TrackRecord, track_record
from portal.usecases.wording.beside import Beside, TierRow, beside, tiers
from portal.usecases.wording.differences import Change, changes
from portal.usecases.wording.example import Example, worked_example
from portal.usecases.wording.phrases import count_words
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import TermsWords

BENCHMARKS_SHOWN = 6
EXAMPLES_KEPT = 64
TIERS_SHOWN = 4
NO_SUCH_AGREEMENT = phrase("There is no such agreement.")


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One published version: from which local date, until which (exclusive), and its digest."""

    number: int
    effective_from: date
    effective_to: date | None
    published_at: datetime
    digest: str
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class Summary:
    """An agreement in the catalogue: the version in force (else the next one) in words."""

    slug: str
    name: str
    shown: VersionLine
    words: TermsWords


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Agreements side by side in short: slug and name of each, and the rows."""

    agreements: tuple[tuple[str, str], ...]
    rows: tuple[TierRow, ...]


@dataclass(frozen=True, slots=True)
class AgreementPage:
    """One version of an agreement in full: words, an example a promise, what others publish, its record, versions."""

    slug: str
    name: str
    timezone: str
    shown: VersionLine
    words: TermsWords
    examples: tuple[Example, ...]
    benchmarks: tuple[Benchmark, ...]
    record: TrackRecord
    document: str
    published_how: str
    versions: tuple[VersionLine, ...]


@dataclass(frozen=True, slots=True)
class DifferencePage:
    """What changed from one version of an agreement to another."""

    slug: str
    name: str
    before: VersionLine
    after: VersionLine
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ComparisonPage:
    """Two agreements side by side, each in the version in force."""

    first: Summary
    second: Summary
    rows: tuple[Beside, ...]


def catalogue(session: Session, now: datetime) -> tuple[Summary, ...]:
    """Return every agreement with a published version, by name."""
    return tuple(
        _summary(slug, name, versions, clock.seconds(now))
        for (slug, name), versions in store.published_agreements(session).items()
    )


def side_by_side(session: Session, now: datetime) -> SideBySide | None:
    """Return the first four agreements by name in short, side by side; None while there are not two."""
    as_of = clock.seconds(now)
    found = list(store.published_agreements(session).items())[:TIERS_SHOWN]
    if len(found) < 2:
        return None
    names = tuple((slug, name) for (slug, name), _ in found)
    return SideBySide(names, tiers(tuple(_governing(versions, as_of).terms for _, versions in found)))


def agreement(session: Session, slug: str, number: int | None, now: datetime) -> AgreementPage:
    """Return one version of an agreement, by default the one in force; raise NotFound when there is none."""
    name, versions = _versions(session, slug)
    lines = _lines(versions, clock.seconds(now))
    published, line = _numbered(versions, lines, number, clock.seconds(now))
    return AgreementPage(
        slug=slug,
        name=name,
        timezone=published.terms.timezone,
        shown=line,
        words=terms_words(published.terms),
        examples=_examples(published.terms),
        benchmarks=benchmarks(published.terms)[:BENCHMARKS_SHOWN],
        record=track_record(session, slug),
        document=published.document,
        published_how=_published_how(session, slug, line.number),
        versions=tuple(reversed(lines)),
    )


def difference(session: Session, slug: str, before: int, after: int, now: datetime) -> DifferencePage:
    """Return what changed between two versions of an agreement; raise NotFound when one of them was never published."""
    name, versions = _versions(session, slug)
    as_of = clock.seconds(now)
    lines = _lines(versions, as_of)
    old, old_line = _numbered(versions, lines, before, as_of)
    new, new_line = _numbered(versions, lines, after, as_of)
    return DifferencePage(slug, name, old_line, new_line, changes(old.terms, new.terms))


def comparison(session: Session, first: str, second: str, now: datetime) -> ComparisonPage:
    """Return two agreements side by side; raise NotFound when one of them does not exist."""
    as_of = clock.seconds(now)
    one, other = _versions(session, first), _versions(session, second)
    rows = beside(_governing(one[1], as_of).terms, _governing(other[1], as_of).terms)
    return ComparisonPage(_summary(first, *one, as_of), _summary(second, *other, as_of), rows)


def terms_in_force(session: Session, slug: str, now: datetime) -> tuple[str, Terms]:
    """Return an agreement's name and its version in force (else the next one); raise NotFound when there is none."""
    name, versions = _versions(session, slug)
    return name, _governing(versions, clock.seconds(now)).terms


def _published_how(session: Session, slug: str, number: int) -> str:
    """How a version came to be published, without anybody's name; nothing is known of what an operator applied."""
    found = drafts.publication(session, slug, number)
    if found is None:
        return ""
    hands = "published by another" if found.written_by != found.published_by else "published by the same"
    doubts = len(found.doubts.splitlines())
    why = f", who kept a reason for {count_words(doubts, 'open doubt')}" if doubts else ""
    return f"Version {number} was written by one person and {hands}{why}."


@lru_cache(maxsize=EXAMPLES_KEPT)
def _examples(terms: Terms) -> tuple[Example, ...]:
    return tuple(worked_example(terms, one) for one in terms.commitments)


def _versions(session: Session, slug: str) -> tuple[str, Sequence[Published]]:
    found = store.agreement_versions(session, slug)
    if found is None or not found[1]:
        raise NotFound(NO_SUCH_AGREEMENT)
    return found


def _numbered(
    versions: Sequence[Published], lines: Sequence[VersionLine], number: int | None, as_of: int
) -> tuple[Published, VersionLine]:
    wanted = _governing(versions, as_of).terms.version.number if number is None else number
    for published, line in zip(versions, lines, strict=True):
        if line.number == wanted:
            return published, line
    raise NotFound(phrase("There is no such version of this agreement."))


def _summary(slug: str, name: str, versions: Sequence[Published], as_of: int) -> Summary:
    governing = _governing(versions, as_of)
    lines = dict(zip((one.digest for one in versions), _lines(versions, as_of), strict=True))
    return Summary(slug, name, lines[governing.digest], terms_words(governing.terms))


def _lines(versions: Sequence[Published], as_of: int) -> tuple[VersionLine, ...]:
    governing = _governing(versions, as_of)
    ends = [*(one.terms.version.effective_from for one in versions[1:]), None]
    return tuple(
        VersionLine(
            number=one.terms.version.number,
            effective_from=one.terms.version.effective_from,
            effective_to=end,
            published_at=one.published_at,
            digest=one.digest,
            is_in_force=one is governing and _has_begun(one.terms, as_of),
        )
        for one, end in zip(versions, ends, strict=True)
    )


def _governing(versions: Sequence[Published], as_of: int) -> Published:
    """The last version that has begun in its own time zone (R2); the first to come while none has."""
    begun = [one for one in versions if _has_begun(one.terms, as_of)]
    return begun[-1] if begun else versions[0]


def _has_begun(terms: Terms, as_of: int) -> bool:
    return terms.version.effective_from <= local_date(as_of, terms.timezone)
