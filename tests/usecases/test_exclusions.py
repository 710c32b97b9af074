"""The register of exclusions: asking, deciding by somebody else, what counts, and what that does to figures."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portal.database import begin, commit
from portal.domain.notices.decisions import Standing
from portal.domain.notices.refusals import Conflict, Invalid, NotAllowed, NotFound
from portal.domain.people.person import Person
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.notices.exclusions import ExclusionEffectRow, ExclusionEventRow, ExclusionRow
from portal.store.people.audit import AuditRow
from portal.store.settling import figures
from portal.usecases.closing import closing
from portal.usecases.excluding import exclusion_decisions
from portal.usecases.excluding.exclusion_decisions import Draft
from portal.usecases.excluding.exclusion_effects import effects, window_of
from portal.usecases.judging.exclusion_register import NOT_EVERYWHERE, entries, entry, exclusions_for
from portal.usecases.judging.figures import refresh_figures
from tests import customers
from tests.customers import BERLIN, House, at, utc

NOW = utc("2026-11-22 12:00:30")
UP_BUT_40_MIN = [
    ("up", "2026-10-31 22:00", "2026-11-10 07:59"),
    ("down", "2026-11-10 08:00", "2026-11-10 08:39"),
    ("up", "2026-11-10 08:40", "2026-11-22 12:00"),
]
POLICY = {
    "mode": "remove",
    "types": {"maintenance": {"notice_seconds": 259_200}, "force_majeure": {}},
}
WHY = "A power station failed, and all of the region with it."


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    house = customers.build(session)
    with provider_scope():
        agreement = customers.agreement(session, "excusing")
        document = customers.terms_document("excusing", commitment={"exclusions_policy": POLICY})
        customers.version(session, agreement, document)
        customers.contract(session, house.globex, agreement, "globex-excusing", {"api": house.api}, timezone=BERLIN)
    customers.runs(session, 1, UP_BUT_40_MIN)
    return house


def draft(house: House, **changes: Any) -> Draft:
    made = Draft(
        type="force_majeure",
        start="2026-11-10 09:00",
        end="2026-11-10T10:00",
        announced_at="",
        reason=WHY,
        evidence_link="https://status.example/42",
        is_public=False,
        services=[str(house.api)],
        customers=[],
        locations=[],
    )
    return replace(made, **changes)


def ask(session: Session, house: House, person: Person | None = None, **changes: Any) -> UUID:
    with provider_scope():
        asked = exclusion_decisions.read_draft(session, draft(house, **changes), BERLIN, NOW)
        return exclusion_decisions.request(session, person or house.responder, asked, NOW)


def approve(session: Session, house: House, exclusion: UUID, *, one_may: bool = False) -> None:
    with provider_scope():
        exclusion_decisions.approve(session, house.manager, exclusion, "", NOW, one_may=one_may)


def november(session: Session, house: House) -> dict[str, Any]:
    """The working of the figure that follows the terms with exclusions."""
    with provider_scope():
        figures.delete_figures(session, figures.figures(session))
        refresh_figures(session, NOW)
        found = [json.loads(one.document) for one in figures.figures(session).values()]
    return next(one for one in found if one["contract"]["id"] == "globex-excusing")


def rows(session: Session) -> list[int]:
    with provider_scope():
        tables = (ExclusionRow, ExclusionEventRow, ExclusionEffectRow, AuditRow)
        return [session.execute(select(func.count()).select_from(one)).scalar_one() for one in tables]


def test_what_somebody_else_approved_does_not_count_at_once(session: Session, house: House) -> None:
    assert november(session, house)["totals"]["downtime"] == "2400"
    exclusion = ask(session, house)
    pending = november(session, house)
    assert (pending["totals"]["excluded"], pending["exclusions"][0]["reason"]) == (0, "not_approved")
    approve(session, house, exclusion)
    excused = november(session, house)
    assert (excused["totals"]["excluded"], excused["totals"]["downtime"]) == (3600, "0")
    assert excused["exclusions"][0] | {"id": ""} == {
        "id": "",
        "type": "force_majeure",
        "start": at("2026-11-10 08:00"),
        "end": at("2026-11-10 09:00"),
        "announced_at": None,
        "status": "approved",
        "note": WHY,
        "accepted": True,
        "reason": None,
        "counted_seconds": 3600,
    }


def test_before_it_is_approved_its_effect_on_each_customer_is_shown_by_the_one_evaluation(
    session: Session, house: House
) -> None:
    exclusion = ask(session, house)
    with provider_scope():
        found = effects(session, window_of(entry(session, exclusion)), NOW)
    by_contract = {one.contract: one for one in found}
    excused, gold = by_contract["globex-excusing"], by_contract["globex-gold"]
    assert excused.before is not None
    assert excused.after is not None
    assert (excused.before.verdict, excused.after.verdict) == ("met", "met")
    assert (excused.before.attained, excused.after.attained) == ("99.907", "100.000")
    assert (excused.left_out_s, excused.reason) == (3600, None)
    assert gold.before == gold.after
    assert gold.words == "The terms of Globex (Gold) do not list force majeure."
    approve(session, house, exclusion)
    with customer_scope(house.globex):
        kept = session.scalars(select(ExclusionEffectRow)).all()
    assert {(one.attained_before, one.attained_after) for one in kept} == {("99.907", "100.000"), ("99.907", "99.907")}


def test_nobody_approves_what_they_asked_for(session: Session, house: House) -> None:
    exclusion = ask(session, house, house.manager)
    before = rows(session)
    with pytest.raises(NotAllowed, match="Somebody else has to approve it"):
        approve(session, house, exclusion)
    assert rows(session) == before
    approve(session, house, exclusion, one_may=True)
    with provider_scope():
        decided = entry(session, exclusion).decided
        noted = session.scalars(select(AuditRow.after).order_by(AuditRow.id.desc())).first()
    assert decided is not None
    assert decided.by_one_person
    assert noted == {"standing": "approved", "by": "one person alone"}


def test_what_is_decided_stays_decided_and_a_rejection_is_shown_with_its_reason(session: Session, house: House) -> None:
    exclusion = ask(session, house)
    with provider_scope():
        exclusion_decisions.reject(session, house.manager, exclusion, "The contract names no such event.", NOW)
    before = rows(session)
    with pytest.raises(Conflict, match="rejected already"):
        approve(session, house, exclusion)
    assert rows(session) == before
    shown = november(session, house)["exclusions"][0]
    assert (shown["accepted"], shown["status"], shown["note"]) == (
        False,
        "rejected",
        "The contract names no such event.",
    )


def test_a_withdrawn_one_counts_again_and_the_past_stays_known(session: Session, house: House) -> None:
    exclusion = ask(session, house)
    approve(session, house, exclusion)
    later = utc("2026-11-23 12:00")
    with provider_scope():
        exclusion_decisions.withdraw(session, house.manager, exclusion, "It was another region.", later)
        span = (house.globex, house.api, at("2026-11-01 00:00"), at("2026-12-01 00:00"))
        (was,) = exclusions_for(session, *span, known_by=NOW)
        (now_is,) = exclusions_for(session, *span)
        assert exclusions_for(session, *span, known_by=utc("2026-11-01 00:00")) == ()
    assert (was.status, now_is.status, now_is.reason) == ("approved", "withdrawn", "It was another region.")


def test_one_for_one_customer_is_for_nobody_else_and_nobody_else_reads_it(session: Session, house: House) -> None:
    exclusion = ask(session, house, customers=[str(house.globex)])
    span = (house.api, at("2026-11-01 00:00"), at("2026-12-01 00:00"))
    with provider_scope():
        assert len(exclusions_for(session, house.globex, *span)) == 1
        assert exclusions_for(session, house.initech, *span) == ()
    with customer_scope(house.globex):
        assert [one.id for one in entries(session).entries] == [exclusion]
    with customer_scope(house.initech):
        assert entries(session).entries == ()
        with pytest.raises(NotFound):
            entry(session, exclusion)


def test_one_for_a_location_counts_only_where_nothing_else_measured_the_service(session: Session, house: House) -> None:
    here = str(customers.LOCATION)
    exclusion = ask(session, house, locations=[here])
    approve(session, house, exclusion)
    span = (house.globex, house.api, at("2026-11-01 00:00"), at("2026-12-01 00:00"))
    with provider_scope():
        assert exclusions_for(session, *span)[0].status == "approved"
        customers.second_location(session)
        assert exclusions_for(session, *span)[0].status == NOT_EVERYWHERE


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("type", {"type": "bad weather"}),
        ("services", {"services": []}),
        ("services", {"services": ["00000000-0000-0000-0000-000000000000"]}),
        ("customers", {"customers": ["nobody"]}),
        ("locations", {"locations": ["nowhere"]}),
        ("start", {"start": "tomorrow"}),
        ("start", {"start": "1970-01-01 00:00"}),
        ("start", {"start": "2026-11-10T09:00\0"}),
        ("end", {"end": "2026-11-10 09:00"}),
        ("end", {"end": "2026-11-09 09:00"}),
        ("end", {"end": "2027-12-10 09:00"}),
        ("end", {"start": "2031-11-10 09:00", "end": "2031-11-10 10:00"}),
        ("announced_at", {"announced_at": "2026-11-30 09:00"}),
        ("reason", {"reason": "short"}),
        ("reason", {"reason": "a NUL \0 in it, which nobody can read"}),
        ("evidence_link", {"evidence_link": "javascript:alert(1)"}),
        ("evidence_link", {"evidence_link": "https://"}),
    ],
)
def test_what_cannot_be_taken_is_refused_by_field_and_nothing_is_kept(
    session: Session, house: House, field: str, changes: dict[str, Any]
) -> None:
    before = rows(session)
    with pytest.raises(Invalid) as refused:
        ask(session, house, **changes)
    assert refused.value.field == field
    assert rows(session) == before


@pytest.mark.parametrize("statement", ["UPDATE exclusion SET reason = 'x'", "DELETE FROM exclusion_event"])
def test_the_database_itself_refuses_to_change_the_register(session: Session, house: House, statement: str) -> None:
    ask(session, house)
    with pytest.raises(DBAPIError, match=r"never change|permission denied"):
        session.connection().exec_driver_sql(statement)


def test_every_step_is_in_the_audit_with_before_and_after(session: Session, house: House) -> None:
    exclusion = ask(session, house)
    approve(session, house, exclusion)
    with provider_scope():
        found = session.scalars(select(AuditRow).order_by(AuditRow.id)).all()
        standing = entry(session, exclusion).standing
    assert standing is Standing.APPROVED
    assert [(one.what, one.user_id, one.before) for one in found][-2:] == [
        ("asked for an exclusion", house.responder.id, None),
        ("approved an exclusion", house.manager.id, {"standing": "pending"}),
    ]


def test_what_closed_periods_used_of_a_yearly_cap_is_gone_for_the_open_one(session: Session, house: House) -> None:
    capped = {"mode": "remove", "types": {"storm": {"cap_seconds": 3000, "cap_per": "year"}}}
    with provider_scope():
        agreement = customers.agreement(session, "capped")
        terms = customers.terms_document("capped", commitment={"exclusions_policy": capped})
        customers.version(session, agreement, terms)
        begins = {"from": "2026-10-01", "timezone": BERLIN}
        customers.contract(session, house.globex, agreement, "globex-capped", {"api": house.api}, **begins)
    customers.runs(session, 1, [("up", "2026-09-30 00:00", "2026-10-31 21:59"), *UP_BUT_40_MIN])
    for hour in ("2026-10-10T10:00", "2026-11-10T09:00"):
        end = hour.replace(":00", ":40")
        approve(session, house, ask(session, house, type="storm", start=hour, end=end))
    commit(session)
    closing.close(session, "2026-10", NOW, customer="globex")
    begin(session, write=True)
    with provider_scope():
        refresh_figures(session, NOW)
        found = [json.loads(one.document) for one in figures.figures(session).values()]
    (november_,) = (one for one in found if one["contract"]["id"] == "globex-capped")
    assert november_["totals"]["excluded"] == 600
    assert november_["exclusions"][0]["reason"] == "cap_reached"
