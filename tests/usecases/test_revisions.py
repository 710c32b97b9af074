"""Revisions: what came to light later stands beside what was said first, and the ledger follows the policy (R46)."""

import json
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.domain.quantities.zones import parse_instant
from portal.store.evidence.runs import RunRow
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.notices.exclusions import ExclusionEventRow, ExclusionRow, ExclusionServiceRow, event_id
from portal.usecases.closing import closing, revisions
from portal.usecases.settling import crediting, ledger, statements
from portal.usecases.settling.crediting import CreditNote
from portal.usecases.settling.ledger import State
from portal.usecases.settling.statements import Heading
from tests import customers
from tests.customers import House, utc

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Rules of the trade that no database has a say in."""
NOW = utc("2026-11-03 12:00:00")
LATER = utc("2026-11-20 12:00:00")
BEFORE, UNTIL = "2026-09-30 00:00", "2026-11-02 12:00"
UP_AGAIN = ("up", "2026-10-10 08:40", UNTIL)
DOWN_40_MIN = [("up", BEFORE, "2026-10-10 07:59"), ("down", "2026-10-10 08:00", "2026-10-10 08:39"), UP_AGAIN]


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    house = customers.build(session)
    commit(session)
    return house


def tell(session: Session, probe: int, story: list[tuple[str, str, str]]) -> None:
    with transaction(session):
        customers.runs(session, probe, story)


def closed(session: Session, house: House) -> Heading:
    """October closed with Initech owed 400.00 USD; its statement."""
    tell(session, 1, DOWN_40_MIN)
    tell(session, 2, [("up", BEFORE, UNTIL)])
    closing.close(session, "2026-10", NOW)
    return initech(session)


def initech(session: Session) -> Heading:
    with provider_scope(), reading(session):
        return next(one for one in statements.headings(session) if one.contract == "initech-platinum")


def late_outage(session: Session) -> None:
    """Twenty more minutes that came to light later: the second outage of October."""
    with provider_scope(), transaction(session):
        row = session.scalars(select(RunRow).where(RunRow.probe == 1, RunRow.first == customers.at(UP_AGAIN[1]))).one()
        row.last = customers.at("2026-10-12 09:59")
        row.count = (row.last - row.first) // 60 + 1
        session.flush()
        down, up = ("down", "2026-10-12 10:00", "2026-10-12 10:19"), ("up", "2026-10-12 10:20", UNTIL)
        customers.runs(session, 1, [down, up])


def revise(session: Session, house: House, reason: str = "An outage came to light.") -> UUID:
    latest = initech(session).id
    with provider_scope(), transaction(session):
        return revisions.revise(session, house.manager, latest, reason, LATER)


def initech_credits(session: Session) -> list[tuple[int, int, State]]:
    with provider_scope(), reading(session):
        found = ledger.credits_of(session)
        return [(one.revision, one.amount_minor, one.state) for one in found if one.contract == "initech-platinum"]


def issue_first(session: Session, house: House, contract: str = "initech-platinum") -> None:
    with provider_scope(), transaction(session):
        found = [one for one in ledger.credits_of(session) if one.contract == contract]
        for one in found:
            crediting.approve(session, house.manager, one.id, NOW)
            note = CreditNote("CN-1", one.amount_minor, one.currency)
            crediting.issue(session, house.responder, one.id, note, NOW, single_operator=False)


def test_late_evidence_is_found_and_shown_with_its_difference_before_anybody_decides(
    session: Session, house: House
) -> None:
    heading = closed(session, house)
    late_outage(session)
    assert revisions.look_again(session, "2026-10", LATER) == 2
    with provider_scope(), reading(session):
        assert {one.heading.contract for one in revisions.proposals(session)} == {"globex-gold", "initech-platinum"}
        proposal = revisions.proposal(session, heading.id, LATER)
    assert proposal is not None
    assert (proposal.credit_before, proposal.credit_after, proposal.ledger_delta) == ("400.00", "600.00", "200.00")
    changed = {one.what: (one.before, one.after) for one in proposal.differences}
    assert changed["credit"] == ("400.00 USD", "600.00 USD")
    assert changed["availability of api: attained"] == ("99.910 %", "99.865 %")


def test_looking_again_twice_notes_a_finding_once_and_takes_it_back_when_it_is_gone(
    session: Session, house: House
) -> None:
    closed(session, house)
    late_outage(session)
    assert [revisions.look_again(session, "2026-10", LATER) for _ in range(2)] == [2, 2]
    revise(session, house)
    with provider_scope(), reading(session):
        assert [one.heading.contract for one in revisions.proposals(session)] == ["globex-gold"]


def test_a_revision_stands_beside_the_first_statement_which_stays_as_it_was(session: Session, house: House) -> None:
    first = closed(session, house)
    late_outage(session)
    second = revise(session, house)
    with provider_scope(), reading(session):
        old, new = statements.statement(session, first.id), statements.statement(session, second)
    assert [one.title for one in new.revisions] == [
        "INITECH-PLATINUM-2026-10, revision 1",
        "INITECH-PLATINUM-2026-10, revision 2",
    ]
    assert (old.heading.credit_text, old.heading.digest) == ("400.00", first.digest)
    assert (new.heading.credit_text, new.heading.reason) == ("600.00", "An outage came to light.")
    assert new.heading.closed_by_name == "Mara"


def test_what_was_not_issued_is_replaced_and_what_was_is_added_to(session: Session, house: House) -> None:
    closed(session, house)
    late_outage(session)
    revise(session, house)
    assert initech_credits(session) == [(2, 60000, State.ACCRUED), (1, 40000, State.WITHDRAWN)]


def test_an_issued_credit_stands_and_the_revision_adds_what_is_missing(session: Session, house: House) -> None:
    closed(session, house)
    issue_first(session, house)
    late_outage(session)
    revise(session, house)
    assert initech_credits(session) == [(2, 20000, State.ACCRUED), (1, 40000, State.ISSUED)]


@pytest.mark.parametrize(
    ("reason", "known", "refused", "words"),
    [
        ("Nothing happened.", True, Conflict, "Nothing has changed"),
        ("", True, Invalid, "Write something"),
        ("Lost.", False, NotFound, "no such statement"),
    ],
)
@ON_SQLITE
def test_a_revision_without_a_change_a_reason_or_a_statement_is_refused(
    session: Session, house: House, reason: str, known: bool, refused: type[Exception], words: str
) -> None:
    heading = closed(session, house)
    statement_id = heading.id if known else new_id()
    with provider_scope(), pytest.raises(refused, match=words), transaction(session):
        revisions.revise(session, house.manager, statement_id, reason, LATER)
    assert initech_credits(session) == [(1, 40000, State.ACCRUED)]


@ON_SQLITE
def test_only_the_latest_revision_can_be_revised(session: Session, house: House) -> None:
    first = closed(session, house)
    late_outage(session)
    revise(session, house)
    with provider_scope(), pytest.raises(Conflict, match="revised already"), transaction(session):
        revisions.revise(session, house.manager, first.id, "Again.", LATER)


VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "sla.json").read_text())["vectors"]
RESTATEMENTS = [case for case in VECTORS if case["group"] == "restate"]


def promise(session: Session, house: House, case: dict[str, Any]) -> None:
    """The contract of a worked case, on a service measured each minute as the case observed it."""
    flat = case["contract"]
    with provider_scope(), transaction(session):
        agreement = customers.agreement(session, "case")
        keys = ("target_percent", "methodology", "unknown_policy", "exclusions_policy", "credit_schedule")
        commitment = {key: flat[key] for key in keys}
        terms = customers.terms_document("case", commitment=commitment, restatement={"policy": case["policy"]})
        customers.version(session, agreement, terms)
        fee = flat["monthly_fee"]
        services = {"api": house.api}
        customers.contract(session, house.globex, agreement, "case-1", services, fee["currency"], fee["amount"])
        (outage,) = case["observations"]["outages"]
        down = ("down", outage["start"][:-4].replace("T", " "), "2026-06-10 07:59")
        customers.runs(session, 1, [("up", "2026-05-30 00:00", "2026-06-09 23:59"), down])
        customers.runs(session, 1, [("up", "2026-06-10 08:00", "2026-07-02 23:59")])


def register(session: Session, house: House, one: dict[str, str], entered: str) -> UUID:
    """An entry of the register that one person asked for and another approved at an instant."""
    with provider_scope(), transaction(session):
        row = ExclusionRow(
            id=new_id(),
            type=one["type"],
            start=parse_instant(one["start"]),
            end=parse_instant(one["end"]),
            announced_at=None,
            reason="It was agreed on.",
            evidence_link="",
            is_public=False,
            for_all=True,
            requested_by=house.responder.id,
            entered_at=utc(entered),
        )
        session.add(row)
        session.flush()
        session.add(ExclusionServiceRow(id=new_id(), exclusion_id=row.id, service_id=house.api))
        decide(session, row.id, 1, "requested", house.responder.id, entered)
        decide(session, row.id, 2, "approved", house.manager.id, entered)
        return row.id


def decide(session: Session, exclusion: UUID, number: int, kind: str, person: UUID, at: str) -> None:
    session.add(
        ExclusionEventRow(
            id=event_id(exclusion, number),
            exclusion_id=exclusion,
            number=number,
            at=utc(at),
            kind=kind,
            user_id=person,
            words="So decided.",
            by_one_person=False,
        )
    )
    session.flush()


def statement_of_case(session: Session) -> tuple[Heading, dict[str, Any]]:
    with provider_scope(), reading(session):
        heading = next(one for one in statements.headings(session) if one.contract == "case-1")
        return heading, statements.statement(session, heading.id).body


def version_keys(body: dict[str, Any]) -> dict[str, Any]:
    (line,) = body["commitments"]
    amount = body["credit"]["amount_text"]
    return {"attained_percent": line["parts"][0]["attained"], "met": line["met"], "credit_amount": amount}


@pytest.mark.parametrize("case", RESTATEMENTS, ids=[case["id"] for case in RESTATEMENTS])
def test_the_restatement_vectors_hold_through_the_whole_stack(
    session: Session, house: House, case: dict[str, Any]
) -> None:
    """Closed, approved, issued; then the register changes, and the statement is revised."""
    promise(session, house, case)
    before = [register(session, house, one, "2026-06-01 00:00:00") for one in case["exclusions_v1"]]
    closing.close(session, "2026-06", utc("2026-07-04 00:00:00"), customer="globex")
    first, body = statement_of_case(session)
    assert version_keys(body) == case["expect"]["v1"]
    issue_first(session, house, "case-1")
    with provider_scope(), transaction(session):
        for one in before:
            decide(session, one, 3, "withdrawn", house.manager.id, "2026-07-10 00:00:00")
    for entry in case["exclusions_v2"]:
        register(session, house, entry, "2026-07-10 00:00:00")
    with provider_scope(), transaction(session):
        proposal = revisions.proposal(session, first.id, LATER)
        revisions.revise(session, house.manager, first.id, "The register changed.", LATER)
    assert proposal is not None
    assert proposal.ledger_delta == case["expect"]["ledger_delta"]
    second, body = statement_of_case(session)
    assert (second.revision, version_keys(body)) == (2, case["expect"]["v2"])
    with provider_scope(), reading(session):
        found = [one for one in ledger.credits_of(session) if one.contract == "case-1"]
    owed = sum(one.amount_minor for one in found if one.state in (State.ISSUED, State.ACCRUED))
    assert owed == Fraction(case["expect"]["final_credit_amount"]) * 100
