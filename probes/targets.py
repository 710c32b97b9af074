"""What a probe asks and what counts as a good answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from probes.guard import Policy, Refused, check_endpoint, check_url

MAX_CONTAINS_CHARACTERS = 1000


@dataclass(frozen=True, slots=True)
class HttpTarget:
    """A web address and what its answer must be.

    `statuses` are inclusive ranges; `body_contains` is looked for in the decoded answer's UTF-8 bytes;
    an answer slower than `latency_limit_ms` is degraded; `ca_file` replaces the machine's issuers.
    """

    url: str
    method: str = "GET"
    statuses: tuple[tuple[int, int], ...] = ((200, 299),)
    body_contains: str | None = None
    latency_limit_ms: int | None = None
    follow_redirects: bool = False
    verify_tls: bool = True
    ca_file: str | None = None

    kind = "http"


@dataclass(frozen=True, slots=True)
class TcpTarget:
    """A host and port that must accept a connection; slower than `latency_limit_ms` is degraded."""

    address: str
    latency_limit_ms: int | None = None

    kind = "tcp"


Target = HttpTarget | TcpTarget


def parse_target(kind: str, address: str, options: Mapping[str, object], policy: Policy) -> Target:
    """Read a configured probe; raises Refused with a sentence naming what is wrong.

    `options` may hold, for http: method, statuses (`"200-299,404"`), body_contains, latency_limit_ms,
    follow_redirects, verify_tls, ca_file; for tcp: latency_limit_ms. Numbers may be digits in text, yes
    and no may be `true` and `false` in text.
    """
    readers = _READERS.get(kind)
    if readers is None:
        raise Refused(f"A probe's kind is http or tcp, not “{kind[:40]}”.")
    unknown = sorted(options.keys() - readers.keys())
    if unknown:
        raise Refused(f"A probe of kind {kind} has no option “{unknown[0][:40]}”.")
    values = {name: readers[name](name, value) for name, value in options.items() if value is not None}
    if kind == "tcp":
        check_endpoint(address, policy)
        return TcpTarget(address, **values)  # type: ignore[arg-type]  # each reader returns its field's type
    check_url(address, policy)
    return HttpTarget(address, **values)  # type: ignore[arg-type]  # as above


def _method(name: str, value: object) -> str:
    if value not in ("GET", "HEAD"):
        raise Refused(f"{name} must be GET or HEAD.")
    return str(value)


def _statuses(name: str, value: object) -> tuple[tuple[int, int], ...]:
    ranges = []
    for part in str(value).split(","):
        low, dash, high = part.strip().partition("-")
        ranges.append((_status(name, low), _status(name, high if dash else low)))
    if any(low > high for low, high in ranges):
        raise Refused(f"{name} must rise from low to high, such as 200-299.")
    return tuple(ranges)


def _status(name: str, text: str) -> int:
    if len(text) != 3 or not (text.isascii() and text.isdigit()) or not 200 <= int(text) <= 599:
        raise Refused(f"{name} must list numbers from 200 to 599, such as 200-299,404.")
    return int(text)


def _contains(name: str, value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_CONTAINS_CHARACTERS:
        raise Refused(f"{name} must be a text of 1 to {MAX_CONTAINS_CHARACTERS} characters.")
    return value


def _milliseconds(name: str, value: object) -> int:
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not 1 <= int(text[:9]) <= 600_000:
        raise Refused(f"{name} must be a whole number of milliseconds from 1 to 600000.")
    return int(text)


def _flag(name: str, value: object) -> bool:
    if value not in (True, False, "true", "false"):
        raise Refused(f"{name} must be true or false.")
    return value in (True, "true")


def _file(name: str, value: object) -> str:
    if not isinstance(value, str) or not value or not value.isprintable():
        raise Refused(f"{name} must be the path of a file of certificates.")
    return value


_Reader = Callable[[str, object], object]
_READERS: dict[str, dict[str, _Reader]] = {
    "http": {
        "method": _method,
        "statuses": _statuses,
        "body_contains": _contains,
        "latency_limit_ms": _milliseconds,
        "follow_redirects": _flag,
        "verify_tls": _flag,
        "ca_file": _file,
    },
    "tcp": {"latency_limit_ms": _milliseconds},
}
