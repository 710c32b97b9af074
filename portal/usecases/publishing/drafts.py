"""Drafts of agreements: written as YAML, checked in words, published by somebody else, and never changed again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import yaml
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.domain.documents.canonical import canonical_bytes, digest
from portal.domain.notices.decisions import require_somebody_else
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.domain.promises.terms import Terms, parse_terms, to_document
from portal.store.ground.base import new_id
from portal.store.promises import agreements as published
from portal.store.promises import drafts as store
from portal.store.promises.agreements import AgreementVersionRow
from portal.store.promises.drafts import AgreementDraftRow, PublicationRow, StoredDraft, StoredPublication
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.plain_yaml import read_text
from portal.usecases.groundwork.texts import clean_text
from portal.usecases.publishing.draft_check import LONGEST_TEXT, Checked, check, versions_of
from portal.usecases.publishing.presets import preset

LONGEST_REASON = 2000
SHORTEST_REASON = 10
KIND = "agreement"


@dataclass(frozen=True, slots=True)
class Line:
    """An agreement in the list of drafts: its latest version and, if somebody writes the next one, that draft."""

    slug: str
    name: str
    latest: int | None
    draft: StoredDraft | None


@dataclass(frozen=True, slots=True)
class Desk:
    """One agreement's coming version: the text to go on with, the saved draft (None before it is saved), the past."""

    slug: str
    name: str
    text: str
    edition: int
    draft: StoredDraft | None
    publications: Mapping[int, StoredPublication]


class EditedMeanwhile(Conflict):
    """Somebody else saved the draft first; `theirs` is their text."""

    def __init__(self, theirs: StoredDraft) -> None:
        super().__init__(f"{theirs.editor} saved this draft meanwhile. Nothing was lost: both texts are below.")
        self.theirs = theirs


def lines(session: Session) -> Sequence[Line]:
    """Return every agreement with a version, by name, with its draft."""
    drafts = store.drafts(session)
    return tuple(
        Line(slug, name, versions[-1].terms.version.number, drafts.get(_agreement(session, slug)))
        for (slug, name), versions in published.published_agreements(session).items()
    )


def open_desk(session: Session, slug: str, preset_id: str | None) -> Desk:
    """Return the draft of an agreement, a model to start from, or its latest version as the next one's beginning."""
    name, versions = versions_of(session, slug)
    agreement = _agreement(session, slug)
    draft = store.drafts(session).get(agreement)
    if preset_id:
        text = _next_text(preset(preset_id).terms, slug, versions)
    else:
        text = draft.text if draft else _next_text(versions[-1], slug, versions)
    return Desk(
        slug=slug,
        name=name,
        text=text,
        edition=draft.edition if draft else 0,
        draft=draft,
        publications=store.publications(session, agreement),
    )


def save(session: Session, slug: str, text: str, edition: int, person: Person, now: datetime) -> None:
    """Save a draft of this edition (0: the first); raise EditedMeanwhile with the other text when it is older."""
    agreement = _agreement(session, slug)
    text = clean_text("text", text, LONGEST_TEXT)
    saved = {"text": text, "edition": edition + 1, "edited_by": person.id, "edited_at": now, "review_asked_by": None}
    if edition == 0:
        _save_first(session, agreement, saved)
    elif not store.replace_draft(session, agreement, edition, saved):
        raise EditedMeanwhile(_draft(session, agreement))
    audit.note(session, person.id, Deed.SAVED_TERMS, Thing(KIND, slug), now, after={"edition": edition + 1})


def ask_for_review(session: Session, slug: str, edition: int, person: Person, now: datetime) -> None:
    """Ask somebody else to publish the saved draft; raise Conflict when it is not of this edition any more."""
    agreement = _agreement(session, slug)
    if not store.replace_draft(session, agreement, edition, {"review_asked_by": person.id}):
        raise EditedMeanwhile(_draft(session, agreement))
    audit.note(session, person.id, Deed.ASKED_FOR_REVIEW, Thing(KIND, slug), now, after={"edition": edition})


def publish(
    session: Session, slug: str, edition: int, reason: str, person: Person, now: datetime, *, one_may: bool
) -> int:
    """Publish the reviewed draft as an unchangeable version and return its number.

    Raises Invalid for a text that is not clean or doubts without a reason, Conflict when nobody asked for a review,
    NotAllowed for whoever wrote it, unless one may do both.
    """
    agreement = _agreement(session, slug)
    draft = _draft(session, agreement)
    if draft.edition != edition:
        raise EditedMeanwhile(draft)
    if draft.review_asked_by is None:
        raise Conflict("Nobody has asked for a review of this draft. Save it and ask for one.")
    require_somebody_else(draft.edited_by, person.id, one_may)
    checked = check(session, slug, draft.text, now)
    reason = _reason(checked, reason)
    terms = parse_terms(read_text(draft.text, "This text"))
    row = _publish(session, agreement, terms, now)
    doubts = "\n".join(f"{one.code} {one.path}: {one.sentence}" for one in checked.doubts)
    session.add(
        PublicationRow(
            version_id=row.id, written_by=draft.edited_by, published_by=person.id, doubts=doubts, reason=reason
        )
    )
    store.delete_draft(session, agreement)
    facts = {"version": terms.version.number, "digest": row.digest}
    audit.note(session, person.id, Deed.PUBLISHED_TERMS, Thing(KIND, slug), now, after=facts)
    return terms.version.number


def _publish(session: Session, agreement: UUID, terms: Terms, now: datetime) -> AgreementVersionRow:
    document = to_document(terms)
    row = AgreementVersionRow(
        id=new_id(),
        agreement_id=agreement,
        number=terms.version.number,
        effective_from=terms.version.effective_from.isoformat(),
        document=canonical_bytes(document).decode(),
        digest=digest(document),
        published_at=now,
    )
    session.add(row)
    session.flush()
    return row


def _reason(checked: Checked, reason: str) -> str:
    if checked.problems:
        raise Invalid("text", str(checked.problems[0]))
    blocking = [one for one in checked.doubts if one.blocks]
    if blocking:
        raise Invalid("text", f"{blocking[0].path}: {blocking[0].sentence}")
    reason = clean_text("reason", reason, LONGEST_REASON, may_be_empty=True)
    if checked.doubts and len(reason) < SHORTEST_REASON:
        raise Invalid("reason", f"There are open doubts. Say in at least {SHORTEST_REASON} characters why it may be.")
    return reason


def _save_first(session: Session, agreement: UUID, saved: Mapping[str, object]) -> None:
    """Insert the first edition; whoever is second finds the other's text."""
    try:
        with session.begin_nested():
            session.add(AgreementDraftRow(id=new_id(), agreement_id=agreement, **saved))
            session.flush()
    except IntegrityError:
        raise EditedMeanwhile(_draft(session, agreement)) from None


def _next_text(terms: Terms, slug: str, versions: Sequence[Terms]) -> str:
    """Terms as YAML, numbered as the next version and without a date, which a person must choose."""
    document = _written(to_document(terms))
    newest = max(one.version.number for one in versions)
    document |= {"id": slug, "version": {"number": newest + 1, "effective_from": "YYYY-MM-DD"}}
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _written(document: Mapping[str, object]) -> dict[str, object]:
    """A document without the keys that say nothing; a calendar of null means around the clock and stays."""
    return {key: _said(value) for key, value in document.items() if value is not None or key == "calendar"}


def _said(value: object) -> object:
    if isinstance(value, Mapping):
        return _written(value)
    return [_said(one) for one in value] if isinstance(value, list) else value


def _agreement(session: Session, slug: str) -> UUID:
    found = store.agreement_id(session, slug)
    if found is None:
        raise NotFound("There is no such agreement.")
    return found


def _draft(session: Session, agreement: UUID) -> StoredDraft:
    found = store.drafts(session).get(agreement)
    if found is None:
        raise Conflict("This draft was published or removed meanwhile. Reload the page to see what is in force.")
    return found
