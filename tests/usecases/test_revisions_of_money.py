"""A revision gives what is owed and was not given, in the statement's own currency, to whoever can still claim it."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.chunk import DAY_S, DayKey
from portal.domain.notices.refusals import Conflict
from portal.store.evidence.deletions import DayDeletion, record_deletion
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import ContractRow, ContractServiceRow
from portal.usecases.closing import revisions, statement_proof
from portal.usecases.settling import claims, crediting, ledger, statements
from portal.usecases.settling.claims import Outcome
from portal.usecases.settling.ledger import CreditView, State
from tests import customers
from tests.customers import House, at
from tests.usecases.test_closing import ON_SQLITE, agreement_with, contract_with
from tests.usecases.test_revisions import (
    LATER,
    NOW,
    closed,
    house,
    initech_credits,
    issue_first,
    late_outage,
    revise,
)

__all__ = ["house"]
FAST = {"type": "percentile", "percentile": "95", "threshold_ms": 500}


def change_contract(session: Session, house: House, **changes: Any) -> None:
    """A contract that says otherwise, as no file can make it."""
    with provider_scope(), transaction(session):
        row = session.scalars(select(ContractRow).where(ContractRow.id == house.initech_contract)).one()
        row.document = json.dumps({**json.loads(row.document), **changes})


@ON_SQLITE
def test_a_credit_that_was_taken_back_is_given_again_by_a_revision(session: Session, house: House) -> None:
    statement = closed(session, house).id
    issue_first(session, house)
    with provider_scope(), transaction(session):
        (credit,) = ledger.credits_of(session)
        crediting.void(session, house.responder, credit.id, "The number was wrong.", NOW)
    with provider_scope(), reading(session):
        proposal = revisions.proposal(session, statement, LATER)
    assert proposal is not None
    assert (proposal.differences, proposal.ledger_delta) == ((), "400.00")
    revise(session, house, "Issued again under its own number.")
    assert initech_credits(session) == [(2, 40000, State.ACCRUED), (1, 40000, State.VOIDED)]
    with pytest.raises(Conflict, match="Nothing has changed"):
        revise(session, house, "Once more.")


@ON_SQLITE
def test_a_statement_is_not_revised_in_another_currency(session: Session, house: House) -> None:
    closed(session, house)
    issue_first(session, house)
    change_contract(session, house, currency="CHF")
    with pytest.raises(Conflict, match="This statement is in USD"):
        revise(session, house)
    assert initech_credits(session) == [(1, 40000, State.ISSUED)]


def claimed_late(session: Session, house: House) -> CreditView:
    """The latest credit of a contract whose credits are claimed within ten days after the period."""
    with provider_scope(), reading(session):
        return next(one for one in ledger.credits_of(session) if one.contract == "claiming-1")


@pytest.mark.parametrize("was_rejected", [False, True])
@ON_SQLITE
def test_a_credit_that_came_to_light_late_can_still_be_had(session: Session, house: House, was_rejected: bool) -> None:
    claim = {"required": True, "deadline": {"type": "days_after_period_end", "days": 10}}
    terms = customers.terms_document("claiming", commitment=customers.PER_MINUTE, claim=claim)
    contract_with(session, house, agreement_with(session, "claiming", terms), "claiming-1")
    closed(session, house)
    if was_rejected:
        first = claimed_late(session, house)
        with provider_scope(), transaction(session):
            made = claims.claim(session, house.globex_owner, first.id, "", NOW)
            claims.decide(session, house.manager, made, Outcome.REJECTED, "The outage was yours.", NOW)
    late_outage(session)
    statement = claimed_late(session, house).statement_id
    with provider_scope(), transaction(session):
        revisions.revise(session, house.manager, statement, "It was ours, and longer.", LATER)
    late = claimed_late(session, house)
    assert (late.revision, late.claim_required) == (2, not was_rejected)
    with provider_scope(), transaction(session):
        if not was_rejected:
            made = claims.claim(session, house.globex_owner, late.id, "", LATER)
            claims.decide(session, house.manager, made, Outcome.ACCEPTED, "", LATER)
        is_claimed = claims.is_accepted(session, late.contract_id, late.period)
        crediting.approve(session, house.manager, late.id, LATER, is_claimed=is_claimed)


@ON_SQLITE
def test_a_period_that_is_not_there_any_more_is_named_and_its_statement_can_be_read(
    session: Session, house: House
) -> None:
    statement = closed(session, house).id
    with provider_scope(), transaction(session):
        for one in session.scalars(
            select(ContractServiceRow).where(ContractServiceRow.contract_id == house.initech_contract)
        ):
            session.delete(one)
    with provider_scope(), reading(session):
        assert revisions.proposal(session, statement, LATER) is None
    (sentence,) = statement_proof.verify(session).changed
    assert "initech-platinum" in sentence
    assert sentence.endswith("cannot be judged again: its contract does not have this period any more.")


@ON_SQLITE
def test_a_period_whose_samples_were_deleted_is_said_so_and_stops_no_other_one(session: Session, house: House) -> None:
    terms = customers.terms_document("fast", commitment={"methodology": FAST})
    contract_with(session, house, agreement_with(session, "fast", terms), "fast-1")
    closed(session, house)
    late_outage(session)
    with provider_scope(), transaction(session):
        key = DayKey(1, 1, at("2026-10-05 00:00") // DAY_S)
        record_deletion(session, DayDeletion(key, 1440, b"digest", (), LATER, "thirteen months"))
    assert revisions.look_again(session, "2026-10", LATER) == 2
    changed = statement_proof.verify(session).changed
    assert len(changed) == 3
    (sentence,) = [one for one in changed if "fast-1" in one]
    assert "cannot be compared. It cannot be judged again: the samples of probe 1" in sentence
    statement = fast_statement(session)
    with provider_scope(), pytest.raises(Conflict, match="samples of probe 1"), transaction(session):
        revisions.revise(session, house.manager, statement, "It was slow.", LATER)


def fast_statement(session: Session) -> UUID:
    with provider_scope(), reading(session):
        return next(one.id for one in statements.headings(session) if one.contract == "fast-1")
