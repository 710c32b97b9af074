"""The web server as it runs: what never ends is refused, and costs no memory (trust.md U1)."""

import os
import select
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.worker.targets import wait_until

MIB = 1024 * 1024
BLOCK = b"x" * 65_536
CHUNK = b"%x\r\n%b\r\n" % (len(BLOCK), BLOCK)
SENT_MOST = 512 * MIB
GROWTH_MOST = 32 * MIB


@dataclass(frozen=True, slots=True)
class Server:
    """A running web server: its process and its port."""

    process: psutil.Process
    port: int

    def memory(self) -> int:
        """Return the bytes it and its workers hold."""
        family = (self.process, *self.process.children(recursive=True))
        return sum(one.memory_info().rss for one in family)


@pytest.fixture
def server(sqlite_url: str, tmp_path: Path) -> Iterator[Server]:
    """`sla-portal web` on a database with all tables."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SLA_PORTAL_")}
    own = {"ENVIRONMENT": "development", "HOME": str(tmp_path), "PORT": str(port), "DATABASE_URL": sqlite_url}
    environment = {**kept, **{f"SLA_PORTAL_{name}": value for name, value in own.items()}}
    with (tmp_path / "words").open("wb") as output:
        command = [sys.executable, "-m", "portal.cli", "web"]
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: _listens(port), 60)
        yield Server(psutil.Process(process.pid), port)
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return connection.recv(16).startswith(b"HTTP/1.1 200")
    return False


def pour(port: int, path: str) -> tuple[int, bytes]:
    """Send a body without an end until there is an answer; return how much was taken, and the answer's first line."""
    head = f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"{head}Transfer-Encoding: chunked\r\n\r\n".encode())
        sent = 0
        with suppress(ConnectionError):
            while sent < SENT_MOST and not select.select([connection], [], [], 0)[0]:
                connection.sendall(CHUNK)
                sent += len(BLOCK)
        with suppress(ConnectionError):
            return sent, connection.recv(64).partition(b"\r\n")[0]
        return sent, b""


@pytest.mark.slow
def test_a_body_without_an_end_is_refused_early_and_memory_stays_flat(server: Server) -> None:
    before = server.memory()
    for path in ("/sign-in", "/nowhere", "/", "/sign-in"):
        sent, answer = pour(server.port, path)
        assert sent < SENT_MOST, path
        assert answer == b"" or answer.startswith(b"HTTP/1.1 4"), (path, answer)
    assert server.memory() - before < GROWTH_MOST
    assert _listens(server.port)
