"""What the machine itself says about names: its name servers and its hosts file."""

from ipaddress import ip_address
from pathlib import Path

import dns.resolver

LOOPBACK = ("127.0.0.1", "::1")


def system_nameservers() -> tuple[str, ...]:
    """Return the numeric addresses of the machine's own name servers, none when it is not told any."""
    try:
        return tuple(str(server) for server in dns.resolver.Resolver().nameservers)
    except dns.resolver.NoResolverConfiguration:
        return ()


def read_hosts(path: Path) -> dict[str, tuple[str, ...]]:
    """Read a hosts file into name → addresses; a missing file is an empty one, odd lines are passed over."""
    hosts: dict[str, tuple[str, ...]] = {}
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return hosts
    for line in lines:
        words = line.partition("#")[0].split()
        if len(words) > 1 and _is_address(words[0]):
            for name in words[1:]:
                hosts[name.lower()] = (*hosts.get(name.lower(), ()), words[0])
    return hosts


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
