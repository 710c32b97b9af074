"""How services were lately is the same whether their days are kept or computed from runs."""

from collections.abc import Iterator, Mapping
from uuid import UUID

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.database import begin, reading, transaction
from portal.domain.evidence.records import State
from portal.store.evidence import summaries
from portal.store.ground.base import new_id
from portal.store.ground.tenancy import provider_scope
from portal.store.people.providers import ProviderRow
from portal.usecases.keeping.summaries import refresh_summaries
from portal.usecases.status.lately import Lately, lately
from tests import customers
from tests.customers import House, at, utc

BERLIN = "Europe/Berlin"
NOW = utc("2026-11-02 12:00:00")
AS_OF = at("2026-11-02 12:00:00")
LAST = at("2026-11-02 11:59")
STORY = [
    ("up", at("2026-09-03 08:00"), at("2026-10-09 10:00")),
    ("down", at("2026-10-09 10:01"), at("2026-10-09 23:30")),
    ("degraded", at("2026-10-09 23:31"), at("2026-10-12 12:00")),
    ("up", at("2026-10-14 14:00"), at("2026-10-20 22:58")),
    ("down", at("2026-10-20 22:59"), at("2026-10-20 23:05")),
    ("up", at("2026-10-20 23:06"), LAST),
]


@pytest.fixture
def house(session: Session) -> Iterator[House]:
    begin(session, write=True)
    with provider_scope():
        house = customers.build(session)
        session.add(ProviderRow(id=new_id(), name="Northwind", timezone=BERLIN, contact="mail@northwind.example"))
        customers.runs_at(session, 1, STORY)
        session.commit()
        yield house


def told(session: Session, house: House) -> Mapping[UUID, Lately]:
    with reading(session):
        return lately(session, [house.api, house.storage], BERLIN, AS_OF)


def keep(session: Session) -> None:
    while refresh_summaries(session, NOW, 95):
        pass


@pytest.mark.slow
def test_kept_days_change_nothing_of_what_is_told(session: Session, house: House) -> None:
    """Also where the days of one service are not all kept, and where nothing happened on any kept day."""
    with transaction(session):
        customers.runs_at(session, 2, [("up", at("2026-05-01 08:00"), LAST)])
    computed = told(session, house)
    api, storage = computed[house.api].now, computed[house.storage].now
    assert api is not None
    assert storage is not None
    assert (api.state, api.since) == (State.UP, at("2026-10-20 23:06"))
    assert (storage.state, storage.since) == (State.UP, at("2026-05-01 08:00"))
    keep(session)
    assert told(session, house) == computed
    with transaction(session):  # as days were stored before they said as what they ended
        session.execute(update(summaries.ServiceDayRow).values(last_state=None, last_since=None))
    assert told(session, house) == computed
    with transaction(session):
        summaries.forget_days(session, [house.api], at("2026-10-09 12:00"), at("2026-10-09 12:01"))
    assert told(session, house) == computed


@pytest.mark.slow
def test_a_service_that_is_measured_no_more_is_unknown_since_its_last_answer_ended(
    session: Session, house: House
) -> None:
    with transaction(session):
        customers.runs_at(session, 2, [("up", at("2026-09-20 08:00"), at("2026-10-01 09:59"))])
    computed = told(session, house)
    keep(session)
    assert told(session, house) == computed
    now = computed[house.storage].now
    assert now is not None
    assert (now.state, now.since) == (State.UNKNOWN, at("2026-10-01 10:01"))


@pytest.mark.slow
def test_time_left_out_for_everybody_is_told_as_it_was_measured(session: Session, house: House) -> None:
    computed = told(session, house)
    keep(session)
    with transaction(session):
        day = session.get(summaries.ServiceDayRow, (house.api, at("2026-10-08 22:00")))
        assert day is not None
        day.excluded_s, day.down_s = day.excluded_s + day.down_s, 0
    assert told(session, house) == computed
