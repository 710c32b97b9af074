"""What is stored of a service leads into a period far enough, and no farther (semantics.md R19–R23)."""

from collections.abc import Sequence

import pytest
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.lead_in import lead_in_for
from portal.domain.evidence.records import Evidence, Run, State
from portal.domain.promises.methodology import Continuous, Detection, OutageRules
from portal.store.evidence.evidence import series_of_service
from portal.store.evidence.runs import save_runs
from portal.usecases.keeping.evidence import evidence_of, led_in_series
from tests.domain.promises import JUNE, START, judged, promise
from tests.measuring import STEP, add_probes, add_service

DAY_S = 86_400
SLOW_TO_END = Continuous(detection=Detection(confirm_failures=2, confirm_successes=3))
LONG_ONLY = Continuous(outage=OutageRules(min_outage_seconds=1800), detection=Detection(confirm_failures=2))
JOINED = Continuous(outage=OutageRules(min_outage_seconds=900, merge_gap_seconds=600))
UP, TIMEOUT, ERROR = (State.UP, None), (State.DOWN, "timeout"), (State.DOWN, "http_500")
Word = tuple[State, str | None]


def told(first: int, samples: Sequence[Word]) -> list[Run]:
    """One run for each sample, a minute apart."""
    return [
        Run(state, reason, first + place * STEP, first + place * STEP, 1, STEP)
        for place, (state, reason) in enumerate(samples)
    ]


@pytest.mark.parametrize(
    ("method", "samples"),
    [
        (SLOW_TO_END, [UP, UP, UP, TIMEOUT, TIMEOUT, *[UP, TIMEOUT] * 100]),
        (LONG_ONLY, [UP, *[TIMEOUT, ERROR] * 30, UP, UP, UP]),
        (JOINED, [UP, *[TIMEOUT] * 12, *[UP] * 6, *[ERROR, TIMEOUT] * 3, UP]),
    ],
)
def test_downtime_that_began_before_a_period_is_judged_whole(
    session: Session, method: Continuous, samples: Sequence[Word]
) -> None:
    service = add_service(session)
    add_probes(session, service, [("tcp", {"address": "localhost:1"})])
    first = START - (len(samples) - 5) * STEP
    with transaction(session):
        save_runs(session, (((1, 1), run) for run in told(first - DAY_S, [UP, TIMEOUT] * 50)))
        save_runs(session, (((1, 1), run) for run in told(first, samples)))
    with reading(session):
        known = evidence_of(session, service.id, JUNE.start, JUNE.end, [method, SLOW_TO_END])
        whole = series_of_service(session, service.id, 0, JUNE.end)
    read = known.read_by(method, JUNE, service.id)
    expected = judged(promise(method=method), Evidence(series=whole))
    assert expected.totals.downtime
    assert judged(promise(method=method), read) == expected
    assert len(read.series[0].runs) < len(whole[0].runs)


def test_a_day_long_ago_is_not_read(session: Session) -> None:
    service = add_service(session)
    add_probes(session, service, [("tcp", {"address": "localhost:1"})])
    with transaction(session):
        save_runs(session, (((1, 1), run) for run in told(START - 60 * DAY_S, [UP, TIMEOUT] * 200)))
        save_runs(session, [((1, 1), Run(*UP, START - DAY_S, START + DAY_S, 2 * DAY_S // STEP + 1, STEP))])
    with reading(session):
        (one,) = led_in_series(session, service.id, START, JUNE.end, lead_in_for([SLOW_TO_END, JOINED]))
    assert len(one.runs) <= 2
