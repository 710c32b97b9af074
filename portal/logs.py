"""Logs: one JSON object a line on standard error, without secrets, addresses of people or query strings (trust.md L1).

Three nets: fields with a name that promises a secret, texts that look like one (tokens, hashes, credentials in an
address), and the installation's own secrets, whatever they look like. The web server keeps no access log.
"""

import logging
import re
import sys
from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

import structlog

HIDDEN = "[hidden]"
FIELDS = frozenset(
    {
        "address",
        "authorization",
        "code",
        "cookie",
        "csrf_token",
        "email",
        "link",
        "password",
        "query",
        "secret",
        "token",
    }
)
SHORTEST_SECRET = 8
_SHAPES = (
    (re.compile(r"(?<![\w-])[\w-]{43}(?![\w-])"), HIDDEN),  # 256 random bits: sessions, links
    (re.compile(r"\$argon2\w*\$[^\s'\"]+"), HIDDEN),
    (re.compile(r"(?<=://)[^\s/@]+@"), f"{HIDDEN}@"),
    (re.compile(r"[^\s@'\"<>()=]+@[\w-]+(\.[\w-]+)+"), HIDDEN),
    (re.compile(r"(\?)[\w.%+-]+=[^\s'\"]*"), rf"\1{HIDDEN}"),
)
Hide = Callable[[str], str]


class Lines(logging.Handler):
    """Writes what other packages log beside our own lines; standard error is looked up for each of them."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write one record."""
        sys.stderr.write(self.format(record) + "\n")


def configure(secrets: Iterable[str]) -> None:
    """Send every log of this process to standard error as JSON; `secrets` never appear in one."""
    hide = hiding(secrets)
    shared: list[Any] = [
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    last: list[Any] = [_hider(hide), structlog.processors.JSONRenderer(default=lambda value: hide(str(value)))]
    structlog.configure(
        processors=[*shared, *last],
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _take_over_others([*shared, *last])


def hiding(secrets: Iterable[str]) -> Hide:
    """Return the function that hides these secrets, and what looks like one, in a text."""
    own = sorted({one for one in secrets if len(one) >= SHORTEST_SECRET}, key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in own:
            text = text.replace(secret, HIDDEN)
        for shape, instead in _SHAPES:
            text = shape.sub(instead, text)
        return text

    return hide


def _hider(hide: Hide) -> Callable[[Any, str, MutableMapping[str, Any]], Mapping[str, Any]]:
    def hide_all(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        return {name: HIDDEN if name in FIELDS else _hidden(value, hide) for name, value in event.items()}

    return hide_all


def _hidden(value: object, hide: Hide) -> object:
    if isinstance(value, str):
        return hide(value)
    if isinstance(value, Mapping):
        return {hide(str(key)): HIDDEN if key in FIELDS else _hidden(one, hide) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_hidden(one, hide) for one in value]
    return value


def _take_over_others(processors: list[Any]) -> None:
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, Lines)]:
        root.removeHandler(handler)
    handler = Lines(logging.WARNING)
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(processors=[remove, *processors[1:]], foreign_pre_chain=processors[:1])
    )
    root.addHandler(handler)
