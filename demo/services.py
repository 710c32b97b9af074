"""One of the demo's services, a process of its own: it answers, and it counts what it was asked.

Every request of `/health` (of a TCP service: every connection that stays for an answer) is one line of its log, so the
count outlives a killed process; `/count` says the number. Looking at the count is not counted.
"""

import argparse
import signal
import socketserver
import sys
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from demo.ports import LOOPBACK
from portal.cli.processes import end_with

NAMES = ("api", "dashboard", "storage", "postgres", "runners")
TCP = frozenset({"postgres"})
WAIT_S = 5.0


def counted(log: Path) -> int:
    """Return how many lines the log of a service has."""
    return log.read_bytes().count(b"\n") if log.exists() else 0


def counter(log: Path) -> Callable[[str], None]:
    """Return what writes one line for one request, at once and whole."""

    def count(what: str) -> None:
        with log.open("ab", buffering=0) as file:
            file.write(f"{what}\n".encode())

    return count


def http_server(port: int, log: Path) -> socketserver.BaseServer:
    """Return an HTTP service on this port."""
    count = counter(log)

    class Answer(BaseHTTPRequestHandler):
        """Answers /health and /count."""

        def do_GET(self) -> None:
            if self.path == "/health":
                count("GET /health")
                self._say(200, "ok\n")
            elif self.path == "/count":
                self._say(200, f"{counted(log)}\n")
            else:
                self._say(404, "There is no such page.\n")

        def _say(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing on the terminal."""

    return ThreadingHTTPServer((LOOPBACK, port), Answer)


def tcp_server(port: int, log: Path) -> socketserver.BaseServer:
    """Return a service on this port that accepts connections and waits for the other side to end them."""
    count = counter(log)

    class Accept(socketserver.BaseRequestHandler):
        """Counts a connection."""

        def handle(self) -> None:
            count("connection")
            self.request.settimeout(WAIT_S)
            try:
                self.request.recv(1)
            except OSError:
                return

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    return Server((LOOPBACK, port), Accept)


def main() -> None:
    """Serve until SIGTERM."""
    words = argparse.ArgumentParser(prog="python -m demo.services")
    words.add_argument("name", choices=NAMES)
    words.add_argument("port", type=int)
    words.add_argument("log", type=Path)
    words.add_argument("--parent", type=int, required=True)
    given = words.parse_args()
    end_with(given.parent, signal.SIGKILL)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    make = tcp_server if given.name in TCP else http_server
    make(given.port, given.log).serve_forever(poll_interval=60)


if __name__ == "__main__":
    main()
