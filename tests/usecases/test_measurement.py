"""From due slot to stored run (decisions D5 and D6, trust.md E1, E7, E8)."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from portal.database import reading, transaction
from portal.domain.evidence.measurements import Sample
from portal.domain.evidence.records import Run, Series, State
from portal.domain.evidence.runs import derive_runs
from portal.domain.quantities.slots import next_slot
from portal.store.evidence.evidence import Gap, SampleRow, gaps_between, last_sample_at, series_of_service
from portal.store.evidence.evidence_days import samples_between
from portal.store.evidence.runs import RunRow
from portal.store.ground.leases import LeaseRow
from portal.store.measuring.schedules import schedules_of_probes
from portal.store.measuring.services import ProbeRow, ScheduleRow
from portal.usecases.measuring import measurement
from portal.usecases.measuring.measurement import Fenced, Leadership
from tests.databases import prepared_engine, sessions
from tests.measuring import LEASE_MS, NOW, STEP, add_probes, add_service, count_samples, sample, stored_runs

NOW_MS = NOW * 1000


@pytest.fixture
def sqlite_engine(sqlite_url: str) -> Iterator[Engine]:
    engine = prepared_engine(sqlite_url)
    yield engine
    engine.dispose()


def _empty(session: Session) -> None:
    with transaction(session):
        for row in (SampleRow, RunRow, LeaseRow):
            session.execute(delete(row))


def _slot_after(session: Session, after: int) -> int:
    with reading(session):
        following = next_slot(schedules_of_probes(session, [1])[1], 1, after)
    assert following is not None
    return following[0]


def lead(session: Session, holder: str = "a", now_ms: int = NOW_MS) -> Leadership:
    leadership = measurement.lead(session, holder, now_ms, LEASE_MS)
    assert leadership is not None
    return leadership


def test_a_claim_takes_all_slots_since_the_one_before(session: Session) -> None:
    leadership = lead(session)
    first = measurement.claim(session, leadership, NOW_MS + 1_000)
    second = measurement.claim(session, leadership, NOW_MS + 3_999)
    assert (first.after, first.until) == (NOW, NOW + 1)
    assert (second.after, second.until) == (NOW + 1, NOW + 3)
    assert gaps_between(session, 0, 2 * NOW) == ()


def test_slots_claimed_ahead_are_claimed_once_and_a_clock_that_wavers_takes_nothing_back(session: Session) -> None:
    leadership = lead(session)
    claims = [
        measurement.claim(session, leadership, NOW_MS + later_ms, ahead_s=1) for later_ms in (0, 1_000, 900, 2_100)
    ]
    assert [(one.after, one.until) for one in claims] == [
        (NOW, NOW + 1),
        (NOW + 1, NOW + 2),
        (NOW + 2, NOW + 2),
        (NOW + 2, NOW + 3),
    ]
    assert not any(one.rewound for one in claims)
    assert gaps_between(session, 0, 2 * NOW) == ()


def test_a_claim_renews_the_lease(session: Session, rival: Session) -> None:
    leadership = lead(session)
    measurement.claim(session, leadership, NOW_MS + 10_000)
    assert measurement.lead(rival, "b", NOW_MS + 20_000, LEASE_MS) is None


def test_the_next_leader_goes_on_behind_the_frontier(session: Session, rival: Session) -> None:
    measurement.claim(session, lead(session), NOW_MS + 2_000)
    successor = lead(rival, "b", NOW_MS + 60_000)
    assert measurement.claim(rival, successor, NOW_MS + 60_000).after == NOW + 2


def test_a_fenced_leader_claims_and_records_nothing(session: Session, rival: Session) -> None:
    add_probes(session, add_service(session), [("tcp", {"address": "localhost:1"})])
    old = lead(session)
    lead(rival, "b", NOW_MS + LEASE_MS)
    with pytest.raises(Fenced):
        measurement.claim(session, old, NOW_MS + LEASE_MS)
    with pytest.raises(Fenced):
        measurement.record(session, old, [sample(NOW)])
    assert count_samples(rival) == 0
    assert stored_runs(rival) == []
    assert old.last_runs == {}


def test_a_leader_that_resigned_is_succeeded_at_once(session: Session, rival: Session) -> None:
    measurement.resign(session, lead(session))
    assert lead(rival, "b", NOW_MS + 1).lease.epoch == 2


def test_a_pause_is_written_down_as_one_gap(session: Session) -> None:
    leadership = lead(session)
    claim = measurement.claim(session, leadership, NOW_MS + 600_000)
    assert (claim.after, claim.until, claim.rewound) == (NOW, NOW + 600, False)
    assert gaps_between(session, 0, 2 * NOW) == (Gap(0, NOW + 1, NOW + 600, "probe_gap"),)


def test_a_clock_set_forward_is_written_down_as_one_gap(session: Session) -> None:
    leadership = lead(session)
    measurement.claim(session, leadership, NOW_MS + 2_592_000_000, stepped=True)
    assert gaps_between(session, 0, 2 * NOW) == (Gap(0, NOW + 1, NOW + 2_592_000, "clock_step"),)


def test_a_clock_set_back_takes_the_frontier_along(session: Session) -> None:
    leadership = lead(session)
    claim = measurement.claim(session, leadership, NOW_MS - 3_600_000, stepped=True)
    assert (claim.after, claim.until, claim.rewound) == (NOW - 3_600, NOW - 3_600, True)
    following = measurement.claim(session, leadership, NOW_MS - 3_599_000)
    assert (following.after, following.until) == (NOW - 3_600, NOW - 3_599)
    assert gaps_between(session, 0, 2 * NOW) == (Gap(0, NOW - 3_599, NOW + 1, "clock_step"),)


def test_a_clock_that_wavers_by_a_second_claims_nothing_twice(session: Session) -> None:
    leadership = lead(session)
    claim = measurement.claim(session, leadership, NOW_MS - 2_000)
    assert (claim.after, claim.until, claim.rewound) == (NOW, NOW, False)
    assert gaps_between(session, 0, 2 * NOW) == ()


def test_a_new_schedule_makes_a_new_edition(session: Session) -> None:
    service = add_service(session)
    leadership = lead(session)
    before = measurement.claim(session, leadership, NOW_MS).edition
    assert measurement.claim(session, leadership, NOW_MS).edition == before
    add_probes(session, service, [("tcp", {"address": "localhost:1"})])
    assert measurement.claim(session, leadership, NOW_MS).edition != before


def test_the_timetable_holds_the_schedules_that_govern_from_now_on(session: Session) -> None:
    add_probes(session, add_service(session), [("tcp", {"address": "localhost:1"})])
    with transaction(session):
        probe = session.query(ProbeRow).one()
        for effective_from, interval_s in ((NOW - 10, 30), (NOW + 10, 0)):
            values = {"kind": "tcp", "target": {}, "timeout_ms": 1, "latency_limit_ms": None, "locations": [1]}
            session.add(ScheduleRow(probe_id=probe.id, effective_from=effective_from, interval_s=interval_s, **values))
    timetable = measurement.timetable(session, NOW)
    assert [each.interval_s for each in timetable.schedules[1]] == [30, 0]
    assert timetable.allow == {1: ("127.0.0.0/8", "::1/128")}


def test_what_was_recorded_comes_back_as_it_was(session: Session) -> None:
    add_probes(session, add_service(session), [("tcp", {"address": "localhost:1"})])
    given = [
        sample(NOW, http_status=200, resolve_ms=1, connect_ms=2, tls_ms=3, processing_ms=4, transfer_ms=0),
        sample(NOW + STEP, State.DOWN, error="status", http_status=503),
        sample(NOW + 2 * STEP, State.UNKNOWN, reason="overrun", start_offset_ms=None, monotonic_ms=None, total_ms=None),
        sample(NOW + 3 * STEP, State.DEGRADED, error="slow", provenance="generated"),
    ]
    measurement.record(session, lead(session), given)
    schedules = schedules_of_probes(session, [1])[1]
    assert samples_between(session, (1, 1), (0, 2 * NOW), schedules, 0) == tuple(given)


def test_runs_grow_batch_by_batch_and_over_a_change_of_leader(session: Session) -> None:
    leadership = lead(session)
    measurement.record(session, leadership, [sample(NOW), sample(NOW + STEP)])
    measurement.record(session, leadership, [sample(NOW + 2 * STEP), sample(NOW + 3 * STEP, State.DOWN)])
    measurement.resign(session, leadership)
    measurement.record(session, lead(session, "b"), [sample(NOW + 4 * STEP, State.DOWN)])
    assert stored_runs(session) == [
        Run(State.UP, None, NOW, NOW + 2 * STEP, 3, STEP),
        Run(State.DOWN, None, NOW + 3 * STEP, NOW + 4 * STEP, 2, STEP),
    ]


def test_a_result_delivered_twice_changes_nothing(session: Session) -> None:
    leadership = lead(session)
    measurement.record(session, leadership, [sample(NOW), sample(NOW + STEP)])
    measurement.record(session, leadership, [sample(NOW, State.DOWN), sample(NOW + STEP, State.DOWN)])
    assert count_samples(session) == 2
    assert stored_runs(session) == [Run(State.UP, None, NOW, NOW + STEP, 2, STEP)]


def test_a_batch_that_fails_leaves_the_last_runs_as_they_are_stored(session: Session, rival: Session) -> None:
    leadership = lead(session)
    measurement.record(session, leadership, [sample(NOW)])
    lead(rival, "b", NOW_MS + LEASE_MS)
    with pytest.raises(Fenced):
        measurement.record(session, leadership, [sample(NOW + STEP)])
    assert leadership.last_runs == {(1, 1): Run(State.UP, None, NOW, NOW, 1, STEP)}


batches = st.lists(
    st.lists(st.tuples(st.integers(0, 3_000), st.sampled_from("uud")), min_size=1, max_size=8), max_size=6
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches)
def test_late_early_and_repeated_samples_leave_the_runs_that_deriving_at_once_would_make(
    sqlite_engine: Engine, batches: list[list[tuple[int, str]]]
) -> None:
    with sessions(sqlite_engine)() as session:
        _empty(session)
        leadership = lead(session)
        first_at: dict[int, Sample] = {}
        for batch in batches:
            samples = [sample(NOW + place * STEP, State.UP if word == "u" else State.DOWN) for place, word in batch]
            measurement.record(session, leadership, samples)
            for each in samples:
                first_at.setdefault(each.slot, each)
        with reading(session):
            stored = stored_runs(session)
        assert stored == list(derive_runs(first_at.values()))
        assert leadership.last_runs == ({(1, 1): stored[-1]} if stored else {})


def test_the_series_of_a_service_leads_in_and_ends_with_the_window(session: Session) -> None:
    service = add_service(session)
    add_probes(session, service, [("tcp", {"address": "localhost:1"})] * 2)
    add_probes(session, add_service(session, "other"), [("tcp", {"address": "localhost:1"})], first=3)
    leadership = lead(session)
    states = [State.UP, State.DOWN, State.UP, State.DOWN, State.UP, State.DOWN]
    measurement.record(session, leadership, [sample(NOW + place * STEP, said) for place, said in enumerate(states)])
    measurement.record(session, leadership, [sample(NOW, probe=3)])
    (one,) = series_of_service(session, service.id, NOW + 3 * STEP, NOW + 5 * STEP)
    assert (one.location, one.probe, one.interval_s) == ("here", "probe-1", STEP)
    assert [run.first for run in one.runs] == [NOW + place * STEP for place in (1, 2, 3, 4)]
    assert last_sample_at(session, service.id) == NOW + 5 * STEP


def test_the_number_of_runs_read_does_not_grow_with_history(session: Session) -> None:
    service = add_service(session)
    add_probes(session, service, [("tcp", {"address": "localhost:1"})])
    states = [State.UP, State.DOWN] * 200
    samples = [sample(NOW + place * STEP, said) for place, said in enumerate(states)]
    measurement.record(session, lead(session), samples)
    (one,) = series_of_service(session, service.id, NOW + 390 * STEP, NOW + 400 * STEP)
    assert len(one.runs) == 12


def test_slots_missing_because_the_clock_stepped_are_unknown(session: Session) -> None:
    service = add_service(session)
    add_probes(session, service, [("tcp", {"address": "localhost:1"})])
    slot = _slot_after(session, NOW)
    leadership = lead(session)
    measurement.claim(session, leadership, NOW_MS + 3_600_000, stepped=True)
    measurement.record(session, leadership, [sample(slot - STEP), sample(slot + 60 * STEP)])
    (one,) = series_of_service(session, service.id, NOW - 300, NOW + 7_200)
    assert [(run.state, run.reason, run.count) for run in one.runs] == [
        (State.UP, None, 1),
        (State.UNKNOWN, "clock_step", 60),
        (State.UP, None, 1),
    ]


def test_a_service_that_was_never_measured_has_no_series(session: Session) -> None:
    service = add_service(session)
    add_probes(session, service, [("tcp", {"address": "localhost:1"})])
    assert series_of_service(session, service.id, 0, NOW) == ()
    assert last_sample_at(session, service.id) is None


def test_imported_evidence_without_a_schedule_is_read_from_any_location(session: Session) -> None:
    service = add_service(session)
    with transaction(session):
        session.add(ProbeRow(number=1, key="imported", service_id=service.id))
    measurement.record(session, lead(session), [sample(NOW, provenance="imported")])
    series = series_of_service(session, service.id, 0, NOW + 1)
    assert series == (Series("here", "imported", STEP, (Run(State.UP, None, NOW, NOW, 1, STEP, "imported"),)),)
