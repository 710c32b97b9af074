"""The heap of due slots: nothing missing, nothing twice, no storm."""

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.quantities.agenda import Agenda, Due
from portal.domain.quantities.slots import Schedule, slots_between


def plan(probes: int, interval_s: int, **changes: int) -> dict[int, tuple[Schedule, ...]]:
    return {
        probe: (Schedule(probe, changes.get("since", 0), interval_s, (1, 2), "tcp", {}, 1000),)
        for probe in range(1, probes + 1)
    }


def named(due: list[Due]) -> list[tuple[int, int, int]]:
    return [(each.schedule.probe, each.location, each.slot) for each in due]


@given(st.lists(st.integers(0, 9), max_size=30), st.sampled_from([10, 15, 60]))
def test_short_steps_yield_every_slot_once(steps: list[int], interval_s: int) -> None:
    schedules, now, seen = plan(5, interval_s), 1_000, []
    agenda = Agenda(schedules, now)
    for step in steps:
        now += step
        seen += named(list(agenda.due(now)))
    expected = [
        (probe, location, slot)
        for probe, versions in schedules.items()
        for location in (1, 2)
        for slots in slots_between(versions, location, 1_001, now + 1)
        for slot in slots
    ]
    assert sorted(seen) == sorted(expected)


def test_a_pause_of_a_month_yields_one_slot_for_each_probe_and_location() -> None:
    schedules = plan(50, 5)
    agenda = Agenda(schedules, 0)
    due = list(agenda.due(2_592_000))
    assert len(due) == 100
    assert all(2_592_000 - each.slot < 5 for each in due)
    assert len({(each.schedule.probe, each.location) for each in due}) == 100


def test_after_a_pause_the_agenda_goes_on_with_the_next_slots() -> None:
    agenda = Agenda(plan(3, 10), 0)
    list(agenda.due(1_000_000))
    assert all(1_000_000 < each.slot <= 1_000_010 for each in agenda.due(1_000_010))


def test_a_slot_is_too_old_to_start_after_half_its_interval() -> None:
    (due, *_) = Agenda(plan(1, 60), 0).due(60)
    assert due.is_fresh(due.slot * 1000 + 30_000)
    assert not due.is_fresh(due.slot * 1000 + 30_001)


def test_a_schedule_to_come_takes_over_at_its_second() -> None:
    versions = (*plan(1, 60)[1], *plan(1, 5, since=300)[1])
    agenda = Agenda({1: versions}, 239)
    slots = [each.slot for now in range(240, 360) for each in agenda.due(now) if each.location == 1]
    assert sum(slot < 300 for slot in slots) == 1
    assert sum(slot >= 300 for slot in slots) == 12
