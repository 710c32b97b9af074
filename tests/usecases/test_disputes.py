"""Disputes and claims on both databases: each customer's own, one word ends them, and nothing follows it."""

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portal.database import begin, commit
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.settling.claims import ClaimRow
from portal.usecases.closing import closing
from portal.usecases.settling import claims, disputes, ledger
from portal.usecases.settling.disputes import Outcome
from tests import customers
from tests.customers import House, utc

NOW = utc("2026-11-04 12:00")
STORY = [
    ("up", "2026-09-30 00:00", "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", "2026-11-02 12:00"),
]
CLAIM = {"required": True, "deadline": {"type": "days_after_period_end", "days": 30}}
LAST_SECOND, TOO_LATE = utc("2026-11-30 23:59:59"), utc("2026-12-01 00:00")


@pytest.fixture
def house(session: Session) -> House:
    """October is closed, with a credit that Initech must claim; the transaction of the test has begun."""
    begin(session, write=True)
    house = customers.build(session)
    with provider_scope():
        agreement = customers.agreement(session, "claiming")
        terms = customers.terms_document("claiming", commitment=customers.PER_MINUTE, claim=CLAIM)
        customers.version(session, agreement, terms)
        customers.contract(session, house.initech, agreement, "initech-claiming", {"api": house.api})
    customers.runs(session, 1, STORY)
    commit(session)
    closing.close(session, "2026-10", NOW, customer="initech")
    begin(session, write=True)
    return house


def credit(session: Session) -> ledger.CreditView:
    with provider_scope():
        return next(one for one in ledger.credits_of(session) if one.claim_required)


def open_dispute(session: Session, house: House, statement: UUID) -> UUID:
    with customer_scope(house.initech):
        return disputes.open_dispute(session, house.initech_owner, statement, "It was down on Monday.", NOW)


def test_both_sides_write_and_one_word_ends_it(session: Session, house: House) -> None:
    statement = credit(session).statement_id
    dispute = open_dispute(session, house, statement)
    with pytest.raises(Conflict, match="disputed already"):
        open_dispute(session, house, statement)
    with provider_scope():
        disputes.write(session, house.manager, dispute, "When?", NOW, is_staff=True)
        with pytest.raises(Invalid):
            disputes.decide(session, house.manager, dispute, Outcome.REJECTED, "", NOW)
        disputes.decide(session, house.manager, dispute, Outcome.REJECTED, "It was another service.", NOW)
        with pytest.raises(Conflict, match="has ended already"):
            disputes.decide(session, house.manager, dispute, Outcome.ACCEPTED, "After all.", NOW)
    with customer_scope(house.initech):
        found = disputes.dispute(session, dispute)
        assert (found.outcome, [one.is_staff for one in found.messages]) == (Outcome.REJECTED, [False, True, True])
        with pytest.raises(Conflict):
            disputes.write(session, house.initech_owner, dispute, "But", NOW, is_staff=False)
    again = open_dispute(session, house, statement)
    with customer_scope(house.initech):
        disputes.withdraw(session, house.initech_owner, again, "", NOW)
        assert [one.outcome for one in disputes.about(session, [statement])] == [Outcome.WITHDRAWN, Outcome.REJECTED]
        assert [one.id for one in disputes.all_disputes(session)] == [again, dispute]


def test_a_stranger_finds_neither_statement_nor_dispute_nor_credit(session: Session, house: House) -> None:
    statement, key = credit(session).statement_id, credit(session).id
    dispute = open_dispute(session, house, statement)
    with customer_scope(house.globex):
        with pytest.raises(NotFound):
            disputes.open_dispute(session, house.globex_owner, statement, "Ours.", NOW)
        with pytest.raises(NotFound):
            disputes.dispute(session, dispute)
        with pytest.raises(NotFound):
            claims.claim(session, house.globex_owner, key, "Ours.", NOW)
        assert disputes.listed(session).disputes == ()
        assert claims.claimable(session, NOW) == ()


def test_the_last_second_before_the_deadline_is_in_time_and_the_next_is_not(session: Session, house: House) -> None:
    key = credit(session).id
    with customer_scope(house.initech):
        with pytest.raises(Conflict, match="The time to claim this credit is over"):
            claims.claim(session, house.initech_owner, key, "", TOO_LATE)
        assert session.query(ClaimRow).count() == 0
        assert [one.is_open for one in claims.claimable(session, TOO_LATE)] == [False]
        claims.claim(session, house.initech_owner, key, "", LAST_SECOND)
        with pytest.raises(Conflict, match="claimed already"):
            claims.claim(session, house.initech_owner, key, "", LAST_SECOND)


def test_a_credit_that_comes_by_itself_needs_no_claim(session: Session, house: House) -> None:
    with customer_scope(house.initech):
        own = next(one for one in ledger.credits_of(session) if not one.claim_required)
        with pytest.raises(Conflict, match="It needs no claim"):
            claims.claim(session, house.initech_owner, own.id, "", NOW)


def test_only_an_accepted_claim_lets_the_credit_be_approved(session: Session, house: House) -> None:
    found = credit(session)
    with customer_scope(house.initech):
        claim = claims.claim(session, house.initech_owner, found.id, "Please.", NOW)
    with provider_scope():
        assert not claims.is_accepted(session, found.contract_id, found.period)
        assert [one.id for one in claims.claims_page(session, waiting_only=True).claims] == [claim]
        with pytest.raises(Invalid):
            claims.decide(session, house.manager, claim, claims.Outcome.REJECTED, " ", NOW)
        claims.decide(session, house.manager, claim, claims.Outcome.ACCEPTED, "", NOW)
        assert claims.is_accepted(session, found.contract_id, found.period)
        assert claims.claims_page(session, waiting_only=True).claims == []
        assert [one.id for one in claims.claims_page(session).claims] == [claim]
        assert claims.claims_page(session, claim).claims == []
        with pytest.raises(Conflict, match="decided already"):
            claims.decide(session, house.manager, claim, claims.Outcome.REJECTED, "No.", NOW)
        with pytest.raises(NotFound):
            claims.decide(session, house.manager, UUID(int=1), claims.Outcome.ACCEPTED, "", NOW)
