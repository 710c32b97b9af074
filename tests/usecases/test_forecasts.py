"""Forecasts: what they say comes true as often as they say, they stay as they are, and no verdict is made of them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from bench.forecast import Bin, bins, told_of
from portal.database import begin
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.store.settling import forecasts as store
from portal.store.settling.forecasts import StoredForecast
from portal.usecases.customer import compliance
from portal.usecases.customer.cards import Card
from portal.usecases.customer.compliance import Line
from portal.usecases.forecasting.calibration import TRIED
from portal.usecases.forecasting.forecasts import refresh_forecasts
from portal.usecases.forecasting.pasts import Pasts
from portal.usecases.judging.figures import refresh_figures
from tests import customers
from tests.customers import House, utc

NOW = utc("2026-11-22 12:00:30")
LONG_AGO = "2026-03-01 00:00"


@pytest.fixture
def house(session: Session) -> House:
    begin(session, write=True)
    return customers.build(session)


def past(session: Session, probe: int, *outages: tuple[str, str], since: str = LONG_AGO) -> None:
    """Up since long ago but for these outages, each from its first to its last failed sample."""
    story, at = list[tuple[str, str, str]](), since
    for first, last in outages:
        story += [("up", at, minute(first, -1)), ("down", first, last)]
        at = minute(last, 1)
    customers.runs(session, probe, [*story, ("up", at, "2026-11-22 12:00")])


def minute(text: str, by: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(minutes=by)).strftime("%Y-%m-%d %H:%M")


def made(session: Session, now: datetime = NOW, pasts: Pasts | None = None) -> dict[tuple[str, str], StoredForecast]:
    """Every forecast, refreshed with the figures, by the first letters of contract and service."""
    refresh_figures(session, now)
    refresh_forecasts(session, now, pasts or Pasts())
    with provider_scope():
        return {(str(key.contract_id), str(key.service_id)): one for key, one in store.forecasts(session).items()}


def card(session: Session, house: House, person: str = "globex_owner") -> Card:
    with customer_scope(house.globex):
        overview = compliance.overview(session, house.globex, getattr(house, person), NOW)
    return next(one for one in overview.full if one.service_key == "api")


OUTAGES = [(f"2026-{month:02d}-12 08:00", f"2026-{month:02d}-12 08:{20 + 2 * month}") for month in range(4, 11)]
NEARLY_USED = [*OUTAGES, ("2026-11-18 08:00", "2026-11-18 08:39")]


@pytest.mark.slow
def test_of_what_is_called_20_to_40_percent_15_to_45_percent_come_true() -> None:
    told = [one for seed in range(200) for one in told_of(seed)]
    table: Sequence[Bin] = bins(told)
    for one in table:
        print(
            f"{one.low:3} to {one.high:3} %: {one.forecasts:4} forecasts, {one.said:5.1f} % said, {one.came_true:.1f} %"
        )
    middle = next(one for one in table if one.low == 20)
    assert middle.forecasts >= 60
    assert 15 <= middle.came_true <= 45
    assert [(one.low, one.high, one.forecasts) for one in table] == [(one.low, one.high, one.trials) for one in TRIED]
    for shown, one in zip(TRIED, table, strict=True):
        assert abs(shown.broken_percent - one.came_true) <= 1


def test_a_commitment_near_its_end_with_a_bad_past_is_at_risk_and_pays_are_expected(
    session: Session, house: House
) -> None:
    past(session, 1, *NEARLY_USED)
    past(session, 2)
    made(session)
    ahead = card(session, house).forecast
    assert ahead is not None
    assert ahead.chance is not None
    chance = int(ahead.chance.removesuffix(" %"))
    assert 10 <= chance <= 60
    assert ahead.tried is not None
    assert ahead.tried.low <= chance < ahead.tried.high
    assert ahead.expected is not None
    assert ahead.expected.startswith("EUR ")
    assert (ahead.gone_on, ahead.history_outages) == (utc("2026-11-23 00:00").date(), 8)


def test_who_may_not_see_money_sees_the_chance_but_no_credit(session: Session, house: House) -> None:
    past(session, 1, *NEARLY_USED)
    made(session)
    ahead = card(session, house, "globex_member").forecast
    assert ahead is not None
    assert (ahead.expected, ahead.chance is None) == (None, False)


def test_a_quiet_service_is_under_one_percent(session: Session, house: House) -> None:
    past(session, 1)
    made(session)
    ahead = card(session, house).forecast
    assert ahead is not None
    assert (ahead.chance, ahead.expected, ahead.gone_on) == ("under 1 %", None, None)


def test_with_too_little_history_it_says_so(session: Session, house: House) -> None:
    past(session, 1, since="2026-11-02 00:00")
    made(session)
    ahead = card(session, house).forecast
    assert ahead is not None
    assert (ahead.chance, ahead.expected) == (None, None)
    assert ahead.tried is None
    assert ahead.why_not == "There is too little history: 20 days are known, 28 are needed."


def test_a_forecast_made_again_of_the_same_is_the_same(session: Session, house: House) -> None:
    past(session, 1, *NEARLY_USED)
    first = made(session)
    with provider_scope():
        store.delete_forecasts(session, store.forecasts(session))
    assert made(session) == first


def test_a_broken_promise_has_no_chance_but_a_credit_to_expect(session: Session, house: House) -> None:
    past(session, 1, *OUTAGES, ("2026-11-10 08:00", "2026-11-10 09:30"))
    made(session)
    ahead = card(session, house).forecast
    assert ahead is not None
    assert ahead.is_broken
    assert ahead.expected is not None
    assert ahead.expected >= "EUR 100.00"


def test_one_is_made_again_after_ten_minutes_or_when_something_happened(session: Session, house: House) -> None:
    past(session, 1)
    past(session, 2)
    pasts = Pasts()
    before = made(session, pasts=pasts)
    assert {one.as_of for one in made(session, NOW + timedelta(minutes=5), pasts).values()} == {
        one.as_of for one in before.values()
    }
    customers.runs(session, 1, [("down", "2026-11-22 12:05", "2026-11-22 12:07")])
    after = made(session, NOW + timedelta(minutes=8), pasts)
    assert {key for key in after if after[key].as_of > before[key].as_of} == {
        key for key in after if key[1] == str(house.api)
    }
    later = made(session, NOW + timedelta(minutes=16), pasts)
    assert all(later[key].as_of > before[key].as_of for key in later)


def test_a_promise_that_counts_no_time_and_one_without_a_verdict_have_no_chance(session: Session, house: House) -> None:
    with provider_scope():
        ratio = customers.agreement(session, "ratio")
        customers.version(
            session, ratio, customers.terms_document("ratio", commitment={"methodology": {"type": "request_ratio"}})
        )
        counted = customers.contract(session, house.globex, ratio, "globex-ratio", {"api": house.api})
    found = made(session)
    assert str(counted) not in {contract for contract, _ in found}
    assert {one.breach_percent for one in found.values()} == {None}
    assert {json.loads(one.document)["reason"] for one in found.values()} == {"no verdict"}


def test_the_page_of_a_working_looks_ahead_too(session: Session, house: House) -> None:
    past(session, 1, *NEARLY_USED)
    made(session)
    line = Line(house.globex_contract, "api", "availability", "2026-11-01")
    with customer_scope(house.globex):
        page = compliance.working(session, house.globex, house.globex_owner, line, NOW)
    assert page.card.forecast is not None
    assert page.card.forecast == card(session, house).forecast
