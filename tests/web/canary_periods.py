"""What becomes of a customer's time and money, every row a canary: exclusions, work, outages, closed periods."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.domain.people.person import Person
from portal.store.ground.base import new_id
from portal.store.notices.exclusions import ExclusionEffectRow
from portal.store.settling.claims import ClaimDecisionRow, ClaimRow
from portal.store.settling.ledger import CreditRow
from portal.store.settling.papers import PaperRow
from portal.store.settling.statements import FoundChangeRow, RulingRow, StatementRow
from portal.usecases.closing import papers
from portal.usecases.excluding import exclusion_decisions, maintenance, outage_records
from portal.usecases.excluding.exclusion_decisions import Asked
from portal.usecases.excluding.maintenance import Plan
from portal.usecases.excluding.outage_records import Draft as OutageDraft
from portal.usecases.groundwork.local_times import local_input
from portal.usecases.settling import disputes
from portal.usecases.status import incidents
from portal.usecases.status.incidents import Draft
from tests import customers
from tests.customers import House


def tell_incident(session: Session, house: House) -> UUID:
    draft = Draft("API requests fail", "major", [str(house.api)], "investigating", "We are **looking**.")
    return incidents.post(session, house.responder, draft, clock.now())


def tell_outage(session: Session, house: House) -> None:
    now = clock.now()
    start, end = (local_input(clock.seconds(now) - ago, "Europe/Berlin") for ago in (7200, 3600))
    draft = OutageDraft("api", start, end, "down", "The network told us.")
    outage_records.propose(session, house.responder, draft, "Europe/Berlin", now)


def plan_work(session: Session, house: House) -> UUID:
    start = clock.seconds(clock.now()) + 86_400
    plan = Plan("A new database", "maintenance", start, start + 3600, (house.api,), "We **exchange** it.")
    return maintenance.announce(session, house.responder, plan, clock.now())


def exclude(session: Session, house: House, customer: UUID, canary: str, contract: UUID) -> UUID:
    """Ask that an hour does not count for one customer, and keep an effect of it as if it were approved."""
    now, start = clock.now(), clock.seconds(clock.now()) - 7200
    why = f"{canary} has asked for it"
    asked = Asked("maintenance", start, start + 3600, None, why, "", False, (house.api,), (customer,), ())
    entry = exclusion_decisions.request(session, house.responder, asked, now)
    session.add(
        ExclusionEffectRow(
            customer_id=customer,
            exclusion_id=entry,
            contract_id=contract,
            service_id=house.api,
            commitment="availability",
            period="2026-11-01",
            attained_before="99.1",
            attained_after="99.2",
            verdict_before="breached",
            verdict_after="met",
            credit_before="73.41",
            credit_after="0.00",
            currency="EUR",
            left_out_s=3600,
            outcome=f"{canary} is excused",
        )
    )
    session.flush()
    return entry


def over() -> tuple[str, str]:
    """The local days a period begins and ends on that may be closed."""
    today = clock.now()
    start, end = ((today - timedelta(days=days)).date().isoformat() for days in (40, 10))
    return start, end


def over_contract(session: Session, house: House, customer: UUID, canary: str, fee: str) -> None:
    """A contract whose one period is over, all of it unknown, which counts as down: a credit is owed."""
    start, end = over()
    slug = f"over-{len(canary)}"  # agreements are public
    agreement = customers.agreement(session, slug)
    terms = customers.terms_document(
        slug, period={"kind": "custom", "start": start, "end": end}, commitment={"unknown_policy": {"treat_as": "down"}}
    )
    customers.version(session, agreement, terms)
    customers.contract(session, customer, agreement, f"over-{canary}", {"api": house.api}, fee=fee)


def close(session: Session, customer: UUID, author: Person, canary: str) -> dict[str, object]:
    """Plant what follows a closed period: a claim, its decision, a ruling, a change found, a dispute."""
    now = clock.now()
    statement = session.scalars(select(StatementRow).where(StatementRow.customer_id == customer)).one()
    credit = session.scalars(select(CreditRow).where(CreditRow.customer_id == customer)).one()
    claim, told = new_id(), {"customer_id": customer, "contract_id": statement.contract_id, "period": statement.period}
    session.add(ClaimRow(**told, id=claim, words=f"{canary} asks", made_by=author.id, made_at=now))
    session.flush()
    ruling = {"number": 1, "ruling": "as measured", "reason": f"{canary} needs it"}
    session.add(RulingRow(**told, **ruling, ruled_by=author.id, ruled_at=now))
    session.add(
        ClaimDecisionRow(
            customer_id=customer,
            claim_id=claim,
            outcome="accepted",
            words=f"{canary} gets it",
            decided_by=author.id,
            decided_at=now,
        )
    )
    session.add(
        FoundChangeRow(
            customer_id=customer, statement_id=statement.id, number=1, digest=f"{canary} {now}", found_at=now
        )
    )
    session.add(
        PaperRow(
            customer_id=customer,
            kind="statement",
            subject=str(statement.id),
            edition=statement.digest,
            language="tlh",
            with_money=True,
            made_at=now,
            digest="0" * 64,
            content=f"%PDF {canary}".encode(),
        )
    )
    wanted = papers.statement_wanted(statement.id, statement.digest, "en", with_money=True)
    papers.order(session, customer, author, wanted, now)
    dispute = disputes.open_dispute(session, author, statement.id, f"{canary} objects", now)
    record = outage_records.waiting(session, author)[0].id
    return {"statement": statement.id, "credit": credit.id, "claim": claim, "dispute": dispute, "record": record}
