"""A generated provider comes in by the door of every sample, the same from the same seed, and goes on where it was."""

from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import RowMapping, func, select
from sqlalchemy.orm import Session

from demo.generated.episodes import DAY_S, DOWN, GAP, LATE, Chance, Episode, clock_steps, episodes_of
from demo.generated.provider import configure, provider_document
from demo.generated.telling import generate
from portal.database import reading
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.runs import derive_runs
from portal.domain.notices.refusals import Conflict
from portal.domain.quantities.zones import parse_instant
from portal.store.evidence.evidence import GapRow, SampleRow
from portal.store.evidence.runs import PROVENANCES, STATES, RunRow
from portal.usecases.groundwork import scopes
from portal.usecases.measuring import measurement
from tests.databases import create_tables, opened

START = parse_instant("2026-03-01T00:00:00Z")
END = START + 3 * DAY_S
INTERVAL_S = 900
SLOTS = (END - START) // INTERVAL_S
EVENTFUL = Chance(seed=7, outages=20, slow=10, gaps=10, late=10, clock_steps=20)
QUIET = Chance(seed=7, outages=0, slow=0, gaps=0, late=0)
CHANCES = st.builds(Chance, st.integers(0, 9), outages=st.integers(0, 3), gaps=st.integers(0, 3))
DAYS = st.integers(0, 90)


class Interrupted(Exception):
    """Somebody ended the telling between two writes."""


@pytest.fixture(autouse=True)
def provider_scope() -> Iterator[None]:
    with scopes.provider():
        yield


@pytest.fixture
def small(session: Session) -> Session:
    """A provider of two services, each seen from two places every quarter of an hour."""
    configure(session, provider_document(services=2, locations=2, interval_s=INTERVAL_S), START - 1)
    return session


def stored(session: Session) -> tuple[list[RowMapping], list[RowMapping]]:
    """All samples and all runs there are."""
    with reading(session):
        samples = select(*SampleRow.__table__.c).order_by(SampleRow.probe, SampleRow.location, SampleRow.slot)
        runs = select(*RunRow.__table__.c).order_by(RunRow.probe, RunRow.location, RunRow.first)
        return list(session.execute(samples).mappings()), list(session.execute(runs).mappings())


def test_a_quiet_provider_has_one_generated_sample_at_every_slot(small: Session) -> None:
    written: list[int] = []
    assert generate(small, QUIET, START, END, progress=written.append) == sum(written) == 4 * SLOTS
    samples, runs = stored(small)
    assert len(samples) == sum(run["count"] for run in runs) == 4 * SLOTS
    assert {PROVENANCES[run["provenance"]] for run in runs} == {"generated"}
    assert len(runs) == 4


def test_whatever_happens_the_runs_are_those_of_the_samples(small: Session) -> None:
    generate(small, EVENTFUL, START, END)
    samples, runs = stored(small)
    assert {STATES[row["state"]] for row in samples} > {STATES[0], STATES[1]}
    assert len(samples) < 4 * SLOTS
    found: dict[tuple[int, int], list[Sample]] = defaultdict(list)
    for row in samples:
        one = Sample(row["probe"], row["location"], row["slot"], INTERVAL_S, STATES[row["state"]], row["reason"])
        found[row["probe"], row["location"]].append(one)
    for pair, those in found.items():
        derived = [(run.state, run.first, run.last, run.count) for run in derive_runs(those)]
        assert derived == [
            (STATES[run["state"]], run["first"], run["last"], run["count"])
            for run in runs
            if (run["probe"], run["location"]) == pair
        ]


def test_what_comes_late_is_there_in_the_end_whatever_day_it_came(small: Session) -> None:
    late = Episode("", 0, LATE, START + 5_000, START + 9_000), Episode("", 0, LATE, END - 7_000, END)
    generate(small, QUIET, START, END, told=late)
    samples, runs = stored(small)
    assert (len(samples), len(runs)) == (4 * SLOTS, 4)


def test_told_episodes_become_what_they_say(small: Session) -> None:
    told = (
        Episode("service-0001", 0, DOWN, START + 7_200, START + 10_800),
        Episode("service-0002", 1, GAP, START + 7_200, START + 10_800),
    )
    generate(small, QUIET, START, END, told=told)
    samples, _ = stored(small)
    down = [row for row in samples if row["error"] == "refused"]
    assert len(down) == 2 * 3_600 // INTERVAL_S
    assert {row["probe"] for row in down} == {1}
    assert len(samples) == 4 * SLOTS - 3_600 // INTERVAL_S


def test_steps_of_the_clock_are_gaps_that_say_so(small: Session) -> None:
    chance = Chance(seed=3, outages=0, slow=0, gaps=0, late=0, clock_steps=60)
    generate(small, chance, START, END)
    with reading(small):
        gaps = [tuple(row) for row in small.execute(select(GapRow.location, GapRow.first, GapRow.until, GapRow.reason))]
    steps = clock_steps(chance, START, END)
    assert sorted(gaps) == sorted((0, step.start, step.end, "clock_step") for step in steps)
    assert steps
    assert not [row for row in stored(small)[0] for step in steps if step.start <= row["slot"] < step.end]


@pytest.mark.parametrize("writes", [1, 2])
def test_an_interrupted_telling_goes_on_where_it_was(
    small: Session, writes: int, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("demo.generated.telling.BATCH", 500)
    left = [writes]

    def interrupt(_stored: int) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise Interrupted

    with pytest.raises(Interrupted):
        generate(small, EVENTFUL, START, END, progress=interrupt)
    assert 0 < len(stored(small)[0]) == 500 * writes
    generate(small, EVENTFUL, START, END)
    resumed = stored(small)
    assert generate(small, EVENTFUL, START, END) < 4 * SLOTS
    assert stored(small) == resumed
    assert resumed == in_one_go(request)


def in_one_go(request: pytest.FixtureRequest) -> object:
    """What is stored when nothing interrupts, in a SQLite database of its own."""
    url = f"sqlite:///{request.getfixturevalue('tmp_path') / 'whole.sqlite'}"
    create_tables(url)
    with opened(url) as session:
        configure(session, provider_document(services=2, locations=2, interval_s=INTERVAL_S), START - 1)
        generate(session, EVENTFUL, START, END)
        return stored(session)


def test_a_worker_that_measures_is_not_told_a_past(small: Session) -> None:
    assert measurement.lead(small, "worker", END * 1000, 15_000) is not None
    with pytest.raises(Conflict, match="measuring already"):
        generate(small, QUIET, START, END)


def test_a_worker_starts_right_after_the_past(small: Session) -> None:
    generate(small, QUIET, START, END)
    leadership = measurement.lead(small, "worker", (END + 5) * 1000, 15_000)
    assert leadership is not None
    assert len(leadership.last_runs) == 4
    with reading(small):
        assert small.execute(select(func.max(SampleRow.slot))).scalar_one() < END


@given(CHANCES, DAYS, DAYS, DAYS)
def test_a_longer_range_holds_the_same_episodes(chance: Chance, start: int, days: int, more: int) -> None:
    first, end = START + start * DAY_S, START + (start + days) * DAY_S
    short = episodes_of(chance, "api", (1, 2), first, end)
    long = episodes_of(chance, "api", (1, 2), first, end + more * DAY_S)
    assert set(short) <= set(long)
    assert episodes_of(chance, "api", (1, 2), first, end) == short
