"""What says that a second has passed, and what happens when the clock lies about it (trust.md 2, E8, F8, F9)."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from portal.worker.ticks import EverySeconds, StepWatch, look_again, ticking
from probes.clock import Clock
from tests.worker.targets import wait_until

MOMENT = datetime(2026, 11, 22, 12, 0, 3, 250_000, tzinfo=UTC)


class SetClock(Clock):
    wall, monotonic = 1_000_000, 0

    def wall_ms(self) -> int:
        return self.wall

    def monotonic_us(self) -> int:
        return self.monotonic * 1000

    def pass_ms(self, monotonic: int, wall: int) -> None:
        self.monotonic += monotonic
        self.wall += wall


@pytest.mark.parametrize(("every", "second"), [(1, 4), (5, 5), (4, 4), (60, 60)])
def test_a_tick_comes_at_the_next_whole_second_of_its_kind(every: int, second: int) -> None:
    due = EverySeconds(every).get_next_fire_time(None, MOMENT)
    assert due == datetime(2026, 11, 22, 12, 0, tzinfo=UTC) + timedelta(seconds=second)


def test_a_month_without_a_tick_is_followed_by_one_tick() -> None:
    due = EverySeconds(1).get_next_fire_time(MOMENT - timedelta(days=30), MOMENT)
    assert MOMENT < due <= MOMENT + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("monotonic", "wall", "step"),
    [(1000, 1000, 0), (600_000, 600_000, 0), (1000, 3000, 0), (1000, 3001, 2001), (1000, -3_599_000, -3_600_000)],
)
def test_a_step_is_what_the_wall_clock_did_beyond_the_time_that_passed(monotonic: int, wall: int, step: int) -> None:
    clock = SetClock()
    watch = StepWatch(clock)
    clock.pass_ms(monotonic, wall)
    assert watch.stepped_ms() == step
    clock.pass_ms(1000, 1000)
    assert watch.stepped_ms() == 0


@pytest.mark.slow
def test_ticks_that_wait_for_a_time_that_was_set_back_are_called_at_once() -> None:
    ticked = threading.Event()
    scheduler = ticking({EverySeconds(1): ticked.set})
    scheduler.start()
    try:
        wait_until(ticked.is_set)
        for job in scheduler.get_jobs():
            job.modify(next_run_time=datetime.now(UTC) + timedelta(hours=1))
        ticked.clear()
        assert not ticked.wait(1.5)
        look_again(scheduler)
        wait_until(ticked.is_set)
    finally:
        scheduler.shutdown(wait=True)
