"""The provider one gets from addresses alone: a service and a probe for each."""

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from portal.domain.notices.refusals import Refusal

INTERVAL_S = 30
TIMEOUT_MS = 10_000
KEY_LENGTH = 60
ALLOW = ["127.0.0.0/8", "::1/128", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"]
"""Whoever starts this on their own machine may ask their own networks."""


def own_configuration(urls: Sequence[str]) -> dict[str, object]:
    """Return the `portal-config/1` of a provider that probes these addresses; raises Refusal for one that is none."""
    keys: list[str] = []
    for url in urls:
        keys.append(_free(_key(url), keys))
    pairs = list(zip(keys, urls, strict=True))
    return {
        "schema": "portal-config/1",
        "provider": {"name": "My services", "timezone": "UTC", "contact": "the operator of this portal"},
        "locations": [{"id": "here", "name": "This machine", "allow": ALLOW}],
        "services": [{"id": key, "name": url.partition("://")[2].rstrip("/")[:200]} for key, url in pairs],
        "probes": [_probe(key, url) for key, url in pairs],
    }


def write_configuration(path: Path, configuration: dict[str, object]) -> None:
    """Write a configuration as YAML that `sla-portal apply` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    head = "# Written by `sla-portal run URL …`. Change it and run: sla-portal apply on it.\n"
    path.write_text(head + yaml.safe_dump(configuration, sort_keys=False, allow_unicode=True), encoding="utf-8")


def _probe(key: str, url: str) -> dict[str, object]:
    scheme, _, rest = url.partition("://")
    is_tcp = scheme == "tcp"
    return {
        "id": key,
        "service": key,
        "kind": "tcp" if is_tcp else "http",
        "target": rest if is_tcp else url,
        "interval_seconds": str(INTERVAL_S),
        "timeout_ms": str(TIMEOUT_MS),
        "locations": ["here"],
    }


def _key(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https", "tcp") or not parts.netloc:
        raise Refusal(f"{url!r} is not an address such as https://my.service/health or tcp://db.my.service:5432.")
    words = re.sub(r"[^a-z0-9]+", "-", f"{parts.netloc}{parts.path}".lower()).strip("-")
    return words[:KEY_LENGTH].strip("-") or "service"


def _free(key: str, taken: Sequence[str]) -> str:
    candidates = (key, *(f"{key}-{n}" for n in range(2, len(taken) + 3)))
    return next(one for one in candidates if one not in taken)
