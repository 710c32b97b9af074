"""Which addresses a probe or a webhook may talk to: a pure policy, no sockets (trust.md S1, S2).

Every outgoing connection passes here twice: its address as written (`check_url`, `check_endpoint`) and each
numeric address its name stands for (`check_addresses`). An IPv6 address that carries an IPv4 address inside
is judged by both, so no spelling of an inside address gets through.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urlsplit

import idna

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MAX_URL_CHARACTERS = 2048
MAX_HOST_CHARACTERS = 253
MAX_LABEL_CHARACTERS = 63
KEPT = 32_768  # answers remembered for each question asked of the guard
DEFAULT_PORTS = {"http": 80, "https": 443}


class Refused(ValueError):
    """An address that may not be asked; the text is one sentence for the reader."""


def _networks(*texts: str) -> tuple[Network, ...]:
    return tuple(ip_network(text) for text in texts)


# No allow list opens these: they name no single host, or they hand out the keys of a machine.
NEVER = _networks(
    "0.0.0.0/8",
    "100.100.100.200/32",  # metadata
    "168.63.129.16/32",  # metadata and control plane
    "169.254.0.0/16",  # link-local, home of 169.254.169.254
    "192.0.0.192/32",  # metadata
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/128",
    "64:ff9b:1::/48",  # local-use NAT64: what stands behind it cannot be told from the address
    "fd00:ec2::/64",  # metadata (fd00:ec2::254, ::253, ::123, ::23)
    "fd20:ce::254/128",  # metadata
    "fe80::/10",
    "ff00::/8",
)
# Not reachable from everywhere: only a location's allow list opens them.
INSIDE_V4 = _networks(
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
)
INSIDE_V6 = _networks("2001::/23", "2001:db8::/32", "2002::/16", "3ffe::/16", "3fff::/20")
# Outside of these two no IPv6 address is public.
PUBLIC_V6 = _networks("2000::/3", "64:ff9b::/96")

NAT64 = IPv6Network("64:ff9b::/96")
COMPATIBLE = IPv6Network("::/96")
ISATAP_MARKS = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True, slots=True)
class Policy:
    """What one sender may reach: public addresses plus `allow`; `ports` None means any port."""

    allow: tuple[Network, ...] = ()
    ports: frozenset[int] | None = None
    _hash: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.allow, self.ports)))

    def __hash__(self) -> int:  # kept, because hashing networks costs more than the lookups it serves
        return self._hash


WEBHOOK = Policy(ports=frozenset({80, 443, 8443}))


def probe_policy(allow: Iterable[str]) -> Policy:
    """Make a location's policy from its allow list of networks such as `10.1.0.0/16`; raises Refused."""
    return Policy(allow=tuple(_parse_network(text) for text in allow))


def _parse_network(text: str) -> Network:
    try:
        return ip_network(text)
    except ValueError:
        raise Refused(f"{_shown(text)} is not a network such as 10.1.0.0/16 or fd12::/48.") from None


@lru_cache(maxsize=KEPT)
def check_address(text: str, policy: Policy) -> str:
    """Return the plain spelling of a numeric address the policy lets through; raises Refused (S1)."""
    address = _plain(_parse_address(text))
    for meaning in _meanings(address):
        _judge(meaning, policy, text)
    return str(address)


@lru_cache(maxsize=KEPT)
def check_addresses(texts: tuple[str, ...], policy: Policy) -> tuple[str, ...]:
    """Check every address a name stands for: one bad one refuses them all (S2); raises Refused."""
    return tuple(dict.fromkeys(check_address(text, policy) for text in texts))


def _parse_address(text: str) -> Address:
    if "%" in text:
        raise Refused(f"{_shown(text)} names a network interface; an address must not.")
    try:
        return ip_address(text)
    except ValueError:
        raise Refused(f"{_shown(text)} is not an IP address in its usual form.") from None


def _plain(address: Address) -> Address:
    """Take an IPv4 address out of its IPv4-mapped spelling: the kernel connects to the former."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _meanings(address: Address) -> Iterator[Address]:
    """Yield the address and every IPv4 address it carries inside."""
    yield address
    if isinstance(address, IPv4Address):
        return
    low = IPv4Address(int(address) & 0xFFFFFFFF)
    if address in NAT64 or (address in COMPATIBLE and int(address) > 1):
        yield low
    if (int(address) >> 32) & 0xFFFFFFFF in ISATAP_MARKS:
        yield low
    if address.sixtofour is not None:
        yield address.sixtofour
    if address.teredo is not None:
        yield from address.teredo


def _judge(address: Address, policy: Policy, text: str) -> None:
    if _within(address, NEVER):
        raise Refused(f"{_shown(text)} is never asked: it is reserved, link-local, multicast or a metadata address.")
    if not _within(address, policy.allow) and not _is_public(address):
        raise Refused(f"{_shown(text)} is not a public address and is not on the allow list.")


def _within(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv4Address):
        return not _within(address, INSIDE_V4)
    return _within(address, PUBLIC_V6) and not _within(address, INSIDE_V6)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A checked host and port; `host` is ASCII, without brackets; `is_address` when it is numeric."""

    host: str
    port: int
    is_address: bool


@dataclass(frozen=True, slots=True)
class Url:
    """A checked address of the web: its scheme, where it points, and path with query in ASCII."""

    scheme: str
    endpoint: Endpoint
    path: str
    text: str = field(init=False, repr=False, compare=False)  # the one spelling that is sent

    def __post_init__(self) -> None:
        host = f"[{self.endpoint.host}]" if ":" in self.endpoint.host else self.endpoint.host
        port = "" if self.endpoint.port == DEFAULT_PORTS[self.scheme] else f":{self.endpoint.port}"
        object.__setattr__(self, "text", f"{self.scheme}://{host}{port}{self.path}")


_PORT = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*", re.ASCII)
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?", re.ASCII)
_PATH_SAFE = "/?:@!$&'()*+,;=-._~%[]"


@lru_cache(maxsize=KEPT)
def check_url(url: str, policy: Policy) -> Url:
    """Read an http or https address strictly and check what can be checked before its name is resolved (S1).

    Raises Refused with a sentence: other schemes, user names, control characters, odd spellings of numeric
    hosts, ports outside 1–65535 or outside the policy, hosts over 253 characters, denied numeric addresses.
    """
    _check_characters(url)
    try:
        parts = urlsplit(url)
        bracketed = parts.netloc.startswith("[")
    except ValueError:
        raise Refused(f"{_shown(url)} is not a web address.") from None
    if parts.scheme not in DEFAULT_PORTS:
        raise Refused(f"{_shown(url)} must begin with http:// or https://.")
    if "@" in parts.netloc:
        raise Refused("An address must not hold a user name or a password.")
    host, port_text = _split_port(parts.netloc, bracketed)
    endpoint = _check_host(host, _port(port_text, DEFAULT_PORTS[parts.scheme]), bracketed, policy)
    query = f"?{parts.query}" if parts.query else ""
    return Url(parts.scheme, endpoint, quote((parts.path or "/") + query, safe=_PATH_SAFE))


@lru_cache(maxsize=KEPT)
def check_endpoint(text: str, policy: Policy) -> Endpoint:
    """Read `host:port` (an IPv6 address in brackets) as strictly as `check_url`; raises Refused."""
    _check_characters(text)
    if re.search(r"[/@?#]", text):
        raise Refused(f"{_shown(text)} must be a host and a port, such as db.example.com:5432.")
    bracketed = text.startswith("[")
    host, port_text = _split_port(text, bracketed)
    if port_text is None:
        raise Refused(f"{_shown(text)} needs a port, such as db.example.com:5432.")
    return _check_host(host, _port(port_text, None), bracketed, policy)


def _check_characters(text: str) -> None:
    if len(text) > MAX_URL_CHARACTERS:
        raise Refused(f"An address must not be longer than {MAX_URL_CHARACTERS} characters.")
    if not text.isprintable() or "\\" in text or " " in text:
        raise Refused(f"{_shown(text)} holds a space, a backslash or a character that cannot be printed.")


def _split_port(netloc: str, bracketed: bool) -> tuple[str, str | None]:
    if not bracketed:
        host, colon, port = netloc.partition(":")
        return host, port if colon else None
    host, closed, rest = netloc[1:].partition("]")
    if not closed or (rest and not rest.startswith(":")):
        raise Refused(f"{_shown(netloc)} has no matching brackets.")
    return host, rest[1:] if rest else None


def _port(text: str | None, default: int | None) -> int:
    if text is None and default is not None:
        return default
    if text is None or not _PORT.fullmatch(text) or int(text) > 65535:
        raise Refused(f"{_shown(text or '')} is not a port from 1 to 65535.")
    return int(text)


def _check_host(host: str, port: int, bracketed: bool, policy: Policy) -> Endpoint:
    if policy.ports is not None and port not in policy.ports:
        raise Refused(f"Port {port} is not among the ports allowed here.")
    if bracketed:
        if ":" not in host:
            raise Refused(f"{_shown(host)} stands in brackets but is no IPv6 address.")
        return Endpoint(check_address(host, policy), port, True)
    name = _ascii_name(host)
    if _NUMBER.fullmatch(name.rpartition(".")[2]):
        if not host.isascii():
            raise Refused(f"{_shown(host)} is not an IP address in its usual form.")
        return Endpoint(check_address(name, policy), port, True)
    return Endpoint(name, port, False)


def _ascii_name(host: str) -> str:
    """Turn a host name into lower-case ASCII (IDNA 2008 with UTS 46 mapping); raises Refused."""
    try:
        name = host.lower() if host.isascii() else idna.encode(host, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        raise Refused(f"{_shown(host)} is not a host name.") from None
    name = name.removesuffix(".")
    labels = name.split(".")
    if len(name) > MAX_HOST_CHARACTERS or any(len(label) > MAX_LABEL_CHARACTERS for label in labels):
        raise Refused("A host name must not be longer than 253 characters, nor a part of it than 63.")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused(f"{_shown(host)} is not a host name.")
    return name


def _shown(text: str) -> str:
    """Make refused text safe to repeat in a sentence."""
    clean = "".join(character if character.isprintable() else "?" for character in text)
    return f"“{clean[:80]}…”" if len(clean) > 80 else f"“{clean}”"
