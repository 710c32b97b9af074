"""Papers: statements and months as PDF, ordered by people and made by the worker.

No page makes one: a page finds what was made, or says that it is still to come (trust.md 9, X4).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.people.person import Person
from portal.store.settling import papers as store
from portal.store.settling.papers import Wanted
from portal.usecases.groundwork import scopes

__all__ = ["Kind", "Paper", "Standing", "Task", "Wanted"]

TRIES_MOST = 3
GIVEN_BACK_AFTER = timedelta(minutes=5)
"""After so long whoever began a paper is taken for gone."""


class Kind(StrEnum):
    """What is printed."""

    STATEMENT = "statement"
    MONTH = "month"


class Standing(StrEnum):
    """How far a paper has come."""

    NOT_ORDERED = "not ordered"
    ORDERED = "ordered"
    GIVEN_UP = "given up"


@dataclass(frozen=True, slots=True)
class Paper:
    """A PDF, the SHA-256 of it in hexadecimal, and when it was made."""

    content: bytes
    digest: str
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Task:
    """A paper to make now: its order's id, whose it is, and which."""

    id: UUID
    customer_id: UUID
    wanted: Wanted
    tries: int


def find(session: Session, customer_id: UUID, wanted: Wanted) -> Paper | Standing:
    """Return a paper of the scope's customer, or how far it has come."""
    row = store.paper(session, customer_id, wanted)
    if row is not None:
        return Paper(row.content, row.digest, row.made_at)
    order = store.order_of(session, customer_id, wanted)
    if order is None:
        return Standing.NOT_ORDERED
    return Standing.GIVEN_UP if order.problem is not None else Standing.ORDERED


def order(session: Session, customer_id: UUID, person: Person, wanted: Wanted, now: datetime) -> None:
    """Order a paper, unless it is made or ordered; one that was given up is tried again."""
    if isinstance(standing := find(session, customer_id, wanted), Paper) or standing is Standing.ORDERED:
        return
    known = store.order_of(session, customer_id, wanted)
    if known is not None:
        known.problem, known.begun_at, known.tries = None, None, 0
        session.flush()
        return
    try:
        with session.begin_nested():
            session.add(store.order(wanted, customer_id, person.id, now))
            session.flush()
    except IntegrityError:
        return  # somebody else ordered it at the same moment


def statement_wanted(statement_id: UUID, digest: str, language: str, *, with_money: bool) -> Wanted:
    """Return which paper a statement is."""
    return Wanted(Kind.STATEMENT.value, str(statement_id), digest, language, with_money)


def month_wanted(key: str, edition: str, language: str, *, with_money: bool) -> Wanted:
    """Return which paper a month is, as its statements tell it."""
    return Wanted(Kind.MONTH.value, key, edition, language, with_money)


def next_tasks(session: Session, now: datetime, most: int) -> Sequence[Task]:
    """Take up to `most` orders of the provider's scope that come next, in a transaction of its own."""
    with reading(session):
        if not store.is_any_waiting(session, now, GIVEN_BACK_AFTER):
            return ()
    with transaction(session):
        rows = store.claim_next(session, now, GIVEN_BACK_AFTER, most)
        return [Task(row.id, row.customer_id, store.wanted_of(row), row.tries) for row in rows]


def keep(session: Session, task: Task, content: bytes, now: datetime) -> None:
    """Keep what was printed, in a transaction of its own."""
    digest = hashlib.sha256(content).hexdigest()
    with scopes.customer(task.customer_id), transaction(session):
        row = store.order_of(session, task.customer_id, task.wanted)
        if row is not None:
            store.save(session, row, content, digest, now)


def put_off(session: Session, task: Task, problem: str) -> None:
    """Leave a paper to a later try, or give it up when it was tried often enough, in a transaction of its own."""
    with transaction(session):
        store.give_back(session, task.id, task.tries, problem if task.tries >= TRIES_MOST else None)


def wait_for_press(session: Session, tasks: Sequence[Task]) -> None:
    """Leave papers until there is a press, in a transaction of its own: this was no try."""
    with transaction(session):
        for task in tasks:
            store.give_back(session, task.id, task.tries - 1)


def faults(session: Session) -> Sequence[str]:
    """Return a sentence for each paper of the scope that is not what it was stored as."""
    return [
        f"The paper of {row.kind} {row.subject} ({row.language}) does not have its digest: it was changed."
        for row in store.papers(session)
        if hashlib.sha256(store.content_of(session, row.customer_id, row.id) or b"").hexdigest() != row.digest
    ]
