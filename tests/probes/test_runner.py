"""The runner: one result for every order, one in hand per probe and location, nobody waits for a hanging target."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from probes.clock import Clock
from probes.results import Fault, Order, Reason, Result, State
from probes.runner import Runner, Stopped
from probes.targets import HttpTarget, TcpTarget
from tests.probes.bench import LOOPBACK, Bench
from tests.probes.servers import NameServer, Server, hang, reply, say

LATE = 4_000_000_000_000


class SkewedClock(Clock):
    """The machine's clocks, set forward or back by hand."""

    wall_skew_ms = 0
    monotonic_skew_us = 0

    def wall_ms(self) -> int:
        return super().wall_ms() + self.wall_skew_ms

    def monotonic_us(self) -> int:
        return super().monotonic_us() + self.monotonic_skew_us


def soon(seconds: float) -> bytes:
    time.sleep(seconds)
    return reply()


def test_two_hundred_at_once_are_all_up() -> None:
    with Server(say(reply())) as server, NameServer({"a.test": ["127.0.0.1"]}, 60) as names:
        with Bench([names.address]) as bench:
            web = [bench.order(HttpTarget(server.url(host="a.test"))) for _ in range(150)]
            ports = [bench.order(TcpTarget(f"a.test:{server.port}")) for _ in range(50)]
            bench.runner.submit(web + ports)
            results = bench.take(200)
        assert {result.state for result in results} == {State.UP}
        assert {result.probe for result in results} == {order.probe for order in web + ports}


def test_hanging_targets_delay_nobody() -> None:
    with Server(hang) as hanging, Server(say(reply())) as good, Bench() as bench:
        slow = [bench.order(HttpTarget(hanging.url()), timeout_ms=1000) for _ in range(50)]
        quick = [bench.order(HttpTarget(good.url())) for _ in range(50)]
        bench.runner.submit([order for pair in zip(slow, quick, strict=True) for order in pair])
        results = bench.take(100)
        assert [result.state for result in results] == [State.UP] * 50 + [State.DOWN] * 50
        assert {result.error for result in results[50:]} == {Fault.TIMEOUT}


def test_a_slot_that_comes_while_the_one_before_runs_is_overrun_and_told_after_it() -> None:
    with Server(hang) as server, Bench() as bench:
        target = HttpTarget(server.url())
        for slot in (100, 160, 220):
            bench.runner.submit([bench.order(target, probe=7, slot=slot, timeout_ms=300)])
        first, second, third = bench.take(3)
        assert [first.slot, second.slot, third.slot] == [100, 160, 220]
        assert first.error is Fault.TIMEOUT
        assert second.reason is third.reason is Reason.OVERRUN
        assert (second.start_offset_ms, second.total_ms) == (None, 0)
        assert server.connections <= 1
        assert bench.runner.in_flight == 0


def test_the_same_slot_twice_is_asked_once() -> None:
    with Server(say(reply())) as server, Bench() as bench:
        order = bench.order(HttpTarget(server.url()), probe=7, slot=100)
        bench.runner.submit([order, order])
        assert bench.take(1)[0].state is State.UP
        assert bench.measure(server.url()).probe != 7
        assert bench.runner.in_flight == 0
        assert server.connections == 2


def test_the_same_probe_at_another_location_is_another_probe() -> None:
    with Server(say(reply())) as server, Bench() as bench:
        target = HttpTarget(server.url())
        orders = [Order(7, location, 100, target, LOOPBACK, 5000, LATE) for location in (1, 2, 3)]
        bench.runner.submit(orders)
        assert {(result.location, result.state) for result in bench.take(3)} == {
            (1, State.UP),
            (2, State.UP),
            (3, State.UP),
        }


def test_an_order_that_comes_too_late_is_overrun_and_never_asked() -> None:
    clock = SkewedClock()
    with Server(say(reply())) as server, Bench(clock=clock) as bench:
        clock.wall_skew_ms = 30 * 24 * 3_600_000
        result = bench.measure(server.url())
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.OVERRUN)
        assert server.connections == 0


def test_an_order_that_comes_before_its_slot_waits_for_it_whatever_the_clock_does() -> None:
    clock = SkewedClock()
    with Server(say(reply())) as server, Bench(clock=clock) as bench:
        clock.wall_skew_ms = -3_600_000
        bench.runner.submit([bench.order(HttpTarget(server.url()), slot=int(time.time()))])
        time.sleep(0.5)
        assert (server.connections, bench.runner.in_flight) == (0, 1)
        clock.wall_skew_ms = 0
        (result,) = bench.take(1)
        assert result.state is State.UP
        assert result.start_offset_ms is not None
        assert result.start_offset_ms >= 0


def test_silence_while_this_process_stood_still_is_unknown() -> None:
    clock = SkewedClock()
    with Server(hang) as server, Bench(clock=clock) as bench:
        bench.runner.submit([bench.order(HttpTarget(server.url()), timeout_ms=700)])
        while server.connections == 0:
            time.sleep(0.01)
        clock.monotonic_skew_us = 90_000_000
        result = bench.take(1)[0]
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.STALLED)


def test_what_the_target_said_stands_even_if_this_process_stood_still() -> None:
    clock = SkewedClock()
    gate = threading.Event()

    def answer(connection: object) -> None:
        gate.wait(10)
        connection.sendall(reply(503))  # type: ignore[attr-defined]

    with Server(answer) as server, Bench(clock=clock) as bench:
        bench.runner.submit([bench.order(HttpTarget(server.url()), timeout_ms=20_000)])
        while server.connections == 0:
            time.sleep(0.01)
        clock.monotonic_skew_us = 3_000_000
        gate.set()
        assert bench.take(1)[0].error is Fault.STATUS


SUSPENDED = """
import queue, sys
from probes.results import Order
from probes.runner import Runner
from probes.guard import probe_policy
from probes.targets import HttpTarget
results = queue.SimpleQueue()
runner = Runner(results.put)
runner.start()
runner.submit([Order(1, 1, 0, HttpTarget(sys.argv[1]), probe_policy(["127.0.0.0/8"]), 2000, 4_000_000_000_000)])
result = results.get()
print(result.state, result.reason)
runner.stop(0)
"""


@pytest.mark.slow
def test_a_suspended_process_blames_nobody_when_it_comes_back() -> None:
    with Server(hang) as server:
        command = [sys.executable, "-c", SUSPENDED, server.url()]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as child:
            assert child.stdout is not None
            while server.connections == 0:
                time.sleep(0.01)
            child.send_signal(signal.SIGSTOP)
            time.sleep(3)
            child.send_signal(signal.SIGCONT)
            assert child.stdout.readline() == "unknown stalled\n"


CROWDED = """
import resource, sys, time, queue
from collections import Counter
from probes.results import Order
from probes.runner import Runner
from probes.guard import probe_policy
from probes.targets import HttpTarget, TcpTarget
results = queue.SimpleQueue()
runner = Runner(results.put, nameservers=[], max_in_flight=500)
runner.start()
policy = probe_policy(["127.0.0.0/8"])
def round(count, ms):
    targets = HttpTarget(sys.argv[1]), TcpTarget(sys.argv[2])
    orders = [Order(n, 1, 0, targets[n % 2], policy, ms, 4_000_000_000_000) for n in range(count)]
    runner.submit(orders)
    return Counter((r.state.value, r.reason and r.reason.value) for r in (results.get(timeout=20) for _ in orders))
round(2, 5000)
resource.setrlimit(resource.RLIMIT_NOFILE, (40, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
print(*(f"{state}/{reason}" for state, reason in sorted(round(200, 1000))))
print(*(f"{state}/{reason}" for state, reason in sorted(round(2, 5000))))
runner.stop(0)
"""


@pytest.mark.slow
def test_running_out_of_descriptors_is_our_own_failure_and_passes() -> None:
    def slow(connection: object) -> None:
        connection.sendall(soon(0.2))  # type: ignore[attr-defined]

    with Server(slow) as server:
        command = [sys.executable, "-c", CROWDED, server.url(), f"127.0.0.1:{server.port}"]
        told = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2], timeout=60
        ).stdout.splitlines()
    assert set(told[0].split()) == {"unknown/no_resources", "up/None"}
    assert told[1] == "up/None"


def test_stopping_lets_what_is_under_way_end() -> None:
    def slow(connection: object) -> None:
        connection.sendall(soon(0.3))  # type: ignore[attr-defined]

    with Server(slow) as server, Bench() as bench:
        bench.runner.submit([bench.order(HttpTarget(server.url())) for _ in range(10)])
        while server.connections < 10:
            time.sleep(0.01)
        bench.runner.stop(drain_s=20)
        assert [result.state for result in bench.take(10)] == [State.UP] * 10
        assert not bench.runner.alive


def test_stopping_ends_what_waits_and_what_hangs_as_unknown() -> None:
    with Server(hang) as server, Bench(max_in_flight=4) as bench:
        orders = [bench.order(HttpTarget(server.url()), timeout_ms=60_000) for _ in range(6)]
        orders += [bench.order(TcpTarget(f"127.0.0.1:{server.port}")) for _ in range(2)]
        orders += [bench.order(HttpTarget(server.url()), probe=orders[0].probe, slot=1)]
        bench.runner.submit(orders)
        while server.connections < 4:
            time.sleep(0.01)
        bench.runner.stop(drain_s=0)
        results = bench.take(9)
        assert {(result.state, result.reason) for result in results} == {(State.UNKNOWN, Reason.STOPPED)}
        assert sorted((r.probe, r.slot) for r in results) == sorted((o.probe, o.slot) for o in orders)
        assert bench.runner.in_flight == 0
        assert bench.results.empty()


def test_a_stopped_runner_refuses_orders_and_may_be_stopped_again() -> None:
    with Bench() as bench:
        bench.runner.stop()
        bench.runner.stop()
        with pytest.raises(Stopped):
            bench.runner.submit([bench.order(HttpTarget("http://127.0.0.1/"))])


def test_a_runner_stopped_before_its_start_still_answers_every_order() -> None:
    results: list[Result] = []
    runner = Runner(results.append, nameservers=[])
    runner.submit([Order(1, 1, 0, HttpTarget("http://127.0.0.1/"), LOOPBACK, 1000, LATE)])
    runner.stop()
    assert [result.reason for result in results] == [Reason.STOPPED]


def test_a_runner_that_breaks_answers_what_it_holds_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[BaseException | None] = []
    monkeypatch.setattr(threading, "excepthook", lambda failure: told.append(failure.exc_value))
    results: list[Result] = []

    def deliver(result: Result) -> None:
        results.append(result)
        if len(results) == 1:
            raise ZeroDivisionError

    with Server(hang) as server:
        runner = Runner(deliver, nameservers=[])
        runner.submit([Order(n, 1, 0, HttpTarget(server.url()), LOOPBACK, 60_000, LATE) for n in range(5)])
        runner.submit([Order(9, 1, 0, HttpTarget("ftp://127.0.0.1/"), LOOPBACK, 1000, LATE)])
        runner.start()
        while runner.alive:
            time.sleep(0.01)
        assert sorted(result.probe for result in results) == [0, 1, 2, 3, 4, 9]
        assert {result.reason for result in results[1:]} == {Reason.STOPPED}
        assert isinstance(told[0], ZeroDivisionError)
        with pytest.raises(Stopped):
            runner.submit([])
        runner.stop()


def test_an_idle_runner_uses_no_processor_time() -> None:
    with Server(say(reply())) as server, Bench() as bench:
        bench.measure(server.url())
        thread = next(thread for thread in threading.enumerate() if thread.name == "probes")
        assert thread.ident is not None
        before_ns = time.clock_gettime_ns(time.pthread_getcpuclockid(thread.ident))
        time.sleep(0.5)
        used_ns = time.clock_gettime_ns(time.pthread_getcpuclockid(thread.ident)) - before_ns
        assert used_ns < 20_000_000


@pytest.mark.slow
def test_two_thousand_probes_leave_no_descriptor_behind() -> None:
    process = psutil.Process(os.getpid())
    with Server(say(reply())) as server, NameServer({"a.test": ["127.0.0.1"]}) as names:
        before = process.num_fds()
        with Bench([names.address]) as bench:
            for _ in range(20):
                targets = [HttpTarget(server.url(host="a.test")), TcpTarget(f"a.test:{server.port}")] * 50
                bench.runner.submit([bench.order(target) for target in targets])
                assert {result.state for result in bench.take(100)} == {State.UP}
            held = process.num_fds() - before
        assert held < 80  # the runner's own, and connections the server has not let go yet
        assert names.questions.count("a.test A") >= 20
    assert process.num_fds() <= before
