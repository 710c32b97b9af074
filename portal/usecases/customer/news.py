"""What happened for one customer, newest first: incidents of its services, statements, and what became of credits."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy.orm import Session

from portal.domain.notices.phrases import Phrase, amount, phrase
from portal.domain.people.person import Person
from portal.domain.people.roles import Permission
from portal.store.notices import incidents as incident_store
from portal.store.promises import contracts
from portal.usecases.settling import ledger, statements

MOST = 50
LOOKED_AT = 200
HAPPENED: Mapping[str, Callable[..., Phrase]] = {
    "accrue": lambda **told: phrase("{amount} for {period}, {contract}, is owed", **told),
    "approve": lambda **told: phrase("{amount} for {period}, {contract}, was approved", **told),
    "issue": lambda **told: phrase("{amount} for {period}, {contract}, was issued", **told),
    "void": lambda **told: phrase("{amount} for {period}, {contract}, was taken back", **told),
    "withdraw": lambda **told: phrase("{amount} for {period}, {contract}, was withdrawn", **told),
}
VERDICTS = {
    True: phrase("Every promise was kept."),
    False: phrase("A promise was broken."),
    None: phrase("There is no verdict."),
}


class Kind(StrEnum):
    """What a piece of news is about."""

    INCIDENT = "incident"
    STATEMENT = "statement"


@dataclass(frozen=True, slots=True)
class News:
    """One piece of news: its constant key, what it is about and the id of that, a title, Markdown, and when.

    `state` is how far an incident was then, as a code; None of anything else.
    """

    key: str
    kind: Kind
    about: UUID
    title: str
    body: str
    at: datetime
    state: str | None = None


def news(session: Session, customer_id: UUID, person: Person) -> Sequence[News]:
    """Return the latest news of the scope's customer, up to 50, as far as this person may see them."""
    found = [*_incidents(session), *_statements(session)]
    if person.may(Permission.SEE_MONEY, customer_id):
        found += _credits(session)
    return sorted(found, key=lambda one: (one.at, one.key), reverse=True)[:MOST]


def _incidents(session: Session) -> Iterator[News]:
    bought = {service.id for one in contracts.contracts(session) for service in one.services}
    for told in incident_store.latest_updates(session, LOOKED_AT):
        if bought & {service.id for service in told.incident.services}:
            update = told.update
            yield News(
                f"update-{update.id}",
                Kind.INCIDENT,
                told.incident.id,
                told.incident.title,
                update.body,
                update.published_at,
                update.status.value,
            )


def _statements(session: Session) -> Iterator[News]:
    for one in statements.headings(session, latest_only=False)[:LOOKED_AT]:
        yield News(f"statement-{one.id}", Kind.STATEMENT, one.id, one.title, VERDICTS[one.met], one.closed_at)


def _credits(session: Session) -> Iterator[News]:
    for one in ledger.credits_of(session)[:LOOKED_AT]:
        for number, event in enumerate(one.events):
            owed = amount(one.amount_text, one.currency)
            title = HAPPENED[event.kind](amount=owed, period=one.period, contract=one.contract)
            yield News(f"credit-{one.id}-{number}", Kind.STATEMENT, one.statement_id, title, title, event.at)
