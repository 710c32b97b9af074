"""The guard: one table of addresses, then the spellings of whole addresses, then laws over random ones."""

import ipaddress
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probes.guard import (
    WEBHOOK,
    Endpoint,
    Policy,
    Refused,
    check_address,
    check_addresses,
    check_endpoint,
    check_url,
    probe_policy,
)

ROWS = json.loads((Path(__file__).parents[1] / "vectors" / "addresses.json").read_text(encoding="utf-8"))
PUBLIC = Policy()
OPEN = probe_policy(["0.0.0.0/0", "::/0"])
# Inside a web address these mean something else: a name, an address with a path, an address in its brackets.
ANOTHER_MEANING = {"localhost", "8.8.8.8/32", "[::1]"}
DENIED = [row for row in ROWS if not row["allowed"]]
DENIED_HOSTS = [row for row in DENIED if row["address"] not in ANOTHER_MEANING]


def _name(row: dict[str, object]) -> str:
    return f"{row['address']!a}-{row['why']}"


def test_the_table_of_addresses_is_long_and_has_both_answers() -> None:
    assert len(ROWS) >= 60
    assert {row["allowed"] for row in ROWS} == {True, False}


@pytest.mark.parametrize("row", [row for row in ROWS if row["allowed"]], ids=_name)
def test_an_allowed_address_is_returned_in_its_plain_spelling(row: dict[str, str]) -> None:
    assert check_address(row["address"], probe_policy(row["allow"])) == row["plain"]


@pytest.mark.parametrize("row", DENIED, ids=_name)
def test_a_denied_address_is_refused_with_a_printable_sentence(row: dict[str, str]) -> None:
    with pytest.raises(Refused) as refusal:
        check_address(row["address"], probe_policy(row["allow"]))
    assert str(refusal.value).endswith(".")
    assert str(refusal.value).isprintable()


@pytest.mark.parametrize("row", DENIED_HOSTS, ids=_name)
def test_a_denied_address_is_refused_inside_a_web_address_too(row: dict[str, str]) -> None:
    for host in (row["address"], f"[{row['address']}]"):
        with pytest.raises(Refused):
            check_url(f"http://{host}/", probe_policy(row["allow"]))
        with pytest.raises(Refused):
            check_endpoint(f"{host}:80", probe_policy(row["allow"]))


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("http://example.com", "http://example.com/"),
        ("HTTP://EXAMPLE.com:80/A", "http://example.com/A"),
        ("https://example.com:443/a?b=c#d", "https://example.com/a?b=c"),
        ("https://example.com:8443", "https://example.com:8443/"),
        ("http://example.com./", "http://example.com/"),
        ("http://bücher.example/ä?q=ö", "http://xn--bcher-kva.example/%C3%A4?q=%C3%B6"),
        ("http://ß.example/", "http://xn--zca.example/"),
        ("http://under_score.example/%20", "http://under_score.example/%20"),
        ("http://[2606:4700::1]:81/x", "http://[2606:4700::1]:81/x"),
        ("http://[::ffff:8.8.8.8]/", "http://8.8.8.8/"),
    ],
)
def test_a_good_web_address_has_one_spelling(written: str, sent: str) -> None:
    assert check_url(written, PUBLIC).text == sent
    assert check_url(sent, PUBLIC).text == sent


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.com",
        "//example.com/",
        "ftp://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "javascript:alert(1)",
        "http:/example.com",
        "http:///x",
        "http://",
        "http://user@example.com/",
        "http://user:secret@example.com/",
        "http://example.com@127.0.0.1/",
        "http://example.com\\@127.0.0.1/",
        "http://example.com:0/",
        "http://example.com:/",
        "http://example.com:65536/",
        "http://example.com:080/",
        "http://example.com:+80/",
        "http://example.com:８０/",
        "http://exa mple.com/",
        "http://example.com/a b",
        "http://example.com/\r\nHost: inside",
        "http://example.com/\x00",
        "http://example.com/\u202e",
        "\thttp://example.com/",
        "http://exam%70le.com/",
        "http://a..b/",
        "http://-a.example/",
        "http://a-.example/",
        "http://[::1",
        "http://[example.com]/",
        "http://[127.0.0.1]/",
        "http://[2606:4700::1]x/",
        "http://2606:4700::1/",
        "http://１２７.0.0.1/",
        "http://127.0.0.1。/",
        "http://①②⑦.0.0.1/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 127}example/",
        f"http://example.com/{'a' * 2048}",
    ],
)
def test_a_bad_web_address_is_refused_even_when_every_network_is_allowed(url: str) -> None:
    with pytest.raises(Refused) as refusal:
        check_url(url, OPEN)
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize("text", ["db.example.com", "db.example.com:", "a:b:1", "x/y:1", "u@h:1", "h:1?q", "h:1#f"])
def test_an_endpoint_is_exactly_a_host_and_a_port(text: str) -> None:
    with pytest.raises(Refused):
        check_endpoint(text, OPEN)


def test_an_endpoint_may_be_a_name_or_an_address() -> None:
    assert check_endpoint("DB.example.com:5432", PUBLIC) == Endpoint("db.example.com", 5432, False)
    assert check_endpoint("[2606:4700::1]:53", PUBLIC) == Endpoint("2606:4700::1", 53, True)


@pytest.mark.parametrize("port", [80, 443, 8443])
def test_a_webhook_may_use_the_ports_of_the_web(port: int) -> None:
    assert check_url(f"https://example.com:{port}/", WEBHOOK).endpoint.port == port


@pytest.mark.parametrize("url", ["https://example.com:22/", "http://example.com:8080/", "http://127.0.0.1/"])
def test_a_webhook_may_use_no_other_port_and_no_inside_address(url: str) -> None:
    with pytest.raises(Refused):
        check_url(url, WEBHOOK)


def test_one_bad_address_among_a_names_addresses_refuses_them_all() -> None:
    assert check_addresses(("8.8.8.8", "::ffff:8.8.8.8", "1.1.1.1"), PUBLIC) == ("8.8.8.8", "1.1.1.1")
    with pytest.raises(Refused):
        check_addresses(("8.8.8.8", "127.0.0.1"), PUBLIC)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "all", "", "10.0.0.0/8 "])
def test_an_allow_list_holds_exact_networks(text: str) -> None:
    with pytest.raises(Refused):
        probe_policy([text])


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_that_is_not_global_is_never_public(address: ipaddress.IPv4Address) -> None:
    if not address.is_global or address.is_multicast:
        with pytest.raises(Refused):
            check_address(str(address), PUBLIC)


@given(st.ip_addresses(v=6))
def test_an_ipv6_address_that_is_not_global_is_never_public(address: ipaddress.IPv6Address) -> None:
    if not address.is_global or address.is_multicast:
        with pytest.raises(Refused):
            check_address(str(address), PUBLIC)


@given(st.ip_addresses(v=4), st.sampled_from(["::ffff:{}", "::{}", "64:ff9b::{}", "2606:4700::5efe:{}"]))
def test_no_spelling_of_a_denied_ipv4_address_is_allowed(address: ipaddress.IPv4Address, spelling: str) -> None:
    try:
        check_address(str(address), PUBLIC)
    except Refused:
        with pytest.raises(Refused):
            check_address(spelling.format(address), PUBLIC)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_refused(text: str) -> None:
    for url in (text, f"http://{text}/", f"http://{text}"):
        try:
            sent = check_url(url, OPEN).text
        except Refused:
            continue
        assert sent.isascii()
        assert check_url(sent, OPEN).text == sent


def test_the_guard_loads_no_socket_and_no_resolver() -> None:
    listing = "import sys, probes.guard; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", listing], capture_output=True, text=True, check=True).stdout.split()
    assert not {"socket", "_socket", "pycurl", "dns", "portal"} & set(loaded)
