"""Published agreements as models to start from and to stand beside one's own (`sla-preset/1`, terms-schema.md)."""

import json
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from operator import itemgetter

from portal.domain.notices.refusals import NotFound
from portal.domain.promises.lint import LintFinding, lint_published, lint_terms
from portal.domain.promises.preset import Preset, parse_preset
from portal.domain.promises.terms import Terms
from portal.usecases.wording.promise import terms_words
from portal.usecases.wording.sentences import PromiseWords

METHODS_KEPT = 16


@dataclass(frozen=True, slots=True)
class Benchmark:
    """A published agreement beside one's own: its name only where somebody checked the model against its text."""

    name: str
    is_verified: bool
    promise: PromiseWords


@dataclass(frozen=True, slots=True)
class Model:
    """A model somebody starts from: what it is called, where it comes from, and the flaws of the published table."""

    id: str
    title: str
    modelled_after: str
    not_modelled: str
    holes: tuple[LintFinding, ...]


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """Return every model that ships with the product."""
    text = files("portal").joinpath("presets", "presets.json").read_text("utf-8")
    return tuple(parse_preset(one) for one in json.loads(text)["presets"])


def preset(preset_id: str) -> Preset:
    """Return one model; raise NotFound when there is none of this id."""
    for one in presets():
        if one.id == preset_id:
            return one
    raise NotFound("There is no such model.")


def model(preset_id: str) -> Model:
    """Return what staff should know of a model they start from; raise NotFound when there is none of this id."""
    one = preset(preset_id)
    return Model(one.id, title(one), one.modelled_after, one.not_modelled or "", published_holes(one))


def preset_findings(one: Preset) -> tuple[LintFinding, ...]:
    """Return every doubt about a model: its terms, and the holes of the table as it was published."""
    return (*lint_terms(one.terms), *published_holes(one))


def published_holes(one: Preset) -> tuple[LintFinding, ...]:
    """Return the holes, overlaps and conflicts of the table as it was published, if a table of ranges was."""
    if not one.published_ranges:
        return ()
    ranges = [line.stretch for line in one.published_ranges]
    return lint_published(one.terms.commitments[0].target, ranges, "published_ranges")


def benchmarks(terms: Terms) -> tuple[Benchmark, ...]:
    """Return the published promises counted in the same way as the first of these terms, the checked ones first.

    Of those the strictest comes first. Only a verified model stands under the name of who published it.
    """
    return _published_alike(terms.commitments[0].methodology.type)


@lru_cache(maxsize=METHODS_KEPT)
def _published_alike(method: str) -> tuple[Benchmark, ...]:
    alike = [
        ((not one.verified, -promise.target, one.title), Benchmark(_name(one), one.verified, words))
        for one in presets()
        for promise, words in zip(one.terms.commitments, terms_words(one.terms).promises, strict=True)
        if promise.methodology.type == method
    ]
    return tuple(found for _, found in sorted(alike, key=itemgetter(0)))


def title(one: Preset) -> str:
    """Return what a model is called among staff, and whether somebody checked it against the published text."""
    return one.title if one.verified else f"{one.title} (not checked)"


def _name(one: Preset) -> str:
    return one.title if one.verified else "A published agreement, not yet checked against its text"
