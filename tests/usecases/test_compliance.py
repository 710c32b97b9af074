"""Compliance: figures are computed when they are due, and every surface shows the stored one."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.evidence.chunk import DAY_S
from portal.domain.notices.refusals import NotFound
from portal.store.evidence.chunks import ChunkRow
from portal.store.ground.tenancy import ScopeMissing, customer_scope, provider_scope
from portal.store.settling import figures
from portal.store.settling.figures import FigureKey
from portal.usecases.customer import compliance
from portal.usecases.customer.cards import Card, Standing
from portal.usecases.customer.compliance import Line, Overview
from portal.usecases.judging.figures import refresh_figures
from tests import customers
from tests.customers import BERLIN, House, at, utc

NOW = utc("2026-11-22 12:00:30")
START = "2026-10-31 22:00"
"""Before the period begins in Berlin (23:00 UTC on 31 October)."""
UP = ("up", START, "2026-11-22 12:00")
DOWN_40_MIN = [
    ("up", START, "2026-11-10 07:59"),
    ("down", "2026-11-10 08:00", "2026-11-10 08:39"),
    ("up", "2026-11-10 08:40", "2026-11-22 12:00"),
]


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


def seen(session: Session, house: House, person: str = "globex_owner", now: datetime = NOW) -> Overview:
    reader = getattr(house, person)
    (customer_id,) = reader.memberships
    with customer_scope(customer_id):
        return compliance.overview(session, customer_id, reader, now)


def card(overview: Overview, service: str = "api") -> Card:
    return next(one for one in (*overview.full, *overview.closed) if one.service_key == service)


def documents(session: Session) -> dict[FigureKey, dict[str, Any]]:
    with provider_scope():
        return {key: json.loads(one.document) for key, one in figures.figures(session).items()}


def test_before_anything_is_computed_the_page_says_so(session: Session, house: House) -> None:
    overview = seen(session, house)
    assert overview.headline == "Your commitments are not computed yet."
    assert {one.standing for one in overview.full} == {Standing.WAITING}
    assert overview.as_of is None


def test_nothing_has_gone_wrong(session: Session, house: House) -> None:
    customers.runs(session, 1, [UP])
    customers.runs(session, 2, [UP])
    assert refresh_figures(session, NOW) == 3
    overview = seen(session, house)
    assert overview.headline == "Everything you were promised has been kept so far."
    figures_ = card(overview).figures
    assert figures_ is not None
    assert (figures_.so_far, figures_.attained) == ("100.000", "100.000")
    assert figures_.allowance is not None
    assert (figures_.allowance.allowed_s, figures_.allowance.used_s, figures_.allowance.left_s) == (2592, 0, 2592)


def test_the_allowance_is_that_of_the_local_month(session: Session, house: House) -> None:
    with provider_scope():
        gold = customers.agreement(session, "october")
        customers.version(session, gold, customers.terms_document("october"))
        customers.contract(session, house.globex, gold, "globex-october", {"api": house.api}, timezone=BERLIN)
    for probe in (1, 2):
        customers.runs(session, probe, [("up", "2026-09-30 20:00", "2026-10-20 12:00")])
    october = utc("2026-10-20 12:00:30")
    refresh_figures(session, october)
    overview = seen(session, house, now=october)
    assert {one.period for one in overview.full} == {"2026-10-01"}
    allowed = {one.figures.allowance.allowed_s for one in overview.full if one.figures and one.figures.allowance}
    assert allowed == {745 * 3600 // 1000}  # 745 hours: the clocks go back


def test_a_long_outage_puts_the_commitment_at_risk_and_says_what_is_left(session: Session, house: House) -> None:
    customers.runs(session, 1, DOWN_40_MIN)
    customers.runs(session, 2, [UP])
    refresh_figures(session, NOW)
    overview = seen(session, house)
    assert overview.headline == "One of your two commitments is at risk this month."
    shown = card(overview)
    assert (shown.standing, shown.look) == (Standing.AT_RISK, "degraded")
    found = shown.figures
    assert found is not None
    assert found.allowance is not None
    assert (found.downtime_s, found.allowance.left_s, found.allowance.percent_used) == (2400, 192, 92)
    assert found.attained == "99.907"
    assert found.so_far == "99.871"
    assert found.credit is not None
    assert (found.credit.text, found.credit.reason) == ("0.00", "met")


def test_a_promise_of_all_the_time_pays_per_started_minute_while_another_rule_pays_nothing(
    session: Session, house: House
) -> None:
    story = [
        ("up", START, "2026-11-10 07:59"),
        ("down", "2026-11-10 08:00", "2026-11-10 08:02"),
        ("up", "2026-11-10 08:03", "2026-11-22 12:00"),
    ]
    customers.runs(session, 1, story)
    customers.runs(session, 2, [UP])
    refresh_figures(session, NOW)
    initech = card(seen(session, house, "initech_owner"))
    assert initech.standing is Standing.BREACHED
    assert initech.figures is not None
    assert initech.figures.credit is not None
    assert (initech.figures.credit.text, initech.figures.credit.currency) == ("30.00", "USD")
    assert initech.figures.allowance is not None
    assert (initech.figures.allowance.allowed_s, initech.figures.allowance.over_s) == (0, 180)
    assert initech.figures.allowance.bar_percent == 100
    globex = card(seen(session, house))
    assert globex.figures is not None
    assert globex.figures.credit is not None
    assert globex.figures.credit.text == "0.00"


def test_a_commitment_without_evidence_is_not_said_to_be_kept(session: Session, house: House) -> None:
    refresh_figures(session, NOW)
    overview = seen(session, house)
    assert {one.standing for one in overview.full} == {Standing.TOO_LITTLE}
    assert overview.headline == "There is not enough data for a verdict on your commitments this month."
    assert {one.figures.so_far for one in overview.full if one.figures} == {None}
    assert [service.state for group in overview.groups for service in group.services] == [None, None]


def test_the_same_figure_stands_on_the_overview_the_working_and_in_the_document(session: Session, house: House) -> None:
    customers.runs(session, 1, DOWN_40_MIN)
    refresh_figures(session, NOW)
    shown = card(seen(session, house))
    line = Line(house.globex_contract, "api", "availability", "2026-11-01")
    with customer_scope(house.globex):
        page = compliance.working(session, house.globex, house.globex_owner, line, NOW)
        text = compliance.working_document(session, house.globex, house.globex_owner, line, NOW)
    document = json.loads(text)
    assert shown.figures is not None
    assert page.card == shown
    assert page.receipt is not None
    values = {one.label.partition(" = ")[0]: one.value for one in page.receipt.lines}
    assert values["so far"] == f"{shown.figures.so_far} %" == f"{document['so_far']['display']} %"
    assert values["if nothing more happens"] == f"{shown.figures.attained} %" == f"{document['attained']['display']} %"
    assert values["down"] == "2,400 s"
    assert document["totals"]["downtime"] == str(shown.figures.downtime_s)
    assert document == documents(session)[FigureKey(house.globex_contract, house.api, "availability")]


def test_the_receipt_adds_up_line_by_line(session: Session, house: House) -> None:
    customers.runs(session, 1, [*DOWN_40_MIN[:2], ("up", "2026-11-10 12:00", "2026-11-22 12:00")])
    refresh_figures(session, NOW)
    line = Line(house.globex_contract, "api", "availability", "2026-11-01")
    with customer_scope(house.globex):
        page = compliance.working(session, house.globex, house.globex_owner, line, NOW)
    assert page.receipt is not None
    value = {one.label.partition(" = ")[0]: one.value for one in page.receipt.lines}
    labels = ("November 2026, Europe/Berlin", "− not counted", "− not known", "counted time")
    whole = {label: int(value[label].removesuffix(" s").replace(",", "")) for label in labels}
    counted = whole["November 2026, Europe/Berlin"] - whole["− not counted"] - whole["− not known"]
    assert counted == whole["counted time"]
    assert whole["− not known"] > 0
    timeline = page.receipt.timeline
    assert sum(one.seconds for one in timeline.sums) == timeline.seconds == 30 * 86_400
    assert {str(one.words) for one in timeline.sums} == {"up", "down", "not known", "still to come"}


def test_who_may_not_see_money_sees_everything_else(session: Session, house: House) -> None:
    customers.runs(session, 1, DOWN_40_MIN)
    refresh_figures(session, NOW)
    line = Line(house.globex_contract, "api", "availability", "2026-11-01")
    owner, member = card(seen(session, house)), card(seen(session, house, "globex_member"))
    assert owner.figures is not None
    assert member.figures == replace(owner.figures, credit=None)
    with customer_scope(house.globex):
        page = compliance.working(session, house.globex, house.globex_member, line, NOW)
        text = compliance.working_document(session, house.globex, house.globex_member, line, NOW).decode()
    assert page.receipt is not None
    assert page.receipt.money == ()
    assert "1000" not in text
    assert json.loads(text)["credit"] is None
    assert json.loads(text)["attained"]["display"] == "99.907"


@pytest.mark.parametrize(
    "change",
    [{"service": "nothing"}, {"commitment": "nothing"}, {"period": "2026-10-01"}, {"contract": "initech"}],
    ids=str,
)
def test_another_line_is_not_found(session: Session, house: House, change: dict[str, str]) -> None:
    refresh_figures(session, NOW)
    line = Line(
        house.initech_contract if "contract" in change else house.globex_contract,
        change.get("service", "api"),
        change.get("commitment", "availability"),
        change.get("period", "2026-11-01"),
    )
    with customer_scope(house.globex), pytest.raises(NotFound):
        compliance.working(session, house.globex, house.globex_owner, line, NOW)


def test_without_a_scope_nothing_is_read(session: Session, house: House) -> None:
    with pytest.raises(ScopeMissing):
        compliance.overview(session, house.globex, house.globex_owner, NOW)


def test_figures_are_computed_again_after_a_minute_and_not_before(session: Session, house: House) -> None:
    customers.runs(session, 1, [UP])
    customers.runs(session, 2, [UP])
    assert refresh_figures(session, NOW) == 3
    assert refresh_figures(session, NOW + timedelta(seconds=59)) == 0
    assert refresh_figures(session, NOW + timedelta(seconds=60)) == 3


def test_a_service_that_is_not_up_has_its_figures_computed_every_time(session: Session, house: House) -> None:
    customers.runs(session, 1, [UP, ("down", "2026-11-22 12:01", "2026-11-22 12:01")])
    customers.runs(session, 2, [UP])
    refresh_figures(session, NOW)
    assert refresh_figures(session, NOW + timedelta(seconds=3)) == 2


def test_a_change_stored_late_is_not_missed(session: Session, house: House) -> None:
    customers.runs(session, 1, [("up", START, "2026-11-22 11:00")])
    customers.runs(session, 2, [UP])
    refresh_figures(session, NOW)
    customers.runs(
        session, 1, [("down", "2026-11-22 11:01", "2026-11-22 11:59"), ("up", "2026-11-22 12:00", "2026-11-22 12:00")]
    )
    assert refresh_figures(session, NOW + timedelta(seconds=3)) == 2
    found = card(seen(session, house)).figures
    assert found is not None
    assert found.downtime_s == 59 * 60


def test_a_new_period_begins_with_figures_of_its_own(session: Session, house: House) -> None:
    customers.runs(session, 1, DOWN_40_MIN)
    refresh_figures(session, NOW)
    december = utc("2026-11-30 23:00:05")
    overview = seen(session, house, now=december)
    assert {(one.period, one.standing) for one in overview.full} == {("2026-12-01", Standing.WAITING)}
    assert refresh_figures(session, december) == 3
    assert {one["period"]["start_local"] for one in documents(session).values()} == {"2026-12-01", "2026-11-01"}


def test_the_version_in_force_at_the_start_of_the_period_governs_it(session: Session, house: House) -> None:
    with provider_scope():
        agreement = customers.agreement(session, "silver")
        for number, day, target in ((1, "2026-01-01", "99"), (2, "2026-11-01", "99.5"), (3, "2026-11-15", "99.99")):
            terms = customers.terms_document("silver", number, day, commitment={"target_percent": target})
            customers.version(session, agreement, terms)
        customer_id = customers.customer(session, "umi", "Umi", "Asia/Tokyo")
        customers.contract(session, customer_id, agreement, "umi-silver", {"api": house.api}, timezone="Asia/Tokyo")
        begun = {"from": "2026-11-20"}
        customers.contract(session, customer_id, agreement, "umi-late", {"api": house.api}, timezone=BERLIN, **begun)
    with customer_scope(customer_id):
        overview = compliance.overview(session, customer_id, house.globex_owner, NOW)
    assert {(one.version, one.target) for one in overview.full} == {(2, "99.5"), (3, "99.99")}


def test_a_contract_before_and_after_its_time_says_what_it_is(session: Session, house: House) -> None:
    with provider_scope():
        agreement = customers.agreement(session, "silver")
        customers.version(session, agreement, customers.terms_document("silver"))
        customer_id = customers.customer(session, "umi", "Umi", "Asia/Tokyo")
        for key, days in (
            ("to-come", {"from": "2026-12-01"}),
            ("over", {"until": "2026-11-01"}),
            ("ending", {"until": "2026-11-10"}),
            ("begun", {"from": "2026-11-20"}),
        ):
            customers.contract(session, customer_id, agreement, key, {"api": house.api}, timezone="UTC", **days)
    customers.runs(session, 1, [UP])
    refresh_figures(session, NOW)
    with customer_scope(customer_id):
        overview = compliance.overview(session, customer_id, house.globex_owner, NOW)
        figures_ = figures.figures(session)
    assert {one.standing for one in overview.closed} == {Standing.NOT_BEGUN, Standing.ENDED}
    assert {one.standing for one in overview.full} == {Standing.ON_TRACK}
    assert {json.loads(one.document)["totals"]["period"] for one in figures_.values()} == {9 * 86_400, 11 * 86_400}


def test_the_figure_of_a_contract_that_is_over_is_removed(session: Session, house: House) -> None:
    with provider_scope():
        agreement = customers.agreement(session, "silver")
        customers.version(session, agreement, customers.terms_document("silver"))
        customers.contract(session, house.globex, agreement, "over", {"api": house.api}, until="2026-11-30")
    refresh_figures(session, NOW)
    assert len(documents(session)) == 4
    refresh_figures(session, utc("2026-12-01 00:00:05"))
    assert len(documents(session)) == 3


def test_generated_evidence_says_so_only_where_it_was_used(session: Session, house: House) -> None:
    customers.runs(session, 1, [("up", "2026-10-01 00:00", "2026-10-20 00:00")], provenance="generated")
    customers.runs(session, 1, [UP])
    customers.runs(session, 2, [UP], provenance="generated")
    refresh_figures(session, NOW)
    overview = seen(session, house)
    generated = {one.service_key: one.figures.is_generated for one in overview.full if one.figures}
    assert generated["storage"] is True
    assert overview.is_generated is True


def test_evidence_that_cannot_be_read_holds_up_only_the_figures_that_need_it(session: Session, house: House) -> None:
    with provider_scope():
        quick = customers.agreement(session, "quick")
        percentile = {"methodology": {"type": "percentile", "percentile": "95", "threshold_ms": 300}}
        customers.version(session, quick, customers.terms_document("quick", commitment=percentile))
        customers.contract(session, house.globex, quick, "globex-quick", {"api": house.api}, timezone=BERLIN)
        altered = {"samples": 1, "digest": b"", "content": b"never sealed"}
        session.execute(
            insert(ChunkRow).values(probe=1, location=1, day=at("2026-11-20 00:00") // DAY_S, sequence=0, **altered)
        )
    customers.runs(session, 1, [UP])
    customers.runs(session, 2, [UP])
    assert refresh_figures(session, NOW) == 3
    assert len(documents(session)) == 3


def test_many_commitments_are_shown_in_short_but_for_those_that_need_a_look(session: Session, house: House) -> None:
    with provider_scope():
        agreement = customers.agreement(session, "silver")
        customers.version(session, agreement, customers.terms_document("silver"))
        customer_id = customers.customer(session, "umi", "Umi", BERLIN)
        services = {"api": house.api}
        for number in range(10, 30):
            services[f"service-{number}"] = customers.service(session, f"service-{number}", f"Service {number}", number)
            customers.runs(session, number, [UP])
        customers.contract(session, customer_id, agreement, "umi-silver", services, timezone=BERLIN)
    customers.runs(session, 1, DOWN_40_MIN)
    refresh_figures(session, NOW)
    with customer_scope(customer_id):
        overview = compliance.overview(session, customer_id, house.globex_owner, NOW)
    assert [one.service_key for one in overview.full] == ["api"]
    assert [(group.name, group.is_calm) for group in overview.groups] == [("Platform", True)]
    assert [(group, len(rows)) for group, rows in overview.rows] == [("Platform", 20)]


def test_a_figure_long_not_computed_is_called_stale(session: Session, house: House) -> None:
    refresh_figures(session, NOW)
    assert seen(session, house).is_stale is False
    assert seen(session, house, now=NOW + timedelta(minutes=6)).is_stale is True
