"""Throttles: a fixed number of tries in a window, per account, per network and in all (trust.md A1).

A try is counted and committed before the work it pays for, so parallel tries from any number of processes reach that
work exactly as often as allowed.
"""

import hashlib
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal import clock
from portal.domain.notices.phrases import phrase
from portal.domain.notices.refusals import TooMany
from portal.store.ground import tries

KEPT_S = 86_400
IPV4_NETWORK_BITS = 24
IPV6_NETWORK_BITS = 64


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` tries of a key in each window of `window_s` seconds."""

    key: str
    most: int
    window_s: int


def take_try(session: Session, limits: Sequence[Limit], now: datetime) -> None:
    """Count one try against every limit, the widest last; raise TooMany, with the seconds to wait, when one is used up.

    The first try in a window of the widest limit forgets counts that are over for a day.
    """
    second = clock.seconds(now)
    for limit in limits:
        window = second - second % limit.window_s
        used = tries.count_try(session, _key(limit), window)
        if used > limit.most:
            raise TooMany(phrase("Too many tries. Wait a few minutes and try again."), window + limit.window_s - second)
        if used == 1 and limit is limits[-1]:
            tries.forget_tries_before(session, window - KEPT_S)


def network_of(address: str) -> str:
    """Return the network an address is throttled with: its /24, or its /64 for IPv6."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    mapped = parsed.ipv4_mapped if isinstance(parsed, ipaddress.IPv6Address) else None
    parsed = mapped or parsed
    bits = IPV4_NETWORK_BITS if parsed.version == 4 else IPV6_NETWORK_BITS
    return str(ipaddress.ip_network((parsed, bits), strict=False))


def _key(limit: Limit) -> str:
    digest = hashlib.sha256(limit.key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:32]}:{limit.window_s}"
