"""What reads single samples is not judged again once they were deleted; everything else is (decisions D10, R52)."""

from collections.abc import Iterator
from fractions import Fraction

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.database import reading
from portal.domain.evidence.chunk import DAY_S
from portal.domain.promises.methodology import Continuous, Methodology, Percentile
from portal.store.ground.tenancy import provider_scope
from portal.store.measuring.services import ProbeRow
from portal.usecases.closing import retention
from portal.usecases.judging.deleted_evidence import EvidenceDeleted, refuse_deleted
from tests.customers import utc
from tests.sealing import FIRST, furnish, seal_all

LATER = utc("2028-01-01")
LATENCY = Percentile(Fraction(95), 500)


@pytest.fixture
def deleted(session: Session) -> Iterator[Session]:
    """A database with a service whose samples of two days were deleted."""
    with provider_scope():
        furnish(session, days=2)
        seal_all(session)
        plan = retention.plan(session, 13, LATER)
        retention.delete(session, plan.lots[0], plan.rule, LATER)
        yield session


def refuse(session: Session, start: int, end: int, method: Methodology) -> None:
    with reading(session):
        service = session.scalars(select(ProbeRow.service_id)).one()
        refuse_deleted(session, service, start, end, [method])


@pytest.mark.parametrize("window", [(FIRST, FIRST + 1), (FIRST - DAY_S, FIRST + 1), (FIRST + 2 * DAY_S - 1, 2 * FIRST)])
def test_a_promise_about_latencies_is_not_judged_again_over_a_deleted_day(
    deleted: Session, window: tuple[int, int]
) -> None:
    with pytest.raises(EvidenceDeleted, match=r"the samples of probe 1 at location 1 on 2026-11-2. were deleted"):
        refuse(deleted, *window, LATENCY)


@pytest.mark.parametrize(
    ("window", "method"),
    [
        ((FIRST - DAY_S, FIRST), LATENCY),
        ((FIRST + 2 * DAY_S, FIRST + 3 * DAY_S), LATENCY),
        ((FIRST, FIRST + DAY_S), Continuous()),
    ],
)
def test_other_days_and_what_runs_say_are_judged_again(
    deleted: Session, window: tuple[int, int], method: Methodology
) -> None:
    refuse(deleted, *window, method)
