"""A verdict that too little is known for waits for a named person, before a close and after it (R16, E2)."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.notices.refusals import Conflict
from portal.store.evidence.runs import RunRow
from portal.store.ground.tenancy import provider_scope
from portal.usecases.closing import closing, revisions
from portal.usecases.closing.closing import Ruling, State
from portal.usecases.groundwork import audit
from tests import customers
from tests.customers import House, at, utc
from tests.usecases.test_closing import (
    BEFORE,
    CALM,
    DOWN_40_MIN,
    HALF_A_MONTH,
    NOW,
    ON_SQLITE,
    UNTIL,
    agreement_with,
    body_of,
    contract_with,
    credits_of,
    house,
    standing,
    tell,
)
from tests.usecases.test_revisions import register

__all__ = ["house"]
LATER = utc("2026-11-20 12:00:00")


@ON_SQLITE
def test_a_part_below_the_floor_makes_a_person_decide_though_another_part_is_breached(
    session: Session, house: House
) -> None:
    story = [
        ("up", BEFORE, "2026-10-05 07:59"),
        ("down", "2026-10-05 08:00", "2026-10-06 07:59"),
        ("up", "2026-10-06 08:00", "2026-10-16 00:00"),
        ("up", "2026-10-25 00:00", UNTIL),
    ]
    tell(session, 1, story)
    changing = [
        customers.terms_document("split", number, since, version_change="split")
        for number, since in ((1, "2026-01-01"), (2, "2026-10-15"))
    ]
    contract_with(session, house, agreement_with(session, "split", *changing), "split-1")
    waits = closing.close(session, "2026-10", NOW, customer="globex").waiting
    assert ("split-1", State.BELOW_FLOOR) in [(one.contract, one.state) for one in waits]


@ON_SQLITE
def test_a_close_by_command_is_noted_whatever_becomes_of_it(session: Session, house: House) -> None:
    with provider_scope(), pytest.raises(Conflict, match="Nothing of 2026-12"):
        closing.close_by_command(session, "2026-12", NOW, "globex")
    with provider_scope(), reading(session):
        noted = audit.entries(session).entries[0]
    assert (noted.what, noted.by, noted.thing) == ("closed periods", "the command line", "month 2026-12")


def forget_half_a_month(session: Session) -> None:
    """Late evidence that lowers what is known: samples of five days turn out never to have been taken."""
    with provider_scope(), transaction(session):
        run = session.scalars(select(RunRow).where(RunRow.probe == 1, RunRow.first == at("2026-10-10 08:40"))).one()
        run.last = at("2026-10-20 00:00")
        run.count = (run.last - run.first) // 60 + 1
        session.flush()
        customers.runs(session, 1, [("up", "2026-10-25 00:00", UNTIL)])


@ON_SQLITE
def test_a_closed_period_that_fell_below_the_floor_is_revised_only_after_a_ruling(
    session: Session, house: House
) -> None:
    tell(session, 1, DOWN_40_MIN)
    tell(session, 2, CALM)
    closing.close(session, "2026-10", NOW)
    (credit,) = credits_of(session)
    forget_half_a_month(session)
    with provider_scope(), pytest.raises(Conflict, match="A named person has to decide"), transaction(session):
        revisions.revise(session, house.manager, credit.statement_id, "Samples were lost.", LATER)
    assert [one.state for one in credits_of(session)] == ["accrued"]
    with provider_scope(), transaction(session):
        contract, ruling = house.initech_contract, Ruling.AS_MEASURED
        closing.decide(session, house.manager, contract, "2026-10-01", ruling, "The rest was seen.", LATER)
    with provider_scope(), transaction(session):
        revisions.revise(session, house.manager, credit.statement_id, "Samples were lost.", LATER)
    assert [one["credit"]["amount_text"] for one in [body_of(session, "initech-platinum")]] == ["400.00"]
    with provider_scope(), pytest.raises(Conflict, match="Nothing is to be decided"), transaction(session):
        closing.decide(session, house.manager, contract, "2026-10-01", ruling, "Once more.", LATER)


@pytest.mark.parametrize("ruling", list(Ruling))
@ON_SQLITE
def test_a_ruling_counts_only_while_too_little_is_known(session: Session, house: House, ruling: Ruling) -> None:
    tell(session, 1, HALF_A_MONTH)
    tell(session, 2, CALM)
    with provider_scope(), transaction(session):
        contract = house.globex_contract
        closing.decide(session, house.manager, contract, "2026-10-01", ruling, "Half is lost.", NOW)
    tell(session, 1, [("up", "2026-10-15 00:01", "2026-10-19 23:59")])
    assert standing(session, "globex-gold") is State.CAN_CLOSE
    closing.close(session, "2026-10", NOW, customer="globex")
    body = body_of(session, "globex-gold")
    assert (body["ruling"], {one["status"] for one in body["commitments"]}) == (None, {"met"})


@ON_SQLITE
def test_a_yearly_cap_is_given_once_also_where_a_period_reaches_over_new_year(session: Session, house: House) -> None:
    tell(session, 1, [("up", "2026-12-01 00:00", "2027-02-20 00:00")])
    policy = {"mode": "remove", "types": {"maintenance": {"cap_seconds": 36_000, "cap_per": "year"}}}
    terms = customers.terms_document(
        "mid", period={"kind": "billing_month", "anchor_day": 15}, commitment={"exclusions_policy": policy}
    )
    made = agreement_with(session, "mid", terms)
    contract_with(session, house, made, "mid-1", timezone="UTC", **{"from": "2026-12-15"})
    for day in ("2027-01-05", "2027-01-20"):
        entry = {"type": "maintenance", "start": f"{day}T00:00:00Z", "end": f"{day}T10:00:00Z"}
        register(session, house, entry, "2026-12-01 00:00:00")
    now = utc("2027-02-20 00:00:00")
    waits = closing.close(session, "2027-01", now, customer="globex").waiting
    assert ("mid-1", State.EARLIER_OPEN) in [(one.contract, one.state) for one in waits]
    for month in ("2026-12", "2027-01"):
        closing.close(session, month, now, customer="globex")
    counted = [
        [one["counted_seconds"] for one in body_of(session, "mid-1", key)["commitments"][0]["parts"][0]["exclusions"]]
        for key in ("2026-12-15", "2027-01-15")
    ]
    assert counted == [[36_000], [0]]
