"""Names: asked of a real name server, kept for their TTL, checked as a whole, never turned against us."""

import ipaddress
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.guard import probe_policy
from probes.messages import AAAA, A, Outcome, query, read_reply
from probes.names import read_hosts
from probes.results import Fault, Reason, Result, State
from probes.targets import HttpTarget, TcpTarget
from tests.probes.bench import Bench
from tests.probes.servers import NameServer, Records, Server, reply, say


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(say(reply())) as started:
        yield started


def ask(zone: dict[str, Records], url: str, *, ttl_s: int = 0, timeout_ms: int = 5000) -> Result:
    with NameServer(zone, ttl_s) as names, Bench([names.address]) as bench:
        return bench.measure(url, timeout_ms=timeout_ms)


def test_a_name_is_resolved_and_the_time_for_it_is_a_phase(server: Server) -> None:
    def slowly() -> list[str]:
        time.sleep(0.1)
        return ["127.0.0.1"]

    result = ask({"a.test": slowly}, server.url(host="a.test"))
    assert result.state is State.UP
    assert 90 <= result.resolve_ms <= result.total_ms
    assert server.requests[0].startswith(b"GET / HTTP/1.1\r\nHost: a.test:")


@pytest.mark.parametrize(("ttl_s", "asked"), [(0, 3), (60, 1)])
def test_an_answer_is_kept_exactly_as_long_as_its_ttl_says(server: Server, ttl_s: int, asked: int) -> None:
    with NameServer({"a.test": ["127.0.0.1"]}, ttl_s) as names, Bench([names.address]) as bench:
        assert [bench.measure(server.url(host="a.test")).state for _ in range(3)] == [State.UP] * 3
        assert names.questions.count("a.test A") == asked
        assert names.questions.count("a.test AAAA") == asked


def test_many_probes_of_one_name_share_one_question(server: Server) -> None:
    def slowly() -> list[str]:
        time.sleep(0.2)
        return ["127.0.0.1"]

    with NameServer({"a.test": slowly}) as names, Bench([names.address]) as bench:
        bench.runner.submit([bench.order(HttpTarget(server.url(host="a.test"))) for _ in range(20)])
        assert {result.state for result in bench.take(20)} == {State.UP}
        assert names.questions.count("a.test A") == 1


def test_a_name_without_an_address_is_down(server: Server) -> None:
    assert ask({}, server.url(host="a.test")).error is Fault.NAME_NOT_FOUND
    assert ask({"a.test": []}, server.url(host="a.test")).error is Fault.NAME_NOT_FOUND


@pytest.mark.parametrize("trouble", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, None])
def test_a_name_server_that_cannot_say_is_our_own_failure(server: Server, trouble: Records) -> None:
    result = ask({"a.test": trouble}, server.url(host="a.test"), timeout_ms=400)
    assert (result.state, result.reason) == (State.UNKNOWN, Reason.RESOLVER_FAILED)
    assert server.connections == 0


def test_without_any_name_server_a_name_is_unknown(server: Server) -> None:
    with Bench() as bench:
        assert bench.measure(server.url(host="a.test")).reason is Reason.RESOLVER_FAILED
        assert bench.measure(TcpTarget(f"a.test:{server.port}")).reason is Reason.RESOLVER_FAILED


def test_the_next_name_server_is_asked_when_one_is_dead_silent_or_unable(server: Server) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unused:
        unused.bind(("127.0.0.1", 0))
        dead = f"127.0.0.1#{unused.getsockname()[1]}"
    zones: list[dict[str, Records]] = [{"a.test": None}, {"a.test": dns.rcode.SERVFAIL}, {"a.test": ["127.0.0.1"]}]
    with NameServer(zones[0]) as silent, NameServer(zones[1]) as unable, NameServer(zones[2]) as good:
        order = [dead, silent.address, unable.address, good.address]
        with Bench(order) as bench:
            assert bench.measure(server.url(host="a.test")).state is State.UP


def test_a_slow_name_server_delays_nobody_else(server: Server) -> None:
    with NameServer({"slow.test": None, "fast.test": ["127.0.0.1"]}) as names, Bench([names.address]) as bench:
        slow = [bench.order(HttpTarget(server.url(host="slow.test")), timeout_ms=1500) for _ in range(20)]
        fast = [bench.order(HttpTarget(server.url(host="fast.test"))) for _ in range(20)]
        bench.runner.submit(slow + fast)
        results = bench.take(40)
        assert {result.state for result in results[:20]} == {State.UP}
        assert {result.reason for result in results[20:]} == {Reason.RESOLVER_FAILED}


def test_one_bad_address_in_an_answer_refuses_the_name_and_nobody_is_contacted(server: Server) -> None:
    for records in (["127.0.0.1", "10.0.0.1"], ["127.0.0.1", "::ffff:169.254.169.254"], ["127.0.0.1", "fe80::1"]):
        result = ask({"a.test": records}, server.url(host="a.test"))
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.ADDRESS_REFUSED)
    assert server.connections == 0


def test_a_name_that_turns_inside_after_its_check_is_refused_the_next_time(server: Server) -> None:
    answers = iter([["127.0.0.9"], ["127.0.0.1"]])
    zone: dict[str, Records] = {"rebind.test": lambda: next(answers)}
    policy = probe_policy(["127.0.0.9/32"])
    with NameServer(zone) as names, Bench([names.address]) as bench:
        url = server.url(host="rebind.test")
        assert bench.measure(url, policy=policy).error is Fault.REFUSED  # nobody listens at 127.0.0.9
        second = bench.measure(url, policy=policy)
        assert (second.state, second.reason) == (State.UNKNOWN, Reason.ADDRESS_REFUSED)
        assert server.connections == 0


def test_a_redirect_resolves_and_checks_its_name_again() -> None:
    answers = iter([["127.0.0.9"], ["127.0.0.1"]])
    zone: dict[str, Records] = {"rebind.test": lambda: next(answers)}
    script = say(reply(302, headers=["Location: /again"]))
    with Server(script, host="127.0.0.9") as server, NameServer(zone) as names, Bench([names.address]) as bench:
        target = HttpTarget(server.url(host="rebind.test"), follow_redirects=True)
        result = bench.measure(target, policy=probe_policy(["127.0.0.9/32"]))
        assert result.reason is Reason.ADDRESS_REFUSED
        assert server.connections == 1


def test_each_connection_goes_to_the_address_its_own_answer_named(server: Server) -> None:
    turns = iter([["127.0.0.1"], ["127.0.0.9"]] * 10)
    with NameServer({"a.test": lambda: next(turns)}) as names, Bench([names.address]) as bench:
        faults = [bench.measure(server.url(host="a.test")).error for _ in range(20)]
        assert faults == [None, Fault.REFUSED] * 10


def test_an_address_that_refuses_is_followed_by_the_next_one(server: Server) -> None:
    zone: dict[str, Records] = {"a.test": ["127.0.0.9", "::1", "127.0.0.1"]}
    with NameServer(zone) as names, Bench([names.address]) as bench:
        assert bench.measure(server.url(host="a.test")).state is State.UP
        assert bench.measure(TcpTarget(f"a.test:{server.port}")).state is State.UP


class Liar(NameServer):
    """Answers first with the wrong identifier, then for another question, then with noise, then truthfully."""

    def answers(self, message: dns.message.Message) -> Iterator[bytes]:
        for wire in super().answers(message):
            yield bytes([wire[0] ^ 0xFF]) + wire[1:]
            other = dns.message.make_response(dns.message.make_query("b.test", "A", id=message.id))
            other.answer.append(dns.rrset.from_text("b.test.", 60, "IN", "A", "127.0.0.9"))
            yield other.to_wire()
            yield wire[:2] + b"\xff" * 40
            yield b"x"
            yield wire


def test_replies_to_other_questions_are_not_believed(server: Server) -> None:
    with Liar({"a.test": ["127.0.0.1"]}) as names, Bench([names.address]) as bench:
        assert bench.measure(server.url(host="a.test")).state is State.UP


def test_an_alias_is_followed_and_the_shortest_ttl_counts() -> None:
    answer = dns.message.make_response(dns.message.make_query("a.test", "A"))
    answer.answer.append(dns.rrset.from_text("a.test.", 300, "IN", "CNAME", "b.test."))
    answer.answer.append(dns.rrset.from_text("b.test.", 20, "IN", "A", "192.0.2.1", "192.0.2.2"))
    read = read_reply(answer.to_wire()[2:])
    assert read is not None
    assert (read.name, read.outcome, read.ttl_s) == ("a.test", Outcome.FOUND, 20)
    assert sorted(read.addresses) == ["192.0.2.1", "192.0.2.2"]


def test_a_question_is_no_reply() -> None:
    assert read_reply(query("a.test", A)) is None


LABEL = st.from_regex(r"[a-z0-9_]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)
NAMES = st.lists(LABEL, min_size=1, max_size=6).map(".".join)


@given(NAMES, st.sampled_from([A, AAAA]))
def test_a_question_is_what_another_program_would_ask(name: str, kind: int) -> None:
    asked = dns.message.from_wire(b"\0\0" + query(name, kind))
    assert asked.question == dns.message.make_query(name, dns.rdatatype.RdataType(kind)).question
    assert (asked.flags, asked.edns, asked.payload) == (dns.flags.RD, 0, 1232)


@given(NAMES, st.lists(NAMES, max_size=4, unique=True), st.lists(st.ip_addresses(), max_size=6), st.data())
def test_a_reply_is_read_as_another_program_reads_it(
    name: str, aliases: list[str], addresses: list[ipaddress.IPv4Address | ipaddress.IPv6Address], data: st.DataObject
) -> None:
    kind = data.draw(st.sampled_from(["A", "AAAA"]))
    answer = dns.message.make_response(dns.message.make_query(name, kind))
    chain = [name, *(alias for alias in aliases if alias != name)]
    ttls = data.draw(st.lists(st.integers(0, 100_000), min_size=len(chain), max_size=len(chain)))
    for owner, alias, ttl_s in zip(chain, chain[1:], ttls, strict=False):
        answer.answer.append(dns.rrset.from_text(f"{owner}.", ttl_s, "IN", "CNAME", f"{alias}."))
    matching = [str(address) for address in addresses if address.version == (4 if kind == "A" else 6)]
    if matching:
        answer.answer.append(dns.rrset.from_text(f"{chain[-1]}.", ttls[-1], "IN", kind, *matching))
    wire = answer.to_wire()
    read = read_reply(wire[2:])
    reread = dns.message.from_wire(wire)
    assert isinstance(reread, dns.message.QueryMessage)
    told = reread.resolve_chaining()
    assert read is not None
    assert read.name == name
    records = [record.to_text() for record in told.answer] if told.answer else []
    assert {ipaddress.ip_address(text) for text in read.addresses} == {ipaddress.ip_address(text) for text in records}
    if matching:
        assert read.ttl_s == min(told.minimum_ttl, 3600)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_reply_or_nothing(noise: bytes) -> None:
    read = read_reply(noise)
    assert read is None or read.outcome in Outcome


def test_a_hosts_file_is_read_line_by_line_and_nonsense_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "hosts"
    path.write_text("127.0.0.1 Localhost box # comment\n::1 localhost\nnonsense here\n\n# 10.0.0.1 hidden\n10.0.0.2\n")
    assert read_hosts(path) == {"localhost": ("127.0.0.1", "::1"), "box": ("127.0.0.1",)}
    assert read_hosts(tmp_path / "none") == {}
