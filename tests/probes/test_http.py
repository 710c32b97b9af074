"""The http kind against real servers that behave, misbehave and lie."""

import gzip
import zlib
from collections.abc import Iterator

import pycurl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probes.guard import Policy, check_url, probe_policy
from probes.kinds.faults import judge_code
from probes.kinds.handle import Handle
from probes.results import Fault, Reason, Result, State
from probes.targets import HttpTarget
from tests.probes.bench import Bench
from tests.probes.servers import Script, Server, drip, hang, reply, say


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with Bench() as started:
        yield started


def verdict(result: Result) -> tuple[State, Reason | Fault | None]:
    return result.state, result.reason or result.error


def ask(bench: Bench, script: Script, timeout_ms: int = 5000, **options: object) -> Result:
    with Server(script) as server:
        return bench.measure(HttpTarget(server.url(), **options), timeout_ms=timeout_ms)  # type: ignore[arg-type]


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = gzip.compress(b"all is well " * 100, mtime=0)


def packed(body: bytes, encoding: str = "gzip") -> bytes:
    return reply(body=body, headers=[f"Content-Encoding: {encoding}"])


@pytest.mark.parametrize(
    "answer",
    [
        reply(),
        reply(204, b""),
        b"HTTP/1.1 200 OK\r\n\r\nno length, ended by closing",
        b"HTTP/1.0 200 OK\n\nbare line ends",
        CHUNKED + b"2\r\nok\r\n0\r\n\r\n",
        CHUNKED + b"2\r\nok\r\n0\r\nTrailer: yes\r\n\r\n",
        b"HTTP/1.1 103 Early\r\nLink: <a>\r\n\r\n" + reply(),
        packed(PACKED),
        packed(zlib.compress(b"ok"), "deflate"),
        packed(zlib.compress(b"ok")[2:-4], "deflate"),
        packed(b"ok", "identity"),
        reply(body=b"x" * 65_536),
    ],
)
def test_a_whole_answer_is_up(bench: Bench, answer: bytes) -> None:
    result = ask(bench, say(answer))
    assert verdict(result) == (State.UP, None), result
    assert result.http_status in (200, 204)


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (b"", Fault.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Le", Fault.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n", Fault.CUT),
        (b"HTTP/1.1 103 Early\r\n\r\n", Fault.CUT),
        (b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\n", Fault.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\nshort", Fault.CUT),
        (CHUNKED + b"5\r\nok", Fault.CUT),
        (CHUNKED + b"2\r\nok\r\n", Fault.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED[:-12], Fault.CUT),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n" + PACKED[:-1], Fault.CUT),
        (packed(b"not gzip at all"), Fault.PROTOCOL),
        (packed(b"what", "br"), Fault.PROTOCOL),
        (b"SSH-2.0-OpenSSH\r\n\r\n", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nx", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 3\r\n\r\nhello", Fault.PROTOCOL),
        (b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n", Fault.PROTOCOL),
        (b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\n\r\n", Fault.CUT),
        (reply(404), Fault.STATUS),
        (reply(500, b"x" * 200_000), Fault.STATUS),
        (reply(302, headers=["Location: /elsewhere"]), Fault.STATUS),
        (reply(999), Fault.STATUS),
        (reply(headers=["X: " + "a" * 90_000]), Fault.HEADER_TOO_LARGE),
        (reply(headers=[f"Set-Cookie: c{number}={'v' * 100}" for number in range(1000)]), Fault.HEADER_TOO_LARGE),
        (reply(headers=[f"Set-Cookie: c{number}={'v' * 100}" for number in range(4000)]), Fault.HEADER_TOO_LARGE),
    ],
)
def test_a_cut_broken_or_unexpected_answer_is_down(bench: Bench, answer: bytes, fault: Fault) -> None:
    result = ask(bench, say(answer))
    assert verdict(result) == (State.DOWN, fault), result


def test_an_answer_longer_than_we_read_is_unknown_and_never_up(bench: Bench) -> None:
    result = ask(bench, say(reply(body=b"x" * 65_537)))
    assert verdict(result) == (State.UNKNOWN, Reason.TOO_LARGE)


@pytest.mark.parametrize("size", [65_537, pytest.param(200_000_000, marks=pytest.mark.slow)])
def test_a_compressed_answer_that_unpacks_to_more_than_we_read_is_unknown(bench: Bench, size: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    bomb = b"".join(packer.compress(bytes(min(1_000_000, size - done))) for done in range(0, size, 1_000_000))
    result = ask(bench, say(packed(bomb + packer.flush())))
    assert verdict(result) == (State.UNKNOWN, Reason.TOO_LARGE)


@pytest.mark.parametrize(
    "script",
    [
        hang,
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nX: ", b"y"),
        drip(CHUNKED, b"1\r\nx\r\n"),
        drip(b"", b"H"),
    ],
    ids=["silence", "body", "headers", "one header", "chunks", "status line"],
)
def test_one_deadline_ends_everything_that_does_not_end_itself(bench: Bench, script: Script) -> None:
    result = ask(bench, script, timeout_ms=400)
    assert result.state is State.DOWN
    assert result.error in (Fault.TIMEOUT, Fault.PROTOCOL)
    assert result.total_ms <= 900


def test_a_good_answer_after_the_deadline_is_down(bench: Bench) -> None:
    result = ask(bench, say(b"HTTP/1.1 200 OK\r\n", reply()[17:], pause_s=0.6), timeout_ms=400)
    assert verdict(result) == (State.DOWN, Fault.TIMEOUT)


def test_nobody_listening_is_down_refused(bench: Bench) -> None:
    with Server(hang) as server:
        url = server.url()
    result = bench.measure(url)
    assert verdict(result) == (State.DOWN, Fault.REFUSED)
    assert result.http_status is None


def test_the_looked_for_text_is_found_across_pieces_and_compression(bench: Bench) -> None:
    pieces = say(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nall i", b"well", pause_s=0.05)
    assert ask(bench, pieces, body_contains="all iwell").state is State.UP
    assert ask(bench, say(packed(PACKED)), body_contains="is well").state is State.UP
    assert ask(bench, say(reply(body="größer".encode())), body_contains="größer").state is State.UP
    assert verdict(ask(bench, say(reply()), body_contains="all is well")) == (State.DOWN, Fault.BODY)


def test_expected_statuses_may_be_any_ranges(bench: Bench) -> None:
    assert ask(bench, say(reply(404)), statuses=((200, 299), (404, 404))).state is State.UP
    assert ask(bench, say(reply(200)), statuses=((404, 404),)).state is State.DOWN


def test_an_answer_slower_than_its_limit_is_degraded(bench: Bench) -> None:
    slow = say(b"HTTP/1.1 200 OK\r\n", reply()[17:], pause_s=0.2)
    assert verdict(ask(bench, slow, latency_limit_ms=100)) == (State.DEGRADED, Fault.SLOW)
    assert verdict(ask(bench, slow, latency_limit_ms=4000)) == (State.UP, None)


def test_head_asks_for_no_body_and_the_same_handle_can_get_afterwards(bench: Bench) -> None:
    with Server(say(reply())) as server:
        for method in ("HEAD", "GET", "HEAD", "GET"):
            assert bench.measure(HttpTarget(server.url(), method=method)).state is State.UP
        assert [request.split()[0] for request in server.requests] == [b"HEAD", b"GET", b"HEAD", b"GET"]


def test_every_probe_opens_its_own_connection_and_ignores_proxies_of_the_environment(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server(say(reply())) as proxy, Server(say(reply(headers=["Connection: keep-alive"]))) as server:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "https_proxy"):
            monkeypatch.setenv(name, proxy.url())
        assert [bench.measure(server.url()).state for _ in range(3)] == [State.UP] * 3
        assert server.connections == 3
        assert proxy.connections == 0


def test_the_phases_are_whole_and_never_exceed_the_total(bench: Bench) -> None:
    slow = say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", b"o", b"k", pause_s=0.1)
    result = ask(bench, slow)
    phases = (result.resolve_ms, result.connect_ms, result.tls_ms, result.processing_ms, result.transfer_ms)
    assert all(phase >= 0 for phase in phases)
    assert sum(phases) <= result.total_ms
    assert result.transfer_ms >= 150
    assert result.monotonic_ms is not None
    assert result.start_offset_ms is not None


@pytest.mark.parametrize("policy", [Policy(), probe_policy(["127.0.0.2/32", "10.0.0.0/8"])])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:127.0.0.1]", "localhost", "x.localhost", "2130706433", "127.1"])
def test_a_denied_address_is_unknown_and_the_listener_there_hears_nothing(
    bench: Bench, policy: Policy, host: str
) -> None:
    with Server(say(reply())) as server:
        result = bench.measure(server.url(host=host), policy=policy)
        assert verdict(result) == (State.UNKNOWN, Reason.ADDRESS_REFUSED)
        assert result.detail
        assert server.connections == 0


def test_the_hosts_file_answers_for_localhost_when_the_list_allows_it(bench: Bench) -> None:
    with Server(say(reply())) as server:
        assert bench.measure(server.url(host="localhost")).state is State.UP
        assert b"Host: localhost:" in server.requests[0]


def redirect(location: str, status: int = 302) -> bytes:
    return reply(status, headers=[f"Location: {location}"])


def test_a_redirect_is_followed_only_when_asked_and_its_times_add_up(bench: Bench) -> None:
    with Server(say(reply())) as goal, Server(say(redirect(goal.url("/there")), pause_s=0.1)) as server:
        assert bench.measure(HttpTarget(server.url())).error is Fault.STATUS
        assert goal.connections == 0
        result = bench.measure(HttpTarget(server.url(), follow_redirects=True))
        assert verdict(result) == (State.UP, None)
        assert goal.requests[0].startswith(b"GET /there ")


def test_an_endless_chain_of_redirects_is_down_after_five(bench: Bench) -> None:
    with Server(say(redirect("/again"))) as server:
        result = bench.measure(HttpTarget(server.url(), follow_redirects=True))
        assert verdict(result) == (State.DOWN, Fault.REDIRECT)
        assert server.connections == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://[::ffff:127.0.0.1]:{port}/",
        "http://2130706433:{port}/",
        "http://localhost:{port}/",
        "http://127.0.0.1:{port}/",
        "//127.0.0.1:{port}/",
    ],
)
def test_a_redirect_to_a_denied_address_is_not_followed(bench: Bench, location: str) -> None:
    with Server(say(reply())) as inside:
        script = say(redirect(location.format(port=inside.port)))
        with Server(script, host="127.0.0.2") as server:
            target = HttpTarget(server.url(), follow_redirects=True)
            result = bench.measure(target, policy=probe_policy(["127.0.0.2/32"]))
            assert verdict(result) == (State.UNKNOWN, Reason.ADDRESS_REFUSED)
            assert inside.connections == 0


@pytest.mark.parametrize("location", ["", "ftp://127.0.0.1/", "file:///etc/passwd", "http://127.0.0.1:99999/"])
def test_a_redirect_to_nowhere_sensible_is_never_up(bench: Bench, location: str) -> None:
    with Server(say(redirect(location))) as server:
        result = bench.measure(HttpTarget(server.url(), follow_redirects=True))
        assert result.state in (State.DOWN, State.UNKNOWN)
        assert server.connections == 1


@pytest.mark.parametrize(
    ("addresses", "state"),
    [(("127.0.0.2",), State.DOWN), (("192.0.2.1", "192.0.2.2"), State.UNKNOWN)],
    ids=["one: it goes there", "several: it gets no socket"],
)
def test_libcurl_connects_to_no_address_but_those_that_were_checked(addresses: tuple[str, ...], state: State) -> None:
    target = HttpTarget("http://a.test/")
    handle = Handle()
    for checked in (("127.0.0.3",), ("127.0.0.3", "127.0.0.4"), addresses):  # whatever it was told before
        handle.prepare(target, check_url(target.url, Policy()), checked, None)
    with Server(say(reply())) as server:
        handle.curl.setopt(pycurl.URL, server.url())
        with pytest.raises(pycurl.error) as failure:
            handle.curl.perform()
        assert server.connections == 0
    code, message = failure.value.args
    assert judge_code(code, message, handle.os_errno()).state is state
    handle.close()


@pytest.mark.parametrize("host", ["2001:db8:0:0:1:0:0:1", "2001:DB8::1:0:0:1", "2001:db8:0:1:0:1:0:1", "2001:db8::"])
def test_an_ipv6_address_is_recognised_however_it_is_spelled(bench: Bench, host: str) -> None:
    result = bench.measure(f"http://[{host}]:9/", policy=probe_policy(["2001:db8::/32"]), timeout_ms=200)
    assert result.reason in (None, Reason.NO_ROUTE)  # not "no socket could be opened": the guard knew it again
    assert result.state is not State.UP


HOSTILE = (
    b"HTTP/1.1 200 OK\r\nContent-Length: 12\r\nTransfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n"
    b"Location: /x\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
)


@given(spots=st.lists(st.tuples(st.integers(0, len(HOSTILE) - 1), st.integers(0, 255)), max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_bytes_at_all_end_in_one_printable_result(bench: Bench, spots: list[tuple[int, int]]) -> None:
    answer = bytearray(HOSTILE)
    for position, byte in spots:
        answer[position] = byte
    result = ask(bench, say(bytes(answer)), timeout_ms=1000, follow_redirects=True)
    assert result.detail is None or (result.detail.isprintable() and len(result.detail) <= 120)
