"""Which terms a simulation is about: the text at hand, the saved one, or the version that is in force."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.domain.documents.reading import InvalidDocument, Problem
from portal.domain.notices.refusals import NotFound, Refusal
from portal.domain.promises.terms import Terms, parse_terms
from portal.store.promises import drafts as store
from portal.usecases.groundwork.plain_yaml import read_text
from portal.usecases.publishing.draft_check import read_draft, versions_of
from portal.usecases.publishing.draft_simulation import simulate
from portal.usecases.publishing.simulated_credit import Simulation

CONTRACTS_BESIDE = 5
"""Contracts simulated beside a text while it is written: twelve months of each are judged at every pause."""


@dataclass(frozen=True, slots=True)
class ToSimulate:
    """The terms of a saved draft or, without one, of the latest version; None with the problems of the text."""

    name: str
    is_draft: bool
    terms: Terms | None
    problems: tuple[Problem, ...]


def to_simulate(session: Session, slug: str) -> ToSimulate:
    """Return the terms whose cost is asked for: the saved draft, or the latest version while there is none.

    Raises NotFound when there is no such agreement.
    """
    name, versions = versions_of(session, slug)
    agreement = store.agreement_id(session, slug)
    if agreement is None:
        raise NotFound("There is no such agreement.")
    draft = store.drafts(session).get(agreement)
    if draft is None:
        return ToSimulate(name, False, versions[-1], ())
    try:
        return _of(name, slug, parse_terms(read_text(draft.text, "This text")))
    except InvalidDocument as invalid:
        return ToSimulate(name, True, None, invalid.problems)
    except Refusal as refused:
        return ToSimulate(name, True, None, (Problem("", refused.sentence),))


def simulate_written(session: Session, slug: str, text: str, now: datetime) -> Simulation | None:
    """Return what a text nobody has saved would have paid the first contracts; None where it cannot be read.

    What is wrong with its number or its day changes no cost. Raises NotFound when there is no such agreement.
    """
    name, versions = versions_of(session, slug)
    _, terms, problems = read_draft(slug, text, versions, now)
    found = ToSimulate(name, True, None, problems) if terms is None else _of(name, slug, terms)
    return None if found.terms is None else simulate(session, found.terms, now, most=CONTRACTS_BESIDE)


def _of(name: str, slug: str, terms: Terms) -> ToSimulate:
    """A text may name another agreement; its contracts are not those of this one."""
    if terms.id != slug:
        return ToSimulate(name, True, None, (Problem("id", f"This must be {slug}, the agreement this is a draft of."),))
    return ToSimulate(name, True, terms, ())
