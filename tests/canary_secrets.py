"""A pytest plugin: no log of the whole run holds a secret that was used in it (trust.md L1).

It remembers every secret this test process makes, types, sets or is given: keys, passwords of databases and people,
seeds of second factors, tokens of sessions and links. It remembers every line the portal logs here, and reads what
processes it started wrote. At the end no line may hold a secret; one that does fails the run.
"""

import base64
import http.cookiejar
import secrets
import subprocess
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import argon2
import pytest
import structlog

from portal import logs
from portal.config import PREFIX
from tests.databases import PASSWORD

SHORTEST = logs.SHORTEST_SECRET
SEED_BYTES = 20
KEYS = (f"{PREFIX}SECRET_KEY", f"{PREFIX}SECRET_KEY_FALLBACKS")
DATABASES = (f"{PREFIX}DATABASE_URL", f"{PREFIX}OWNER_DATABASE_URL")
LOGGED = '"level"'
FILE_BYTES_MOST = 32 * 1024 * 1024
PRINTING = ("msg", "log", "debug", "info", "warn", "warning", "error", "critical", "fatal", "failure", "exception")
FOUND = "canary_secrets"


class Canaries:
    """Secrets by kind, lines of logs by where they came from, and what of the first stands in the second."""

    def __init__(self) -> None:
        self.kinds: dict[str, str] = {}
        self.lines: list[tuple[str, str]] = []
        self.found: list[str] = []

    def remember(self, kind: str, *texts: object) -> None:
        """Take texts as secrets from now on; the short ones nobody could tell from words."""
        self.kinds.update({str(text): kind for text in texts if text and len(str(text)) >= SHORTEST})

    def leaks(self) -> Iterator[str]:
        """Yield a sentence for every line that holds a secret."""
        starts: dict[str, list[str]] = defaultdict(list)
        for secret in self.kinds:
            starts[secret[:SHORTEST]].append(secret)
        for where, line in self.lines:
            for at in range(len(line) - SHORTEST + 1):
                for secret in starts.get(line[at : at + SHORTEST], ()):
                    if line.startswith(secret, at):
                        yield f"{where}: {self.kinds[secret]} stands in a line: {line.replace(secret, '…')[:200]}"


canaries = Canaries()
canaries.remember("a database's password", PASSWORD)


def _after(owner: Any, name: str, note: Callable[..., None]) -> None:
    """Have `note(result, *arguments)` called after each call of a function; the result is None when it raised."""
    original = getattr(owner, name)

    @wraps(original)
    def noting(*args: Any, **kwargs: Any) -> Any:
        result = None
        try:
            result = original(*args, **kwargs)
        finally:
            note(result, *args, **kwargs)
        return result

    setattr(owner, name, noting)


def watch() -> None:
    """Begin to remember what this process makes, types and logs, and gives to processes it starts."""
    _after(secrets, "token_urlsafe", lambda token, *_: canaries.remember("a token or a made password", token))
    _after(secrets, "token_bytes", _note_bytes)
    _after(argon2.PasswordHasher, "hash", lambda _hash, _own, password, **_: _note_password(password))
    _after(argon2.PasswordHasher, "verify", lambda _fits, _own, _hash, password: _note_password(password))
    _after(http.cookiejar.CookieJar, "set_cookie", lambda _none, _own, cookie: _note_cookie(cookie))
    _after(logs, "configure", lambda _none, own: canaries.remember("a key or a database's password", *own))
    _after(logs.Lines, "format", lambda line, *_: _note_lines("a log of this process", [line or ""]))
    for name in PRINTING:
        _after(
            structlog.PrintLogger, name, lambda _none, _own, message: _note_lines("a log of this process", [message])
        )
    _after(subprocess.Popen, "__init__", _note_environment)
    _after(subprocess.Popen, "communicate", lambda said, process, *_, **__: _note_said(said, process))


def _note_bytes(made: bytes | None, *_: object) -> None:
    if made is not None and len(made) == SEED_BYTES:
        canaries.remember("a seed of a second factor", base64.b32encode(made).decode(), made.hex())


def _note_password(password: bytes | str) -> None:
    canaries.remember("a password", password.decode(errors="replace") if isinstance(password, bytes) else password)


def _note_cookie(cookie: http.cookiejar.Cookie) -> None:
    if cookie.name.removeprefix("__Host-") == "portal":
        canaries.remember("a token of a session", cookie.value)


def _note_environment(
    _none: None, _process: object, *_: object, env: Mapping[str, str] | None = None, **__: object
) -> None:
    given = env or {}
    canaries.remember("a key", *(key for name in KEYS for key in given.get(name, "").replace(",", " ").split()))
    passwords = [urlsplit(given.get(name, "")).password or "" for name in DATABASES]
    canaries.remember("a database's password", *passwords, *map(unquote, passwords))


def _note_said(said: tuple[bytes | str | None, ...] | None, process: subprocess.Popen[Any]) -> None:
    for text in said or ():
        words = text.decode(errors="replace") if isinstance(text, bytes) else text or ""
        _note_lines(f"process {process.args}"[:100], words.splitlines())


def _note_lines(where: str, lines: Iterable[str]) -> None:
    canaries.lines += [(where, line) for line in lines if LOGGED in line]


def read_files(folder: Path) -> None:
    """Remember the keys that development wrote below a folder, and the lines that processes logged into files there."""
    for path in folder.rglob("*"):
        if path.suffix == "" and path.is_file() and not path.is_symlink() and path.stat().st_size <= FILE_BYTES_MOST:
            text = path.read_bytes().decode(errors="replace")
            if path.name == "secret":
                canaries.remember("a key of development", text.strip())
            _note_lines(path.name, text.splitlines())


watch()


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Look for every secret in every line, and fail the run for one; a worker of xdist tells the first process."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and factory._basetemp is not None:
        read_files(factory.getbasetemp())
    canaries.found += sorted(set(canaries.leaks()))
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[FOUND] = canaries.found
    elif canaries.found and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker of xdist found."""
    canaries.found += getattr(node, "workeroutput", {}).get(FOUND, [])


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say where secrets stand in logs."""
    if canaries.found:
        terminalreporter.section("secrets in logs")
        for sentence in canaries.found:
            terminalreporter.line(sentence)
