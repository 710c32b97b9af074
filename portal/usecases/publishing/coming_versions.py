"""What will change for a customer: coming versions of its agreements, in words, and what it answers."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.people.person import Person
from portal.domain.promises.terms import Terms
from portal.domain.quantities.zones import local_date
from portal.store.ground.base import new_id
from portal.store.promises import acknowledgements as store
from portal.store.promises import contracts
from portal.store.promises.acknowledgements import AcknowledgementRow, StoredAnswer
from portal.store.promises.contracts import StoredContract
from portal.usecases.groundwork.texts import clean_text
from portal.usecases.settling import disputes
from portal.usecases.settling.disputes import Objected
from portal.usecases.wording.differences import Change, changes

ACKNOWLEDGED, OBJECTED = "acknowledged", "objected"
KINDS = (ACKNOWLEDGED, OBJECTED)
LONGEST_WORDS = 4000
NO_SUCH_VERSION = phrase("There is no such coming version.")


@dataclass(frozen=True, slots=True)
class Coming:
    """One coming version for one contract: what it changes from which version on, and the answers given so far.

    `dispute` is the latest one about it.
    """

    contract_id: UUID
    contract: str
    agreement: str
    slug: str
    before: int
    number: int
    effective_from: date
    changes: tuple[Change, ...]
    answers: tuple[StoredAnswer, ...]
    dispute: UUID | None


def coming_versions(session: Session, now: datetime) -> tuple[Coming, ...]:
    """Return every published version that has not begun, for each contract of the scope that it will govern."""
    published = contracts.published_terms(session)
    return tuple(
        one
        for stored in contracts.contracts(session)
        for one in _of_contract(session, stored, [line.terms for line in published.get(stored.agreement_id, ())], now)
    )


@dataclass(frozen=True, slots=True)
class Unanswered:
    """A coming version that a customer has not answered yet."""

    agreement: str
    number: int
    effective_from: date


def unanswered(session: Session, now: datetime) -> tuple[Unanswered, ...]:
    """Return the coming versions of the scope's contracts without an answer, each once, the next one first."""
    if not contracts.is_any_coming(session, (now - timedelta(days=1)).date().isoformat()):
        return ()  # no zone is a day behind
    published = contracts.published_terms(session)
    found = {
        Unanswered(stored.agreement, terms.version.number, terms.version.effective_from)
        for stored in contracts.contracts(session)
        for terms in _not_begun(stored, [line.terms for line in published.get(stored.agreement_id, ())], now)
        if not _answers(session, stored, terms)
    }
    return tuple(sorted(found, key=lambda one: (one.effective_from, one.agreement)))


def _not_begun(stored: StoredContract, versions: Sequence[Terms], now: datetime) -> Sequence[Terms]:
    """The versions after the first one that begin while the contract runs and have not begun."""
    if not versions:
        return ()
    today = local_date(clock.seconds(now), stored.contract.zone(versions[0]))
    return [one for one in versions[1:] if one.version.effective_from > today and will_govern(one, stored)]


def _answers(session: Session, stored: StoredContract, terms: Terms) -> Sequence[StoredAnswer]:
    given = store.answers(session, stored.agreement_id)
    return [one for one in given if (one.contract_id, one.number) == (stored.id, terms.version.number)]


def answer(
    session: Session, contract_id: UUID, number: int, kind: str, words: str, person: Person, now: datetime
) -> None:
    """Keep a customer's answer; an objection opens a dispute, an acknowledgement ends it.

    Raises Invalid for an objection without words, Conflict once the version has begun.
    """
    stored = next((one for one in contracts.contracts(session) if one.id == contract_id), None)
    version = None if stored is None else store.version_id(session, stored.agreement_id, number)
    if stored is None or version is None:
        raise NotFound(NO_SUCH_VERSION)
    if (contract_id, number) not in {(one.contract_id, one.number) for one in coming_versions(session, now)}:
        raise Conflict(phrase("This version is in force already. Write to us, or dispute a statement made under it."))
    if kind not in KINDS:
        raise Invalid("words", phrase("Choose whether you acknowledge the change or object to it."))
    words = clean_text("words", words, LONGEST_WORDS, may_be_empty=kind == ACKNOWLEDGED)
    session.add(
        AcknowledgementRow(
            id=new_id(),
            customer_id=stored.customer_id,
            contract_id=contract_id,
            version_id=version,
            kind=kind,
            words=words,
            given_by=person.id,
            given_at=now,
        )
    )
    session.flush()
    objected = Objected(stored.agreement_id, version, contract_id)
    if kind == OBJECTED:
        disputes.object_to(session, person, stored.customer_id, objected, words, now)
    else:
        disputes.object_no_more(session, person, objected, words, now)


def will_govern(terms: Terms, stored: StoredContract) -> bool:
    """Whether a version that is not a contract's first begins while the contract runs."""
    begins, until = terms.version.effective_from, stored.contract.until
    return stored.contract.from_ < begins and (until is None or until > begins)


def _of_contract(
    session: Session, stored: StoredContract, versions: Sequence[Terms], now: datetime
) -> Iterator[Coming]:
    coming = _not_begun(stored, versions, now)
    objections = _objections(session, stored) if coming else {}
    for before, terms in pairwise(versions):
        if terms in coming:
            number = terms.version.number
            yield Coming(
                contract_id=stored.id,
                contract=stored.contract.id,
                agreement=stored.agreement,
                slug=stored.slug,
                before=before.version.number,
                number=number,
                effective_from=terms.version.effective_from,
                changes=changes(before, terms),
                answers=tuple(_answers(session, stored, terms)),
                dispute=objections.get(number),
            )


def _objections(session: Session, stored: StoredContract) -> Mapping[int, UUID]:
    """The latest dispute about each version of a contract's agreement, by the version's number."""
    found = disputes.about_versions(session, stored.agreement_id)
    return {
        one.version.number: one.id
        for one in reversed(found)
        if one.version is not None and one.version.contract == stored.contract.id
    }
