"""What a configured probe may say."""

import pytest

from probes.guard import Policy, Refused
from probes.targets import HttpTarget, TcpTarget, parse_target

URL = "http://example.com/health"


def test_a_probe_without_options_takes_the_defaults() -> None:
    assert parse_target("http", URL, {}, Policy()) == HttpTarget(URL)
    assert parse_target("tcp", "example.com:22", {}, Policy()) == TcpTarget("example.com:22")


def test_options_are_read_from_text_as_from_values() -> None:
    written = {
        "method": "HEAD",
        "statuses": "200-299, 404",
        "body_contains": None,
        "latency_limit_ms": "800",
        "follow_redirects": "true",
        "verify_tls": False,
    }
    assert parse_target("http", URL, written, Policy()) == HttpTarget(
        URL, "HEAD", ((200, 299), (404, 404)), None, 800, follow_redirects=True, verify_tls=False
    )


@pytest.mark.parametrize(
    ("kind", "address", "options", "named"),
    [
        ("ping", URL, {}, "ping"),
        ("http", "http://127.0.0.1/", {}, "127.0.0.1"),
        ("http", "gopher://example.com/", {}, "gopher"),
        ("tcp", "example.com", {}, "port"),
        ("tcp", "example.com:22", {"method": "GET"}, "method"),
        ("http", URL, {"colour": "red"}, "colour"),
        ("http", URL, {"method": "POST"}, "method"),
        ("http", URL, {"statuses": ""}, "statuses"),
        ("http", URL, {"statuses": "100-199"}, "statuses"),
        ("http", URL, {"statuses": "299-200"}, "statuses"),
        ("http", URL, {"statuses": "2xx"}, "statuses"),
        ("http", URL, {"statuses": "٢٠٠"}, "statuses"),
        ("http", URL, {"body_contains": ""}, "body_contains"),
        ("http", URL, {"body_contains": 7}, "body_contains"),
        ("http", URL, {"body_contains": "x" * 1001}, "body_contains"),
        ("http", URL, {"latency_limit_ms": 0}, "latency_limit_ms"),
        ("http", URL, {"latency_limit_ms": True}, "latency_limit_ms"),
        ("http", URL, {"latency_limit_ms": 1.5}, "latency_limit_ms"),
        ("http", URL, {"latency_limit_ms": "9" * 5000}, "latency_limit_ms"),
        ("http", URL, {"follow_redirects": "maybe"}, "follow_redirects"),
        ("http", URL, {"ca_file": "a\0b"}, "ca_file"),
    ],
)
def test_what_cannot_be_is_refused_by_name(kind: str, address: str, options: dict[str, object], named: str) -> None:
    with pytest.raises(Refused, match=named):
        parse_target(kind, address, options, Policy())
