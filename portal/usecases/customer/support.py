"""Support access: staff see a customer's pages only by a grant with a reason and an end, which the customer sees too.

(decision D16, trust.md T4)
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portal.database import transaction
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import Invalid, NotFound
from portal.domain.people.person import Person
from portal.store.ground import tenancy
from portal.store.ground.base import new_id
from portal.store.people import customers
from portal.store.people import support as store
from portal.store.people.customers import CustomerRow
from portal.store.people.people import UserRow
from portal.store.people.support import SupportGrantRow, SupportViewRow
from portal.store.promises import configuration
from portal.usecases.explaining.exclusion_words import spaced
from portal.usecases.groundwork import audit
from portal.usecases.groundwork.audit import Deed, Thing
from portal.usecases.groundwork.texts import clean_line
from portal.usecases.settling.statements import LEFT

REASON_LENGTH_MIN = 10
REASON_LENGTH_MAX = 300
HOURS = (1, 4, 8, 24)
PAGE = 50
PATH_MOST = 500
WORDS = {
    "customers.overview": phrase("the overview"),
    "customers.working": phrase("a working"),
    "statements.show_all": phrase("closed periods"),
    "statements.show": phrase("a statement"),
    "statements.working": phrase("how a figure of a statement was made"),
    "ledger.show": phrase("credits"),
    "claims.show": phrase("claims"),
    "disputes.show_all": phrase("disputes"),
    "disputes.show": phrase("a dispute"),
    "exclusions.of_customer": phrase("what does not count"),
    "coming.show": phrase("coming changes"),
    "deadlines.show": phrase("deadlines"),
    "members.show": phrase("members"),
    "months.show": phrase("a month"),
    "papers.statement": phrase("a statement as PDF"),
    "papers.month": phrase("a month as PDF"),
    "reviews.of_customer": phrase("reviews"),
    "support.show": phrase("who else sees these pages"),
    "support.seen": phrase("what staff saw"),
}
"""What a page is called where staff read it; any other by its own name."""


@dataclass(frozen=True, slots=True)
class Grant:
    """Who of staff may see a customer's pages, why, and until when; `ended_at` when it was ended before that."""

    id: UUID
    customer_id: UUID
    customer: str
    staff: str
    reason: str
    created_at: datetime
    ends_at: datetime
    ended_at: datetime | None
    is_in_force: bool


@dataclass(frozen=True, slots=True)
class View:
    """One page that was read by a grant: when, what it is called, and its path."""

    id: UUID
    at: datetime
    words: str
    path: str


@dataclass(frozen=True, slots=True)
class Seen:
    """A grant and up to 50 pages that were read by it, latest first; `after` is the id to go on from."""

    grant: Grant
    views: Sequence[View]
    after: UUID | None


@dataclass(frozen=True, slots=True)
class Grants:
    """A page of grants, latest first; `after` is the id to go on from when there are more."""

    grants: Sequence[Grant]
    after: UUID | None


def customers_by_name(session: Session) -> Sequence[tuple[UUID, str]]:
    """Return every customer's id and name, by name."""
    rows = configuration.rows_by_key(session, CustomerRow).values()
    return sorted(((row.id, row.name) for row in rows), key=lambda pair: pair[1].casefold())


def take_access(session: Session, person: Person, customer_id: UUID, reason: str, hours: int, now: datetime) -> None:
    """Let a person of staff see a customer's pages for so many hours; raise Invalid naming what is wrong."""
    if customers.customer_by_id(session, customer_id) is None:
        raise Invalid("organisation", phrase("Choose a customer."))
    if hours not in HOURS:
        raise Invalid("hours", phrase("Choose how long."))
    reason = clean_line("reason", reason, REASON_LENGTH_MAX)
    if len(reason) < REASON_LENGTH_MIN:
        raise Invalid(
            "reason",
            phrase("Say why in at least {least} characters: the customer reads it.", least=REASON_LENGTH_MIN),
        )
    row = SupportGrantRow(
        id=new_id(),
        customer_id=customer_id,
        staff_id=person.id,
        reason=reason,
        created_at=now,
        ends_at=now + timedelta(hours=hours),
    )
    session.add(row)
    session.flush()
    until = {"until": row.ends_at.isoformat()}
    audit.note(session, person.id, Deed.TOOK_SUPPORT, Thing("support grant", row.id, customer_id), now, after=until)


def access_of(session: Session, person: Person, customer_id: UUID, now: datetime) -> Grant | None:
    """Return the grant that lets a person of staff see this customer's pages now, if there is one."""
    if person.staff_role is None:
        return None
    with tenancy.customer_scope(customer_id):
        row = store.grant_in_force(session, person.id, now)
    customer = customers.customer_by_id(session, customer_id)
    return _grant(row, person.name, customer.name, now) if row is not None and customer is not None else None


def grants(session: Session, before: UUID | None, now: datetime) -> Grants:
    """Return a page of the scope's grants, ended ones included."""
    found = store.grants(session, before, PAGE + 1)
    shown = [_named(*one, now) for one in found]
    return Grants(tuple(shown[:PAGE]), shown[PAGE - 1].id if len(found) > PAGE else None)


def grants_in_force(session: Session, person: Person, now: datetime) -> Sequence[Grant]:
    """Return the grants in force at the customers this person belongs to."""
    found: list[Grant] = []
    for customer_id in person.memberships:
        with tenancy.customer_scope(customer_id):
            found += [_named(*one, now) for one in store.grants_in_force(session, now)]
    return tuple(found)


def end_access(session: Session, person: Person, grant_id: UUID, now: datetime) -> None:
    """End a grant of the scope before its time; raise NotFound when there is none in force."""
    customer_id = store.end_grant(session, grant_id, person.id, now)
    if customer_id is None:
        raise NotFound(phrase("There is no such access, or it has ended."))
    audit.note(session, person.id, Deed.ENDED_SUPPORT, Thing("support grant", grant_id, customer_id), now)


def note_view(session: Session, grant: Grant, page: str, path: str, now: datetime) -> None:
    """Note in a transaction of its own that staff read a page by a grant, before they get to read it."""
    with tenancy.customer_scope(grant.customer_id), transaction(session):
        session.add(
            SupportViewRow(
                customer_id=grant.customer_id, id=new_id(), grant_id=grant.id, at=now, page=page, path=path[:PATH_MOST]
            )
        )


def seen(session: Session, grant_id: UUID, before: UUID | None, now: datetime) -> Seen:
    """Return a page of what was read by a grant of the scope; raise NotFound when there is no such grant."""
    found = store.grant_by_id(session, grant_id)
    if found is None:
        raise NotFound(phrase("There is no such access."))
    rows = store.views(session, grant_id, before, PAGE + 1)
    views = [View(row.id, row.at, WORDS.get(row.page, spaced(row.page)), row.path) for row in rows[:PAGE]]
    return Seen(_named(*found, now), views, views[-1].id if len(rows) > PAGE else None)


def pages_seen(session: Session, found: Grants) -> Mapping[UUID, int]:
    """Return how many pages were read by each of these grants."""
    return store.count_views(session, [one.id for one in found.grants])


def _named(row: SupportGrantRow, user: UserRow, customer: CustomerRow, now: datetime) -> Grant:
    return _grant(row, user.name or LEFT, customer.name, now)


def _grant(row: SupportGrantRow, staff: str, customer: str, now: datetime) -> Grant:
    return Grant(
        id=row.id,
        customer_id=row.customer_id,
        customer=customer,
        staff=staff,
        reason=row.reason,
        created_at=row.created_at,
        ends_at=row.ends_at,
        ended_at=row.ended_at,
        is_in_force=row.ended_at is None and row.created_at <= now < row.ends_at,
    )
