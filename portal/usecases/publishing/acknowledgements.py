"""What customers under contract have said of the versions of an agreement, and who has said nothing yet."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.promises.terms import Terms
from portal.domain.quantities.zones import local_date
from portal.store.people import customers
from portal.store.promises import acknowledgements as store
from portal.store.promises import contracts
from portal.store.promises.acknowledgements import StoredAnswer
from portal.store.promises.contracts import StoredContract
from portal.usecases.publishing.coming_versions import will_govern
from portal.usecases.publishing.draft_check import versions_of
from portal.usecases.settling import disputes
from portal.usecases.settling.disputes import Dispute

WAITING, OBJECTED = "waiting", "objected"
ORDER = (OBJECTED, WAITING, "acknowledged")
MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class AnswerState:
    """How one contract stands to a version: `waiting`, or the latest answer; `dispute` is the latest about it."""

    customer: str
    contract: str
    kind: str
    answer: StoredAnswer | None
    dispute: Dispute | None


@dataclass(frozen=True, slots=True)
class AnsweredVersion:
    """A version that changes running contracts: how many acknowledged it, object or are silent, and up to 50 of them.

    Those that object stand first, then the silent ones.
    """

    number: int
    effective_from: date
    is_coming: bool
    acknowledged: int
    objected: int
    waiting: int
    states: tuple[AnswerState, ...]


def answered_versions(session: Session, slug: str, now: datetime) -> tuple[AnsweredVersion, ...]:
    """Return the versions of an agreement that change a running contract, the latest first.

    Needs the provider's own scope; raises NotFound when there is no such agreement.
    """
    _, versions = versions_of(session, slug)
    bound = contracts.contracts(session, slug)
    found = [_version(session, terms, bound, now) for terms in reversed(versions[1:])]
    return tuple(one for one in found if one.states)


def _version(session: Session, terms: Terms, bound: Sequence[StoredContract], now: datetime) -> AnsweredVersion:
    states = sorted(
        _states(session, terms, [one for one in bound if will_govern(terms, one)]),
        key=lambda one: (ORDER.index(one.kind), one.customer, one.contract),
    )
    kinds = [one.kind for one in states]
    return AnsweredVersion(
        number=terms.version.number,
        effective_from=terms.version.effective_from,
        is_coming=terms.version.effective_from > local_date(clock.seconds(now), terms.timezone),
        acknowledged=len(kinds) - kinds.count(WAITING) - kinds.count(OBJECTED),
        objected=kinds.count(OBJECTED),
        waiting=kinds.count(WAITING),
        states=tuple(states[:MOST_SHOWN]),
    )


def _states(session: Session, terms: Terms, bound: Sequence[StoredContract]) -> Iterator[AnswerState]:
    if not bound:
        return
    number, agreement = terms.version.number, bound[0].agreement_id
    answers = {one.contract_id: one for one in store.answers(session, agreement) if one.number == number}
    objections = {
        (one.customer_id, one.version.contract): one
        for one in reversed(disputes.about_versions(session, agreement))
        if one.version is not None and one.version.number == number
    }
    names = {row.id: row.name for row in customers.customers_by_id(session, {one.customer_id for one in bound})}
    for one in bound:
        yield _state(names[one.customer_id], one, answers, objections)


def _state(
    customer: str,
    stored: StoredContract,
    answers: Mapping[UUID, StoredAnswer],
    objections: Mapping[tuple[UUID, str], Dispute],
) -> AnswerState:
    given = answers.get(stored.id)
    kind = WAITING if given is None else given.kind
    return AnswerState(
        customer, stored.contract.id, kind, given, objections.get((stored.customer_id, stored.contract.id))
    )
