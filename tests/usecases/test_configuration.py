"""A configuration file is applied whole or not at all, twice is once, and what was published or measured stays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.documents.reading import InvalidDocument
from portal.domain.notices.refusals import Conflict
from portal.store.ground.base import Base, new_id
from portal.store.measuring.services import LocationRow, ProbeRow, ScheduleRow, ServiceRow
from portal.store.people.customers import ContractRow, ContractServiceRow, CustomerRow
from portal.store.people.people import MembershipRow, UserRow, UserSessionRow
from portal.store.people.providers import ProviderRow
from portal.store.promises.agreements import AgreementVersionRow
from portal.store.settling.statements import StatementRow
from portal.usecases.configuration.applying import apply_configuration, is_configured
from portal.usecases.configuration.plan import Plan
from portal.usecases.groundwork import scopes
from portal.usecases.people import accounts, sessions
from tests.usecases.configurations import contract, probe, terms, whole

NOW = datetime(2026, 6, 10, 12, 0, 3, tzinfo=UTC)
NOW_S = 1_781_092_803


@pytest.fixture(autouse=True)
def provider_scope() -> Iterator[None]:
    """The operator's work touches every customer."""
    with scopes.provider():
        yield


def apply(session: Session, document: Any, now: datetime = NOW, **secrets: str) -> Plan:
    with transaction(session):
        return apply_configuration(session, document, now, secrets)


def count(session: Session, row: type[Base]) -> int:
    with reading(session):
        return session.execute(select(func.count()).select_from(row)).scalar_one()


def schedules(session: Session) -> list[ScheduleRow]:
    with reading(session):
        rows = list(session.execute(select(ScheduleRow).order_by(ScheduleRow.effective_from)).scalars())
        session.expunge_all()
        return rows


def test_an_empty_portal_becomes_what_the_file_says(session: Session) -> None:
    with reading(session):
        assert not is_configured(session)
    plan = apply(session, whole())
    assert plan.created == (
        "provider Northwind Cloud",
        "location here",
        "service api",
        "service web",
        "probe api-health",
        "agreement gold",
        "agreement gold, version 1",
        "customer globex",
        "user ann@globex.example",
        "user sam@northwind.example",
        "contract globex-1 of globex",
    )
    assert (plan.changed, plan.ended, plan.unchanged) == ((), (), 0)
    with reading(session):
        assert is_configured(session)
    rows = (ProviderRow, LocationRow, ProbeRow, ScheduleRow, AgreementVersionRow, ContractRow, ContractServiceRow)
    assert [count(session, row) for row in rows] == [1] * 7
    assert [count(session, row) for row in (ServiceRow, UserRow, MembershipRow, CustomerRow)] == [2, 2, 1, 1]


def test_the_same_file_twice_changes_nothing(session: Session) -> None:
    created = apply(session, whole())
    plan = apply(session, whole(), NOW + timedelta(days=1))
    assert plan.is_empty
    assert plan.unchanged == len(created.created)
    assert list(plan.lines()) == []


def test_a_new_probe_is_due_from_the_next_second(session: Session) -> None:
    apply(session, whole())
    (only,) = schedules(session)
    assert only.effective_from == NOW_S + 1
    assert (only.kind, only.interval_s, only.timeout_ms, only.latency_limit_ms) == ("http", 10, 2000, None)
    assert only.target == {"address": "http://127.0.0.1:8181/health"}
    assert only.locations == [1]


def test_a_changed_probe_gets_a_new_schedule_after_a_whole_interval_and_keeps_the_old_one(session: Session) -> None:
    apply(session, whole())
    document = whole() | {"probes": [probe(interval_seconds="30", expect={"status": "200-204", "body_contains": "ok"})]}
    plan = apply(session, document, NOW + timedelta(hours=1))
    assert plan.changed == ("probe api-health",)
    old, new = schedules(session)
    assert (old.interval_s, new.interval_s) == (10, 30)
    assert new.effective_from == NOW_S + 3600 + 7
    assert new.effective_from % 10 == 0
    assert new.target == {
        "address": "http://127.0.0.1:8181/health",
        "statuses": "200-204",
        "body_contains": "ok",
    }


def test_two_changes_within_a_second_are_two_schedules(session: Session) -> None:
    apply(session, whole())
    apply(session, whole() | {"probes": [probe(interval_seconds="30")]})
    apply(session, whole() | {"probes": [probe(interval_seconds="60")]})
    first, second, third = schedules(session)
    assert (first.interval_s, second.interval_s, third.interval_s) == (10, 30, 60)
    assert first.effective_from < second.effective_from < third.effective_from


def test_a_probe_missing_from_the_file_ends_and_comes_back_when_it_is_listed_again(session: Session) -> None:
    apply(session, whole())
    plan = apply(session, whole() | {"probes": []}, NOW + timedelta(hours=1))
    assert plan.ended == ("probe api-health (its measurements stay)",)
    assert [one.interval_s for one in schedules(session)] == [10, 0]
    assert apply(session, whole() | {"probes": []}, NOW + timedelta(hours=2)).is_empty
    apply(session, whole(), NOW + timedelta(hours=3))
    assert [one.interval_s for one in schedules(session)] == [10, 0, 10]
    assert count(session, ProbeRow) == 1


def test_what_a_file_does_not_mention_is_left_alone(session: Session) -> None:
    apply(session, whole())
    plan = apply(session, {"schema": "portal-config/1", "services": [{"id": "api", "name": "The API"}]})
    assert plan.changed == ("service api",)
    assert [one.interval_s for one in schedules(session)] == [10]
    assert count(session, ContractRow) == 1


def test_a_published_version_cannot_change(session: Session) -> None:
    apply(session, whole())
    document = whole()
    document["agreements"][0]["versions"][0]["commitments"][0]["target_percent"] = "99.5"
    with pytest.raises(InvalidDocument) as refused:
        apply(session, document)
    (problem,) = refused.value.problems
    assert problem.path == "agreements[0].versions[0].version.number"
    assert problem.sentence == "Version 1 of gold is published and cannot change; publish version 2."


def test_a_new_version_is_published_beside_the_old_one(session: Session) -> None:
    apply(session, whole())
    document = whole()
    document["agreements"][0]["versions"] = [terms(), terms(2, "2026-07-01")]
    plan = apply(session, document)
    assert plan.created == ("agreement gold, version 2",)
    rows = session.execute(select(AgreementVersionRow).order_by(AgreementVersionRow.number)).scalars().all()
    assert [(row.number, row.effective_from) for row in rows] == [(1, "2026-01-01"), (2, "2026-07-01")]
    assert all(row.digest.startswith("sha256:") for row in rows)


def test_a_later_version_may_stand_alone_in_the_file(session: Session) -> None:
    apply(session, whole())
    document = whole()
    document["agreements"][0]["versions"] = [terms(2, "2026-07-01")]
    assert apply(session, document).created == ("agreement gold, version 2",)


def test_a_contract_may_change_its_fees_but_not_its_agreement(session: Session) -> None:
    apply(session, whole())
    service = {"service": "api", "component": "api", "monthly_fee": [{"from": "2026-02-01", "amount": "500.00"}]}
    assert apply(session, whole() | {"contracts": [contract(services=[service])]}).changed == (
        "contract globex-1 of globex",
    )
    silver = {"id": "silver", "name": "Silver", "versions": [terms() | {"id": "silver"}]}
    moved = {"schema": "portal-config/1", "agreements": [silver], "contracts": [contract(agreement="silver")]}
    with pytest.raises(InvalidDocument, match="A contract stays with its agreement"):
        apply(session, moved)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_contract_keeps_the_currency_its_statements_are_in(session: Session) -> None:
    apply(session, whole())
    with transaction(session):
        row = session.scalars(select(ContractRow)).one()
        statement = StatementRow(
            customer_id=row.customer_id,
            id=new_id(),
            contract_id=row.id,
            period="2026-02-01",
            revision=1,
            starts_at=0,
            ends_at=1,
            body="{}",
            digest="",
            closed_at=NOW,
            closed_by=None,
            code_version="",
            tzdata="",
            reason="The period ended.",
            is_generated=False,
            met=True,
            credit_minor=0,
            currency="EUR",
        )
        session.add(statement)
    with pytest.raises(Conflict, match=r"has statements in EUR\. End it with until and write a new one in JPY"):
        apply(session, whole() | {"contracts": [contract(currency="JPY")]})


def test_a_service_taken_out_of_a_contract_is_no_longer_in_it(session: Session) -> None:
    both = [
        {"service": key, "component": "api", "monthly_fee": [{"from": "2026-02-01", "amount": "1.00"}]}
        for key in ("api", "web")
    ]
    apply(session, whole() | {"contracts": [contract(services=both)]})
    assert count(session, ContractServiceRow) == 2
    apply(session, whole() | {"contracts": [contract(services=both[1:])]})
    rows = session.execute(
        select(ServiceRow.key).join(ContractServiceRow, ContractServiceRow.service_id == ServiceRow.id)
    )
    assert [key for (key,) in rows] == ["web"]


def test_a_user_becomes_exactly_what_the_file_says(session: Session) -> None:
    apply(session, whole())
    document = {
        "schema": "portal-config/1",
        "users": [{"email": "sam@northwind.example", "name": "Sam"}],
    }
    assert apply(session, document).changed == ("user sam@northwind.example",)
    with reading(session):
        roles = session.execute(select(UserRow.staff_role).where(UserRow.email == "sam@northwind.example"))
        assert roles.scalar_one() is None
    document["users"] = [
        {"email": "ann@globex.example", "name": "Ann", "customers": [{"customer": "globex", "role": "member"}]}
    ]
    apply(session, document)
    assert session.execute(select(MembershipRow.role)).scalars().all() == ["member"]


def test_a_password_comes_from_the_environment_and_a_new_one_ends_the_sessions(session: Session) -> None:
    user = {"email": "ann@globex.example", "name": "Ann", "password": "from-environment:ANN"}
    document = whole() | {"users": [user]}
    apply(session, document, ANN="correct horse battery")
    assert apply(session, document, ANN="correct horse battery").is_empty
    with transaction(session):
        browser = sessions.Browser("127.0.0.1", "a browser")
        row = session.execute(select(UserRow)).scalar_one()
        session.add(
            UserSessionRow(
                token_hash="00",
                user_id=row.id,
                created_at=NOW,
                last_seen_at=NOW,
                ends_at=NOW + timedelta(days=1),
                address=browser.address,
                agent=browser.agent,
            )
        )
    assert apply(session, document, ANN="another horse battery").changed == ("user ann@globex.example",)
    assert count(session, UserSessionRow) == 0


def test_a_refused_file_leaves_nothing_behind(session: Session) -> None:
    document = whole()
    document["contracts"][0]["services"][0]["component"] = "apii"
    with pytest.raises(InvalidDocument):
        apply(session, document)
    assert [count(session, row) for row in (ProviderRow, ServiceRow, UserRow, AgreementVersionRow)] == [0, 0, 0, 0]


@pytest.mark.parametrize("changed", [{"staff": "manager"}, {"customers": []}])
def test_another_role_ends_the_sessions_of_whoever_got_it(session: Session, changed: dict[str, object]) -> None:
    user: dict[str, object] = {
        "email": "ann@globex.example",
        "name": "Ann",
        "password": "from-environment:ANN",
        "customers": [{"customer": "globex", "role": "owner"}],
    }
    apply(session, whole() | {"users": [user]}, ANN="correct horse battery")
    here = sessions.Browser("127.0.0.1", "a browser")
    accounts.sign_in(session, "ann@globex.example", "correct horse battery", here, NOW)
    apply(session, whole() | {"users": [user | {"name": "Anna"}]}, ANN="correct horse battery")
    assert count(session, UserSessionRow) == 1
    apply(session, whole() | {"users": [user | changed]}, ANN="correct horse battery")
    assert count(session, UserSessionRow) == 0
