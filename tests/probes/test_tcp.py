"""The tcp kind: a connection or none, and nothing said."""

import socket
import time
from collections.abc import Iterator

import pytest

from probes.guard import Policy
from probes.results import Fault, Reason, State
from probes.targets import TcpTarget
from tests.probes.bench import Bench
from tests.probes.servers import NameServer, Server, hang


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as started:
        yield started


def test_a_port_that_accepts_is_up_and_hears_nothing(bench: Bench) -> None:
    with Server(hang) as server:
        result = bench.measure(TcpTarget(f"127.0.0.1:{server.port}"))
        assert (result.state, result.http_status) == (State.UP, None)
        assert result.resolve_ms + result.connect_ms <= result.total_ms
        while server.connections == 0:
            time.sleep(0.01)
    assert server.connections == 1
    assert b"".join(server.requests) == b""


def test_a_port_on_ipv6_is_up(bench: Bench) -> None:
    with Server(hang, host="::1") as server:
        assert bench.measure(TcpTarget(f"[::1]:{server.port}")).state is State.UP


def test_a_port_nobody_listens_on_is_down(bench: Bench) -> None:
    with Server(hang) as server:
        port = server.port
    result = bench.measure(TcpTarget(f"127.0.0.1:{port}"))
    assert (result.state, result.error) == (State.DOWN, Fault.REFUSED)


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue is full: the next connection attempt gets no answer."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.setblocking(False)
            each.connect_ex(("127.0.0.1", port))
        yield port
        for each in waiting:
            each.close()


def test_a_port_that_keeps_silent_is_down_at_the_deadline(bench: Bench, full_port: int) -> None:
    result = bench.measure(TcpTarget(f"127.0.0.1:{full_port}"), timeout_ms=300)
    assert (result.state, result.error) == (State.DOWN, Fault.TIMEOUT)
    assert result.total_ms >= 300


def test_an_address_that_keeps_silent_is_overtaken_by_the_next(full_port: int) -> None:
    with socket.create_server(("127.0.0.9", full_port)):
        zone = {"a.test": ["127.0.0.1", "127.0.0.9"]}
        with NameServer(zone) as names, Bench([names.address]) as bench:
            assert bench.measure(TcpTarget(f"a.test:{full_port}")).state is State.UP


def test_a_connection_slower_than_its_limit_is_degraded() -> None:
    def slowly() -> list[str]:
        time.sleep(0.2)
        return ["127.0.0.1"]

    with Server(hang) as server, NameServer({"a.test": slowly}) as names, Bench([names.address]) as bench:
        result = bench.measure(TcpTarget(f"a.test:{server.port}", latency_limit_ms=100))
        assert (result.state, result.error) == (State.DEGRADED, Fault.SLOW)
        assert result.resolve_ms >= 150


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost"])
def test_a_denied_address_is_unknown_and_the_listener_there_hears_nothing(bench: Bench, host: str) -> None:
    with Server(hang) as server:
        result = bench.measure(TcpTarget(f"{host}:{server.port}"), policy=Policy())
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.ADDRESS_REFUSED)
    assert server.connections == 0


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.1:0", "a b:80", ""])
def test_an_impossible_target_is_unknown(bench: Bench, address: str) -> None:
    assert bench.measure(TcpTarget(address)).reason is Reason.ADDRESS_REFUSED


def test_a_name_without_an_address_is_down() -> None:
    with NameServer({}) as names, Bench([names.address]) as bench:
        assert bench.measure(TcpTarget("a.test:80")).error is Fault.NAME_NOT_FOUND
