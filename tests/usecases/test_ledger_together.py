"""The laws of the ledger while eight people write at once: whatever they try on whatever credit, in whatever order."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import UUID

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from portal import clock
from portal.database import reading, transaction
from portal.domain.ledger.accounts import CREDIT_EXPENSE, Stage, of_contract, sums
from portal.domain.notices.refusals import Refusal
from portal.domain.people.person import Person
from portal.domain.people.roles import StaffRole
from portal.store.ground.tenancy import provider_scope
from portal.store.settling.ledger import transfers
from portal.usecases.closing import closing
from portal.usecases.settling import accounts, crediting, ledger
from portal.usecases.settling.crediting import CreditNote
from portal.usecases.settling.ledger import CreditView
from tests import customers
from tests.databases import sessions
from tests.many_contracts import build, month_before_last

CREDITS, WRITERS, TRIES = 24, 8, 40
NOW = clock.now()
MONTH = month_before_last(NOW)
OWED = ("accrued", "approved", "issued")

Deed = Callable[[Session, Person, CreditView], None]


def issue(session: Session, person: Person, one: CreditView) -> None:
    note = CreditNote(f"CN-{one.contract}", one.amount_minor, one.currency)
    crediting.issue(session, person, one.id, note, NOW, single_operator=False)


DEEDS: Mapping[str, Deed] = {
    "approve": lambda session, person, one: crediting.approve(session, person, one.id, NOW),
    "issue": issue,
    "void": lambda session, person, one: crediting.void(session, person, one.id, "It was wrong.", NOW),
    "withdraw": lambda session, person, one: crediting.withdraw(session, one.id, "Replaced.", NOW, person.id),
}
WEIGHTS = (4, 6, 1, 1)


def tries(engine: Engine, people: list[Person], known: list[CreditView], together: threading.Barrier, n: int) -> int:
    """What one writer tries; returns how often it was not refused."""
    dice, done = random.Random(n), 0
    together.wait()
    for _ in range(TRIES):
        (deed,) = dice.choices(list(DEEDS), WEIGHTS)
        with sessions(engine)() as session, provider_scope():
            try:
                with transaction(session):
                    DEEDS[deed](session, people[n % 2], dice.choice(known))
                done += 1
            except Refusal:
                continue
    return done


@pytest.mark.slow
def test_eight_writers_on_many_credits_leave_every_account_where_the_states_say(engine: Engine) -> None:
    with sessions(engine)() as session:
        build(session, CREDITS, MONTH)
        closing.close(session, f"{MONTH:%Y-%m}", NOW)
        with provider_scope(), transaction(session):
            staff = [customers.user(session, f"{name}@provider.example", name, {}, role) for name, role in STAFF]
        with provider_scope(), reading(session):
            known = list(ledger.credits_of(session))
    assert len(known) == CREDITS
    work = partial(tries, engine, staff, known, threading.Barrier(WRITERS))
    with ThreadPoolExecutor(WRITERS) as pool:
        done = sum(pool.map(work, range(WRITERS)))
    with sessions(engine)() as session, provider_scope(), reading(session):
        after = ledger.credits_of(session)
        moved = [ledger.transfer_of(row) for row in transfers(session)]
        balances = accounts.balances(session)
    found = sums(moved)
    assert sum(found.values()) == 0
    assert len(moved) == CREDITS + done
    for one in after:
        _keeps_the_laws(one, found)
    assert found[CREDIT_EXPENSE, "EUR"] == sum(one.amount_minor for one in after if one.state.value in OWED)
    owed: Counter[tuple[UUID, str]] = Counter()
    for one in after:
        owed[one.customer_id, one.state.value] += one.amount_minor
    for balance in balances:
        told = (balance.accrued_minor, balance.approved_minor, balance.issued_minor)
        assert told == tuple(owed[balance.customer_id, state] for state in OWED)
    assert len({one.state for one in after}) > 2, "the writers got somewhere"


STAFF = (("Mara", StaffRole.MANAGER), ("Rob", StaffRole.RESPONDER))


def _keeps_the_laws(one: CreditView, found: Mapping[tuple[str, str], int]) -> None:
    deeds = [event.kind for event in one.events]
    assert deeds[0] == "accrue"
    assert len(set(deeds)) == len(deeds), "each thing happens to a credit once"
    by = {event.kind: event.by for event in one.events}
    assert "issue" not in by or by["issue"] != by["approve"], "two people"
    for stage in Stage:
        account = -found.get((of_contract(stage, one.contract_id), one.currency), 0)
        assert account == (one.amount_minor if one.state.value == stage.value else 0)
