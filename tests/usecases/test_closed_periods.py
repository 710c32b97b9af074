"""Closed periods in words: credits as they are booked, who closed and who decided, and what became of what is owed."""

from collections.abc import Sequence

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.people.people import UserRow
from portal.store.settling.statements import StatementRow
from portal.usecases.closing import closing
from portal.usecases.closing.closing import Ruling
from portal.usecases.customer import closed_periods, histories
from portal.usecases.customer.closed_periods import ClosedStatement
from portal.usecases.settling import crediting, ledger, statements
from portal.usecases.settling.crediting import CreditNote
from tests import customers
from tests.customers import House, utc

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = utc("2026-11-03 12:00:00")
BEFORE, UNTIL = "2026-09-30 00:00", "2026-11-02 12:00"
DOWN_40_MIN = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", UNTIL),
]


@pytest.fixture
def house(session: Session) -> House:
    """Both customers, 40 minutes of the API down in October; nobody measured the storage of Globex."""
    begin(session, write=True)
    house = customers.build(session)
    customers.runs(session, 1, DOWN_40_MIN)
    commit(session)
    return house


def shown(session: Session, contract: str) -> ClosedStatement:
    with provider_scope(), reading(session):
        heading = next(one for one in statements.headings(session) if one.contract == contract)
        return closed_periods.statement_shown(session, statements.statement(session, heading.id), sees_money=True)


def erase(session: Session, people: Sequence[Person]) -> None:
    with transaction(session):
        for one in people:
            session.execute(update(UserRow).where(UserRow.id == one.id).values(name=None))


def test_the_credit_of_a_line_is_rounded_as_the_credit_of_the_period_is(session: Session, house: House) -> None:
    with provider_scope(), transaction(session):
        agreement = customers.agreement(session, "odd")
        customers.version(session, agreement, customers.terms_document("odd", commitment=customers.PER_MINUTE))
        customers.contract(session, house.initech, agreement, "odd", {"api": house.api}, fee="123.47")
    closing.close(session, "2026-10", NOW)
    found = shown(session, "odd")
    assert ([one.credit for one in found.lines], found.credit) == (["EUR 49.39"], "EUR 49.39")


def test_a_statement_says_who_closed_it_and_never_who_did_not(session: Session, house: House) -> None:
    closing.close(session, "2026-10", NOW)
    assert shown(session, "initech-platinum").closed_by == "the timetable or the command line"
    with provider_scope(), transaction(session):
        closing.decide(
            session, house.manager, house.globex_contract, "2026-10-01", Ruling.AS_MEASURED, "It was in use.", NOW
        )
    closing.close(session, "2026-10", NOW, by=house.responder.id)
    found = shown(session, "globex-gold")
    assert (found.closed_by, found.ruled_by) == ("Rob", "Mara")
    erase(session, [house.manager, house.responder])
    found = shown(session, "globex-gold")
    assert (found.closed_by, found.ruled_by) == ("somebody who has left", "somebody who has left")


def test_a_statement_says_what_became_of_what_was_owed(session: Session, house: House) -> None:
    closing.close(session, "2026-10", NOW)
    assert shown(session, "initech-platinum").owed == "USD 400.00 is owed."
    with provider_scope(), transaction(session):
        (credit,) = ledger.credits_of(session)
        crediting.approve(session, house.manager, credit.id, NOW)
    assert shown(session, "initech-platinum").owed == "USD 400.00 is owed."
    with provider_scope(), transaction(session):
        note = CreditNote("CN-1", 40000, "USD")
        crediting.issue(session, house.responder, credit.id, note, NOW, single_operator=False)
    assert shown(session, "initech-platinum").owed == "USD 400.00 was issued."
    with provider_scope(), transaction(session):
        crediting.void(session, house.manager, credit.id, "Wrong document.", NOW)
    assert shown(session, "initech-platinum").owed == "USD 400.00 was owed; what became of it stands below."


def test_a_replaced_revision_says_what_it_owed(session: Session, house: House) -> None:
    closing.close(session, "2026-10", NOW)
    with provider_scope(), transaction(session):
        old = session.query(StatementRow).filter_by(contract_id=house.initech_contract).one()
        copied = {one.key: getattr(old, one.key) for one in StatementRow.__table__.columns}
        session.add(StatementRow(**copied | {"id": house.initech, "revision": 2}))
    with provider_scope(), reading(session):
        first = statements.statement(session, old.id)
        found = closed_periods.statement_shown(session, first, sees_money=True)
    assert found.owed == "USD 400.00 was owed by this revision."


def test_compliance_by_period_reads_the_thirteen_latest_periods_and_no_other(session: Session, house: House) -> None:
    closing.close(session, "2026-10", NOW)
    with provider_scope(), transaction(session):
        real = session.query(StatementRow).filter_by(contract_id=house.initech_contract).one()
        copied = {one.key: getattr(real, one.key) for one in StatementRow.__table__.columns}
        for number in range(1, 14):
            old = {"id": new_id(), "period": f"20{10 + number}-01-01", "body": "{}" if number == 1 else real.body}
            session.add(StatementRow(**copied | old))
    with customer_scope(house.initech), reading(session):
        found = histories.history(session, house.initech, house.initech_owner)
    assert (found.periods[0], found.periods[-1], len(found.periods)) == ("2012-01-01", "2026-10-01", 13)
    assert [len(row.cells) for row in found.rows] == [13]
