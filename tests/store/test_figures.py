"""Figures and contracts as they are kept and asked for."""

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.store.ground.tenancy import ScopeMissing, customer_scope, provider_scope
from portal.store.promises import contracts
from portal.store.settling import figures
from portal.store.settling.figures import Figure, FigureKey, LatestRuns
from tests import customers
from tests.customers import House, at


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


def key_of(house: House) -> FigureKey:
    return FigureKey(house.globex_contract, house.api, "availability")


def test_a_figure_takes_the_place_of_the_one_before_it(session: Session, house: House) -> None:
    with provider_scope():
        for as_of in (1, 2):
            figures.save_figure(
                session, house.globex, key_of(house), Figure("2026-11-01", as_of, f'{{"as_of":{as_of}}}')
            )
        assert figures.figures(session) == {key_of(house): Figure("2026-11-01", 2, '{"as_of":2}')}
        assert figures.figure_times(session) == {key_of(house): ("2026-11-01", 2)}


def test_a_figure_is_seen_by_its_customer_only(session: Session, house: House) -> None:
    with provider_scope():
        figures.save_figure(session, house.globex, key_of(house), Figure("2026-11-01", 1, "{}"))
    with customer_scope(house.globex):
        assert set(figures.figures(session)) == {key_of(house)}
    with customer_scope(house.initech):
        assert figures.figures(session) == {}
    with pytest.raises(ScopeMissing):
        figures.figures(session)


def test_a_figure_is_removed_by_its_whole_key(session: Session, house: House) -> None:
    other = FigureKey(house.globex_contract, house.storage, "availability")
    with provider_scope():
        for key in (key_of(house), other):
            figures.save_figure(session, house.globex, key, Figure("2026-11-01", 1, "{}"))
        figures.delete_figures(session, {other})
        assert set(figures.figures(session)) == {key_of(house)}


def test_the_latest_runs_of_a_service_are_those_of_each_of_its_places(session: Session, house: House) -> None:
    assert figures.latest_runs(session) == {}
    customers.runs(
        session, 1, [("down", "2026-11-01 00:00", "2026-11-01 00:10"), ("up", "2026-11-01 00:11", "2026-11-01 01:00")]
    )
    customers.runs(
        session, 2, [("up", "2026-11-01 00:00", "2026-11-01 00:10"), ("down", "2026-11-01 00:11", "2026-11-01 00:11")]
    )
    assert figures.latest_runs(session) == {
        house.api: LatestRuns(at("2026-11-01 00:11"), True),
        house.storage: LatestRuns(at("2026-11-01 00:11"), False),
    }


def test_a_contract_comes_with_its_services_and_every_version_of_its_agreement(session: Session, house: House) -> None:
    with provider_scope():
        agreement = customers.agreement(session, "silver")
        for number, day in ((1, "2026-01-01"), (2, "2026-11-01")):
            customers.version(session, agreement, customers.terms_document("silver", number, day))
        customers.contract(session, house.globex, agreement, "globex-silver", {"storage": house.storage}, fee="12.50")
    with customer_scope(house.globex):
        first, second = contracts.contracts(session)
        versions = contracts.published_terms(session)
    assert [service.key for service in first.services] == ["api", "storage"]
    assert (second.agreement, second.slug, second.contract.id) == ("Silver", "silver", "globex-silver")
    assert [one.terms.version.number for one in versions[agreement]] == [1, 2]
    assert {one.digest[:7] for one in versions[agreement]} == {"sha256:"}


def test_contracts_are_those_of_the_scope(session: Session, house: House) -> None:
    with customer_scope(house.initech):
        assert [one.id for one in contracts.contracts(session)] == [house.initech_contract]
    with provider_scope():
        assert {one.id for one in contracts.contracts(session)} == {house.globex_contract, house.initech_contract}
    with pytest.raises(ScopeMissing):
        contracts.contracts(session)
