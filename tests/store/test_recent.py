"""Many services read at once say what each says when it is read by itself."""

import pytest
from sqlalchemy.orm import Session

from portal.database import begin
from portal.domain.evidence.detection import state_now
from portal.domain.evidence.records import State
from portal.domain.promises.methodology import Detection
from portal.store.evidence.evidence import Gap, save_gap, series_of_service
from portal.store.evidence.recent import recent_series
from portal.store.ground.tenancy import provider_scope
from tests import customers
from tests.customers import House, at

START, END = at("2026-11-01 00:00"), at("2026-11-02 00:00")
API = [
    ("up", "2026-10-30 00:00", "2026-10-31 23:50"),
    ("down", "2026-11-01 10:00", "2026-11-01 10:05"),
    ("up", "2026-11-01 10:06", "2026-11-01 23:59"),
]
STORAGE = [("up", "2026-10-30 00:00", "2026-11-01 23:58"), ("down", "2026-11-01 23:59", "2026-11-02 00:00")]


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    house = customers.build(session)
    customers.runs(session, 1, API)
    customers.runs(session, 2, STORAGE)
    return house


def states(session: Session, house: House, *, together: bool) -> list[tuple[State, int]]:
    keys = (house.api, house.storage)
    if together:
        found = recent_series(session, keys, START, END)
    else:
        found = {key: series_of_service(session, key, START, END) for key in keys}
    return [(now.state, now.since) for now in (state_now(found[key], Detection(), END - 1) for key in keys)]


def test_each_service_is_in_the_same_state_since_the_same_second(session: Session, house: House) -> None:
    expected = [(State.UP, at("2026-11-01 10:06")), (State.DOWN, at("2026-11-01 23:59"))]
    assert states(session, house, together=True) == states(session, house, together=False) == expected


def test_the_run_before_the_window_leads_in_and_later_ones_stay_out(session: Session, house: House) -> None:
    found = recent_series(session, (house.api, house.storage), START, at("2026-11-01 10:06"))
    assert [run.first for run in found[house.api][0].runs] == [at(API[0][1]), at(API[1][1])]
    assert [run.first for run in found[house.storage][0].runs] == [at(STORAGE[0][1])]


def test_a_service_never_measured_is_not_among_them(session: Session, house: House) -> None:
    with provider_scope():
        new = customers.service(session, "new", "New", 7)
    assert set(recent_series(session, (house.api, new), START, END)) == {house.api}


def test_a_clock_that_was_set_is_minded(session: Session, house: House) -> None:
    save_gap(session, Gap(1, at("2026-11-01 09:00"), at("2026-11-01 09:30"), "clock_step"))
    found = recent_series(session, (house.api,), START, END)
    assert found[house.api] == series_of_service(session, house.api, START, END)
    assert {run.reason for run in found[house.api][0].runs} >= {"clock_step"}
