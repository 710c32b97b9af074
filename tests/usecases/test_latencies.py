"""How long answers took: bands that hold the figures of the table, gaps where no day is, and only covered days."""

from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.latency_sketch import sketch
from portal.domain.evidence.service_day import ServiceDay
from portal.store.evidence.summaries import save_days
from portal.store.ground.tenancy import customer_scope, provider_scope
from portal.usecases.keeping.latencies import DAY_S, latency_page
from tests import customers
from tests.customers import at, utc

FIRST = at("2026-11-10 00:00")


def test_days_are_bands_of_what_is_kept_with_gaps_and_nothing_from_before_the_contract(session: Session) -> None:
    with provider_scope(), transaction(session):
        house = customers.build(session)
        for number in (-400, 0, 1, 5):
            start = FIRST + number * DAY_S
            taken = sketch([*range(1, 61), *[200] * 39, 1_000])
            day = ServiceDay(
                start, start + DAY_S, DAY_S, 0, 0, 0, 0, 0, None, None, is_generated=False, latencies=taken
            )
            save_days(session, house.api, [day], start)
    with customer_scope(house.globex), reading(session):
        found = latency_page(session, "api", utc("2026-11-20 12:00:00"))
    assert [(one.start - FIRST) // DAY_S for one in found.days] == [5, 1, 0]
    assert {(one.answers, one.p50, one.p95, one.p99) for one in found.days} == {(100, 50, 203, 203)}
    assert found.whole is not None
    assert (found.whole.answers, found.bands.top_ms) == (300, 203)
    assert found.bands.usual.count("M") == found.bands.slow.count("Z") == found.bands.slowest.count("Z") == 2
