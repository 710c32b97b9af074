"""The demo's past comes in by the door of every sample, the same each time, and says that it was generated."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from demo import history, setting
from demo.generator import tell_history
from demo.history import DAY_S, DOWN, GAP, INTERVAL_S, SLOW, Episode, Past
from demo.services import NAMES
from portal import clock
from portal.database import reading, transaction
from portal.domain.evidence.records import State
from portal.domain.quantities.zones import parse_instant
from portal.store.evidence.evidence import SampleRow
from portal.store.evidence.runs import RunRow
from portal.usecases.configuration.applying import apply_configuration
from portal.usecases.configuration.names import probe_numbers
from portal.usecases.groundwork import scopes
from portal.usecases.measuring import measurement

LIVE_FROM = parse_instant("2026-06-20T12:00:00Z")
PAST = Past(date(2026, 6, 19), LIVE_FROM)
"""Two days: short enough to look at in full."""
MIDNIGHT = LIVE_FROM // DAY_S * DAY_S
HOUR_S = 3_600
TOLD = (
    Episode("api", DOWN, MIDNIGHT - DAY_S + 3 * HOUR_S, MIDNIGHT - DAY_S + 3 * HOUR_S + 1_800),
    Episode("storage", SLOW, MIDNIGHT - DAY_S + 4 * HOUR_S, MIDNIGHT - DAY_S + 5 * HOUR_S),
    Episode("dashboard", GAP, MIDNIGHT - DAY_S + 5 * HOUR_S, MIDNIGHT - DAY_S + 7 * HOUR_S),
)
PORTS = {name: 18_200 + number for number, name in enumerate(NAMES)}


@pytest.fixture(autouse=True)
def provider_scope() -> Iterator[None]:
    with scopes.provider():
        yield


def set_up(session: Session, home: Path) -> None:
    document = setting.written_configuration(home, PORTS, PAST.first)
    for one, now in ((setting.as_of_the_past(document), PAST.start - 1), (document, LIVE_FROM - 1)):
        with transaction(session):
            apply_configuration(session, one, clock.instant(now), {})


def runs_of(session: Session, key: str) -> list[tuple[int, int, int, int]]:
    number = probe_numbers(session)[key]
    with reading(session):
        question = select(RunRow.first, RunRow.last, RunRow.count, RunRow.state).where(RunRow.probe == number)
        return [tuple(row) for row in session.execute(question.order_by(RunRow.first))]


def test_every_slot_outside_a_gap_has_one_generated_sample(session: Session, tmp_path: Path) -> None:
    set_up(session, tmp_path)
    stored: list[int] = []
    told = tell_history(session, PAST, TOLD, LIVE_FROM, stored.append)
    slots = (LIVE_FROM - PAST.start) // INTERVAL_S
    assert told == sum(stored) == slots * len(NAMES) - 7200 // INTERVAL_S
    with reading(session):
        assert session.execute(select(func.count()).select_from(SampleRow)).scalar_one() == told
        assert session.execute(select(func.sum(RunRow.count))).scalar_one() == told
        assert len(session.execute(select(RunRow.provenance).distinct()).scalars().all()) == 1


def test_episodes_become_runs_of_their_state(session: Session, tmp_path: Path) -> None:
    set_up(session, tmp_path)
    tell_history(session, PAST, TOLD, LIVE_FROM, lambda _: None)
    counts = [count for _, _, count, _ in runs_of(session, "api")]
    assert counts[1] == 30 * 60 // INTERVAL_S
    before, after = runs_of(session, "dashboard")
    assert after[0] - before[1] == 7200 + INTERVAL_S
    gap = TOLD[2].start
    assert gap <= before[1] + INTERVAL_S < gap + INTERVAL_S
    states = {state for *_, state in runs_of(session, "storage")}
    assert len(states) == 2


def test_after_the_past_the_live_schedule_is_in_force_and_nobody_leads(session: Session, tmp_path: Path) -> None:
    set_up(session, tmp_path)
    number = probe_numbers(session)["api"]
    past, live = measurement.timetable(session, 0).schedules[number]
    assert (past.interval_s, live.interval_s, live.effective_from) == (INTERVAL_S, 5, LIVE_FROM)
    leadership = measurement.lead(session, "a worker", LIVE_FROM * 1000, 15_000)
    assert leadership is not None


def test_the_same_start_has_the_same_past() -> None:
    slots = [range(LIVE_FROM - DAY_S, LIVE_FROM, INTERVAL_S)]
    past = history.past_before(LIVE_FROM)
    told = history.episodes(past)
    again = history.episodes(past)
    assert list(history.samples("api", 1, 1, slots, told)) == list(history.samples("api", 1, 1, slots, again))


def test_a_sample_of_the_past_is_down_slow_or_up_as_its_episode_says() -> None:
    told = (Episode("api", DOWN, 300, 600), Episode("api", SLOW, 600, 900), Episode("api", GAP, 900, 1200))
    found = list(history.samples("api", 1, 1, [range(0, 1500, 300)], told))
    assert [(one.slot, one.state) for one in found] == [
        (0, State.UP),
        (300, State.DOWN),
        (600, State.DEGRADED),
        (1200, State.UP),
    ]
    assert {one.provenance for one in found} == {"generated"}


def outages_of_this_month(live_from: int) -> list[Episode]:
    told = history.episodes(history.past_before(live_from))
    return [one for one in told if (one.service, one.end - one.start) == ("runners", 1200)]


@pytest.mark.parametrize(
    ("start", "allowed_s"),
    [
        ("2026-06-20T12:00:00Z", 1296),
        ("2026-10-31T14:30:00Z", 1339),
        ("2027-02-15T00:00:00Z", 1209),
        ("2026-07-31T16:00:00Z", 1339),
    ],
)
def test_the_outage_of_this_month_leaves_less_than_a_fifth_of_the_budget_and_never_breaks_it(
    start: str, allowed_s: int
) -> None:
    live_from = parse_instant(start) // INTERVAL_S * INTERVAL_S
    (outage,) = outages_of_this_month(live_from)
    assert allowed_s * 8 // 10 < outage.end - outage.start < allowed_s
    assert outage.end <= live_from - history.SETTLED_S


def test_in_the_first_hour_of_a_month_there_is_no_such_outage() -> None:
    live_from = parse_instant("2026-06-30T15:20:00Z")
    assert outages_of_this_month(live_from) == []
