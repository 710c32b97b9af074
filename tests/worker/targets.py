"""A web server on loopback that remembers who asked it and when."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class CountingServer(ThreadingHTTPServer):
    """Answers 200 to everything; `asked` holds (path, wall second as a float) of every request."""

    daemon_threads = True
    request_queue_size = 1024

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []
        super().__init__(("127.0.0.1", 0), _Answer)

    @property
    def port(self) -> int:
        """The port it listens on."""
        return int(self.server_address[1])

    def target(self, number: int) -> tuple[str, dict[str, object]]:
        """The kind and target of a probe that asks for /number."""
        return "http", {"address": f"http://127.0.0.1:{self.port}/{number}"}


class _Answer(BaseHTTPRequestHandler):
    server: CountingServer

    def do_GET(self) -> None:
        self.server.asked.append((self.path, time.time()))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def counting_server() -> Iterator[CountingServer]:
    """Run a counting server in a thread."""
    server = CountingServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class AcceptingServer:
    """Accepts connections, counts them and hangs up."""

    def __init__(self) -> None:
        self.accepted = 0
        self._ending = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=4_096)
        self.port = int(self._socket.getsockname()[1])
        self._thread = threading.Thread(target=self._accept)

    def start(self) -> None:
        """Begin to accept."""
        self._thread.start()

    def stop(self) -> None:
        """Accept what waits, then end."""
        self._ending.set()
        self._thread.join()
        self._socket.close()

    def _accept(self) -> None:
        self._socket.settimeout(0.2)
        while True:
            try:
                connection, _ = self._socket.accept()
            except TimeoutError:
                if self._ending.is_set():
                    return
            else:
                connection.close()
                self.accepted += 1


@contextmanager
def accepting_server() -> Iterator[AcceptingServer]:
    """Run an accepting server in a thread."""
    server = AcceptingServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


def wait_until(condition: Callable[[], bool], seconds: float = 100.0) -> None:
    """Wait until the condition holds; fail the test when it never does."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "this never came true"
        time.sleep(0.05)
