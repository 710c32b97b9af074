"""Closing: what ended is committed to once, with what is owed, and says the same however often it is computed."""

import json
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.domain.notices.refusals import Conflict, Invalid, NotFound
from portal.store.evidence.runs import RunRow
from portal.store.ground.tenancy import provider_scope
from portal.store.people.customers import ContractRow
from portal.store.settling import statements as store
from portal.usecases.closing import closing, revisions
from portal.usecases.closing.closing import Ruling, State
from portal.usecases.groundwork import audit
from portal.usecases.settling import crediting, ledger, statements
from portal.usecases.settling.ledger import CreditView
from tests import customers
from tests.customers import BERLIN, House, at, utc

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Rules of the trade that no database has a say in."""
NOW = utc("2026-11-03 12:00:00")
BEFORE, UNTIL = "2026-09-30 00:00", "2026-11-02 12:00"
CALM = [("up", BEFORE, UNTIL)]
DOWN_40_MIN = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", UNTIL),
]
DOWN_A_DAY = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-11 07:59"),
    ("up", "2026-10-11 08:00", UNTIL),
]
HALF_A_MONTH = [("up", BEFORE, "2026-10-15 00:00"), ("up", "2026-10-20 00:00", UNTIL)]

Body = dict[str, Any]


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    house = customers.build(session)
    commit(session)
    return house


def tell(session: Session, probe: int, story: list[tuple[str, str, str]], provenance: str = "measured") -> None:
    with transaction(session):
        customers.runs(session, probe, story, provenance)


def bodies(session: Session) -> dict[tuple[str, str], Body]:
    with provider_scope(), reading(session):
        return {(one.contract, one.row.period): json.loads(one.row.body) for one in store.statements(session)}


def body_of(session: Session, contract: str, period: str = "2026-10-01") -> Body:
    return bodies(session)[contract, period]


def credits_of(session: Session) -> list[CreditView]:
    with provider_scope(), reading(session):
        return list(ledger.credits_of(session))


def standing(session: Session, contract: str, period: str = "2026-10", now: str = "2026-11-03 12:00:00") -> State:
    with provider_scope(), reading(session):
        return next(one.state for one in closing.standing(session, period, utc(now)) if one.contract == contract)


def agreement_with(session: Session, slug: str, *documents: Body) -> UUID:
    """An agreement of these versions, in a transaction of its own."""
    with provider_scope(), transaction(session):
        made = customers.agreement(session, slug)
        for one in documents:
            customers.version(session, made, one)
    return made


def contract_with(session: Session, house: House, agreement: UUID, key: str, **changes: Any) -> UUID:
    with provider_scope(), transaction(session):
        return customers.contract(session, house.globex, agreement, key, {"api": house.api}, **changes)


def test_a_month_is_closed_with_what_was_attained_and_what_is_owed(session: Session, house: House) -> None:
    tell(session, 1, DOWN_40_MIN)
    tell(session, 2, CALM)
    outcome = closing.close(session, "2026-10", NOW)
    assert (outcome.closed, outcome.already, outcome.waiting) == (2, 0, ())
    globex = body_of(session, "globex-gold")
    assert [(one["service"], one["status"]) for one in globex["commitments"]] == [("api", "met"), ("storage", "met")]
    assert globex["period"]["start"] == at("2026-09-30 22:00")
    assert body_of(session, "initech-platinum")["credit"]["amount_text"] == "400.00"
    (credit,) = credits_of(session)
    assert (credit.amount_minor, credit.currency, credit.state) == (40000, "USD", "accrued")
    assert [(one.kind, one.by) for one in credit.events] == [("accrue", None)]


def test_closing_again_changes_nothing(session: Session, house: House) -> None:
    tell(session, 1, DOWN_40_MIN)
    tell(session, 2, CALM)
    closing.close(session, "2026-10", NOW)
    before, owed = bodies(session), credits_of(session)
    outcome = closing.close(session, "2026-10", utc("2026-11-09 12:00:00"))
    assert (outcome.closed, outcome.already) == (0, 2)
    assert (bodies(session), credits_of(session)) == (before, owed)


@ON_SQLITE
def test_only_the_customer_asked_for_is_closed(session: Session, house: House) -> None:
    tell(session, 1, CALM)
    tell(session, 2, CALM)
    assert closing.close(session, "2026-10", NOW, customer="initech").closed == 1
    assert list(bodies(session)) == [("initech-platinum", "2026-10-01")]


@pytest.mark.parametrize(
    ("month", "customer", "now", "refused", "words"),
    [
        ("2026-10", None, "2026-11-02 12:00:00", Conflict, "from 2 November 2026, 23:00 UTC"),
        ("2026-12", None, "2026-11-02 12:00:00", Conflict, "can be closed yet"),
        ("October", None, "2026-11-03 12:00:00", Invalid, "like 2026-10"),
        ("2026-13", None, "2026-11-03 12:00:00", Invalid, "no month"),
        ("2026-10", "nobody", "2026-11-03 12:00:00", NotFound, "no customer nobody"),
    ],
)
@ON_SQLITE
def test_what_cannot_be_closed_is_refused_with_a_sentence(
    session: Session, house: House, month: str, customer: str | None, now: str, refused: type[Exception], words: str
) -> None:
    tell(session, 1, CALM)
    with pytest.raises(refused, match=words):
        closing.close(session, month, utc(now), customer)
    assert bodies(session) == {}


@ON_SQLITE
def test_a_period_that_ended_less_than_48_hours_ago_waits_for_its_own_zone(session: Session, house: House) -> None:
    """Berlin's October ends five hours before New York's."""
    tell(session, 1, CALM)
    tell(session, 2, CALM)
    outcome = closing.close(session, "2026-10", utc("2026-11-03 00:00:00"))
    assert outcome.closed == 1
    assert [(one.contract, one.state) for one in outcome.waiting] == [("initech-platinum", State.NOT_ENDED)]


def test_a_period_below_the_coverage_floor_waits_for_a_named_person(session: Session, house: House) -> None:
    tell(session, 1, HALF_A_MONTH)
    tell(session, 2, CALM)
    outcome = closing.close(session, "2026-10", NOW, customer="globex")
    assert outcome.closed == 0
    (waits,) = outcome.waiting
    assert (waits.state, waits.sentence) == (
        State.BELOW_FLOOR,
        "Too little is known of availability of api. A named person has to decide.",
    )
    assert standing(session, "globex-gold") is State.BELOW_FLOOR


@pytest.mark.parametrize(
    ("ruling", "status", "attained"),
    [(Ruling.AS_MEASURED, "met", "100.000"), (Ruling.WITHOUT_VERDICT, "insufficient_data", "100.000")],
)
@ON_SQLITE
def test_what_a_named_person_decided_closes_the_period_and_stands_in_it(
    session: Session, house: House, ruling: Ruling, status: str, attained: str
) -> None:
    tell(session, 1, HALF_A_MONTH)
    tell(session, 2, CALM)
    with provider_scope(), transaction(session):
        reason = "The customer agreed on the phone."
        closing.decide(session, house.manager, house.globex_contract, "2026-10-01", ruling, reason, NOW)
        noted = audit.entries(session).entries[0]
    assert (noted.what, noted.by) == ("decided how a period is closed", "Mara")
    assert closing.close(session, "2026-10", NOW, customer="globex").closed == 1
    body = body_of(session, "globex-gold")
    assert body["ruling"] == {"ruling": ruling.value, "reason": reason, "by": str(house.manager.id)}
    api = next(one for one in body["commitments"] if one["service"] == "api")
    assert (api["status"], api["parts"][0]["attained"]["display"]) == (status, attained)


@ON_SQLITE
def test_nothing_is_to_be_decided_about_a_period_that_is_known_well_enough(session: Session, house: House) -> None:
    tell(session, 1, CALM)
    tell(session, 2, CALM)
    with (
        provider_scope(),
        pytest.raises(Conflict, match="Nothing is to be decided"),
        transaction(session),
    ):
        contract = house.globex_contract
        closing.decide(session, house.manager, contract, "2026-10-01", Ruling.AS_MEASURED, "No reason.", NOW)


def test_the_working_of_every_line_is_stored_whole(session: Session, house: House) -> None:
    tell(session, 1, DOWN_40_MIN)
    tell(session, 2, CALM)
    closing.close(session, "2026-10", NOW)
    with provider_scope(), reading(session):
        initech = next(one for one in statements.headings(session) if one.contract == "initech-platinum")
        working = statements.working(session, initech.id, "api", "availability")
    assert (working["schema"], working["contract"]["id"]) == ("sla-working/1", "initech-platinum")
    assert working["totals"]["downtime"] == "2400"
    assert working["credit"]["amount_text"] == "400.00"
    assert initech.title == "INITECH-PLATINUM-2026-10, revision 1"


@ON_SQLITE
def test_two_customers_who_were_promised_the_same_share_one_working(session: Session, house: House) -> None:
    tell(session, 1, DOWN_40_MIN)
    tell(session, 2, CALM)
    with provider_scope(), transaction(session):
        gold = session.connection().exec_driver_sql("SELECT agreement_id FROM contract WHERE key='globex-gold'")
        agreement = UUID(str(gold.scalar_one()))
        other = {"api": house.api}
        customers.contract(session, house.initech, agreement, "initech-gold", other, "USD", "7.00", timezone=BERLIN)
    closing.close(session, "2026-10", NOW)
    workings = [
        body_of(session, key)["commitments"][0]["parts"][0]["working"] for key in ("globex-gold", "initech-gold")
    ]
    assert workings[0] == workings[1]


@ON_SQLITE
def test_what_generated_evidence_is_behind_may_be_approved_and_is_never_issued(session: Session, house: House) -> None:
    tell(session, 1, DOWN_40_MIN, "generated")
    tell(session, 2, CALM, "generated")
    closing.close(session, "2026-10", NOW)
    assert body_of(session, "globex-gold")["evidence"]["provenance"] == ["generated"]
    (credit,) = credits_of(session)
    assert credit.is_generated
    with provider_scope(), transaction(session):
        crediting.approve(session, house.manager, credit.id, NOW)
    note = crediting.CreditNote("CN-1", credit.amount_minor, credit.currency)
    with provider_scope(), pytest.raises(Conflict, match="never be issued"), transaction(session):
        crediting.issue(session, house.manager, credit.id, note, NOW, single_operator=False)
    (credit,) = credits_of(session)
    assert credit.state == "approved"


@ON_SQLITE
def test_a_contract_that_starts_and_ends_within_the_period_is_judged_on_its_part(
    session: Session, house: House
) -> None:
    tell(session, 1, DOWN_A_DAY)
    terms = customers.terms_document("short", fee_proration="days")
    agreement = agreement_with(session, "short", terms)
    dates = {"from": "2026-10-11", "until": "2026-10-21"}
    contract_with(session, house, agreement, "short-1", fee="310.00", **dates)
    closing.close(session, "2026-10", NOW, customer="globex")
    part = body_of(session, "short-1")["commitments"][0]["parts"][0]
    # 8 of 240 hours down: 96.666…%, so 25 % of 10/31 of the fee
    assert part["attained"]["exact"] == "290/3"
    assert (part["money"]["fee_exact"], part["money"]["credit"]["amount_text"]) == ("100", "25.00")


@ON_SQLITE
def test_the_fee_in_force_at_the_periods_start_is_what_the_credit_is_a_share_of(session: Session, house: House) -> None:
    tell(session, 1, DOWN_A_DAY)
    agreement = agreement_with(session, "fees", customers.terms_document("fees"))
    contract_with(session, house, agreement, "fees-1")
    fees = [{"from": "2026-01-01", "amount": "100"}, {"from": "2026-10-02", "amount": "900"}]
    with provider_scope(), transaction(session):
        row = session.scalars(select(ContractRow).where(ContractRow.key == "fees-1")).one()
        document = json.loads(row.document)
        document["services"][0]["monthly_fee"] = fees
        row.document = json.dumps(document)
    closing.close(session, "2026-10", NOW, customer="globex")
    assert body_of(session, "fees-1")["credit"]["amount_text"] == "25.00"


@pytest.mark.parametrize(
    ("policy", "status", "amount"),
    [
        ("start_version", ["breached"], "250.00"),
        ("latest_version", ["met"], "0.00"),
        ("customer_best", ["breached", "met"], "250.00"),
        ("split", ["breached", "met"], "120.97"),
    ],
)
@ON_SQLITE
def test_a_new_version_within_the_period_is_judged_as_the_terms_say(
    session: Session, house: House, policy: str, status: list[str], amount: str
) -> None:
    """From 16 October on 95 % are promised; a day of October is down before that."""
    tell(session, 1, DOWN_A_DAY)
    old = customers.terms_document("changing", version_change=policy)
    new = customers.terms_document(
        "changing", 2, "2026-10-16", version_change=policy, commitment={"target_percent": "95"}
    )
    contract_with(session, house, agreement_with(session, "changing", old, new), "changing-1", timezone="UTC")
    closing.close(session, "2026-10", NOW, customer="globex")
    body = body_of(session, "changing-1")
    assert [part["status"] for part in body["commitments"][0]["parts"]] == status
    assert body["credit"]["amount_text"] == amount
    assert [one["number"] for one in body["terms"]] == [1, 2]


@ON_SQLITE
def test_a_rolling_commitment_is_judged_at_the_end_of_the_local_month(session: Session, house: House) -> None:
    tell(session, 1, DOWN_A_DAY)
    period = {"kind": "rolling", "seconds": 7 * 86_400}
    agreement = agreement_with(session, "rolling", customers.terms_document("rolling", period=period))
    contract_with(session, house, agreement, "rolling-1", timezone="UTC")
    closing.close(session, "2026-10", NOW, customer="globex")
    body = body_of(session, "rolling-1")
    assert (body["period"]["start_local"], body["period"]["end_local"]) == ("2026-10-25", "2026-11-01")
    assert body["commitments"][0]["status"] == "met"


def test_a_yearly_cap_counts_what_earlier_statements_used_of_it(session: Session, house: House) -> None:
    tell(session, 1, [("up", "2026-08-31 00:00", UNTIL)])
    policy = {"mode": "remove", "types": {"emergency": {"cap_seconds": 3600, "cap_per": "year"}}}
    terms = customers.terms_document("capped", commitment={"exclusions_policy": policy})
    contract_with(session, house, agreement_with(session, "capped", terms), "capped-1", **{"from": "2026-09-01"})
    waits = closing.close(session, "2026-10", NOW, customer="globex").waiting
    assert [(one.contract, one.state) for one in waits if one.contract == "capped-1"] == [
        ("capped-1", State.EARLIER_OPEN)
    ]
    closing.close(session, "2026-09", NOW, customer="globex")
    assert [one.contract for one in closing.close(session, "2026-10", NOW, customer="globex").waiting] == [
        "globex-gold"
    ]
    assert body_of(session, "capped-1")["commitments"][0]["used_caps"] == []


def test_the_same_facts_give_the_same_bytes_whenever_they_are_judged(session: Session, house: House) -> None:
    """What happens after the period, and a run that goes on beyond it, changes no byte of the body."""
    story = [*DOWN_40_MIN[:2], ("up", "2026-10-10 08:40", "2026-10-31 21:59"), ("down", "2026-10-31 22:00", UNTIL)]
    tell(session, 1, story)
    tell(session, 2, CALM)
    closing.close(session, "2026-10", NOW)
    with provider_scope(), transaction(session):
        last = session.scalar(select(func.max(RunRow.first)).where(RunRow.probe == 1))
        run = session.scalars(select(RunRow).where(RunRow.probe == 1, RunRow.first == last)).one()
        run.last, run.count = run.last + 60 * 14_400, run.count + 14_400
    assert revisions.look_again(session, "2026-10", utc("2026-12-01 00:00:00")) == 0


@ON_SQLITE
def test_a_service_gained_within_the_period_is_judged_from_its_first_day(session: Session, house: House) -> None:
    tell(session, 1, DOWN_A_DAY)
    tell(session, 2, [("up", "2026-10-10 22:00", UNTIL)])
    agreement = agreement_with(session, "gaining", customers.terms_document("gaining", fee_proration="days"))
    with provider_scope(), transaction(session):
        services = {"api": house.api, "storage": house.storage}
        customers.contract(session, house.globex, agreement, "gaining-1", services, timezone="UTC")
        row = session.scalars(select(ContractRow).where(ContractRow.key == "gaining-1")).one()
        document = json.loads(row.document)
        gained = next(one for one in document["services"] if one["service"] == "storage")
        gained |= {"from": "2026-10-11", "monthly_fee": [{"from": "2026-10-11", "amount": "310"}]}
        row.document = json.dumps(document)
    closing.close(session, "2026-10", NOW, customer="globex")
    storage = body_of(session, "gaining-1")["commitments"][1]
    assert (storage["service"], storage["status"]) == ("storage", "met")
    assert storage["parts"][0]["money"]["contract"]["service_start"] == at("2026-10-11 00:00")
    assert storage["parts"][0]["money"]["fee_exact"] == "210"
