"""Deadlines: until when a customer may claim a credit, dispute a statement, or answer terms that will change."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.phrases import Sentences, amount, phrase
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.domain.promises.terms import Terms
from portal.domain.quantities.zones import instant_of
from portal.store.promises import contracts
from portal.store.promises.contracts import StoredContract
from portal.usecases.groundwork.local_months import period_words
from portal.usecases.publishing import coming_versions
from portal.usecases.publishing.coming_versions import Coming
from portal.usecases.settling import claims, statements
from portal.usecases.settling.statements import Heading

DAY_S = 86_400


class Kind(StrEnum):
    """What is to be done."""

    CLAIM = "claim"
    DISPUTE = "dispute"
    ACKNOWLEDGEMENT = "acknowledgement"


@dataclass(frozen=True, slots=True)
class Deadline:
    """One deadline: `until` is the first second too late, in UTC; `key` stays the same for the same deadline.

    `statement_id` leads to the statement it is about, if it is about one; `timezone` is the contract's.
    """

    kind: Kind
    key: str
    title: str
    words: str
    until: int
    timezone: str
    statement_id: UUID | None


def deadlines(session: Session, customer_id: UUID, person: Person, now: datetime) -> Sequence[Deadline]:
    """Return what the scope's customer may still do until a date, the next first, as far as this person may see it."""
    found: list[Deadline] = []
    known = {one.id: one for one in contracts.contracts(session)}
    terms = contracts.published_terms(session)
    by_contract = {key: [line.terms for line in terms.get(one.agreement_id, ())] for key, one in known.items()}
    if person.may(Permission.SEE_MONEY, customer_id):
        found += _claims(session, known, by_contract, now)
        found += _disputes(session, known, by_contract)
    found += [
        _answer(one, known[one.contract_id], by_contract) for one in coming_versions.coming_versions(session, now)
    ]
    later = [one for one in found if one.until > clock.seconds(now)]
    return sorted(later, key=lambda one: (one.until, one.key))


def _claims(
    session: Session, known: Mapping[UUID, StoredContract], terms: Mapping[UUID, Sequence[Terms]], now: datetime
) -> Iterator[Deadline]:
    for one in claims.claimable(session, now):
        if one.is_open and one.until is not None:
            credit = one.credit
            yield Deadline(
                kind=Kind.CLAIM,
                key=f"claim-{credit.id}",
                title=phrase(
                    "Claim {amount}, {contract}",
                    amount=amount(credit.amount_text, credit.currency),
                    contract=credit.contract,
                ),
                words=phrase(
                    "The credit for {period} is given when it is claimed in time.", period=period_words(credit.period)
                ),
                until=one.until,
                timezone=_zone(known.get(credit.contract_id), terms.get(credit.contract_id, ())),
                statement_id=credit.statement_id,
            )


def _disputes(
    session: Session, known: Mapping[UUID, StoredContract], terms: Mapping[UUID, Sequence[Terms]]
) -> Iterator[Deadline]:
    """A dispute window begins with the first close of a period (R46); terms without one set no deadline."""
    headings = statements.headings(session, latest_only=False)
    first = {(one.contract_id, one.period): one.closed_at for one in headings if one.revision == 1}
    for one in headings:
        rule = _in_force(terms.get(one.contract_id, ()), one)
        if one.is_latest and rule is not None and rule.restatement.dispute_days is not None:
            closed_at = clock.seconds(first.get((one.contract_id, one.period), one.closed_at))
            yield Deadline(
                kind=Kind.DISPUTE,
                key=f"dispute-{one.id}",
                title=phrase("Dispute {title}", title=one.title),
                words=phrase("Until then a correction of this statement changes what is owed."),
                until=closed_at + rule.restatement.dispute_days * DAY_S,
                timezone=_zone(known.get(one.contract_id), terms.get(one.contract_id, ())),
                statement_id=one.id,
            )


def _answer(one: Coming, stored: StoredContract, terms: Mapping[UUID, Sequence[Terms]]) -> Deadline:
    zone = _zone(stored, terms[stored.id])
    told = phrase("You have answered.") if one.answers else phrase("You have not answered yet.")
    return Deadline(
        kind=Kind.ACKNOWLEDGEMENT,
        key=f"terms-{one.contract_id}-{one.number}",
        title=phrase(
            "Answer version {number} of {agreement}, {contract}",
            number=one.number,
            agreement=one.agreement,
            contract=one.contract,
        ),
        words=Sentences.of([phrase("It comes into force then."), told]),
        until=instant_of(one.effective_from, zone),
        timezone=zone,
        statement_id=None,
    )


def _in_force(versions: Sequence[Terms], heading: Heading) -> Terms | None:
    """The version in force on a period's first day, which is its key."""
    begun = [one for one in versions if one.version.effective_from.isoformat() <= heading.period]
    return begun[-1] if begun else None


def _zone(stored: StoredContract | None, versions: Sequence[Terms]) -> str:
    return stored.contract.zone(versions[0]) if stored is not None and versions else "UTC"
