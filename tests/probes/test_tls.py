"""The http kind over TLS: certificates that are good, for another name, expired, from nobody we trust."""

import datetime
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from probes.results import Fault, Reason, State
from probes.targets import HttpTarget
from tests.probes.bench import Bench
from tests.probes.servers import NameServer, Server, hang, reply, say

NAMES = {"good.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]}
LONG_AGO = datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)


@pytest.fixture(scope="module")
def issuer() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def issuer_file(issuer: trustme.CA, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("issuers") / "issuer.pem"
    issuer.cert_pem.write_to_path(str(path))
    return str(path)


@pytest.fixture(scope="module")
def bench(issuer_file: str) -> Iterator[Bench]:
    with NameServer(NAMES, ttl_s=60) as names, Bench([names.address], ca_file=issuer_file) as started:
        yield started


def secured(certificate: trustme.LeafCert) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


def test_a_good_certificate_is_up_and_its_handshake_is_timed(bench: Bench, issuer: trustme.CA) -> None:
    with Server(say(reply()), tls=secured(issuer.issue_cert("good.test"))) as server:
        result = bench.measure(server.url(host="good.test"))
        assert result.state is State.UP, result
        assert result.tls_ms >= 1
        assert result.resolve_ms + result.connect_ms + result.tls_ms <= result.total_ms


def test_a_certificate_for_an_address_is_up(bench: Bench, issuer: trustme.CA) -> None:
    with Server(say(reply()), tls=secured(issuer.issue_cert("127.0.0.1"))) as server:
        assert bench.measure(server.url()).state is State.UP


def test_a_certificate_for_another_name_is_down(bench: Bench, issuer: trustme.CA) -> None:
    with Server(say(reply()), tls=secured(issuer.issue_cert("good.test"))) as server:
        result = bench.measure(server.url(host="other.test"))
        assert (result.state, result.error) == (State.DOWN, Fault.TLS)
        assert "other.test" in (result.detail or "")
        assert b"".join(server.requests) == b""


def test_an_expired_certificate_is_down(bench: Bench, issuer: trustme.CA) -> None:
    old = issuer.issue_cert("good.test", not_before=LONG_AGO, not_after=LONG_AGO + datetime.timedelta(days=90))
    with Server(say(reply()), tls=secured(old)) as server:
        result = bench.measure(server.url(host="good.test"))
        assert (result.state, result.error) == (State.DOWN, Fault.TLS)
        assert "expired" in (result.detail or "")


def test_a_certificate_of_an_unknown_issuer_is_down_until_its_issuer_is_named(bench: Bench, tmp_path: Path) -> None:
    stranger = trustme.CA()
    path = tmp_path / "stranger.pem"
    stranger.cert_pem.write_to_path(str(path))
    with Server(say(reply()), tls=secured(stranger.issue_cert("good.test"))) as server:
        url = server.url(host="good.test")
        result = bench.measure(url)
        assert (result.state, result.error) == (State.DOWN, Fault.TLS)
        assert bench.measure(HttpTarget(url, ca_file=str(path))).state is State.UP
        assert bench.measure(url).state is State.DOWN
        assert bench.measure(HttpTarget(url, verify_tls=False)).state is State.UP
        assert bench.measure(url).state is State.DOWN


def test_issuers_that_cannot_be_read_are_our_own_failure(bench: Bench, issuer: trustme.CA, tmp_path: Path) -> None:
    with Server(say(reply()), tls=secured(issuer.issue_cert("good.test"))) as server:
        target = HttpTarget(server.url(host="good.test"), ca_file=str(tmp_path / "missing.pem"))
        result = bench.measure(target)
        assert (result.state, result.reason) == (State.UNKNOWN, Reason.NO_RESOURCES)


def test_a_port_that_speaks_no_tls_is_down(bench: Bench) -> None:
    with Server(say(reply())) as server:
        result = bench.measure(server.url(host="good.test").replace("http:", "https:"), timeout_ms=500)
        assert (result.state, result.error) in {(State.DOWN, Fault.TLS), (State.DOWN, Fault.TIMEOUT)}


def test_a_handshake_that_never_ends_is_down_at_the_deadline(bench: Bench) -> None:
    with Server(hang) as server:
        result = bench.measure(server.url(host="good.test").replace("http:", "https:"), timeout_ms=300)
        assert (result.state, result.error) == (State.DOWN, Fault.TIMEOUT)
        assert result.tls_ms >= 250


def test_a_redirect_from_https_to_http_is_not_followed(bench: Bench, issuer: trustme.CA) -> None:
    with Server(say(reply())) as weak:
        script = say(reply(302, headers=[f"Location: {weak.url()}"]))
        with Server(script, tls=secured(issuer.issue_cert("good.test"))) as server:
            result = bench.measure(HttpTarget(server.url(host="good.test"), follow_redirects=True))
            assert (result.state, result.error) == (State.DOWN, Fault.REDIRECT)
            assert weak.connections == 0


def test_an_answer_without_a_length_that_breaks_off_below_tls_is_never_up(bench: Bench, issuer: trustme.CA) -> None:
    def cut(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf an ans")
        socket.socket.shutdown(connection, socket.SHUT_RDWR)

    with Server(cut, tls=secured(issuer.issue_cert("good.test"))) as server:
        result = bench.measure(server.url(host="good.test"))
        assert (result.state, result.error) == (State.DOWN, Fault.CUT)
