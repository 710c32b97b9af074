"""Near misses: kept with 80 % or more of what is allowed, on the customer's page and on the desk; what is at risk."""

import pytest
from sqlalchemy.orm import Session

from portal.database import begin, commit, reading, transaction
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.settling.statements import StatementRow
from portal.usecases.closing import closing
from portal.usecases.customer import histories
from portal.usecases.forecasting.forecasts import refresh_forecasts
from portal.usecases.forecasting.pasts import Pasts
from portal.usecases.judging.figures import refresh_figures
from portal.usecases.operating import desk
from portal.usecases.operating.desk import AtRisk
from portal.usecases.settling.near_misses import NearMiss, near_misses
from tests import customers
from tests.customers import House, utc

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
NOW = utc("2026-11-03 12:00:00")
BEFORE, UNTIL = "2026-09-28 00:00", "2026-11-02 12:00"
DOWN_40_MIN = [
    ("up", BEFORE, "2026-10-10 07:59"),
    ("down", "2026-10-10 08:00", "2026-10-10 08:39"),
    ("up", "2026-10-10 08:40", UNTIL),
]


@pytest.fixture
def house(session: Session) -> House:
    """Of 44 min 42 s that October allows Globex, 40 minutes of the API are used; its storage is always up."""
    begin(session, write=True)
    house = customers.build(session)
    customers.runs(session, 1, DOWN_40_MIN)
    customers.runs(session, 2, [("up", BEFORE, UNTIL)])
    commit(session)
    closing.close(session, "2026-10", NOW)
    return house


def missed(session: Session) -> list[tuple[str, NearMiss]]:
    with provider_scope(), reading(session):
        return [(period, one) for period, lines in near_misses(session) for one in lines]


def test_what_was_kept_with_little_to_spare_is_on_the_desk_and_a_breach_is_not(session: Session, house: House) -> None:
    ((period, one),) = missed(session)
    assert (period, one.customer, one.service, one.used_percent) == ("2026-10-01", "Globex", "API", 89)
    assert one.attained == "99.910"


def test_the_customers_history_says_how_near_it_was(session: Session, house: House) -> None:
    with customer_scope(house.globex), reading(session):
        found = histories.history(session, house.globex, house.globex_owner)
    assert {row.service_key: [cell.near_percent for cell in row.cells if cell] for row in found.rows} == {
        "api": [89],
        "storage": [None],
    }


def test_what_a_later_revision_says_counts(session: Session, house: House) -> None:
    with provider_scope(), transaction(session):
        first = session.query(StatementRow).filter_by(contract_id=house.globex_contract).one()
        copied = {one.key: getattr(first, one.key) for one in StatementRow.__table__.columns}
        session.add(StatementRow(**copied | {"id": house.globex, "revision": 2, "near_misses": 0}))
    assert missed(session) == []


def risks(session: Session, story: list[tuple[str, str, str]]) -> dict[str, AtRisk]:
    """The promises at risk by customer, when this happened to the API after the second of November."""
    with transaction(session):
        customers.runs(session, 1, story)
        now = utc(f"{story[-1][2]}:30")
        refresh_figures(session, now)
        refresh_forecasts(session, now, Pasts())
        with provider_scope():
            return {one.customer: one for one in desk.desk(session, "UTC", now).at_risk}


def test_the_desk_lists_what_is_broken_first_then_what_has_used_90_percent(session: Session, house: House) -> None:
    found = risks(
        session,
        [
            ("up", "2026-11-02 12:01", "2026-11-10 07:59"),
            ("down", "2026-11-10 08:00", "2026-11-10 08:39"),
            ("up", "2026-11-10 08:40", "2026-11-22 12:00"),
        ],
    )
    assert list(found) == ["Initech", "Globex"]
    assert [(one.is_breached, one.level) for one in found.values()] == [(True, None), (False, 90)]
    assert found["Globex"].chance is not None


def test_a_promise_that_may_well_be_broken_is_at_risk_though_nothing_of_it_is_used(
    session: Session, house: House
) -> None:
    found = risks(session, [("up", "2026-11-02 12:01", "2026-11-08 12:00")])
    assert (found["Initech"].level, found["Initech"].is_breached) == (None, False)
    assert found["Initech"].chance in {f"{percent} %" for percent in range(30, 80)}
